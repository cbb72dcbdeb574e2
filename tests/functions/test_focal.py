import pytest

from pyfuncs.functions import CATALOGUE, examples

VALUES = (("value",), (100,), (50,), (25,), (10,), (5,), (4,), (3,), (2,), (1,), (0,))


def labels(*arguments):
    return [row[0] for row in CATALOGUE["FOCAL_SEGMENT"](*arguments)]


def test_the_top_share_of_customers_is_focal_under_its_header():
    assert labels(VALUES) == ["segment", *["Focal"] * 2, *["Core"] * 4, *["Light"] * 4]


@pytest.mark.parametrize(
    ("rule", "threshold", "cost", "focal"),
    [
        ("top share", 0.3, None, 3),
        ("Top_Share", None, None, 2),
        ("value share", 0.8, None, 3),  # 100 + 50 + 25 of 200 is the first to reach 80 %
        ("budget", 40, 10, 4),
        ("break-even", None, 5, 5),
        ("break even", None, 5, 5),
    ],
)
def test_each_rule_takes_its_customers(rule, threshold, cost, focal):
    assert labels(VALUES, rule, threshold, cost).count("Focal") == focal


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("budget", None, 10), "#VALUE!"),
        (("budget", 40), "#VALUE!"),
        (("break-even",), "#VALUE!"),
        (("best",), "#VALUE!"),
        (("top share", 20), "#VALUE!"),  # 20 % typed as 20
        (("top share", -0.2), "#NUM!"),
        (("top share", 0.2, None, ((0.5,), (0.5,))), "#VALUE!"),  # two probabilities for ten customers
    ],
)
def test_a_rule_that_cannot_be_applied_is_one_error(arguments, error):
    assert CATALOGUE["FOCAL_SEGMENT"](VALUES, *arguments) == [[error]]


def test_customers_whom_chance_decides_are_borderline():
    probability = [("p_focal",), *[(p,) for p in (1, 0.6, 0.5, 0.1, 0, 0, 0, 0, 0, 0)]]
    assert labels(VALUES, None, None, None, probability)[1:5] == ["Focal", "Borderline", "Borderline", "Core"]


def test_errors_and_blanks_stay_in_their_rows():
    values = (("value",), (100,), ("#N/A",), (None,), ("x",), (50,), (1,), (1,))
    found = labels(values, "top share", 0.5)
    assert found[2:5] == ["#N/A", None, "#VALUE!"]
    assert found[1] == found[5] == "Focal"
    probability = ((0.9,), (0.9,), (0.9,), (0.9,), ("#DIV/0!",), (None,), (0,))
    beside = labels(values, "top share", 0.5, None, probability)
    assert beside[5] == "#DIV/0!"
    assert beside[2:5] == ["#N/A", None, "#VALUE!"]
    assert beside[6] is not None  # a blank probability leaves the rule to decide


def test_the_column_is_found_by_name_in_a_wider_table():
    wide = [("customer_id", *VALUES[0]), *[(f"c{i}", *row) for i, row in enumerate(VALUES[1:])]]
    assert labels(wide) == labels(VALUES)
    assert CATALOGUE["FOCAL_SEGMENT"](wide[1:]) == [["#VALUE!"]]


def test_the_scores_of_a_log_can_be_segmented_as_they_spill():
    scores = CATALOGUE["CLV_SCORE"](examples.LOG, examples.WITH_SPEND)
    assert scores[0] == ["customer_id", "value"]
    assert len(labels(scores)) == len(scores)


def test_the_summary_ties_to_all_customers():
    segments = CATALOGUE["FOCAL_SEGMENT"](VALUES)
    table = CATALOGUE["FOCAL_SUMMARY"](segments, VALUES)
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert [row["segment"] for row in rows] == ["Focal", "Core", "Light", "All"]
    assert sum(row["customers"] for row in rows[:-1]) == rows[-1]["customers"] == 10
    assert sum(row["value"] for row in rows[:-1]) == rows[-1]["value"] == 200
    assert sum(row["share_of_value"] for row in rows[:-1]) == pytest.approx(1)
    assert rows[0]["share_of_value"] == 0.75


def test_behaviour_is_averaged_or_summed_by_segment():
    segments, values = (("Focal",), ("Light",), ("Light",)), ((9,), (2,), (1,))
    alive, purchases, spend = ((0.9,), (0.4,), (0.2,)), ((5,), (1,), (2,)), ((30,), (10,), (20,))
    table = CATALOGUE["FOCAL_SUMMARY"](segments, values, alive, purchases, spend)
    light = table[-2]
    assert light[-3:] == pytest.approx([0.3, 3, 15])


def test_rows_with_an_error_are_set_aside_and_counted():
    segments = (("segment",), ("Focal",), ("#N/A",), ("Light",), (None,))
    values = (("value",), (9,), ("#N/A",), (1,), (None,))
    table = CATALOGUE["FOCAL_SUMMARY"](segments, values)
    assert [row[:2] for row in table[1:]] == [["Focal", 1], ["Core", 0], ["Light", 1], ["All", 2], ["Set aside", 1]]


def test_a_row_with_an_error_beside_its_value_is_set_aside_too():
    table = CATALOGUE["FOCAL_SUMMARY"]((("Focal",), ("Light",)), ((9,), (1,)), ((0.9,), ("#NUM!",)))
    assert [row[:2] for row in table] == [["Focal", 1], ["Core", 0], ["Light", 0], ["All", 1], ["Set aside", 1]]
    assert table[0][-1] == 0.9


def test_labels_are_read_without_regard_to_case_and_unknown_ones_refused():
    assert CATALOGUE["FOCAL_SUMMARY"]((("focal",), ("LIGHT",)), ((9,), (1,)))[0][:2] == ["Focal", 1]
    assert CATALOGUE["FOCAL_SUMMARY"]((("focal",), ("gold",)), ((9,), (1,))) == [["#VALUE!"]]
    assert CATALOGUE["FOCAL_SUMMARY"]((("focal",), ("light",)), ((9,), (1,), (2,))) == [["#VALUE!"]]
