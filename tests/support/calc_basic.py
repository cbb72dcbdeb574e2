"""Questions about many cells that LibreOffice answers in its own process, as Basic.

An object that crosses to Python costs one or two milliseconds, a number or an address a twentieth of that.
"""

from collections.abc import Callable
from typing import Any

_LIBRARY, _MODULE = "FocalCalc", "Cells"
_BASIC = """Option Explicit

' Each number format and its areas; the areas of formulas; row, column and code of each error.
Function Seen(ByVal cells As Object) As Variant
    Seen = Array(Formats(cells), Areas(cells.queryContentCells(16)), Errors(cells))
End Function

' An empty sequence of UNO inside another array would end LibreOffice.
Function Areas(ByVal found As Object) As Variant
    Areas = Array()
    If found.Count > 0 Then Areas = found.RangeAddresses
End Function

Function Formats(ByVal cells As Object) As Variant
    Dim groups As Object, group As Object, i As Long
    groups = cells.getUniqueCellFormatRanges()
    Dim found(groups.Count - 1) As Variant
    For i = 0 To groups.Count - 1
        group = groups.getByIndex(i)
        found(i) = Array(group.NumberFormat, group.RangeAddresses)
    Next
    Formats = found
End Function

Function Errors(ByVal cells As Object) As Variant
    Dim areas As Variant, origin As Object, i As Long, row As Long, column As Long, count As Long
    origin = cells.RangeAddress
    areas = cells.queryFormulaCells(4).RangeAddresses
    Dim found As Variant
    found = Array()
    For i = 0 To UBound(areas)
        For row = areas(i).StartRow - origin.StartRow To areas(i).EndRow - origin.StartRow
            For column = areas(i).StartColumn - origin.StartColumn To areas(i).EndColumn - origin.StartColumn
                ReDim Preserve found(count)
                found(count) = Array(row, column, cells.getCellByPosition(column, row).getError())
                count = count + 1
            Next
        Next
    Next
    Errors = found
End Function

' The number format that each of these cells shows with, which a formula may have brought.
Function Shown(ByVal cells As Object, ByVal rows As Variant, ByVal columns As Variant) As Variant
    Dim i As Long
    Dim found(UBound(rows)) As Variant
    For i = 0 To UBound(rows)
        found(i) = cells.getCellByPosition(columns(i), rows(i)).NumberFormat
    Next
    Shown = found
End Function

' Address and text of each comment.
Function Notes(ByVal cells As Object) As Variant
    Dim all As Object, area As Object, at As Object, i As Long, count As Long
    all = cells.Spreadsheet.Annotations
    area = cells.RangeAddress
    Dim found As Variant
    found = Array()
    For i = 0 To all.Count - 1
        at = all.getByIndex(i).Position
        If at.Row >= area.StartRow And at.Row <= area.EndRow _
            And at.Column >= area.StartColumn And at.Column <= area.EndColumn Then
            ReDim Preserve found(count)
            found(count) = Array(at, all.getByIndex(i).String)
            count = count + 1
        End If
    Next
    Notes = found
End Function

' Name and content of each defined name.
Function Names(ByVal named As Object) As Variant
    Dim i As Long
    Dim found As Variant
    found = Array()
    If named.Count > 0 Then ReDim found(named.Count - 1)
    For i = 0 To named.Count - 1
        found(i) = Array(named.getByIndex(i).Name, named.getByIndex(i).Content)
    Next
    Names = found
End Function
"""


def in_basic(context: Any) -> Callable[..., Any]:
    """A caller of these functions in the LibreOffice of a component context."""
    manager = context.ServiceManager
    libraries = manager.createInstanceWithContext("com.sun.star.script.ApplicationScriptLibraryContainer", context)
    if not libraries.hasByName(_LIBRARY):
        libraries.createLibrary(_LIBRARY).insertByName(_MODULE, _BASIC)
    factory = context.getByName("/singletons/com.sun.star.script.provider.theMasterScriptProviderFactory")
    provider = factory.createScriptProvider("")
    scripts: dict[str, Any] = {}

    def call(function: str, *arguments: Any) -> Any:
        if function not in scripts:
            url = f"vnd.sun.star.script:{_LIBRARY}.{_MODULE}.{function}?language=Basic&location=application"
            scripts[function] = provider.getScript(url)
        return scripts[function].invoke(arguments, (), ())[0]

    return call
