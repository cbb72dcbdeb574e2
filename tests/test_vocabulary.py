import re

import pytest

from pyfuncs.functions import CATALOGUE
from pyfuncs.vocabulary import GROUPS, TERMS

WORDS_OF_THE_ARCHITECTURE = """
customer_id period observation_end frequency recency T monetary_value horizon p_alive expected_purchases expected_spend
dert residual_value lifetime_value annual_discount_rate margin cohort cac payback calibration holdout
"""


def test_the_words_of_the_architecture_are_terms():
    assert set(WORDS_OF_THE_ARCHITECTURE.split()) <= set(TERMS)


def test_no_term_is_defined_twice():
    assert sum(len(group) for group in GROUPS.values()) == len(TERMS)


@pytest.mark.parametrize("term", TERMS.values(), ids=lambda term: term.name)
def test_a_term_is_short_plain_and_a_sentence(term):
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", term.name)
    assert 10 <= len(term.meaning) <= 255
    assert term.meaning.endswith(".")
    assert term.meaning[0].isupper() or term.name in term.meaning
    assert "  " not in term.meaning


def test_every_argument_of_the_catalogue_is_a_term():
    assert {argument.name for function in CATALOGUE.values() for argument in function.arguments} <= set(TERMS)


def test_the_vocabulary_cannot_be_changed_by_accident():
    with pytest.raises(TypeError):
        TERMS["clv"] = TERMS["value"]
