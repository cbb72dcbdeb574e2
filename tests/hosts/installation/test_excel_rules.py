"""What the registry forbids, as focal doctor reads it: macros, add-ins, and programs that Excel starts."""

from functools import partial
from pathlib import Path

import pytest

from pyfuncs.hosts.installation import excel_rules
from pyfuncs.hosts.installation.excel_rules import ASR_RULE
from pyfuncs.hosts.installation.findings import State
from tests.support.computer import OFFICE, case, found, pack, state

OK, LOOK, PROBLEM = State.OK, State.LOOK, State.PROBLEM
POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0"
SECURITY = rf"{OFFICE}\Excel\Security"
TRUSTED = rf"{SECURITY}\Trusted Locations"
EXCEL_POLICY = rf"{POLICY}\Excel\Security"
DEFENDER = r"Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR"


@pytest.fixture
def patient(tmp_path):
    """Makes cases of one computer: see `case`."""
    return partial(case, tmp_path)


def trusting(sick):
    """The registry entry that makes Excel trust the start-up folder of the sick."""
    return {rf"{TRUSTED}\Location2": {"Path": f"{sick.folder}\\", "AllowSubFolders": 0}}


def test_excel_from_the_store_is_a_problem(patient):
    key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
    usual = {key: {"": r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"}}
    packaged = {key: {"": r"C:\Program Files\WindowsApps\Microsoft.Office.Desktop.Excel_16051\Office16\EXCEL.EXE"}}
    assert found(patient(usual), excel_rules.store_office) is None
    assert state(patient(packaged), excel_rules.store_office) is PROBLEM


@pytest.mark.parametrize(
    ("level", "trusted", "signed", "expected"),
    [
        (None, True, False, OK),
        (3, True, False, OK),
        (4, True, False, LOOK),
        (1, False, False, OK),
        (None, False, False, LOOK),
        (2, False, False, LOOK),
        (3, False, False, PROBLEM),
        (3, False, True, LOOK),
        (4, False, True, PROBLEM),
    ],
)
@pytest.mark.parametrize("where", [SECURITY, EXCEL_POLICY])
def test_macros_run_by_trust_by_signature_or_by_setting(patient, level, trusted, signed, expected, where):
    sick = patient()
    entries = trusting(sick) if trusted else {rf"{TRUSTED}\Location0": {"Path": r"C:\Elsewhere"}}
    if level:
        entries = entries | {where: {"VBAWarnings": level}}
    sick = patient(entries)
    if signed:
        pack(sick.addins[0], "xl/vbaProjectSignatureV3.bin")
    assert state(sick, excel_rules.macros) is expected


def test_a_policy_on_macros_goes_before_the_users_choice(patient):
    elsewhere = {rf"{TRUSTED}\Location0": {"Path": r"C:\Elsewhere"}}
    sick = patient(elsewhere | {SECURITY: {"VBAWarnings": 1}, EXCEL_POLICY: {"vbawarnings": 4}})
    assert state(sick, excel_rules.macros) is PROBLEM


def test_vba_switched_off_is_a_problem(patient):
    assert state(patient({rf"{POLICY}\Common": {"VBAOff": 1}}), excel_rules.macros) is PROBLEM


def test_trusted_locations_may_be_switched_off_or_left_to_the_company(patient):
    sick = patient()
    blocking = {EXCEL_POLICY: {"vbawarnings": 3}}
    off = {rf"{EXCEL_POLICY}\Trusted Locations": {"AllLocationsDisabled": 1}}
    assert "switched off" in found(patient(trusting(sick) | blocking | off), excel_rules.macros).seen
    theirs = {rf"{POLICY}\Common\Security\Trusted Locations": {"Allow User Locations": 0}}
    finding = found(patient(trusting(sick) | blocking | theirs), excel_rules.macros)
    assert finding.state is PROBLEM
    assert "your company has named" in finding.seen
    named = {rf"{EXCEL_POLICY}\Trusted Locations\Location1": {"Path": "%APPDATA%/Microsoft/Excel/XLSTART/"}}
    assert state(patient(blocking | theirs | named), excel_rules.macros) is OK


def test_where_no_location_is_listed_excels_own_defaults_hold(patient):
    theirs = {rf"{EXCEL_POLICY}\Trusted Locations\Location1": {"Path": r"\\server\macros"}}
    for entries in ({}, {TRUSTED: {"AllLocationsDisabled": 0}}, theirs):
        assert state(patient(entries | {SECURITY: {"VBAWarnings": 3}}), excel_rules.macros) is OK


def test_a_trusted_folder_covers_its_subfolders_only_when_it_says_so(patient):
    blocking = {SECURITY: {"VBAWarnings": 4}}
    for subfolders, expected in ((1, LOOK), (0, PROBLEM)):
        above = {rf"{TRUSTED}\Location0": {"Path": "%APPDATA%/Microsoft", "AllowSubFolders": subfolders}}
        assert state(patient(blocking | above), excel_rules.macros) is expected


def test_the_mark_of_the_web_is_found(patient):
    sick = patient()
    assert found(sick, excel_rules.mark_of_the_web) is None
    Path(f"{sick.addins[0]}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", encoding="utf-8")
    assert state(sick, excel_rules.mark_of_the_web) is LOOK, "a trusted folder is exempt"
    policy = {EXCEL_POLICY: {"blockcontentexecutionfrominternet": 1}}
    assert state(patient(policy, installed=False), excel_rules.mark_of_the_web) is PROBLEM
    elsewhere = {rf"{TRUSTED}\Location0": {"Path": r"C:\Elsewhere"}}
    finding = found(patient(elsewhere, installed=False), excel_rules.mark_of_the_web)
    assert (finding.state, finding.to_do) == (PROBLEM, "Close Excel and run: focal install")


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (EXCEL_POLICY, {"DisableAllAddins": 1}),
        (SECURITY, {"DisableAllAddins": 1}),
        (EXCEL_POLICY, {"RequireAddinSig": 1}),
        (SECURITY, {"RequireAddinSig": 1}),
        (rf"{POLICY}\Common\Security", {"RequireAlwaysOnMacroSig": 1}),
        (rf"{POLICY}\Excel\Resiliency", {"RestrictToList": 1}),
        (rf"{POLICY}\Excel\Resiliency\AddinList", {"Focal.xlam": "0"}),
        (r"HKCU\Software\Policies\Microsoft\Cloud\Office\16.0\Excel\Security", {"DisableAllAddins": 1}),
        (r"HKLM\Software\Policies\Microsoft\Office\16.0\Excel\Security", {"RequireAddinSig": 1}),
    ],
)
def test_rules_on_add_ins_are_problems(patient, key, values):
    assert state(patient({key: values}), excel_rules.addin_rules) is PROBLEM


def test_a_signed_or_listed_add_in_obeys_the_rules_on_add_ins(patient):
    sick = patient({EXCEL_POLICY: {"RequireAddinSig": 1}})
    pack(sick.addins[0], "xl/vbaProjectSignature.bin")
    assert state(sick, excel_rules.addin_rules) is OK
    listed = {rf"{POLICY}\Excel\Resiliency": {"RestrictToList": 1},
              rf"{POLICY}\Excel\Resiliency\AddinList": {"Focal.xlam": "1"}}  # fmt: skip
    assert state(patient(listed), excel_rules.addin_rules) is OK


def test_an_add_in_that_excel_disabled_after_a_crash_is_found(patient):
    key = rf"{OFFICE}\Excel\Resiliency\DisabledItems"
    entry = b"\x03\0\0\0\x60\0\0\0\0\0\0\0" + r"c:\users\ann\appdata\roaming\FOCAL.xlam".encode("utf-16-le")
    other = b"\x03\0\0\0" + "other.xlam".encode("utf-16-le")
    assert found(patient({key: {"A1": other, "B2": 7}}), excel_rules.disabled_items) is None
    finding = found(patient({key: {"A1": other, "C3F": entry}}), excel_rules.disabled_items)
    assert finding.state is PROBLEM
    assert "Disabled Items" in finding.to_do


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        (rf"HKLM\SOFTWARE\Policies\{DEFENDER}\Rules", {ASR_RULE: "1"}, PROBLEM),
        (rf"HKLM\SOFTWARE\{DEFENDER}\Rules", {ASR_RULE.upper(): 1}, PROBLEM),
        (rf"HKLM\SOFTWARE\{DEFENDER}\Rules", {ASR_RULE: "6"}, LOOK),
        (rf"HKLM\SOFTWARE\{DEFENDER}\Rules", {ASR_RULE: "2"}, OK),
        (rf"HKLM\SOFTWARE\{DEFENDER}\Rules", {"3b576869-a4ec-4529-8536-b80a7769e899": "1"}, OK),
        (
            r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager",
            {"ASRRules": f"3b576869-a4ec-4529-8536-b80a7769e899=2|{{{ASR_RULE.upper()}}}=1"},
            PROBLEM,
        ),
    ],
)
def test_the_rule_against_child_processes_is_found(patient, key, values, expected):
    finding = found(patient({key: values}), excel_rules.child_processes)
    assert finding.state is expected
    if expected is PROBLEM:
        assert "focal install --attach" in finding.to_do
    assert state(patient({key: values}, attach=True), excel_rules.child_processes) is OK


def test_a_python_that_is_exempt_from_the_rule_may_be_started(patient, tmp_path):
    rules = {rf"HKLM\SOFTWARE\Policies\{DEFENDER}\Rules": {ASR_RULE: "1"}}
    exempt = {rf"HKLM\SOFTWARE\Policies\{DEFENDER}\ASROnlyExclusions": {f"{tmp_path}\\Focal": "0"}}
    assert state(patient(rules | exempt), excel_rules.child_processes) is OK
    unnamed = {rf"HKLM\SOFTWARE\Policies\{DEFENDER}\ASROnlyExclusions": {"": "", r"D:\Other": "0"}}
    assert state(patient(rules | unnamed), excel_rules.child_processes) is PROBLEM


def test_an_older_office_is_looked_up_under_its_own_version(patient):
    old = r"HKCU\Software\Microsoft\Office\15.0\Excel"
    entries = {rf"{old}\Options": {"Font": "Calibri"}, rf"{old}\Security": {"DisableAllAddins": 1}}
    assert state(patient(entries), excel_rules.addin_rules) is PROBLEM
    assert state(patient({rf"{old}\Security": {"DisableAllAddins": 1}}), excel_rules.addin_rules) is OK
