"""focal install, uninstall, doctor and serve as their user types them."""

import re
import shlex
from pathlib import Path

import pytest

from pyfuncs.hosts.command_line import _parser, main
from pyfuncs.hosts.excel import FOCAL_CLASS_ID
from pyfuncs.hosts.installation import doctor, serving
from pyfuncs.hosts.installation import install as installation
from pyfuncs.hosts.installation import machine as machine_module
from pyfuncs.hosts.installation.excel_rules import ASR_RULE
from pyfuncs.hosts.installation.machine import DLLS
from pyfuncs.hosts.installation.serving import at_logon
from tests.support.computer import computer, files, pack

PAGES = Path(__file__).parents[3] / "addin"
IN_WORDS = {page: (PAGES / page).read_text(encoding="utf-8") for page in ("IT.md", "RELEASE.md")}
TYPED = {command for text in IN_WORDS.values() for command in re.findall(r"`(focal(?: [^`]+)?)`", text)}


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """The commands find this add-in in the package, whether or not the real one is built."""
    addin = pack(tmp_path / "package/Focal.xlam")
    really = installation.shipped
    for module in (installation, doctor):
        monkeypatch.setattr(
            module, "shipped", lambda folder, name: addin if name == addin.name else really(folder, name)
        )
    return addin.read_bytes()


def test_the_commands_work_on_any_system_when_the_folders_are_named(shipped, in_folder, capsys):
    folders = ["--startup-folder", "start", "--config-folder", "config"]
    assert main(["install", *folders]) == 0
    out = capsys.readouterr().out
    assert "Next: restart Excel; it has a tab Focal." in out
    assert Path("start/Focal.xlam").read_bytes() == shipped
    assert main(["install", *folders, "--attach", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert "start=no" in Path("config/focal.conf").read_text(encoding="utf-8")
    assert main(["uninstall", *folders]) == 0
    assert capsys.readouterr().out.count("Removed") == 2
    assert main(["uninstall", *folders]) == 0
    assert "not installed there" in capsys.readouterr().out


def test_the_commands_refuse_in_one_sentence_where_there_is_no_excel(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(machine_module, "this_machine", lambda: computer(tmp_path, "linux"))
    for command in (
        ["install"],
        ["uninstall"],
        ["doctor"],
        ["serve"],
        ["serve", "--at-logon"],
        ["install", "--all-users"],
    ):
        assert main(command) == 2
        said = capsys.readouterr().err.strip()
        assert said.startswith("focal: ")
        assert "Windows" in said


def test_attaching_and_serving_are_explained_where_they_are_asked_for(shipped, monkeypatch, capsys, tmp_path):
    machine = computer(tmp_path)
    monkeypatch.setattr(machine_module, "this_machine", lambda: machine)
    assert main(["install", "--attach"]) == 0
    out = capsys.readouterr().out
    assert "Excel never starts Python" in out
    assert "Then run: focal serve" in out
    assert main(["serve", "--at-logon"]) == 0
    assert at_logon(machine).is_file()

    def stopped(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "serve", stopped)
    assert main(["serve"]) == 0
    assert "Stopped." in capsys.readouterr().out
    assert main(["uninstall"]) == 0
    assert capsys.readouterr().out.count("Removed") == 3
    assert files(machine.home) == {}


def test_installing_for_all_users_by_command(shipped, monkeypatch, capsys, tmp_path):
    (tmp_path / "Program Files/Microsoft Office/root/Office16/XLSTART").mkdir(parents=True)
    machine = computer(tmp_path)
    monkeypatch.setattr(machine_module, "this_machine", lambda: machine)
    assert main(["install"]) == 0
    assert main(["install", "--all-users"]) == 0
    assert "Removed" in capsys.readouterr().out
    assert files(machine.home) == {}
    assert main(["uninstall", "--all-users"]) == 0
    assert files(tmp_path / "Program Files") == {}


def test_the_command_ends_with_0_only_when_nothing_is_wrong(shipped, monkeypatch, capsys, tmp_path):
    machine = computer(tmp_path)
    monkeypatch.setattr(machine_module, "this_machine", lambda: machine)
    folders = ["--startup-folder", str(tmp_path / "start"), "--config-folder", str(tmp_path / "config")]
    assert main(["doctor", *folders]) == 1
    assert "1 problem" in capsys.readouterr().out
    assert main(["install", *folders, "--quiet"]) == 0
    assert main(["doctor", *folders, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["doctor", *folders]) == 0
    assert "nothing is wrong" in capsys.readouterr().out
    assert main(["doctor"]) == 1, "the usual folders hold nothing"


@pytest.mark.parametrize("command", sorted(TYPED))
def test_a_command_of_the_pages_for_it_and_release_is_understood(command):
    options = _parser().parse_args(shlex.split(command.replace("\\", "/"))[1:])
    assert callable(options.run)


def test_the_page_for_it_names_what_is_really_installed():
    for fact in (*DLLS, FOCAL_CLASS_ID, ASR_RULE, "-B -P -m pyfuncs.hosts.excel.server", serving.AT_LOGON):
        assert fact in IN_WORDS["IT.md"]
    assert len(TYPED) > 8
