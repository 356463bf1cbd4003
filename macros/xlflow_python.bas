Attribute VB_Name = "xlflow_python"
Option Explicit
Option Private Module
' Whether Python answers. Starting it can take a minute when it can't start, and a sheet
' asks for it in a thousand cells: so the first failure is remembered, and until somebody
' refreshes, every cell gets #N/A at once, which the native half of its formula replaces.
' No cell ever shows Python's words.

Private m_away As Boolean

' True while there is no use in asking Python.
Public Function XlflowPythonIsAway() As Boolean
    XlflowPythonIsAway = m_away
End Function

' What a worksheet function answers when it got none. Positive numbers are VBA's and the
' DLL's: Python didn't start. Negative ones come out of a Python that runs; the next cell
' may well be answered.
Public Function XlflowPythonFailed(number As Long) As Variant
    If number > 0 Then m_away = True
    XlflowPythonFailed = CVErr(2042) ' #N/A
End Function

' Called by a refresh: Python may be available again.
Public Sub XlflowTryPythonAgain()
    m_away = False
End Sub
