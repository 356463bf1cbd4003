"""The process that performs a ribbon task.

``python -m xlflow.excel.ribbon_worker TASK PID BOOK``
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> None:
    """Perform a task on an open workbook: task, process id of its Excel, workbook name."""
    import xlwings

    from xlflow.excel.excel_session import ExcelSession
    from xlflow.excel.ribbon_tasks import perform

    task, pid, name = arguments
    if sys.platform == "win32":
        import xlwings._xlwindows

        # By default xlwings repeats calls to a busy Excel forever, without a pause.
        xlwings._xlwindows.N_COM_ATTEMPTS = 1
    perform(task, ExcelSession(xlwings.apps[int(pid)].books[name]))


if __name__ == "__main__":
    main(sys.argv[1:])
