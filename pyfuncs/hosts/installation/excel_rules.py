"""What Windows and Excel forbid, as the registry says: macros, add-ins, and programs that Excel starts.

Where each rule stands is Microsoft's: the policy templates of Office (excel16.admx, office16.admx) and of Microsoft
Defender.  A file in a trusted location runs its macros whatever the macro setting is; rules on add-ins hold there too.
"""

from pathlib import Path
from typing import Any, Final

from pyfuncs.hosts.installation.findings import Case, Finding, State
from pyfuncs.hosts.installation.machine import OFFICES, Machine, Tree, excel_program, expand

ASR_RULE: Final = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
"""Microsoft Defender: block all Office applications from creating child processes."""
_DEFENDER = r"Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR"
_ALL, _ASK, _SIGNED, _NONE = 1, 2, 3, 4  # VBAWarnings
_TRUST_CENTER = "File > Options > Trust Center > Trust Center Settings"
_ASK_IT = "Ask IT; addin/IT.md says how to allow Focal"


def macros(case: Case) -> Finding:
    """Whether the add-in's macros run."""
    if _policy(case.machine, "common", "vbaoff") == 1:
        return Finding("Macros", State.PROBLEM, "your company has switched VBA off in Office.", f"{_ASK_IT}.")
    level = _setting(case.machine, "vbawarnings") or _ASK
    distrust = _distrust(case)
    if not distrust and level != _NONE:
        return Finding("Macros", State.OK, f"Excel trusts its start-up folder {case.folder}.")
    if not distrust:
        seen = "Excel blocks all macros without a word, except in trusted folders; Focal stands in one of them."
        return Finding("Macros", State.LOOK, seen, f"If the tab Focal is missing: {_TRUST_CENTER} > Macro Settings.")
    to_do = f"In Excel: {_TRUST_CENTER} > Trusted Locations, add {case.folder}. If that is greyed out: {_ASK_IT}."
    if level == _ALL:
        return Finding("Macros", State.OK, "Excel runs all macros.")
    if level == _ASK or (level == _SIGNED and case.is_signed):
        return Finding("Macros", State.LOOK, f"{distrust}; Excel asks before it runs Focal.", to_do)
    blocked = "all macros" if level == _NONE else "macros that are not signed"
    return Finding("Macros", State.PROBLEM, f"{distrust}, and Excel blocks {blocked}.", to_do)


def mark_of_the_web(case: Case) -> Finding | None:
    """Whether Windows remembers the add-in as downloaded, which makes Excel block its macros."""
    marked = [path for path in case.addins if Path(f"{path}:Zone.Identifier").exists()]
    if not marked:
        return None
    by_policy = _policy(case.machine, r"excel\security", "blockcontentexecutionfrominternet") == 1
    seen = f"{marked[0]} is marked as downloaded from the internet, and Excel blocks macros in such files"
    return Finding(
        "Download mark",
        State.LOOK if not by_policy and not _distrust(case) else State.PROBLEM,
        f"{seen}{' by a policy of your company' if by_policy else ''}.",
        "Close Excel and run: focal install",
    )


def addin_rules(case: Case) -> Finding:
    """Whether Excel may load add-ins, and unsigned ones."""
    if _setting(case.machine, "disablealladdins") == 1:
        seen, to_do = "Excel loads no add-ins at all", f"In Excel: {_TRUST_CENTER} > Add-ins, clear 'Disable all'."
        return Finding("Add-ins", State.PROBLEM, f"{seen}.", f"{to_do} If that is greyed out: {_ASK_IT}.")
    wants_signed = (
        _setting(case.machine, "requireaddinsig") == 1
        or _policy(case.machine, r"common\security", "requirealwaysonmacrosig") == 1
    )
    if wants_signed and not case.is_signed:
        seen = "Excel loads only add-ins that a trusted publisher has signed, and Focal is not signed."
        to_do = "Let IT sign Focal.xlam with the company's certificate (addin/IT.md)"
        return Finding("Add-ins", State.PROBLEM, seen, f"{to_do}, or in Excel: {_TRUST_CENTER} > Add-ins.")
    listed = _policy_tree(case.machine, r"excel\resiliency\addinlist").get(case.packaged.name.lower())
    only_listed = _policy(case.machine, r"excel\resiliency", "restricttolist") == 1
    if str(listed) == "0" or (only_listed and listed is None):
        seen = "your company's list of managed add-ins does not allow Focal.xlam."
        return Finding("Add-ins", State.PROBLEM, seen, f"{_ASK_IT}: add Focal.xlam with the value 1.")
    return Finding("Add-ins", State.OK, "Excel may load Focal." if not wants_signed else "Focal is signed.")


def disabled_items(case: Case) -> Finding | None:
    """Whether Excel has put the add-in aside after a crash."""
    key = rf"HKCU\Software\Microsoft\Office\{excel_version(case.machine)}\Excel\Resiliency\DisabledItems"
    name = case.packaged.name.lower().encode("utf-16-le")
    if not any(isinstance(data, bytes) and name in data.lower() for data in case.machine.registry(key).values()):
        return None
    return Finding(
        "Disabled items", State.PROBLEM, "Excel has disabled Focal.xlam after a crash.",
        "In Excel: File > Options > Add-ins > Manage: Disabled Items > Go, enable Focal.xlam and restart Excel.",
    )  # fmt: skip


def store_office(case: Case) -> Finding | None:
    """Whether Excel came from the Microsoft Store as a packaged app, which cannot talk to Python."""
    program = excel_program(case.machine)
    if "windowsapps" not in program.lower():
        return None
    seen = f"Excel came from the Microsoft Store ({program}); that edition cannot talk to Python."
    return Finding(
        "Excel", State.PROBLEM, seen, "Uninstall Office and install it from office.com with the same account."
    )


def child_processes(case: Case) -> Finding:
    """Whether Excel may start Python."""
    configuration = case.configuration
    if configuration is not None and not configuration.start:
        seen = "Excel does not start Python (focal install --attach); formulas are answered while focal serve runs."
        return Finding("Starting Python", State.OK, seen)
    action = _asr_action(case, configuration.python if configuration else "")
    to_do = "Run: focal install --attach, then: focal serve --at-logon, and log on again."
    if action == "1":
        seen = "Microsoft Defender forbids Office to start other programs, and so Excel cannot start Python."
        return Finding("Starting Python", State.PROBLEM, seen, to_do)
    if action == "6":
        seen = "Microsoft Defender asks before Excel may start Python."
        return Finding("Starting Python", State.LOOK, seen, f"Allow it when asked. If that is not possible: {to_do}")
    return Finding("Starting Python", State.OK, "no rule of Microsoft Defender forbids Excel to start Python.")


def excel_version(machine: Machine) -> str:
    """The version of Excel as the registry counts it: 16.0 since Office 2016."""
    for version in OFFICES:
        for hive in ("HKCU", "HKLM"):
            if machine.registry(rf"{hive}\Software\Microsoft\Office\{version}\Excel\Options"):
                return version
    return OFFICES[0]


def _policy_tree(machine: Machine, path: str) -> Tree:
    """A key of Office's policies, the user's, the cloud's and the computer's together."""
    version = excel_version(machine)
    tree: dict[str, Any] = {}
    for root in (r"HKLM\Software\Policies\Microsoft", r"HKCU\Software\Policies\Microsoft\Cloud",
                 r"HKCU\Software\Policies\Microsoft"):  # fmt: skip
        tree |= machine.registry(rf"{root}\Office\{version}\{path}")
    return tree


def _policy(machine: Machine, path: str, name: str) -> Any:
    return _policy_tree(machine, path).get(name)


def _setting(machine: Machine, name: str) -> Any:
    """A setting of Excel's Trust Center: the company's policy, or what the user chose."""
    ruled = _policy(machine, r"excel\security", name)
    if ruled is not None:
        return ruled
    return machine.registry(rf"HKCU\Software\Microsoft\Office\{excel_version(machine)}\Excel\Security").get(name)


def _distrust(case: Case) -> str:
    """Why Excel does not trust the start-up folder; "" if it does."""
    machine, version = case.machine, excel_version(case.machine)
    own = machine.registry(rf"HKCU\Software\Microsoft\Office\{version}\Excel\Security\Trusted Locations")
    ruled = _policy_tree(machine, r"excel\security\trusted locations")
    common = _policy_tree(machine, r"common\security\trusted locations")
    if ruled.get("alllocationsdisabled", own.get("alllocationsdisabled")) == 1:
        return "trusted locations are switched off in Excel"
    only_ruled = common.get("allow user locations") == 0
    shipped = machine.registry(rf"HKLM\Software\Microsoft\Office\{version}\Excel\Security\Trusted Locations")
    by_policy = [*_locations(ruled), *_locations(common)]
    others = [] if only_ruled else [*_locations(own), *_locations(shipped)]
    if any(_covers(entry, case.folder, machine) for entry in (*by_policy, *others)):
        return ""
    if only_ruled:
        return f"Excel trusts only the folders that your company has named, and {case.folder} is not one of them"
    return f"{case.folder} is not among Excel's trusted locations" if others else ""  # none listed: Excel's defaults


def _locations(key: Tree) -> list[Tree]:
    return [entry for entry in key.values() if isinstance(entry, dict) and entry.get("path")]


def _covers(entry: Tree, folder: Path, machine: Machine) -> bool:
    trusted, ours = _plain(expand(str(entry["path"]), machine)), _plain(str(folder))
    return ours == trusted or (entry.get("allowsubfolders") == 1 and ours.startswith(f"{trusted}/"))


def _plain(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").casefold()


def _asr_action(case: Case, python: str) -> str:
    """What Microsoft Defender does when Excel starts Python: "1" block, "2" note, "6" ask, "" nothing."""
    registry = case.machine.registry
    actions: list[str] = []
    for root in (r"HKLM\SOFTWARE\Policies", "HKLM\\SOFTWARE"):
        exempt = registry(rf"{root}\{_DEFENDER}\ASROnlyExclusions")
        if python and any(path and _plain(python).startswith(_plain(path)) for path in exempt):
            return ""
        actions.append(str(registry(rf"{root}\{_DEFENDER}\Rules").get(ASR_RULE, "")))
    managed = str(registry(r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager").get("asrrules", ""))
    actions += [action for rule, _, action in (part.partition("=") for part in managed.split("|"))
                if rule.strip("{} ").lower() == ASR_RULE]  # fmt: skip
    return next((action for action in ("1", "6", "2") if action in actions), "")
