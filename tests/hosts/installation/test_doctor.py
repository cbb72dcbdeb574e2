"""focal doctor: each cause is found, a healthy computer is called healthy, and every problem has a remedy."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from pyfuncs import __version__
from pyfuncs.hosts.installation import doctor
from pyfuncs.hosts.installation.doctor import CHECKS, WINDOWS_CHECKS, Case, Finding, State, examine, report
from pyfuncs.hosts.installation.machine import DLLS, Ran
from tests.support.computer import OFFICE, case, computer, found, pack, state

OK, LOOK, PROBLEM = State.OK, State.LOOK, State.PROBLEM


@pytest.fixture
def patient(tmp_path):
    """Makes cases of one computer: see `case`."""
    return partial(case, tmp_path)


def test_on_a_healthy_computer_everything_is_in_order(patient):
    findings = list(examine(patient()))
    assert [finding for finding in findings if finding.state is not OK] == []
    assert all(finding.seen for finding in findings)
    looked_at = "Add-in,Version,Configuration,Python,Server,DLL,xlwings,Macros,Add-ins,Starting Python".split(",")
    assert [finding.what for finding in findings] == looked_at


def test_focal_that_was_never_installed_is_one_problem(patient):
    wrong = [finding for finding in examine(patient(installed=False)) if finding.state is not OK]
    assert [(finding.what, finding.to_do) for finding in wrong] == [("Add-in", "Run: focal install")]


def test_an_add_in_that_vanished_points_to_the_antivirus_program(patient):
    sick = patient()
    sick.addins[0].unlink()
    finding = found(patient(installed=False), doctor.addin)
    assert finding.state is PROBLEM
    assert "antivirus" in finding.seen
    assert "protection history" in finding.to_do


def test_an_add_in_without_its_configuration_is_a_problem(patient):
    sick = patient()
    sick.configuration_file.unlink()
    sick = patient(installed=False)
    assert state(sick, doctor.configuration) is PROBLEM
    assert state(sick, doctor.addin) is OK
    assert found(sick, doctor.interpreter) is found(sick, doctor.answer) is found(sick, doctor.dlls) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"python=C:\\Focal\\pythonw.exe\r\n", "lacks: dll_folder, start, version"),
        (b"python=a\r\ndll_folder=b\r\nstart=yes\r\nversion=1\r\nshell=cmd\r\n", "means nothing: shell"),
        (b"\x81\x8d", "code page"),
    ],
)
def test_a_configuration_with_wrong_lines_is_a_problem(patient, content, words):
    sick = patient()
    sick.configuration_file.write_bytes(content)
    finding = found(sick, doctor.configuration)
    assert finding.state is PROBLEM
    assert words in finding.seen


def test_the_users_configuration_goes_before_the_computers(patient, tmp_path):
    sick = patient()
    for_all = tmp_path / "ProgramData/Focal/focal.conf"
    for_all.parent.mkdir(parents=True)
    for_all.write_bytes(sick.configuration_file.read_bytes())
    assert sick.configuration_file.parent.parent == sick.machine.home / "AppData/Local"
    sick.configuration_file.unlink()
    assert patient(installed=False).configuration_file == for_all


def test_an_add_in_of_another_version_is_a_problem(patient):
    sick = patient()
    assert state(sick, doctor.version) is OK
    pack(sick.packaged, "xl/newer.xml")
    assert found(sick, doctor.version).seen == f"the add-in is not the one that Focal {__version__} came with."
    text = sick.configuration_file.read_text(encoding="cp1252").replace(f"version={__version__}", "version=0.0.9")
    sick.configuration_file.write_text(text, encoding="cp1252")
    assert "Excel has Focal 0.0.9" in found(patient(installed=False), doctor.version).seen


def test_a_signed_copy_cannot_be_compared_and_is_no_problem(patient):
    sick = patient()
    pack(sick.addins[0], "xl/vbaProjectSignature.bin")
    assert state(sick, doctor.version) is LOOK


def test_a_package_that_lost_its_add_in_is_a_problem(patient):
    sick = patient()
    sick.packaged.unlink()
    finding = found(sick, doctor.version)
    assert finding.state is PROBLEM
    assert "Install Focal again" in finding.to_do


def test_two_copies_are_a_problem(patient, tmp_path):
    assert found(patient(), doctor.copies) is None
    pack(tmp_path / "Program Files/Microsoft Office/root/Office16/XLSTART/Focal.xlam")
    assert "2 times" in found(patient(), doctor.copies).seen
    listed = {rf"{OFFICE}\Excel\Options": {"OPEN": r'/R "C:\Downloads\focal.xlam"', "Font": "Calibri,11"}}
    assert "3 times" in found(patient(listed), doctor.copies).seen


def test_an_interpreter_that_is_gone_is_a_problem(patient):
    sick = patient()
    Path(sick.configuration.python).unlink()
    assert state(sick, doctor.interpreter) is PROBLEM
    assert found(sick, doctor.answer) is None


def test_another_interpreter_than_this_one_is_worth_a_look(patient, tmp_path):
    sick = patient()
    other = replace(sick, machine=replace(sick.machine, python=tmp_path / "other/python.exe"))
    assert state(sick, doctor.interpreter) is OK
    assert state(other, doctor.interpreter) is LOOK
    assert found(other, doctor.xlwings) is None, "the other Python's xlwings cannot be seen from here"


def test_the_python_of_the_microsoft_store_is_a_problem(patient):
    store = Path("C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.12_3.12")
    assert state(patient(base=store), doctor.interpreter) is PROBLEM


@pytest.mark.parametrize(
    ("ran", "expected", "words"),
    [
        (Ran(0, "starting\nloaded 19 functions\n\n"), OK, "loaded 19 functions"),
        (Ran(1, "Traceback ...\nModuleNotFoundError: No module named 'pywintypes'\n"), PROBLEM, "'pywintypes'"),
        (Ran(1, ""), PROBLEM, "it said nothing"),
        (Ran(None, "starting"), PROBLEM, "gave no answer within"),
    ],
)
def test_python_is_started_as_excel_would_and_its_last_line_is_shown(patient, ran, expected, words):
    commands = []
    sick = patient(run=lambda command, seconds: commands.append(command) or ran)
    finding = found(sick, doctor.answer)
    assert finding.state is expected
    assert words in finding.seen
    assert commands == [[str(sick.machine.python), "-B", "-P", "-m", "pyfuncs.hosts.excel.server", "--check"]]


@pytest.mark.parametrize("gone", [DLLS[:1], DLLS[1:], DLLS])
def test_a_missing_dll_is_a_problem(patient, gone):
    sick = patient()
    assert state(sick, doctor.dlls) is OK
    for name in gone:
        (Path(sick.configuration.dll_folder) / name).unlink()
    finding = found(sick, doctor.dlls)
    assert finding.state is PROBLEM
    assert all(name in finding.seen for name in gone)


def test_dlls_of_another_xlwings_are_named(patient):
    sick = patient()
    folder = Path(sick.configuration.dll_folder)
    for name in DLLS:
        (folder / name).rename(folder / name.replace("0.37.8", "0.30.1"))
    assert "but xlwings32-0.30.1.dll and xlwings64-0.30.1.dll" in found(sick, doctor.dlls).seen


@pytest.mark.parametrize(
    ("installed", "expected"), [({"xlwings": "0.37.8"}, OK), ({"xlwings": "0.30.1"}, PROBLEM), ({}, PROBLEM)]
)
def test_the_version_of_xlwings_must_be_that_of_the_add_in(patient, installed, expected):
    assert state(patient(version_of=installed.get), doctor.xlwings) is expected


def test_the_log_is_named_once_there_is_one(patient):
    assert found(patient(), doctor.log) is None
    file = patient().configuration_file.with_name("focal.log")
    file.touch()
    assert found(patient(), doctor.log).seen == f"what happened is in {file}."


def test_letters_outside_the_code_page_are_a_problem(patient):
    assert found(patient(), doctor.letters) is None
    sick = patient()
    text = sick.configuration_file.read_text(encoding="cp1252").replace("pythonw", "p?thonw")
    sick.configuration_file.write_text(text, encoding="cp1252")
    assert state(patient(installed=False), doctor.letters) is PROBLEM
    assert state(replace(sick, configurations=(Path("C:/Łódź/Focal/focal.conf"),)), doctor.letters) is PROBLEM


def test_on_a_mac_the_limits_are_said_and_nothing_of_windows_is_asked(patient):
    findings = list(examine(patient(system="darwin")))
    assert {finding.what: finding.state for finding in findings} == {
        "Mac": LOOK, "Add-in": OK, "Version": OK, "Configuration": OK, "Python": OK, "xlwings": OK,
    }  # fmt: skip
    assert "functions do not" in findings[0].seen


def test_a_check_that_cannot_look_says_so_and_the_others_go_on(patient, monkeypatch):
    def broken(sick):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "CHECKS", (broken, doctor.addin))
    monkeypatch.setattr(doctor, "WINDOWS_CHECKS", ())
    first, second = examine(patient())
    assert (first.what, first.state, second.what) == ("broken", LOOK, "Add-in")


def test_the_report_puts_the_worst_first_and_counts():
    findings = [
        Finding("A", OK, "fine."),
        Finding("B", PROBLEM, "broken.", "Mend it."),
        Finding("C", LOOK, "odd.", "Look."),
        Finding("D", OK, "fine."),
    ]
    lines = report(findings).splitlines()
    assert lines[0] == f"Focal {__version__}: 1 problem, 1 to look at, 2 in order."
    assert lines[2:4] == ["PROBLEM  B: broken.", "         To do: Mend it."]
    assert lines[4:6] == ["look     C: odd.", "         To do: Look."]
    assert report(findings[:1]).startswith(f"Focal {__version__}: nothing is wrong, 1 in order.")
    assert "2 problems" in report(findings[1:2] * 2)


def test_every_check_says_what_it_looks_for():
    for check in (*CHECKS, *WINDOWS_CHECKS):
        assert check.__doc__
        assert check.__doc__.endswith(".")


def test_without_a_case_this_computer_is_examined(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "this_machine", lambda: computer(tmp_path))
    assert "Focal is not installed in Excel." in report(examine())


def test_a_case_knows_its_folder_before_anything_is_installed(tmp_path):
    folders = (tmp_path / "a", tmp_path / "b")
    empty = Case(computer(tmp_path), folders, (tmp_path / "c/focal.conf",), tmp_path / "Focal.xlam")
    assert (empty.folder, empty.addins, empty.is_signed) == (tmp_path / "a", [], False)
