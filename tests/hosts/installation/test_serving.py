"""focal serve: Python is there before Excel asks, and again for the next Excel."""

import pytest

from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import FOCAL_CLASS_ID
from pyfuncs.hosts.installation.serving import at_logon, not_at_logon, serve, serve_at_logon
from tests.support.computer import computer


@pytest.fixture
def machine(tmp_path):
    return computer(tmp_path)


class Excel:
    """Excel coming and going: how long each server lives, until Ctrl+C."""

    def __init__(self, *lives):
        self.lives, self.time, self.commands, self.pauses, self.said = list(lives), 0.0, [], [], []

    def start(self, command):
        if not self.lives:
            raise KeyboardInterrupt
        self.commands.append(command)
        self.time += self.lives.pop(0)
        return 1

    def serve(self, machine):
        with pytest.raises(KeyboardInterrupt):
            serve(machine, self.said.append, start=self.start, sleep=self.pauses.append, clock=lambda: self.time)


def test_serve_starts_python_again_whenever_the_last_excel_has_left(machine):
    excel = Excel(3600, 7200)
    excel.serve(machine)
    module = ["-B", "-P", "-m", "pyfuncs.hosts.excel.server"]
    assert excel.commands == [[str(machine.python), *module, FOCAL_CLASS_ID]] * 2
    assert excel.pauses == []
    assert "starting again for the next" in excel.said[1]


def test_serve_waits_longer_and_longer_for_a_python_that_ends_at_once(machine):
    excel = Excel(*[0.2] * 9, 3600, 0.2)
    excel.serve(machine)
    assert excel.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 1]
    assert "focal doctor" in excel.said[1]


def test_serve_is_for_windows_and_says_when_python_is_gone(tmp_path, machine):
    with pytest.raises(InputError, match="for Excel on Windows"):
        serve(computer(tmp_path, "darwin"), print)

    def gone(command):
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(InputError, match="cannot be started"):
        serve(machine, lambda sentence: None, start=gone)


def test_at_logon_is_one_small_file_that_can_be_taken_back(machine):
    said = serve_at_logon(machine)
    file = at_logon(machine)
    assert str(file) in said[0]
    assert file.parent == machine.home / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup"
    pythonw = machine.python.with_name("pythonw.exe")
    assert file.read_bytes().splitlines()[1].decode() == (
        f'@start "" "{pythonw}" -B -P -m pyfuncs.hosts.command_line serve --quiet'
    )
    assert not_at_logon(machine) == [f"Removed {file}"]
    assert "nothing to remove" in not_at_logon(machine)[0]


def test_at_logon_reads_a_path_as_it_is_or_refuses_it(tmp_path):
    machine = computer(tmp_path / "100% sure")
    serve_at_logon(machine)
    assert b"100%% sure" in at_logon(machine).read_bytes()
    with pytest.raises(InputError, match="Task Scheduler"):
        serve_at_logon(computer(tmp_path / "Zoë"))
    with pytest.raises(InputError, match="for Excel on Windows"):
        serve_at_logon(computer(tmp_path, "linux"))
