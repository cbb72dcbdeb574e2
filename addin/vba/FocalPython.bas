Attribute VB_Name = "FocalPython"
Option Explicit
Option Private Module
' The connection to Python: one server for every workbook of this Excel, found running or started once, and kept.
'
' FocalServer answers with the server or raises an error whose description is a sentence for the user.
' FocalForget drops a connection that has died; the next FocalServer connects anew.
' FocalWhyNot is the sentence of the last failure, empty while all is well.

Private Const CLASS_ID As String = "{5B6F1D0A-7C1E-4E57-9A53-F0CA1C1ABE11}"
Private Const NOT_CONNECTED As Long = vbObjectError + 1001
Private Const PAUSE As Double = 30 / 86400 ' of a day: half a minute without a new attempt after a failure
Private Const ONLY_WINDOWS As String = "Worksheet functions need Excel for Windows; the Refit button and the template work on a Mac."
Private Const AT_THE_PROMPT As String = " Open a command prompt and run: "

' Both DLLs are declared; Windows loads only the one that is called, so 32 and 64 bit need no separate code.
Private Declare PtrSafe Function LoadLibrary Lib "kernel32" Alias "LoadLibraryW" (ByVal path As LongPtr) As LongPtr
Private Declare PtrSafe Function Activate64 Lib "xlwings64-0.37.8.dll" Alias "XLPyDLLActivateAuto" (ByRef answer As Variant, ByVal config As String, ByVal mode As Long) As Long
Private Declare PtrSafe Function Activate32 Lib "xlwings32-0.37.8.dll" Alias "XLPyDLLActivateAuto" (ByRef answer As Variant, ByVal config As String, ByVal mode As Long) As Long

Private server As Object
Private reason As String
Private failedAt As Date
Private startCommand As String
Private starts As Long

Public Function FocalServer() As Object
    If server Is Nothing Then
        ' A sheet of formulas must not wait for the same failure cell after cell. Abs: clocks are set back.
        If reason = "" Or Abs(Now - failedAt) > PAUSE Then
            reason = Connect()
            failedAt = Now
        End If
        If reason <> "" Then Err.Raise NOT_CONNECTED, "Focal", reason
    End If
    Set FocalServer = server
End Function

' The DLL keeps what it has connected to, even when it is dead, by its command: it is told to let go (mode -1), and the
' next command differs by its number, because Windows may still list the class of a process that was killed.
Public Sub FocalForget()
    Dim ignored As Variant
    On Error Resume Next ' before the first connection there is no DLL to tell
    Set server = Nothing
    ignored = Activate(CLASS_ID, ignored, -1)
    If startCommand <> "" Then ignored = Activate(startCommand, ignored, -1)
    starts = starts + 1
End Sub

Public Function FocalWhyNot() As String
    FocalWhyNot = reason
End Function

Public Function FocalIsMac() As Boolean
    FocalIsMac = InStr(Application.OperatingSystem, "Mac") > 0
End Function

' Ribbon commands on a Mac, where Excel can reach Python only through a script outside its sandbox.
Public Sub FocalOnMac(ByVal command As String)
    Dim path As String, said As String
    If Left$(command, 6) = "insert" Then
        MsgBox ONLY_WINDOWS, vbExclamation, "Focal"
        Exit Sub
    End If
    If Not ActiveWorkbook Is Nothing Then path = ActiveWorkbook.FullName
    On Error GoTo refused
    ' Only VBA on a Mac knows AppleScriptTask: without this switch the module would not compile on Windows.
    #If Mac Then
        said = AppleScriptTask("Focal.applescript", "FocalRun", command & " " & path)
    #End If
    If said <> "" Then MsgBox said, vbInformation, "Focal"
    Exit Sub
refused:
    MsgBox "Focal's script for the Mac is missing or ended in an error (" & Err.Description & "). Open Terminal, run: focal install. Then start Excel again.", vbExclamation, "Focal"
End Sub

' Connects and answers with an empty text, or with the sentence that says why not.
Private Function Connect() As String
    Dim config As String, dll As String, found As Variant
    On Error GoTo failed
    If FocalIsMac() Then
        Connect = ONLY_WINDOWS
        Exit Function
    End If
    config = ConfigurationText()
    If config = "" Then
        Connect = "Focal's add-in is in Excel, but Focal is not set up for this user." & AT_THE_PROMPT & "focal install"
        Exit Function
    End If
    dll = Setting(config, "dll_folder") & "\xlwings" & Bits() & "-" & XLWINGS_VERSION & ".dll"
    If LoadLibrary(StrPtr(dll)) = 0 Then
        Connect = "Excel could not load " & dll & " (Windows error " & Err.LastDllError & "). An antivirus program may have removed it." & AT_THE_PROMPT & "focal doctor"
    ElseIf Activate(CLASS_ID, found) Then
        Connect = Greet(found)
    ElseIf LCase$(Setting(config, "start")) = "no" Then
        Connect = "Focal's Python server is not running, and on this computer Excel may not start it." & AT_THE_PROMPT & "focal serve"
    Else
        Connect = StartPython(Setting(config, "python"))
    End If
    Exit Function
failed:
    Connect = "Excel could not connect to Python (" & Brief(Err.Description) & ")." & AT_THE_PROMPT & "focal doctor"
    Say False
End Function

Private Function StartPython(ByVal python As String) As String
    Dim before As Variant, found As Variant
    If Not IsFile(python) Then
        StartPython = "The Python that Focal was set up with is gone (" & python & ")." & AT_THE_PROMPT & "focal install"
        Exit Function
    End If
    before = Application.StatusBar
    Say "Focal is starting Python; this takes a few seconds, once per Excel session"
    ' The same command for every workbook, so the DLL keeps one server for all of them. -P keeps the current
    ' folder, which is that of the last opened workbook, off Python's path: nothing lying there may run.
    startCommand = """" & python & """ -B -P -m pyfuncs.hosts.excel.server $(CLSID) " & starts
    If Activate(startCommand, found) Then
        StartPython = Greet(found)
    ElseIf InStr(found, "Could not create Python process") > 0 Then
        StartPython = "Windows did not let Excel start Python (" & Brief(found) & "). A company policy may forbid it; start Focal's server before Excel." & AT_THE_PROMPT & "focal serve"
    ElseIf InStr(found, "exited before") > 0 Then
        StartPython = "Python started and ended at once." & AT_THE_PROMPT & "focal doctor"
    Else
        StartPython = "Python started but did not answer (" & Brief(found) & ")." & AT_THE_PROMPT & "focal doctor"
    End If
    Say before
End Function

' Keeps the server if it is of the versions this add-in was made for; its hello answers with a sentence if not.
Private Function Greet(ByVal found As Object) As String
    On Error GoTo failed
    Greet = found.CallUDF("pyfuncs.hosts.excel.commands", "hello", Array(XLWINGS_VERSION, FOCAL_VERSION))
    If Greet = "" Then Set server = found
    Exit Function
failed:
    Greet = "Python runs, but Focal in it does not answer (" & Brief(Err.Description) & ")." & AT_THE_PROMPT & "focal doctor"
End Function

' The DLL answers 0 and the server, or another number and a message. A config that begins with a brace attaches to
' the server of that class and starts nothing.
Private Function Activate(ByVal config As String, ByRef answer As Variant, Optional ByVal mode As Long = 1) As Boolean
    If Bits() = 64 Then
        Activate = (Activate64(answer, config, mode) = 0)
    Else
        Activate = (Activate32(answer, config, mode) = 0)
    End If
End Function

Private Function Bits() As Long
    Dim pointer As LongPtr
    Bits = 8 * LenB(pointer)
End Function

' What focal install wrote for this user, or the administrator for everybody; empty if neither did.
Private Function ConfigurationText() As String
    Dim folder As Variant, path As String
    For Each folder In Array("LOCALAPPDATA", "PROGRAMDATA")
        path = Environ$(folder) & "\Focal\focal.conf"
        If IsFile(path) Then
            ConfigurationText = TextOf(path)
            Exit Function
        End If
    Next folder
End Function

Private Function TextOf(ByVal path As String) As String
    Dim file As Integer, row As String
    file = FreeFile
    Open path For Input As #file
    Do Until EOF(file)
        Line Input #file, row
        TextOf = TextOf & row & vbLf
    Loop
    Close #file
End Function

Private Function Setting(ByVal config As String, ByVal key As String) As String
    Dim row As Variant, at As Long
    For Each row In Split(config, vbLf)
        at = InStr(row, "=")
        If at > 0 Then
            If LCase$(Trim$(Left$(row, at - 1))) = key Then Setting = Trim$(Mid$(row, at + 1))
        End If
    Next row
End Function

' GetAttr, because Dir would end a loop over Dir in a macro of the user's.
Private Function IsFile(ByVal path As String) As Boolean
    On Error Resume Next
    IsFile = (GetAttr(path) And vbDirectory) = 0
End Function

' The status bar is a courtesy: no connection may fail over it.
Private Sub Say(ByVal text As Variant)
    On Error Resume Next
    Application.StatusBar = text
End Sub

Private Function Brief(ByVal message As String) As String
    Brief = Left$(Replace(Replace(message, vbCr, ""), vbLf, " "), 200)
End Function
