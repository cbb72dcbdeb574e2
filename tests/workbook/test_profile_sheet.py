"""The sheet Profile: what it says of a rich log, of one that tells little, and of none to compare."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.attributes import read_attributes
from pyfuncs.analysis.focal_profile import FocalProfile
from pyfuncs.analysis.lookalike import lookalike
from pyfuncs.analysis.profile import profile
from pyfuncs.workbook.parts import slot_rows
from pyfuncs.workbook.sheets.profile import DIFFERENCES, ROWS, SHEET, figures


def run_of(found, *roles):
    return SimpleNamespace(refit=SimpleNamespace(profile=found, log=SimpleNamespace(columns=dict.fromkeys(roles))))


def table_of(values):
    return pd.DataFrame(values["ProfileDifferences"], columns=[column.header for column in DIFFERENCES.columns])


@pytest.fixture(scope="module")
def rich():
    rng = np.random.default_rng(1)
    focal = np.arange(800) < 160
    frame = pd.DataFrame(
        {
            "channel": np.where(rng.random(800) < np.where(focal, 0.6, 0.2), "referral", "web"),
            "balance": rng.normal(np.where(focal, 5, -5), 20),
            "total spend": rng.lognormal(np.where(focal, 2, 0)),
            "joined": np.datetime64("2024-01-01") + np.where(focal, 50, 0) + rng.integers(0, 91, 800),
            **{f"word {i}": rng.choice(list("abc"), 800) for i in range(8)},
        }
    )
    attributes = read_attributes(frame).attributes
    return FocalProfile(profile(attributes, focal), lookalike(attributes, focal), ("reference: set aside.",) * 5)


def test_differences_are_said_in_words_that_need_no_table(rich):
    values = figures(run_of(rich, "product", "channel"))
    words = table_of(values)["Focal customers against all others"].tolist()
    assert any(re.fullmatch(r"joined: \d\d-Apr-2024, [45]\d days later", word) for word in words)
    assert any(word.startswith("channel: referral: ") and word.endswith(" x as often") for word in words)
    assert "balance" in words  # of means on both sides of zero there is no ratio
    assert values["ProfileSays"].startswith("Focal customers differ most in ")
    assert "9 are left out" in values["ProfileCounts"]
    assert "2 further columns were set aside" in values["ProfileCounts"]
    assert "The log has no" not in values["ProfileCounts"]
    assert "than chance" in values["LikenessSays"]


def test_only_what_is_beyond_chance_has_a_dark_bar(rich):
    table = table_of(figures(run_of(rich)))
    lifted = table[table["Lift"] != ""]
    called = lifted["q-value"].astype(float) <= 0.1
    assert called.any()
    assert (~called).any()
    assert (lifted.loc[called, "Chart: within chance"] == 0).all()
    assert (lifted.loc[~called, ["Chart: more by", "Chart: less by"]] == 0).all(axis=None)
    assert (
        lifted["Lift"] - 1 - lifted["Chart: more by"] - lifted["Chart: less by"] - lifted["Chart: within chance"]
    ).abs().max() < 1e-12
    leaking = table[table["Note"].fillna("").str.startswith("not a cause")]
    assert leaking.empty or (leaking["Chart: more by"] == 0).all()


def test_what_the_log_lacks_is_named(rich):
    assert "The log has no channel and no product: add the column" in figures(run_of(rich))["ProfileCounts"]
    assert "The log has no product:" in figures(run_of(rich, "channel"))["ProfileCounts"]


def test_with_nobody_to_compare_every_figure_is_blank_and_a_sentence_says_why():
    values = figures(run_of("profile: there must be focal customers and others; give segments that have both."))
    assert values["ProfileSays"] == (
        "Nothing can be compared: there must be focal customers and others; give segments that have both."
    )
    assert {cell for row in values["ProfileDifferences"] for cell in row} == {None, ""}
    assert set(values["LikenessTest"]) == {None}
    assert len(values["ProfileDifferences"]) == ROWS


def test_likeness_that_cannot_be_tested_says_why(rich):
    found = FocalProfile(rich.profile, "lookalike: 3 focal customers and 9 others to test on.", ())
    values = figures(run_of(found))
    assert values["LikenessSays"] == "Likeness could not be tested: 3 focal customers and 9 others to test on."
    assert values["LikenessTest"][0] is None


def test_figures_have_the_shape_of_their_slots(rich):
    slots = {part.name: part for part in SHEET.parts if hasattr(part, "name")}
    values = figures(run_of(rich))
    assert values.keys() == slots.keys()
    for name, slot in slots.items():
        assert slot_rows(slot, values[name])
