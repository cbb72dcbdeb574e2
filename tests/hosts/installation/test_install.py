"""Installing and uninstalling: what goes where, what is left alone, and what is said."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pyfuncs import __version__
from pyfuncs.errors import InputError
from pyfuncs.hosts.installation.install import (
    Configuration,
    install,
    read_configuration,
    uninstall,
)
from pyfuncs.hosts.installation.machine import DLLS, place
from tests.support.computer import computer, files

ADDIN = b"PK the add-in"


@pytest.fixture
def addin(tmp_path):
    """The add-in as it comes with Focal."""
    path = tmp_path / "package/Focal.xlam"
    path.parent.mkdir()
    path.write_bytes(ADDIN)
    return path


@pytest.fixture
def machine(tmp_path):
    return computer(tmp_path)


def refuse_to_replace(monkeypatch, name):
    """Windows, while Excel has this file open."""
    really = os.replace

    def locked(source, target):
        if Path(target).name == name:
            raise PermissionError(13, "Permission denied")
        really(source, target)

    monkeypatch.setattr(os, "replace", locked)


def test_install_puts_the_add_in_and_its_configuration_in_place(machine, addin):
    where = place(machine)
    said = install(machine, where, addin=addin)
    assert where.addin.read_bytes() == ADDIN
    assert read_configuration(where.configuration, machine) == Configuration(
        python=str(machine.python.with_name("pythonw.exe")),
        dll_folder=str(machine.python.parents[1]),
        start=True,
        version=__version__,
    )
    assert said == [f"Add-in:         {where.addin}", f"Configuration:  {where.configuration}"]


def test_the_configuration_is_plain_text_that_vba_can_read(tmp_path, addin):
    machine = computer(tmp_path / "Zoë")
    where = place(machine)
    install(machine, where, attach=True, addin=addin)
    text = where.configuration.read_bytes().decode("cp1252")
    keys = [line.partition("=")[0] for line in text.split("\r\n")[1:-1]]
    assert keys == ["python", "dll_folder", "start", "version"]
    assert "start=no\r\n" in text
    assert "Zoë" in text


def test_installing_again_changes_nothing(machine, addin):
    where = place(machine)
    once = install(machine, where, addin=addin)
    before = files(machine.home)
    assert install(machine, where, addin=addin) == once
    assert files(machine.home) == before


def test_a_newer_focal_replaces_the_older_one_and_nothing_else(machine, addin):
    where = place(machine)
    install(machine, where, addin=addin)
    mine = where.addin.with_name("PERSONAL.XLSB")
    mine.write_bytes(b"mine")
    addin.write_bytes(b"PK newer")
    install(machine, where, attach=True, addin=addin)
    assert where.addin.read_bytes() == b"PK newer"
    assert not read_configuration(where.configuration, machine).start
    assert mine.read_bytes() == b"mine"
    assert len(files(machine.home)) == 3


def test_a_copy_that_windows_marked_as_downloaded_is_replaced_by_one_that_is_not(machine, addin, monkeypatch):
    where = place(machine)
    install(machine, where, addin=addin)
    Path(f"{where.addin}:Zone.Identifier").touch()
    replaced = []
    monkeypatch.setattr(os, "replace", lambda source, target: replaced.append(Path(target)))
    install(machine, where, addin=addin)
    assert replaced == [where.addin]


def test_an_add_in_open_in_excel_stays_with_its_configuration(machine, addin, monkeypatch):
    where = place(machine)
    install(machine, where, addin=addin)
    before = files(machine.home)
    addin.write_bytes(b"PK newer")
    refuse_to_replace(monkeypatch, "Focal.xlam")
    with pytest.raises(InputError, match=r"open in Excel.*the old one stays.*Close all windows of Excel"):
        install(machine, where, attach=True, addin=addin)
    assert files(machine.home) == before


def test_a_folder_without_the_right_to_write_is_said(machine, addin, monkeypatch):
    def denied(self, data):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", denied)
    with pytest.raises(InputError, match=r"no right to write there.*administrator.*nothing was changed"):
        install(machine, place(machine), addin=addin)
    assert files(machine.home) == {}


def test_a_full_disk_leaves_what_was_there(machine, addin, monkeypatch):
    where = place(machine)
    install(machine, where, addin=addin)
    before = files(machine.home)
    addin.write_bytes(b"PK newer")
    really = Path.write_bytes

    def full(self, data):
        if "focal.conf" in self.name:
            really(self, data[:5])
            raise OSError(28, "No space left on device")
        return really(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left on device"):
        install(machine, where, attach=True, addin=addin)
    assert files(machine.home) == before


def test_a_package_without_its_add_in_is_said(machine, addin):
    addin.unlink()
    with pytest.raises(InputError, match=r"antivirus.*install Focal again as you did"):
        install(machine, place(machine), addin=addin)


@pytest.mark.parametrize("gone", [DLLS[:1], DLLS[1:], DLLS])
def test_a_missing_dll_stops_the_installation_on_windows(machine, addin, gone):
    for name in gone:
        (machine.python.parents[1] / name).unlink()
    with pytest.raises(InputError) as refused:
        install(machine, place(machine), addin=addin)
    assert str(refused.value).startswith(" and ".join(gone))
    assert "xlwings==0.37.8" in str(refused.value)
    assert files(machine.home) == {}


def test_elsewhere_a_missing_dll_is_only_noted(tmp_path, addin):
    machine = computer(tmp_path, "linux", python=tmp_path / "usr/bin/python3")
    where = place(machine, startup_folder=tmp_path / "start", config_folder=tmp_path / "config")
    said = install(machine, where, addin=addin)
    assert "No formula can run without it" in said[-1]
    assert read_configuration(where.configuration, machine).python == str(machine.python)


def test_the_python_of_the_microsoft_store_is_refused(machine, addin):
    store = replace(machine, base=Path("C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.12_3.12.1"))
    with pytest.raises(InputError, match=r"Microsoft Store.*python\.org"):
        install(store, place(store), addin=addin)
    assert files(machine.home) == {}


def test_an_add_in_that_windows_hides_from_excel_is_taken_back(machine, addin, tmp_path):
    hidden = tmp_path / "Packages/Some.App/LocalCache/Roaming/XLSTART"
    hidden.mkdir(parents=True)
    start = tmp_path / "XLSTART"
    start.symlink_to(hidden)
    with pytest.raises(InputError, match="Windows hides"):
        install(machine, place(machine, startup_folder=start), addin=addin)
    assert files(hidden) == {}


def test_python_without_its_windowless_twin_shows_a_window_and_says_so(machine, addin):
    machine.python.with_name("pythonw.exe").unlink()
    where = place(machine)
    assert "black window" in install(machine, where, addin=addin)[-1]
    assert read_configuration(where.configuration, machine).python == str(machine.python)


def test_letters_that_excel_cannot_read_are_refused_with_a_remedy(tmp_path, addin):
    strange = computer(tmp_path / "Łódź")
    with pytest.raises(InputError, match="--all-users"):
        install(strange, place(strange), addin=addin)
    plain = place(strange, config_folder=tmp_path / "config")
    with pytest.raises(InputError, match="folder with plain letters"):
        install(strange, plain, addin=addin)
    short = replace(strange, short_path=lambda path: tmp_path / "LODZ~1")
    install(short, plain, addin=addin)
    assert read_configuration(plain.configuration, short).python == str(tmp_path / "LODZ~1")


def test_installing_for_all_users_takes_the_place_of_the_users_own(tmp_path, addin):
    machine = computer(tmp_path)
    (tmp_path / "Program Files/Microsoft Office/root/Office16/XLSTART").mkdir(parents=True)
    own, everybody = place(machine), place(machine, all_users=True)
    install(machine, own, addin=addin)
    said = install(machine, everybody, for_all_instead_of=own, addin=addin)
    assert f"Removed {own.addin}" in said
    assert f"Removed {own.configuration}" in said
    assert files(machine.home) == {}
    assert everybody.addin.read_bytes() == ADDIN
    assert everybody.configuration.is_file()
    assert "Excel opens both" in install(machine, own, addin=addin)[-1]


def test_a_python_of_one_user_is_no_python_for_all(tmp_path, addin):
    (tmp_path / "Program Files/Microsoft Office/root/Office16/XLSTART").mkdir(parents=True)
    machine = computer(tmp_path)
    machine = replace(machine, home=tmp_path / "Focal")
    said = install(machine, place(machine, all_users=True), for_all_instead_of=place(machine), addin=addin)
    assert "one user's own folder" in said[-1]


def test_on_a_mac_the_script_names_the_python(tmp_path, addin):
    machine = computer(tmp_path, "darwin", python=tmp_path / 'my "venv"/bin/python')
    where = place(machine)
    said = install(machine, where, addin=addin)
    assert where.addin.read_bytes() == ADDIN
    script = where.configuration.read_text(encoding="utf-8")
    assert "@" not in script
    assert "on FocalRun(parameter)" in script
    assert read_configuration(where.configuration, machine) == Configuration(str(machine.python), "", True, __version__)
    assert "functions are for Excel on Windows" in said[-1]
    assert len(uninstall(where)) == 2


def test_on_a_mac_excel_must_have_been_started_once(tmp_path, addin):
    machine = computer(tmp_path, "darwin")
    (machine.home / "Library/Group Containers/UBF8T346G9.Office").rmdir()
    with pytest.raises(InputError, match="start Excel once"):
        install(machine, place(machine), addin=addin)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("python=a\nstart=yes\nversion=1", "lacks: dll_folder"),
        ("python=a\ndll_folder=b\nstart=perhaps\nversion=1", "start must be yes or no, not 'perhaps'"),
        ("python=a\ndll_folder=b\nstart=no\nversion=1\nhttp://x", "means nothing: http://x"),
        ("", "lacks: dll_folder, python, start, version"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_said(machine, tmp_path, text, words):
    path = tmp_path / "focal.conf"
    path.write_text(text, encoding="cp1252")
    with pytest.raises(InputError, match=words):
        read_configuration(path, machine)


def test_a_configuration_that_cannot_be_read_is_said(machine, tmp_path):
    path = tmp_path / "focal.conf"
    path.write_bytes(b"python=\x81\x8d")
    with pytest.raises(InputError, match="code page"):
        read_configuration(path, machine)
    with pytest.raises(InputError, match="cannot be read"):
        read_configuration(tmp_path, machine)
    script = tmp_path / "Focal.applescript"
    script.write_text("-- nothing", encoding="utf-8")
    with pytest.raises(InputError, match="does not name a Python"):
        read_configuration(script, machine)


def test_uninstall_removes_what_install_put_there_and_nothing_else(machine, addin):
    where = place(machine)
    install(machine, where, addin=addin)
    mine, log = where.addin.with_name("PERSONAL.XLSB"), where.configuration.with_name("focal.log")
    for path in (mine, log):
        path.write_bytes(b"keep")
    removed, also, left = uninstall(where)
    assert (removed, also) == (f"Removed {where.addin}", f"Removed {where.configuration}")
    assert left.startswith(f"Left {log.parent}")
    assert files(machine.home) == {str(mine): b"keep", str(log): b"keep"}
    assert uninstall(where) == []


def test_uninstall_takes_its_empty_folder_along_but_not_another(machine, addin, tmp_path):
    where = place(machine)
    install(machine, where, addin=addin)
    uninstall(where)
    assert not where.configuration.parent.exists()
    assert where.addin.parent.is_dir()
    other = place(machine, startup_folder=tmp_path / "start", config_folder=tmp_path / "config")
    install(machine, other, addin=addin)
    uninstall(other)
    assert other.configuration.parent.is_dir()


def test_uninstall_waits_for_excel_to_be_closed(machine, addin, monkeypatch):
    where = place(machine)
    install(machine, where, addin=addin)
    before = files(machine.home)

    def locked(self, missing_ok=False):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", locked)
    with pytest.raises(InputError, match="open in Excel"):
        uninstall(where)
    assert files(machine.home) == before
