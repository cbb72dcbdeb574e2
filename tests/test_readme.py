"""The README is true: its examples run and its commands parse."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from pyfuncs.hosts.command_line import _parser

README = Path(__file__).parents[1] / "README.md"
COMMANDS = re.findall(r"^\s*(focal .+)$", README.read_text(encoding="utf-8"), re.M)


def test_python_examples_hold():
    failures, tried = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert (failures, tried > 4) == (0, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_is_understood(command):
    options = _parser().parse_args(shlex.split(command)[1:])
    assert callable(options.run)


def test_there_are_commands():
    assert len(COMMANDS) >= 4
