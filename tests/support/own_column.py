"""A column of the user's own in one of the template's tables."""

import zipfile

from pyfuncs.workbook.cells import column_letters
from pyfuncs.workbook.package import Package


def add_column(path, table, header, values):
    """Give a table a column of the user's own at its right, as Excel would."""
    info = Package.open(path).table(table)
    column = column_letters(info.first_col + len(info.columns))
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    text = content[info.part].decode()
    old = info.ref
    new = old.replace(old.split(":")[1], f"{column}{info.last_row}")
    text = text.replace(f'ref="{old}"', f'ref="{new}"')
    count = len(info.columns)
    text = text.replace(f'<tableColumns count="{count}">', f'<tableColumns count="{count + 1}">')
    text = text.replace("</tableColumns>", f'<tableColumn id="{count + 50}" name="{header}"/></tableColumns>')
    content[info.part] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    package = Package.open(path)
    rows = [[header], *([value] for value in values)]
    package.write_block(info.sheet, f"{column}{info.header_row}", rows)
    package.save(path)
