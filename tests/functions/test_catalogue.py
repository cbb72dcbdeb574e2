import subprocess
import sys
from types import SimpleNamespace

import pytest

from pyfuncs.errors import InputError
from pyfuncs.functions import CATALOGUE
from pyfuncs.functions.catalogue import FAMILIES, Example, collect, excel_function
from pyfuncs.functions.kinds import Date, Number

ORDER = """CLV_RFM CLV_CHECK CLV_FIT CLV_COMPARE CLV_HOLDOUT CLV_TRACKING CLV_P_ALIVE CLV_P_NO_PURCHASE CLV_PURCHASES
CLV_SPEND CLV_DERT CLV_SCORE CLV_INTERVAL CLV_NEW FOCAL_SEGMENT FOCAL_PROBABILITY FOCAL_SUMMARY FOCAL_PROFILE
FOCAL_LOOKALIKE FOCAL_MIGRATION FOCAL_STABILITY CLV_GINI CLV_LORENZ CLV_WHALE CLV_DECILES CLV_AVERAGE_CUSTOMER
CLV_READINESS
ACQ_VALUE ACQ_CEILING ACQ_PAYBACK PRODUCT_ENTRY PRODUCT_PATHS PRODUCT_MIX CLV_COVARIATES FACTOR_TEST
ADHERENCE_PDC RESPONSE_UPLIFT REFERRAL_VALUE SCORECARD"""


def declared(body, name="CLV_X", family="Scores", example=None):
    return excel_function(name, family=family, example=example or Example((1,), 1))(body)


def collected(*functions):
    return collect(SimpleNamespace(**{f"f{i}": function for i, function in enumerate(functions)}))


def test_the_catalogue_holds_the_functions_in_the_order_of_the_design():
    assert list(CATALOGUE) == ORDER.split()
    assert list(dict.fromkeys(function.family for function in CATALOGUE.values())) == list(FAMILIES)


def test_the_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        CATALOGUE["CLV_X"] = CATALOGUE["CLV_RFM"]


def test_a_declaration_is_read_from_the_signature():
    def body(margin: Number, split: Date | None = None, level: Number = 0.9):
        """Say something.

        And more of it.
        """
        return [[margin, level]]

    function = collected(declared(body))["CLV_X"]
    assert function.summary == "Say something."
    assert function.description == "And more of it."
    assert [argument.name for argument in function.arguments] == ["margin", "split", "level"]
    assert [argument.optional for argument in function.arguments] == [False, True, True]
    assert [argument.default for argument in function.arguments] == [None, None, 0.9]
    assert [argument.kind.name for argument in function.arguments] == ["number", "date", "number"]
    assert function.arguments[0].meaning.startswith("Contribution per unit of spend")
    assert function(0.3) == [[0.3, 0.9]]


def good(margin: Number):
    """Say something."""


def no_summary(margin: Number):
    pass


def long_summary(margin: Number):
    pass


long_summary.__doc__ = "x" * 256


def differ_in_case(margin: Number, Margin: Number):
    """Say something."""


def reserved(caller: Number):
    """Say something."""


def reserved_in_vba(date: Date):
    """Say something."""


def unknown(colour: Number):
    """Say something."""


def keyword_only(*, margin: Number):
    """Say something."""


def several(*margin: Number):
    """Say something."""


def no_kind(margin: float):
    """Say something."""


@pytest.mark.parametrize(
    ("functions", "sentence"),
    [
        ([declared(no_summary)], "no summary"),
        ([declared(long_summary)], "the summary has 256 characters"),
        ([declared(good, "CLV30")], "address of a cell"),
        ([declared(good, "R1C1")], "address of a cell"),
        ([declared(good, "clv_x")], "capitals"),
        ([declared(good, family="Magic")], "not a family"),
        ([declared(differ_in_case)], "differ only in case"),
        ([declared(reserved)], "caller is a reserved word"),
        ([declared(reserved_in_vba)], "date is a reserved word"),
        ([declared(unknown)], "colour is not in the vocabulary"),
        ([declared(keyword_only)], "ordinary argument"),
        ([declared(several)], "ordinary argument"),
        ([declared(no_kind)], "one kind of argument"),
        ([declared(good), declared(good)], "declared twice"),
        ([declared(good, example=Example((), 1))], "the example has 0 arguments"),
        ([declared(good, example=Example((1, 2), 1))], "the example has 2 arguments"),
    ],
)
def test_what_excel_or_a_reader_could_not_cope_with_is_refused_with_a_sentence(functions, sentence):
    with pytest.raises(ValueError, match=sentence):
        collected(*functions)


def test_a_fault_of_focal_is_logged_with_its_traceback_and_shows_as_one_error(caplog):
    def faulty(margin: Number):
        """Fail."""
        raise ZeroDivisionError("secret detail")

    assert declared(faulty)(1) == [["#VALUE!"]]
    assert "secret detail" in caplog.text
    assert "Traceback" in caplog.text


def test_what_a_user_can_mend_is_an_error_cell_and_explained_in_words(caplog):
    def refusing(margin: Number):
        """Refuse."""
        raise InputError("row 2: recency exceeds T.")

    assert declared(refusing)(1) == [["#VALUE!"]]
    assert "Traceback" not in caplog.text
    assert declared(refusing).explain(1) == "row 2: recency exceeds T."
    assert declared(refusing).explain("x") == 'margin: "x" is not a number.'


def test_too_many_arguments_are_an_error():
    assert CATALOGUE["CLV_LORENZ"]([[1], [2]], 1, 2) == [["#VALUE!"]]
    assert CATALOGUE["CLV_LORENZ"]() == [["#VALUE!"]]


def test_importing_the_functions_leaves_heavy_packages_alone():
    heavy = "lifetimes matplotlib duckdb fastexcel xlsxwriter lxml xlwings openpyxl"
    code = f"import sys, pyfuncs.functions; print([m for m in {heavy.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


WITHOUT_FRAMES = (
    "CLV_P_ALIVE CLV_P_NO_PURCHASE CLV_PURCHASES CLV_SPEND CLV_DERT CLV_SCORE CLV_INTERVAL CLV_NEW FOCAL_SEGMENT"
    " CLV_GINI CLV_LORENZ CLV_WHALE CLV_DECILES CLV_COVARIATES"
)


@pytest.mark.parametrize("name", WITHOUT_FRAMES.split())
def test_a_fresh_process_answers_from_customers_or_values_without_frames(name):
    code = (
        "import sys; from pyfuncs.functions import CATALOGUE\n"
        f"function = CATALOGUE[{name!r}]; answer = function(*function.example.arguments)\n"
        "heavy = [name for name in ('pandas', 'pyarrow', 'scipy', 'lifetimes') if name in sys.modules]\n"
        "print(heavy, any(str(cell).startswith('#') for row in answer for cell in row))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
