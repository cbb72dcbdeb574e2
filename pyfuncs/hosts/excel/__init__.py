"""Focal inside Excel: the only package that imports xlwings.

udfs, server              the worksheet functions as xlwings calls them, and the Python process that Excel talks to
commands, conversation    the buttons of the ribbon, a step at a time
refit, live, live_table   the refit of the open workbook, which is filled as `Package` fills a file
insertion, exporting,     the other buttons
links, buttons
session, grids, journal,  what they share: the workbook at hand, its cells, the way back, and Excel's own object model
excel_only
"""

import sys
from typing import Final

# xlwings tries its paid part at import and leaves pieces of it behind where there is no licence; None keeps it out.
sys.modules.setdefault("xlwings" + ".pro", None)  # type: ignore[arg-type]

FOCAL_CLASS_ID: Final = "{5B6F1D0A-7C1E-4E57-9A53-F0CA1C1ABE11}"
"""Focal's own COM class: Excel attaches to a server that is already running under it."""
