Attribute VB_Name = "xlflow_ribbon"
Option Explicit
' The buttons of the ribbon tab. Nothing is decided here: each button hands over to the
' function of its name in xlflow.excel.ribbon. Words that people read lie on the hidden
' sheet xlflow.words, since a module can hold ASCII only.

Private Const WORDS As String = "xlflow.words"

Public Sub XlflowRefresh(control As IRibbonControl)
    XlflowTryPythonAgain
    Press "refresh"
    ' In a manual calculation mode, too: that is what the button is for.
    Application.CalculateFull
End Sub

Public Sub XlflowValidate(control As IRibbonControl)
    Press "validate"
End Sub

Public Sub XlflowFlagOverdue(control As IRibbonControl)
    Press "flag_overdue"
End Sub

Public Sub XlflowRollUp(control As IRibbonControl)
    Press "roll_up"
End Sub

Public Sub XlflowOpenSummary(control As IRibbonControl)
    Press "open_summary"
End Sub

Public Sub XlflowNewTeamWorkbook(control As IRibbonControl)
    Press "new_team_workbook"
End Sub

Public Sub XlflowStatus(control As IRibbonControl)
    Press "status"
End Sub

Public Sub XlflowHelp(control As IRibbonControl)
    Press "help"
End Sub

Private Sub Press(callback As String)
    If ActiveWorkbook Is Nothing Then
        Tell "no_workbook", ""
        Exit Sub
    End If
    On Error GoTo NoPython
    RunPython "import xlflow.excel.ribbon; xlflow.excel.ribbon." & callback & "()"
    Exit Sub
NoPython:
    Tell "no_python", Err.Description
End Sub

Private Sub Tell(key As String, detail As String)
    If detail <> "" Then detail = vbCrLf & vbCrLf & detail
    MsgBox Word(key) & detail, vbExclamation, Word("title")
End Sub

Private Function Word(key As String) As String
    Dim row As Long
    With ThisWorkbook.Worksheets(WORDS)
        For row = 1 To .UsedRange.Rows.Count
            If .Cells(row, 1).Value = key Then Word = .Cells(row, 2).Value
        Next row
    End With
End Function

' Tells Excel's function wizard what each worksheet function does: name, category,
' description, then one column an argument.
Public Sub XlflowDescribe()
    Dim row As Long, column As Long, last As Long
    Dim arguments() As String
    With ThisWorkbook.Worksheets(WORDS)
        For row = 1 To .UsedRange.Rows.Count
            If Left$(.Cells(row, 1).Value, 4) = "xlf_" Then
                last = 4
                Do While .Cells(row, last + 1).Value <> ""
                    last = last + 1
                Loop
                ReDim arguments(1 To last - 3)
                For column = 4 To last
                    arguments(column - 3) = .Cells(row, column).Value
                Next column
                Application.MacroOptions _
                    Macro:="'" & ThisWorkbook.Name & "'!" & .Cells(row, 1).Value, _
                    Description:=.Cells(row, 3).Value, _
                    Category:=.Cells(row, 2).Value, _
                    ArgumentDescriptions:=arguments
            End If
        Next row
    End With
End Sub
