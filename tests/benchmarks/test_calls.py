"""The benchmark runs; how fast is not a matter for a test."""

from tests.benchmarks import calls


def test_the_benchmark_prints_a_line_for_each_function_and_size(capsys):
    calls.main(sizes=(1, 20), seconds=0, processes=1)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines if line and line[0].startswith("CLV_")] == [
        [name, rows] for rows in ("1", "20") for name in ("CLV_SCORE", "CLV_RFM", "CLV_GINI")
    ]
    assert any(line[:2] == ["first", "formula"] for line in lines)
