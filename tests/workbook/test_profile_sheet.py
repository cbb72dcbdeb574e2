"""The sheet Profile: what it says of a rich log, of one that tells little, and of none to compare."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.attributes import read_attributes
from pyfuncs.analysis.focal_profile import AT_ACQUISITION, SINCE, FocalProfile
from pyfuncs.analysis.lookalike import lookalike
from pyfuncs.analysis.profile import profile
from pyfuncs.workbook.parts import slot_rows
from pyfuncs.workbook.sheets.profile import KNOWN, ROWS, SHEET, figures


def run_of(found, *roles):
    return SimpleNamespace(refit=SimpleNamespace(profile=found, log=SimpleNamespace(columns=dict.fromkeys(roles))))


def table_of(values, name):
    headers = ["what", *(column.header for column in KNOWN.columns[1:])]
    return pd.DataFrame(values[name], columns=headers)


@pytest.fixture(scope="module")
def rich():
    """Focal customers come by referral; since then they have another balance and spend more."""
    rng = np.random.default_rng(1)
    focal = np.arange(800) < 160
    frame = pd.DataFrame(
        {
            "channel": np.where(rng.random(800) < np.where(focal, 0.6, 0.2), "referral", "web"),
            "joined": np.datetime64("2024-01-01") + np.where(focal, 50, 0) + rng.integers(0, 91, 800),
            **{f"word {i}": rng.choice(list("abc"), 800) for i in range(8)},
            "balance": rng.normal(np.where(focal, 5, -5), 20),
            "total spend": rng.lognormal(np.where(focal, 2, 0)),
            "visits": rng.geometric(1 / np.where(focal, 12, 2)),
        }
    )
    attributes = read_attributes(frame).attributes
    found = profile(attributes, focal)
    since = found.rows["attribute"].isin(["balance", "total spend", "visits"])
    found.rows["when"] = np.where(since, SINCE, AT_ACQUISITION)
    return FocalProfile(found, lookalike(attributes[:2], focal), ("reference: set aside.",) * 5)


def test_differences_are_said_in_words_that_need_no_table(rich):
    values = figures(run_of(rich, "product", "channel"))
    words = [*table_of(values, "ProfileKnown")["what"], *table_of(values, "ProfileSince")["what"].dropna()]
    assert any(re.fullmatch(r"joined: \d\d-Apr-2024, [45]\d days later", word) for word in words)
    assert any(word.startswith("channel: referral: ") and word.endswith(" x as often") for word in words)
    assert "balance" in words  # of means on both sides of zero there is no ratio
    assert "2 further columns set aside." in values["ProfileCounts"]
    assert "The log has no" not in values["ProfileCounts"]
    assert "than chance" in values["LikenessSays"]


def test_what_was_known_at_acquisition_and_what_came_since_stand_apart(rich):
    values = figures(run_of(rich))
    known, since = (table_of(values, name)["what"].dropna() for name in ("ProfileKnown", "ProfileSince"))
    assert {word.partition(":")[0] for word in since} == {"balance", "total spend", "visits"}
    assert not set(known) & set(since)
    assert len(known) == ROWS
    assert values["KnownSays"].startswith("When they were acquired, focal customers already differed most in ")
    assert re.fullmatch(
        r"Since then, focal customers differ most in visits: \d\.\d x as much as all others\. "
        r"1 more difference is beyond chance\.",
        values["SinceSays"],
    )


def test_each_bar_says_whether_its_difference_is_beyond_chance(rich):
    values = figures(run_of(rich))
    table = pd.concat([table_of(values, name) for name in ("ProfileKnown", "ProfileSince")])
    lifted = table[(table["Lift"] != "") & table["what"].notna()]
    bars = lifted[[name for name in lifted if name.startswith("Chart")]].astype(float)
    q_value = lifted["q-value"].astype(float)
    expected = {
        "Chart: beyond chance": q_value <= 0.1,
        "Chart: could be chance": q_value > 0.1,
        "Chart: not tested": q_value.isna(),
    }
    for name, drawn in expected.items():
        assert drawn.any()
        np.testing.assert_allclose(
            bars.loc[drawn.to_numpy(), name], np.minimum(lifted["Lift"][drawn] - 1, 3).astype(float)
        )
        assert (bars.loc[~drawn.to_numpy(), name] == 0).all()
    assert lifted["Lift"].max() > 4  # a bar ends before it hides the others
    assert table["Note"].str.startswith("not a cause").any()


def test_what_the_log_lacks_is_named(rich):
    assert "The log has no channel and no product: add the column" in figures(run_of(rich))["ProfileCounts"]
    assert "The log has no product:" in figures(run_of(rich, "channel"))["ProfileCounts"]


def test_with_nobody_to_compare_every_figure_is_blank_and_a_sentence_says_why():
    values = figures(run_of("profile: there must be focal customers and others; give segments that have both."))
    assert values["KnownSays"] == (
        "Nothing can be compared: there must be focal customers and others; give segments that have both."
    )
    for name in ("ProfileKnown", "ProfileSince", "LikenessTest", "LikenessSignals", "LikenessFifths"):
        assert {cell for row in values[name] for cell in row} <= {None, ""}
    assert len(values["ProfileKnown"]) == ROWS


def test_what_tells_nothing_says_so(rich):
    rows = rich.profile.rows
    quiet = replace(rich, profile=replace(rich.profile, rows=rows[rows["attribute"].str.startswith("word")]))
    values = figures(run_of(quiet))
    assert values["KnownSays"] == "Nothing that was known by then sets focal customers apart by more than chance would."
    assert values["SinceSays"] == "Nothing is known since."
    spend = replace(rich, profile=replace(rich.profile, rows=rows[rows["attribute"] == "total spend"]))
    assert figures(run_of(spend))["SinceSays"].startswith("Nothing that is known since can be tested: ")


def test_likeness_shows_what_it_goes_by(rich):
    values = figures(run_of(rich))
    assert [row[0] for row in values["LikenessSignals"][:2]] == ["joined, 32.4 more", "channel: referral"]
    odds, low, high, words = values["LikenessSignals"][1][1:]
    assert 1 < low < odds < high
    assert words == "more often focal"
    assert values["LikenessTest"][5][1] > 1


def test_likeness_no_better_than_chance_shows_nothing_to_act_by(rich):
    rng = np.random.default_rng(3)
    noise = read_attributes(pd.DataFrame({"word": rng.choice(list("abc"), 800)})).attributes
    values = figures(run_of(replace(rich, likeness=lookalike(noise, np.arange(800) % 5 == 0))))
    assert "no better than chance" in values["LikenessSays"]
    assert "mislead" in values["LikenessSays"]
    assert {cell for row in values["LikenessSignals"] for cell in row} == {None}
    assert values["LikenessTest"][5] == [None] * 4
    assert values["LikenessTest"][4][1] == pytest.approx(0.5, abs=0.1)


def test_likeness_that_cannot_be_tested_says_why(rich):
    found = FocalProfile(rich.profile, "lookalike: 3 focal customers and 9 others to test on.", ())
    values = figures(run_of(found))
    assert values["LikenessSays"] == "Likeness could not be tested: 3 focal customers and 9 others to test on."
    assert values["LikenessTest"][0] == [None] * 4


def test_figures_have_the_shape_of_their_slots(rich):
    slots = {part.name: part for part in SHEET.parts if hasattr(part, "name")}
    values = figures(run_of(rich))
    assert values.keys() == slots.keys()
    for name, slot in slots.items():
        assert slot_rows(slot, values[name])
