Attribute VB_Name = "FocalRibbon"
Option Explicit
' What the ribbon calls.  The tag of the control is the command.

Public Sub FocalOnCommand(control As IRibbonControl)
    FocalCommand control.Tag
End Sub
