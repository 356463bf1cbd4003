Attribute VB_Name = "xlflow_udfs"
' Made by python -m tests.excel.wrappers with xlwings' generator; changes here will be lost.
#Const App = "Microsoft Excel"

Function xlf_add_workdays(start, days)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        If XlflowPythonIsAway() Then GoTo failed
        xlf_add_workdays = XLPy.CallUDF("xlflow.excel.udfs", "xlf_add_workdays", Array(start, days), ThisWorkbook, Application.Caller)
        Exit Function
    #Else
        xlf_add_workdays = XLPy.CallUDF("xlflow.excel.udfs", "xlf_add_workdays", Array(start, days))
        Exit Function
    #End If
failed:
    xlf_add_workdays = XlflowPythonFailed(Err.Number)
End Function

Function xlf_deadline(start, phrase, Optional last_reply, Optional as_of)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        If XlflowPythonIsAway() Then GoTo failed
        xlf_deadline = XLPy.CallUDF("xlflow.excel.udfs", "xlf_deadline", Array(start, phrase, last_reply, as_of), ThisWorkbook, Application.Caller)
        Exit Function
    #Else
        xlf_deadline = XLPy.CallUDF("xlflow.excel.udfs", "xlf_deadline", Array(start, phrase, last_reply, as_of))
        Exit Function
    #End If
failed:
    xlf_deadline = XlflowPythonFailed(Err.Number)
End Function

Function xlf_overdue(due, Optional status, Optional done, Optional as_of)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        If XlflowPythonIsAway() Then GoTo failed
        xlf_overdue = XLPy.CallUDF("xlflow.excel.udfs", "xlf_overdue", Array(due, status, done, as_of), ThisWorkbook, Application.Caller)
        Exit Function
    #Else
        xlf_overdue = XLPy.CallUDF("xlflow.excel.udfs", "xlf_overdue", Array(due, status, done, as_of))
        Exit Function
    #End If
failed:
    xlf_overdue = XlflowPythonFailed(Err.Number)
End Function

Function xlf_priority(impact, days, Optional all_impacts, Optional all_days)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        If XlflowPythonIsAway() Then GoTo failed
        xlf_priority = XLPy.CallUDF("xlflow.excel.udfs", "xlf_priority", Array(impact, days, all_impacts, all_days), ThisWorkbook, Application.Caller)
        Exit Function
    #Else
        xlf_priority = XLPy.CallUDF("xlflow.excel.udfs", "xlf_priority", Array(impact, days, all_impacts, all_days))
        Exit Function
    #End If
failed:
    xlf_priority = XlflowPythonFailed(Err.Number)
End Function

Function xlf_quantity(text)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        If XlflowPythonIsAway() Then GoTo failed
        xlf_quantity = XLPy.CallUDF("xlflow.excel.udfs", "xlf_quantity", Array(text), ThisWorkbook, Application.Caller)
        Exit Function
    #Else
        xlf_quantity = XLPy.CallUDF("xlflow.excel.udfs", "xlf_quantity", Array(text))
        Exit Function
    #End If
failed:
    xlf_quantity = XlflowPythonFailed(Err.Number)
End Function

Function xlf_variance(target, actual)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        If XlflowPythonIsAway() Then GoTo failed
        xlf_variance = XLPy.CallUDF("xlflow.excel.udfs", "xlf_variance", Array(target, actual), ThisWorkbook, Application.Caller)
        Exit Function
    #Else
        xlf_variance = XLPy.CallUDF("xlflow.excel.udfs", "xlf_variance", Array(target, actual))
        Exit Function
    #End If
failed:
    xlf_variance = XlflowPythonFailed(Err.Number)
End Function

Function xlf_workdays(start, until_day)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        If XlflowPythonIsAway() Then GoTo failed
        xlf_workdays = XLPy.CallUDF("xlflow.excel.udfs", "xlf_workdays", Array(start, until_day), ThisWorkbook, Application.Caller)
        Exit Function
    #Else
        xlf_workdays = XLPy.CallUDF("xlflow.excel.udfs", "xlf_workdays", Array(start, until_day))
        Exit Function
    #End If
failed:
    xlf_workdays = XlflowPythonFailed(Err.Number)
End Function
