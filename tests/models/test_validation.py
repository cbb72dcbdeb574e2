import numpy as np
import pytest

from pyfuncs.errors import InputError
from pyfuncs.models.estimation import fit_purchases
from pyfuncs.models.validation import check_histories, check_spend


def test_the_message_names_the_first_row_its_values_and_how_many():
    with pytest.raises(InputError) as error:
        check_histories([3, 1, 1, 2], [5, 41.2, 40, 3], [9, 38.9, 39, 4])
    assert str(error.value) == "row 2: recency exceeds T (frequency 1, recency 41.2, T 38.9); 2 rows affected."


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((-1, 0, 5), "frequency is below 0"),
        ((1.5, 1, 5), "frequency is not a whole number"),
        ((1, -1, 5), "recency is below 0"),
        ((1, 6, 5), "recency exceeds T"),
        ((0, 3, 5), "recency .* is above 0 without a repeat"),
        ((np.nan, 3, 5), "frequency is not a finite number"),
        ((1, np.inf, 5), "recency is not a finite number"),
        ((1, 1, np.nan), "T is not a finite number"),
    ],
)
def test_an_impossible_history_is_refused(row, message):
    with pytest.raises(InputError, match=rf"row 1: {message}.*1 row affected"):
        fit_purchases("BG/NBD", *([value] for value in row))


def test_columns_of_different_length_and_texts_are_refused():
    with pytest.raises(InputError, match="differ in length: frequency 1, recency 2, T 2"):
        check_histories([1], [1, 2], [3, 3])
    with pytest.raises(InputError, match="recency holds something that is not a number"):
        check_histories([1], ["long"], [3])


def test_blank_spend_is_allowed_and_negative_or_infinite_spend_is_not():
    x, m = check_spend([0, 1, 2], [np.nan, np.nan, 3.0])
    assert x.tolist() == [0, 1, 2]
    assert np.isnan(m[:2]).all()
    with pytest.raises(InputError, match="row 2: monetary_value is below 0"):
        check_spend([0, 1], [-1.0, -1.0])
    with pytest.raises(InputError, match="row 1: monetary_value is not a finite number"):
        check_spend([0, 1], [np.inf, 1.0])
