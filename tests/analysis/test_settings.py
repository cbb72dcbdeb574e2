"""Settings: what may stand in a cell or on the command line, and the sentence for what may not."""

import datetime as dt
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.analysis import segments
from pyfuncs.analysis.assumptions import BY_NAME, SETTINGS
from pyfuncs.analysis.dates import DAY_FIRST, MONTH_FIRST
from pyfuncs.analysis.fitting import SPEND_MODELS
from pyfuncs.analysis.log import DUPLICATES
from pyfuncs.analysis.settings import Settings
from pyfuncs.errors import InputError
from pyfuncs.models.discounting import PERIODS_PER_YEAR
from pyfuncs.models.estimation import PURCHASE_MODELS

CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes()
)


def test_settings_and_their_declarations_are_the_same_in_the_same_order():
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Settings)]
    assert Settings.read({}) == Settings()


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("margin", "35%", 0.35),
        ("margin", 0.35, 0.35),
        ("model", " pareto/nbd ", "Pareto/NBD"),
        ("model", "", "auto"),
        ("value_horizon", None, None),
        ("observation_end", 35976.0, dt.date(1998, 6, 30)),
        ("observation_end", "35976", dt.date(1998, 6, 30)),
        ("observation_end", dt.datetime(1998, 6, 30, 12), dt.date(1998, 6, 30)),
        ("observation_end", "1998-06-30", dt.date(1998, 6, 30)),
        ("draws", 250.0, 250),
        ("currency", " EUR ", "EUR"),
    ],
)
def test_a_cell_is_read_as_its_user_means_it(name, cell, value):
    assert BY_NAME[name].read(cell) == value


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        ("margin", 1.01, "0.01 % to 100 %"),
        ("margin", True, "Contribution margin"),
        ("annual_discount_rate", -0.1, "Annual discount rate"),
        ("draws", 99.5, "Simulation draws"),
        ("draws", float("nan"), "Simulation draws"),
        ("horizon", 0, "Forecast horizon"),
        ("period", "fortnight", "day, week, month"),
        ("split", "30.06.1998", "2024-12-31"),
        ("split", -5, "Holdout starts after"),
    ],
)
def test_what_is_not_allowed_is_named_with_what_is(name, cell, words):
    with pytest.raises(InputError, match=f"(?s){words}"):
        BY_NAME[name].read(cell)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
@given(cell=CELLS)
def test_any_cell_is_a_value_or_a_sentence(setting, cell):
    said, value = "", setting.default
    try:
        value = setting.read(cell)
    except InputError as error:
        said = str(error)
    assert not said or setting.label in said
    assert value == value
    assert not setting.choices or value in setting.choices


def test_options_given_replace_the_cells_and_the_others_stay():
    settings = Settings(margin=0.4).override({"horizon": "2", "margin": None})
    assert (settings.horizon, settings.margin) == (2.0, 0.4)


def test_the_words_allowed_are_those_of_the_modules_they_steer():
    assert BY_NAME["focal_rule"].choices == segments.RULES
    assert BY_NAME["model"].choices == ("auto", *PURCHASE_MODELS)
    assert BY_NAME["period"].choices == tuple(PERIODS_PER_YEAR)
    assert BY_NAME["duplicates"].choices == DUPLICATES
    assert BY_NAME["date_order"].choices == ("auto", DAY_FIRST, MONTH_FIRST)
    assert {choice.casefold() for choice in BY_NAME["spend_model"].choices} == set(SPEND_MODELS) - {"none"}
