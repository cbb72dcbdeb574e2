Attribute VB_Name = "FocalRuntime"
Option Explicit
Option Private Module
' What the worksheet functions and the ribbon run through: arguments go to Python, answers come back as cells.

Private Const FUNCTIONS As String = "pyfuncs.hosts.excel.udfs"
Private Const COMMANDS As String = "pyfuncs.hosts.excel.commands"
Private Const IN_WIZARD As String = "Calculated when you press OK"
Private Const DIED As String = "Python has ended while it was at work. If it was writing, close the workbook without saving. Focal > Doctor says what may be wrong."
Private Const ESC_PRESSED As Long = 18
Private Const LEAVE As String = "leave"

' Answers for a formula. What is slow does not run while the function wizard is open, which calls at every key.
Public Function FocalCall(ByVal functionName As String, ByVal arguments As Variant, Optional ByVal slow As Boolean = False) As Variant
    Dim values() As Variant, i As Long
    On Error GoTo failed
    If slow Then
        If WizardIsOpen() Then
            FocalCall = IN_WIZARD ' a text, because Excel shows an empty answer as the figure 0
            Exit Function
        End If
    End If
    ReDim values(LBound(arguments) To UBound(arguments)) ' not in place, where values could end up in a range's cells
    For i = LBound(arguments) To UBound(arguments)
        If IsObject(arguments(i)) Then
            If arguments(i).Areas.Count > 1 Then
                FocalCall = CVErr(xlErrValue)
                Exit Function
            End If
            values(i) = ValuesOf(arguments(i))
        ElseIf Not IsMissing(arguments(i)) Then ' what is left out stays empty, which means the default
            values(i) = arguments(i)
        End If
    Next i
    FocalCall = AsCells(Answer(functionName, values))
    Complain ""
    Exit Function
failed:
    Complain "Focal: " & Brief(Err.Description)
    FocalCall = CVErr(xlErrValue)
End Function

' Runs a command of the ribbon. Each step in Python ends with what to show or ask, so that Excel stays alive between.
Public Sub FocalCommand(ByVal command As String)
    Static running As String
    Dim said As Variant, reply As String, cancelKey As Long, retried As Boolean, number As Long, reason As String
    Dim mode As Long, events As Boolean
    If FocalIsMac() Then
        FocalOnMac command
        Exit Sub
    End If
    If running <> "" Then
        MsgBox "Focal is still at work (" & running & "). Wait for it, or press Esc to stop it.", vbInformation, "Focal"
        Exit Sub
    End If
    running = command
    reply = "start"
    cancelKey = Application.EnableCancelKey
    events = Application.EnableEvents
    mode = CalculationMode()
    On Error GoTo failed
    Application.EnableCancelKey = xlErrorHandler ' Esc becomes an error between two statements
again:
    Do
        said = Empty
        DoEvents
        said = FocalServer().CallUDF(COMMANDS, "step", Array(command, reply, CStr(Application.Hwnd), Application))
        reply = ReplyTo(said)
    Loop Until reply = LEAVE
finish:
    On Error Resume Next
    Application.StatusBar = False
    Application.EnableCancelKey = cancelKey
    If mode <> 0 Then Application.Calculation = mode ' Python puts these back itself, unless it has died at work
    Application.EnableEvents = events
    Application.ScreenUpdating = True
    running = ""
    If said(1) <> "" Then MsgBox said(1), IIf(said(0) = "fail", vbExclamation, vbInformation), "Focal"
    Exit Sub
failed:
    number = Err.Number
    reason = Err.Description
    If number = ESC_PRESSED And IsLast(said) Then ' too late: the command has ended by itself
        Resume finish
    ElseIf number = ESC_PRESSED And reply = "start" And Not IsArray(said) Then ' nothing has begun
        said = Array("done", "", "")
        Resume finish
    ElseIf number = ESC_PRESSED Then
        reply = "cancel"
        Resume again
    ElseIf reply = "start" And Not retried And IsGone(number) Then
        retried = True
        FocalForget
        Resume again
    End If
    said = Array("fail", IIf(IsGone(number), DIED, Brief(reason)), "")
    Resume finish
End Sub

' 0 without a workbook, when Excel has no mode.
Private Function CalculationMode() As Long
    On Error Resume Next
    CalculationMode = Application.Calculation
End Function

' Shows or asks what a step ended with, and returns what the next one is told.
Private Function ReplyTo(ByVal said As Variant) As String
    Dim typed As Variant
    Select Case said(0)
        Case "progress"
            Application.StatusBar = said(1)
        Case "ask"
            ReplyTo = IIf(MsgBox(said(1), vbYesNo + vbQuestion, "Focal") = vbYes, "yes", "no")
        Case "input"
            typed = Application.InputBox(said(1), "Focal", said(2))
            ReplyTo = IIf(VarType(typed) = vbBoolean, "cancel", typed) ' Cancel answers with False
        Case Else
            ReplyTo = LEAVE
    End Select
End Function

Private Function IsLast(ByVal said As Variant) As Boolean
    If IsArray(said) Then IsLast = (said(0) = "done" Or said(0) = "fail")
End Function

' Calls a worksheet function in Python, anew if the server has died since the last call.
Private Function Answer(ByVal functionName As String, ByVal arguments As Variant) As Variant
    Dim retried As Boolean, number As Long, reason As String
    On Error GoTo failed
again:
    ' No workbook and no caller: xlwings would look through the user's sheets for Python code to run.
    ' In brackets, by value: otherwise every cell would travel back as well.
    Answer = FocalServer().CallUDF(FUNCTIONS, functionName, (arguments))
    Exit Function
failed:
    number = Err.Number
    reason = Err.Description
    If retried Or Not IsGone(number) Then Err.Raise number, "Focal", IIf(IsGone(number), DIED, reason)
    retried = True
    FocalForget
    Resume again
End Function

' Whether an error says that the server has died: VBA's own number, RPC unavailable or failed, disconnected, died, not started.
Private Function IsGone(ByVal number As Long) As Boolean
    Select Case number
        Case 462, -2147023174, -2147023170, -2147023169, -2147417848, -2147418105, -2147418094, -2146959355
            IsGone = True
    End Select
End Function

' The values of a range as far as its sheet is in use: a whole column has a million cells.
Private Function ValuesOf(ByVal source As Object) As Variant
    Dim area As Object, values As Variant, exact As Variant, r As Long, c As Long
    Set area = Intersect(source, source.Worksheet.UsedRange)
    If area Is Nothing Then Exit Function
    values = area.Value ' dates arrive as dates; Value2 would make numbers of them
    If IsArray(values) Then
        For r = LBound(values, 1) To UBound(values, 1)
            For c = LBound(values, 2) To UBound(values, 2)
                If VarType(values(r, c)) = vbCurrency Then ' rounded to four places; Value2 has them all
                    If IsEmpty(exact) Then exact = area.Value2
                    values(r, c) = exact(r, c)
                End If
            Next c
        Next r
    ElseIf VarType(values) = vbCurrency Then
        values = area.Value2
    End If
    ValuesOf = values
End Function

' What Python answered, its error texts made Excel's errors: one value, a row, or rows.
Private Function AsCells(ByVal found As Variant) As Variant
    Dim columns As Boolean, r As Long, c As Long
    If Not IsArray(found) Then
        AsCells = AsCell(found)
        Exit Function
    End If
    columns = HasColumns(found)
    For r = LBound(found, 1) To UBound(found, 1)
        If columns Then
            For c = LBound(found, 2) To UBound(found, 2)
                If VarType(found(r, c)) = vbString Then found(r, c) = AsCell(found(r, c))
            Next c
        ElseIf VarType(found(r)) = vbString Then
            found(r) = AsCell(found(r))
        End If
    Next r
    AsCells = found
End Function

Private Function HasColumns(ByRef found As Variant) As Boolean
    On Error Resume Next ' a row has no second dimension to ask for
    HasColumns = UBound(found, 2) >= LBound(found, 2)
End Function

' Numbers stand where an older Excel has no name for the error; it cannot have come from there either.
Private Function AsCell(ByVal found As Variant) As Variant
    AsCell = found
    If VarType(found) <> vbString Then Exit Function
    If Left$(found, 1) <> "#" Then Exit Function
    Select Case found
        Case "#NULL!": AsCell = CVErr(xlErrNull)
        Case "#DIV/0!": AsCell = CVErr(xlErrDiv0)
        Case "#VALUE!": AsCell = CVErr(xlErrValue)
        Case "#REF!": AsCell = CVErr(xlErrRef)
        Case "#NAME?": AsCell = CVErr(xlErrName)
        Case "#NUM!": AsCell = CVErr(xlErrNum)
        Case "#N/A": AsCell = CVErr(xlErrNA)
        Case "#GETTING_DATA": AsCell = CVErr(2043)
        Case "#SPILL!": AsCell = CVErr(2045)
        Case "#CONNECT!": AsCell = CVErr(2046)
        Case "#BLOCKED!": AsCell = CVErr(2047)
        Case "#UNKNOWN!": AsCell = CVErr(2048)
        Case "#FIELD!": AsCell = CVErr(2049)
        Case "#CALC!": AsCell = CVErr(2050)
        Case "#BUSY!", "#EXTERNAL!", "#PYTHON!", "#ERROR", "#ERROR!": AsCell = CVErr(xlErrValue)
    End Select
End Function

' Excel disables the first button of this hidden toolbar while the function wizard is open; nothing else tells.
Private Function WizardIsOpen() As Boolean
    On Error Resume Next
    WizardIsOpen = Not Application.CommandBars("Standard").Controls(1).Enabled
End Function

' Says in the status bar why formulas fail and, given nothing, takes it back; a courtesy over which none may fail.
Private Sub Complain(ByVal reason As String)
    Static complained As Boolean
    On Error Resume Next
    If reason <> "" Then
        Application.StatusBar = reason
    ElseIf complained Then
        Application.StatusBar = False
    End If
    complained = (reason <> "")
End Sub

' One line of a message; Python's own may be a whole traceback.
Private Function Brief(ByVal message As String) As String
    Brief = Left$(Replace(Replace(message, vbCr, ""), vbLf, " "), 240)
End Function
