"""FocalPython.bas, run by pyOpenVBA's interpreter with a Windows that is made up.

The DLL, the file system and Python are stand-ins here; what is checked is what the module does with them.
"""

import datetime as dt
import re

import pytest
from pyopenvba.interpreter import (
    HostBridge,
    Interpreter,
    VBAObject,
    VBARuntimeError,
    member,
    method,
    setter,
)

from tests.publish.vba_modules import sources

SOURCES = sources()
CLASS_ID = "{5B6F1D0A-7C1E-4E57-9A53-F0CA1C1ABE11}"
DLL = r"C:\venv\xlwings64-0.37.8.dll"
COMMAND = '"C:\\venv\\Scripts\\pythonw.exe" -B -P -m pyfuncs.hosts.excel.server $(CLSID) 0'
CONFIG = r"""# written by focal install; spaces were typed by hand
python=C:\venv\Scripts\pythonw.exe
 dll_folder = C:\venv
start=yes
version=0.1.0
"""
HOME = r"C:\Users\ann\AppData\Local\Focal\focal.conf"
STARTING = "Focal is starting Python; this takes a few seconds, once per Excel session"
# Windows, as far as the module asks it: each question goes to the object World.
WINDOWS = """
Public Function LoadLibrary(ByVal path As Variant) As Variant
    LoadLibrary = World.LoadLibrary(path)
End Function
Public Function Activate64(ByRef answer As Variant, ByVal config As String, ByVal mode As Long) As Long
    Activate64 = Activated(64, answer, config, mode)
End Function
Public Function Activate32(ByRef answer As Variant, ByVal config As String, ByVal mode As Long) As Long
    Activate32 = Activated(32, answer, config, mode)
End Function
Private Function Activated(ByVal bits, ByRef answer As Variant, ByVal config As String, ByVal mode As Long) As Long
    If World.Answers(bits, config, mode) Then
        Set answer = World.Server
    Else
        answer = World.Message
        Activated = 1
    End If
End Function
Public Function AppleScriptTask(ByVal file As String, ByVal handler As String, ByVal text As String) As String
    AppleScriptTask = World.Script(file, handler, text)
End Function
Public Function StrPtr(ByVal text As String) As String
    StrPtr = text
End Function
Public Function Environ(ByVal name As String) As String
    Environ = World.Environment(name)
End Function
Public Function GetAttr(ByVal path As String) As Long
    GetAttr = World.Attributes(path)
End Function
Public Function TextOf(ByVal path As String) As String
    TextOf = World.Text(path)
End Function
"""


class Server(VBAObject):
    """Python, as far as the connection speaks to it."""

    def __init__(self, said):
        self.said, self.asked = said, []

    @method
    def CallUDF(self, module, function, arguments):  # noqa: N802
        self.asked.append((module, function, list(arguments.elements())))
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


class Application(VBAObject):
    """Excel, as far as the connection speaks to it; `bars` keeps what the status bar showed."""

    def __init__(self, system):
        self.system, self.bars = system, []

    @member
    def OperatingSystem(self):  # noqa: N802
        return self.system

    @member
    def StatusBar(self):  # noqa: N802
        return self.bars[-1] if self.bars else False

    @setter("StatusBar")
    def show(self, value):
        self.bars.append(value)


class World(VBAObject):
    """A computer: its files, its DLL, and what runs on it."""

    def __init__(self, *, running=False, startable=True, hello="", config=CONFIG, files=None, dlls=(DLL,)):
        self.running, self.startable, self.dlls = running, startable, dlls
        self.files = {HOME: config, r"C:\venv\Scripts\pythonw.exe": ""} if files is None else files
        self.message = "No command specified in the configuration, cannot autostart server"
        self.server, self.activated, self.scripts = Server(hello), [], []
        self.script_says = ""

    @method
    def LoadLibrary(self, path):  # noqa: N802
        return int(path in self.dlls)

    @method
    def Answers(self, bits, config, mode):  # noqa: N802
        self.bits = int(bits)
        self.activated.append((config, int(mode)))
        return self.running if config == CLASS_ID else self.startable

    @member
    def Message(self):  # noqa: N802
        return self.message

    @member
    def Server(self):  # noqa: N802
        return self.server

    @method
    def Environment(self, name):  # noqa: N802
        return {"LOCALAPPDATA": r"C:\Users\ann\AppData\Local", "PROGRAMDATA": r"C:\ProgramData"}[name]

    @method
    def Attributes(self, path):  # noqa: N802
        if path not in self.files:
            raise VBARuntimeError(53, "File not found")
        return 32

    @method
    def Text(self, path):  # noqa: N802
        return self.files[path]

    @method
    def Script(self, file, handler, text):  # noqa: N802
        self.scripts.append((file, handler, text))
        if isinstance(self.script_says, Exception):
            raise self.script_says
        return self.script_says


class Book(VBAObject):
    """The active workbook."""

    @member
    def FullName(self):  # noqa: N802
        return "/Users/ann/Our customers.xlsx"


class Excel(HostBridge):
    """An Excel with the add-in's connection in it."""

    def __init__(self, world, *, mac=False, bits=64):
        system = "Macintosh (Intel) Version 14.1" if mac else "Windows (64-bit) NT 10.00"
        self.globals = {"world": world, "application": Application(system), "activeworkbook": Book()}
        self.vba = Interpreter(self)
        self.now(0)
        source = re.sub(r"(?m)^Private Declare .*\n", "", SOURCES["FocalPython"])
        source = re.sub(r"(?s)Private Function TextOf.*?End Function\n", "", source)
        source = source.replace("As LongPtr", "As LongLong" if bits == 64 else "As Long")
        source = source.replace("#If Mac Then", f"#If {mac} Then")
        self.vba.add_module(source.replace("Err.LastDllError", "126"))
        self.vba.add_module(SOURCES["FocalFunctions"])
        self.vba.add_module(WINDOWS, name="Windows")

    def global_object(self, name):
        return self.globals.get(name.lower(), super().global_object(name))

    @property
    def bars(self):
        return self.globals["application"].bars

    def now(self, seconds):
        self.vba.freeze(dt.datetime(2026, 1, 1, 12) + dt.timedelta(seconds=seconds))

    def connect(self):
        return self.vba.run("FocalServer")

    def why_not(self):
        """The sentence with which connecting fails."""
        with pytest.raises(VBARuntimeError) as caught:
            self.connect()
        assert self.vba.run("FocalWhyNot") == caught.value.description
        return caught.value.description


def test_a_running_server_is_attached_to_and_nothing_is_started():
    world = World(running=True)
    excel = Excel(world)
    assert excel.connect() is world.server
    assert world.activated == [(CLASS_ID, 1)]
    assert excel.bars == []


def test_otherwise_python_is_started_once_with_one_command_and_a_word_in_the_status_bar():
    world = World()
    excel = Excel(world)
    assert excel.connect() is excel.connect() is world.server
    assert world.activated == [(CLASS_ID, 1), (COMMAND, 1)]
    assert excel.bars == [STARTING, False]
    assert excel.vba.run("FocalWhyNot") == ""


def test_the_server_is_told_the_versions_of_the_add_in():
    world = World()
    Excel(world).connect()
    assert world.server.asked == [("pyfuncs.hosts.excel.commands", "hello", ["0.37.8", "0.1.0"])]


def test_a_server_of_another_version_is_not_used():
    said = "This add-in is Focal 0.1.0, Python has Focal 0.2.0. Run: focal install"
    excel = Excel(World(hello=said))
    assert excel.why_not() == said


def test_a_server_that_cannot_greet_is_not_used():
    excel = Excel(World(hello=VBARuntimeError(1000, "ModuleNotFoundError:\nno pyfuncs")))
    sentence = excel.why_not()
    assert "Python runs, but Focal in it does not answer (ModuleNotFoundError: no pyfuncs)." in sentence
    assert sentence.endswith("run: focal doctor")


def test_a_connection_that_has_died_is_made_anew():
    world = World()
    excel = Excel(world)
    excel.connect()
    excel.vba.run("FocalForget")
    assert excel.connect() is world.server
    again = COMMAND.replace(" 0", " 1")  # Windows may still list the class of a server that was killed
    let_go = [(CLASS_ID, -1), (COMMAND, -1)]
    assert world.activated == [(CLASS_ID, 1), (COMMAND, 1), *let_go, (CLASS_ID, 1), (again, 1)]


def test_after_a_failure_nothing_is_tried_for_half_a_minute():
    world = World(startable=False)
    excel = Excel(world)
    first = excel.why_not()
    world.startable = True
    for seconds in (1, 29):
        excel.now(seconds)
        excel.vba.run("FocalForget")
        assert excel.why_not() == first
    assert [mode for _, mode in world.activated].count(1) == 2
    excel.now(31)
    assert excel.connect() is world.server
    assert excel.vba.run("FocalWhyNot") == ""


def test_a_clock_that_was_set_back_does_not_keep_excel_from_trying():
    world = World(startable=False)
    excel = Excel(world)
    excel.why_not()
    world.startable = True
    excel.now(-3600)
    assert excel.connect() is world.server


@pytest.mark.parametrize(
    ("world", "sentence", "remedy"),
    [
        (World(files={}), "Focal is not set up for this user.", "focal install"),
        (World(config=""), "Focal is not set up for this user.", "focal install"),
        (World(dlls=()), rf"could not load {DLL} (Windows error 126). An antivirus program", "focal doctor"),
        (World(files={HOME: CONFIG}), r"is gone (C:\venv\Scripts\pythonw.exe)", "focal install"),
        (World(config=CONFIG.replace("=yes", "=no")), "Excel may not start it", "focal serve"),
        (World(config=CONFIG.replace("start=yes", "Start = NO")), "Excel may not start it", "focal serve"),
    ],
    ids=["no file", "empty file", "no dll", "no python", "may not start", "may not start, typed by hand"],
)
def test_what_keeps_excel_from_python_is_said_with_its_remedy(world, sentence, remedy):
    said = Excel(world).why_not()
    assert sentence in said
    assert said.endswith(f"Open a command prompt and run: {remedy}")
    assert COMMAND not in [config for config, _ in world.activated]


@pytest.mark.parametrize(
    ("message", "sentence", "remedy"),
    [
        (
            "Could not create Python process.\nError message: Access is denied.\nCommand: ...",
            "Windows did not let Excel start Python (Could not create Python process. Error message: Access is denied.",
            "focal serve",
        ),
        (
            "Python process exited before it was possible to create the interface object.\nCommand: ...",
            "Python started and ended at once.",
            "focal doctor",
        ),
        (
            "Could not activate Python COM server, hr = -1 1",
            "Python started but did not answer (Could not",
            "focal doctor",
        ),
    ],
)
def test_a_start_that_fails_is_said_with_its_cause(message, sentence, remedy):
    world = World(startable=False)
    world.message = message
    excel = Excel(world)
    said = excel.why_not()
    assert said.startswith(sentence)
    assert said.endswith(f"Open a command prompt and run: {remedy}")
    assert "\n" not in said
    assert excel.bars == [STARTING, False]


def test_a_status_bar_in_use_is_given_back():
    excel = Excel(World())
    excel.bars.append("Ready when you are")
    excel.connect()
    assert excel.bars[1:] == [STARTING, "Ready when you are"]


def test_what_nobody_foresaw_becomes_a_sentence_too():
    world = World()
    world.files[HOME] = None
    said = Excel(world).why_not()
    assert said.startswith("Excel could not connect to Python (")
    assert said.endswith("run: focal doctor")


def test_the_settings_of_the_machine_are_used_where_the_user_has_none():
    world = World(files={r"C:\ProgramData\Focal\focal.conf": CONFIG, r"C:\venv\Scripts\pythonw.exe": ""})
    assert Excel(world).connect() is world.server


@pytest.mark.parametrize("bits", [32, 64])
def test_excel_of_either_kind_loads_the_dll_that_fits(bits):
    world = World(dlls=(DLL.replace("64", str(bits)),))
    assert Excel(world, bits=bits).connect() is world.server
    assert world.bits == bits


ONLY_WINDOWS = "Worksheet functions need Excel for Windows; the Refit button and the template work on a Mac."


def test_on_a_mac_functions_say_that_they_need_windows():
    world = World(running=True)
    excel = Excel(world, mac=True)
    assert excel.vba.run("FocalIsMac")
    assert excel.why_not() == ONLY_WINDOWS
    excel.vba.run("FocalOnMac", ["insert CLV_SCORE"])
    assert excel.vba.dialogs[-1][1] == ONLY_WINDOWS
    assert world.scripts == world.activated == []


def test_on_a_mac_a_command_goes_through_the_script_with_the_path_of_the_workbook():
    world = World()
    excel = Excel(world, mac=True)
    excel.vba.run("FocalOnMac", ["refit"])
    assert world.scripts == [("Focal.applescript", "FocalRun", "refit /Users/ann/Our customers.xlsx")]
    assert excel.vba.dialogs == []
    world.script_says = "2,357 customers."
    excel.vba.run("FocalOnMac", ["refit"])
    assert excel.vba.dialogs[-1][1] == "2,357 customers."


def test_on_a_mac_without_the_script_the_remedy_is_said():
    world = World()
    world.script_says = VBARuntimeError(5, "Invalid procedure call or argument")
    excel = Excel(world, mac=True)
    excel.vba.run("FocalOnMac", ["refit"])
    assert "Open Terminal, run: focal install. Then start Excel again." in excel.vba.dialogs[-1][1]


def test_windows_is_not_taken_for_a_mac():
    assert not Excel(World()).vba.run("FocalIsMac")
