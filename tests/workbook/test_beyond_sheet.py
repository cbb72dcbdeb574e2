"""The sheet Beyond: planted effects shown and kept, noise dropped, silent where nothing is known."""

import re

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.attribute_cells import read_attribute_cells
from pyfuncs.analysis.attribute_covariates import MOST_EFFECTS
from pyfuncs.analysis.beyond import MOST_CUSTOMERS, NOTHING_KNOWN, beyond
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.settings import Settings
from pyfuncs.hosts.command_line import main
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.sheets import beyond as sheet
from tests.support.recalculation import checked

SPLIT = np.datetime64("2023-01-15").astype(object)


def people(n=900, seed=5):
    """A log in which members buy 2.5 times as often and customers of the shop stay longer; the rest is noise."""
    rng = np.random.default_rng(seed)
    member, shop = rng.random(n) < 0.4, rng.random(n) < 0.5
    rate = rng.gamma(2, 1 / 90, n) * np.where(member, 2.5, 1.0)
    leaving = rng.beta(1.2, np.where(shop, 9.0, 3.0), n)
    rows, at, who = [], rng.uniform(0, 550, n), np.arange(n)
    while who.size:
        rows.append((who, at[who]))
        who = who[(rng.random(who.size) >= leaving[who]) | (len(rows) == 1)]  # the first purchase is no chance to leave
        at[who] += rng.exponential(1 / rate[who]) + 1
        who = who[at[who] < 900]
    who, day = (np.concatenate(part) for part in zip(*rows, strict=True))
    log = pd.DataFrame({"customer": who, "date": np.datetime64("2022-01-01") + day.astype(np.int64)})
    log["amount"] = rng.lognormal(3, 0.4, len(log)).round(2)
    log["channel"] = np.where(shop, "shop", "web")[who]
    table = pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "member": np.where(member, "yes", "no"),
            "age": rng.integers(18, 80, n),
            "region": rng.choice(["N", "S", "E", "W", "tiny"], n, p=[0.4, 0.3, 0.2, 0.09, 0.01]),
            "income": np.where(rng.random(n) < 0.3, np.nan, rng.lognormal(10, 0.5, n).round()),
            "born": np.datetime64("1980-01-01") + rng.integers(0, 9000, n),
        }
    )
    return log, table


def found(log, table, known="all", model="BG/NBD"):
    log = read_log(log)
    customers = histories(log, "week")
    more = None if table is None else read_attribute_cells(table, known)
    return beyond(log, customers, Settings(), SPLIT, model, more)


@pytest.fixture(scope="module")
def planted():
    return found(*people())


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beyond")
    log, table = people(900)
    log.to_csv(folder / "log.csv", index=False)
    table.to_csv(folder / "people.csv", index=False)
    path = folder / "beyond.xlsx"
    arguments = [str(folder / "log.csv"), "--attributes", str(folder / "people.csv"), "--known-at-acquisition", "all"]
    assert main(["refit", *arguments, "--output", str(path), "--quiet"]) == 0
    return Package.open(path), path


def test_planted_effects_are_found_where_they_were_planted(planted):
    effects = planted.effects.set_index("effect")
    member = next(name for name in effects.index if name.startswith("member"))
    shop = next(name for name in effects.index if name.startswith("Channel"))
    truth = 2.5 if "yes (" in member else 0.4
    assert effects.loc[member, "rate_low"] < truth < effects.loc[member, "rate_high"]
    assert effects.loc[member, "rate_q"] < 0.001
    longer = effects.loc[shop, "life"] if "shop (" in shop else 1 / effects.loc[shop, "life"]
    assert longer > 1.5
    assert effects.loc[shop, "life_q"] < 0.05
    assert effects.drop([member])["rate_q"].min() > 0.01


def test_the_planted_factors_are_kept(planted):
    assert "member" in planted.factors.kept
    assert not {"age", "region", "income"} & {name.split(":")[0] for name in planted.factors.kept}
    assert "born" in " ".join(planted.statements)


def test_a_number_is_told_by_its_tenths_and_who_is_not_known_by_a_covariate_of_its_own(planted):
    names = " | ".join(planted.effects["effect"])
    assert "age: 7" in names
    assert re.search(r"income: [\d,]+ against [\d,]+ \|", names)
    assert "income on record: no (against yes)" in names
    assert "tiny" not in names
    assert len(planted.effects) <= MOST_EFFECTS


def test_attributes_unknown_of_the_same_customers_share_a_covariate_and_repeats_are_left_out():
    log, table = people()
    asked = table["age"] < 50
    table = table[["customer_id", "region", "age"]].assign(
        home=np.where(table["region"].isin(["N", "S"]), "owned", "rented"), same=table["region"]
    )
    table[["region", "age", "home", "same"]] = table[["region", "age", "home", "same"]].where(asked)
    both = found(log.drop(columns="channel"), table)
    names = list(both.effects["effect"])
    assert names[-1] == "region, age on record: no (against yes)"
    assert sum("on record" in name for name in names) == 1
    assert not any(name.startswith(("home", "same")) for name in names)
    assert "Left out, because it follows from the others: home, same." in both.statements
    assert {"region", "age", "region, age on record"} == {name.split(":")[0] for name in both.factors.rows["factor"]}


def test_an_attribute_whose_effect_cannot_be_told_gives_way_to_the_others():
    log, table = people(500)
    stays = table["customer_id"].isin(range(60))
    last = log["date"].max()
    back = pd.DataFrame({"customer": table.loc[stays, "customer_id"], "date": last, "amount": 10.0, "channel": "web"})
    table = table[["customer_id", "member"]].assign(loyal=np.where(stays, "yes", "no"))  # none of whom ever leaves
    both = found(pd.concat([log, back]), table)
    names = " | ".join(both.effects["effect"])
    assert "member" in names
    assert "loyal" not in names
    assert any(said.startswith('Left out: covariate "loyal') for said in both.statements)


def test_an_effect_that_the_log_leaves_open_is_blank_and_said_to_be():
    rng = np.random.default_rng(8)
    who = np.repeat(np.arange(300), 12)
    day = np.sort(rng.integers(0, 700, who.size).reshape(300, 12), axis=1)
    day[0] //= 3  # one of 300 leaves
    log = pd.DataFrame({"customer": who, "date": np.datetime64("2022-01-01") + day.ravel(), "amount": 10.0})
    table = pd.DataFrame({"customer_id": np.arange(300), "member": rng.choice(["yes", "no"], 300)})
    stay = found(log, table)
    assert stay.effects[["life", "life_low", "life_high", "life_q"]].isna().all(axis=None)
    assert any(said.startswith("Blank effects") for said in stay.statements)
    assert stay.effects["rate"].between(0.8, 1.25).all()


def test_a_model_without_covariates_gives_way_and_says_so():
    log, table = people(400)
    other = found(log, table[["customer_id", "member"]], model="MBG/NBD")
    assert other.model in ("BG/NBD", "Pareto/NBD")
    assert f"MBG/NBD takes no covariates, so that {other.model} is used here." in other.statements


def test_many_customers_are_sampled_and_it_is_said(monkeypatch):
    monkeypatch.setattr("pyfuncs.analysis.beyond.MOST_CUSTOMERS", 300)
    log, table = people(400)
    sampled = found(log, table[["customer_id", "member"]])
    assert sampled.customers == 300 < MOST_CUSTOMERS
    assert sampled.statements[0] == "300 of 400 customers, drawn at random, are used."
    again = found(log, table[["customer_id", "member"]])
    pd.testing.assert_frame_equal(sampled.effects, again.effects)


def test_nothing_known_is_one_sentence():
    log, table = people(300)
    bare = log.drop(columns="channel")
    assert found(bare, None) == NOTHING_KNOWN
    assert found(bare, table, "") == NOTHING_KNOWN
    assert "No attribute known at acquisition can be fitted" in found(bare, table[["customer_id", "born"]])


def test_formulas_agree_with_python_and_nothing_is_an_error(filled, libreoffice):
    checked(libreoffice, filled[1])


def test_every_table_has_a_sentence_written_from_the_data(filled):
    package, _ = filled
    said = {name: str(package.read_name(name) or "") for name in sheet.SAID}
    assert all(said.values())
    assert "times the purchase rate" in said["EffectsSay"]
    assert "association, not cause" in said["EffectsSay"]
    assert re.match(r"Kept: .*member.* kept; of attributes", said["FactorsSay"])
    decisions = {row[0]: row[6] for row in package.read_name("BeyondFactors") if row[0]}
    assert decisions["member"] == "keep"
    assert set(decisions.values()) == {"keep", "drop"}


def test_absent_data_leave_the_sheet_blank_but_for_one_sentence(demo):
    package = Package.open(demo)
    assert [str(package.read_name(name) or "") for name in sheet.SAID] == [NOTHING_KNOWN, "", "", ""]
    for grid in (sheet.EFFECTS, sheet.FACTORS):
        assert not any(cell for row in package.read_name(grid.name) for cell in row)
