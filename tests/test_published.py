"""Generated files equal what the code generates."""

import pytest

from pyfuncs.publish.__main__ import generated, main, stale


def test_every_generated_file_is_committed_as_generated():
    assert stale() == []
    assert main(["--check"]) == 0


def test_a_readme_without_the_marks_of_the_reference_is_refused(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "README.md").write_text("# no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="lost the marks"):
        generated(tmp_path)


def test_the_command_refuses_what_it_does_not_know(capsys):
    assert main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err
