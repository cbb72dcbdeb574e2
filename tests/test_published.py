"""Generated files equal what the code generates."""

from pyfuncs.publish.__main__ import generated, main, stale


def test_every_generated_file_is_committed_as_generated():
    assert stale() == []
    assert main(["--check"]) == 0


def test_a_changed_file_is_named_and_written_again(tmp_path, capsys):
    (tmp_path / "templates").mkdir()
    (tmp_path / "README.md").write_text("# no marks", encoding="utf-8")
    try:
        generated(tmp_path)
    except ValueError as error:
        assert "README.md" in str(error)
    else:
        raise AssertionError("a README without marks must be refused")


def test_the_command_refuses_what_it_does_not_know(capsys):
    assert main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err
