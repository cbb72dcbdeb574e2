"""The commands that put Focal into Excel and look after it there: install, uninstall, doctor, serve."""

import argparse
from pathlib import Path
from typing import Any

_INSTALL = """Put the add-in into Excel's start-up folder and tell it where this Python is.

Excel need not run, and no administrator is needed. Installing again updates; focal uninstall takes it out."""
_SERVE = """Keep Python ready for Excel until Ctrl+C: for companies that forbid Excel to start other programs
(focal install --attach), or so that the first formula of the day does not wait for Python to start."""


def add_to(commands: Any) -> None:
    """Add the commands to those of `focal`."""
    install = commands.add_parser("install", help="put Focal into Excel", description=_INSTALL,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    install.add_argument("--attach", action="store_true",
                         help="Excel never starts Python; it uses the one that focal serve keeps ready")  # fmt: skip
    install.set_defaults(run=_install)
    uninstall = commands.add_parser("uninstall", help="take Focal out of Excel",
                                    description="Remove the add-in and its configuration, and nothing else. "
                                                "Workbooks and Python's packages stay.")  # fmt: skip
    uninstall.set_defaults(run=_uninstall)
    for command in (install, uninstall):
        command.add_argument("--all-users", action="store_true",
                             help="for everybody on this computer (as administrator)")  # fmt: skip
    doctor = commands.add_parser("doctor", help="find out why Focal does not work in Excel",
                                 description="Look at everything that keeps Focal from working in Excel, and say what "
                                             "to do. Nothing is changed. Status 0: nothing is wrong.")  # fmt: skip
    doctor.set_defaults(run=_doctor)
    for command in (install, uninstall, doctor):
        folders = command.add_argument_group("folders", "Found by themselves unless named here.")
        folders.add_argument("--startup-folder", type=Path, metavar="FOLDER", help="Excel's start-up folder")
        folders.add_argument("--config-folder", type=Path, metavar="FOLDER", help="the folder of the configuration")
    serve = commands.add_parser("serve", help="keep Python ready for Excel", description=_SERVE,
                                formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    logon = serve.add_mutually_exclusive_group()
    logon.add_argument(
        "--at-logon", action="store_true", help="do so from the next log-on to Windows, without a window"
    )
    logon.add_argument("--not-at-logon", action="store_true", help="no longer do so")
    serve.add_argument("--logon-folder", type=Path, metavar="FOLDER", help="the folder of programs started at log-on")
    serve.set_defaults(run=_serve)
    for command in (install, uninstall, doctor, serve):
        command.add_argument("--quiet", action="store_true", help="say only what is wrong")


def _install(options: argparse.Namespace, progress: Any) -> int:
    from pyfuncs.hosts.installation.install import install
    from pyfuncs.hosts.installation.machine import place, this_machine

    machine = this_machine()
    own = None
    if options.all_users and not options.startup_folder and not options.config_folder:
        own = place(machine)
    done = install(machine, _place(options), attach=options.attach, for_all_instead_of=own)
    last = "Then run: focal serve" if options.attach else "If anything does not work: focal doctor"
    _say(options, *done, f"\nNext: restart Excel; it has a tab Focal. {last}")
    return 0


def _uninstall(options: argparse.Namespace, progress: Any) -> int:
    from pyfuncs.hosts.installation.install import uninstall
    from pyfuncs.hosts.installation.machine import WINDOWS, this_machine
    from pyfuncs.hosts.installation.serving import at_logon

    machine, where = this_machine(), _place(options)
    given = options.startup_folder or options.config_folder
    removed = uninstall(where, *([at_logon(machine)] if machine.system == WINDOWS and not given else []))
    _say(options, *(removed or [f"Focal was not installed there: no {where.addin}, no {where.configuration}"]))
    return 0


def _doctor(options: argparse.Namespace, progress: Any) -> int:
    from pyfuncs.hosts.installation.doctor import State, case_of, examine, report
    from pyfuncs.hosts.installation.machine import this_machine

    case = case_of(this_machine(), options.startup_folder, options.config_folder)
    progress("Looking; Python is started as Excel would start it")
    found = list(examine(case))
    wrong = [finding for finding in found if finding.state is State.PROBLEM]
    if wrong or not options.quiet:
        print(report(wrong if options.quiet else found))
    return 1 if wrong else 0


def _serve(options: argparse.Namespace, progress: Any) -> int:
    from pyfuncs.hosts.installation.machine import this_machine
    from pyfuncs.hosts.installation.serving import not_at_logon, serve, serve_at_logon

    machine = this_machine()
    if options.at_logon or options.not_at_logon:
        change = serve_at_logon if options.at_logon else not_at_logon
        _say(options, *change(machine, options.logon_folder))
        return 0
    try:
        serve(machine, lambda sentence: _say(options, sentence))
    except KeyboardInterrupt:
        _say(options, "Stopped.")
    return 0


def _place(options: argparse.Namespace) -> Any:
    from pyfuncs.hosts.installation.machine import place, this_machine

    return place(
        this_machine(),
        all_users=options.all_users,
        startup_folder=options.startup_folder,
        config_folder=options.config_folder,
    )


def _say(options: argparse.Namespace, *lines: str) -> None:
    if not options.quiet:
        print("\n".join(lines), flush=True)
