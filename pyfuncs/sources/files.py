"""Files of transactions: which reader a file needs, and what to say when it cannot be read."""

from pathlib import Path

from pyfuncs.errors import InputError
from pyfuncs.sources.raw_table import RawTable, Recognise

DELIMITED = (".csv", ".tsv", ".txt")
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_table(
    path: str | Path, sheet: str | None = None, table: str | None = None, *, recognise: Recognise | None = None
) -> RawTable:
    """Read a table from a file, every cell exactly as the file means it.

    Cells are text, but for the columns of a workbook that hold nothing but numbers or nothing but dates.  Beside text,
    numbers take their shortest exact text, dates become ISO text, error cells Excel's own error text; leading zeros of
    text stay.  In a workbook the table is the Excel Table named by ``table``, or the one on ``sheet``, or the first one
    found; ``recognise`` tells from its cells whether a row is the header row looked for.  Blank rows inside the table
    are kept, so that row numbers are those of the file.

    Raises InputError for a file that is not there, not readable, empty, damaged, protected or of an unknown kind, and
    for a sheet, table or header row that is not there.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (*DELIMITED, *SPREADSHEETS):
        if path.is_dir():
            raise InputError(f"{path}: this is a folder; name a file in it.")
        known = ", ".join((*DELIMITED, *SPREADSHEETS))
        raise InputError(f'{path}: files ending in "{path.suffix}" cannot be read; save it as one of {known}.')
    content = _content(path)
    # Each reader brings Arrow, and that of spreadsheets fastexcel; formulas read no files.
    if kind in SPREADSHEETS:
        from pyfuncs.sources.spreadsheet import read_spreadsheet

        return read_spreadsheet(content, path.name, sheet=sheet, table=table, recognise=recognise)
    if sheet or table:
        raise InputError(f"{path.name}: a text file has no sheets and no tables; leave them out.")
    from pyfuncs.sources.delimited import read_delimited

    return read_delimited(content, path.name, recognise=recognise)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; check its name and folder.") from None
    except IsADirectoryError:
        raise InputError(f"{path}: this is a folder; name a file in it.") from None
    except PermissionError:
        if path.is_dir():
            raise InputError(f"{path}: this is a folder; name a file in it.") from None
        message = f"{path}: the file may not be read; close it in other programs, or ask for the right to read it."
        raise InputError(message) from None
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise InputError(
            f"{path}: the file cannot be read ({reason}); copy it to this computer and try again."
        ) from None
    if not content or content.isspace():
        raise InputError(f"{path}: the file is empty; export the transactions again.")
    return content
