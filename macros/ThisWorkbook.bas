Option Explicit

Private Sub Workbook_Open()
    ' Excel takes no descriptions while no workbook is shown; then the wizard goes without.
    On Error Resume Next
    XlflowDescribe
End Sub
