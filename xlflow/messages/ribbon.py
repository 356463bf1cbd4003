"""What the ribbon's buttons say in Excel's status bar and message boxes."""

CATALOGUE: dict[str, tuple[str, str]] = {
    # In the status bar while a button's work goes on.
    "doing_refresh": ("xlflow：正在刷新汇总……", "xlflow: refreshing the summary …"),
    "doing_validate": ("xlflow：正在校验……", "xlflow: checking …"),
    "doing_flag_overdue": ("xlflow：正在标记逾期……", "xlflow: flagging what is overdue …"),
    "doing_roll_up": (
        "xlflow：正在汇总……可以继续使用 Excel",
        "xlflow: rolling up … you can go on working in Excel",
    ),
    "doing_open_summary": ("xlflow：正在打开汇总……", "xlflow: opening the summary …"),
    "doing_new_team_workbook": (
        "xlflow：正在新建团队工作簿……",
        "xlflow: making a team's workbook …",
    ),
    "doing_status": ("xlflow：正在检查更新状态……", "xlflow: checking the update status …"),
    "doing_help": ("xlflow：帮助", "xlflow: help"),
    "reading": (
        "xlflow：正在读取 {done}/{total} {name}",
        "xlflow: reading {done}/{total} {name}",
    ),
    # What went wrong, and the way out.
    "no_workspace": (
        "“{name}”不在 xlflow 工作区里（它所在的文件夹及上级没有 xlflow.toml）。\n"
        "请打开工作区里的 master.xlsm 或团队工作簿，再点这个按钮；"
        "也可以把环境变量 XLFLOW_WORKSPACE 设为工作区的文件夹。",
        "“{name}” isn't in an xlflow workspace (there is no xlflow.toml in its folder or above).\n"
        "Open the workspace's master.xlsm or a team's workbook and press the button again, "
        "or set XLFLOW_WORKSPACE to the workspace's folder.",
    ),
    "cloud_address": (
        "Excel 只给出了网址 {address}，没有本机路径，找不到工作区。\n"
        "请在 OneDrive 或 SharePoint 里选“同步”，从本机文件夹打开这个文件；"
        "或在 OneDrive 设置里关闭“使用 Office 应用程序同步我打开的 Office 文件”。",
        "Excel gives only the web address {address}, not a path on this machine, so the workspace "
        "can't be found.\nSync the library and open the file from the local folder, or switch off "
        "“Use Office applications to sync Office files that I open” in OneDrive's settings.",
    ),
    "excel_busy": (
        "Excel 正忙：可能有单元格正在编辑，或有对话框开着。\n"
        "请按 Enter 或 Esc 结束编辑或关闭对话框，再点一次按钮。",
        "Excel is busy: a cell is being edited, or a dialog is open.\n"
        "End it with Enter or Esc and press the button again.",
    ),
    "protected": (
        "工作表“{sheet}”受保护，没有写入。\n"
        "请在“审阅”中撤销工作表保护，再点这个按钮；"
        "也可以关闭文件，由 xlflow 更新时写入，保护保持不变。",
        "The sheet “{sheet}” is protected; nothing was written.\nUnprotect it under Review and "
        "press the button again, or close the file: xlflow's updates then write the flags and "
        "keep the protection.",
    ),
    "read_only": (
        "“{name}”是只读打开的，没有写入。\n请关闭后以可编辑方式打开，或另存一份，再点这个按钮。",
        "“{name}” is open read-only; nothing was written.\n"
        "Close it and open it for editing, or save a copy, and press the button again.",
    ),
    "no_tables": (
        "“{name}”里没有认出四张流程表。\n"
        "请打开团队工作簿或 master.xlsm，再点这个按钮；已有的表可以用 xlflow adopt 补上缺少的列。",
        "None of the four tables was recognised in “{name}”.\n"
        "Open a team's workbook or master.xlsm and press the button again.",
    ),
    "no_summary": (
        "还没有月度汇总。请点“月度汇总”生成一份。",
        "There is no monthly summary yet. Press Monthly summary to make one.",
    ),
    "unexpected": (
        "没有完成，出现意外：{what}\n请保存文件后再试；仍不行时在命令行运行 xlflow doctor。",
        "Not finished, because of an unexpected error: {what}\n"
        "Save the file and try again; if that doesn't help, run xlflow doctor on the command line.",
    ),
    # Answers.
    "figures_of": ("{month} 的汇总。{state}", "Summary for {month}. {state}"),
    "not_watched": (
        "自动更新没有运行，所以数字是上次汇总时的（{state}）。\n"
        "要最新的数字，请点“月度汇总”；要一直自动更新，请在命令行运行 xlflow watch。",
        "Automatic updating isn't running, so the figures are those of the last "
        "summary ({state}).\nPress Monthly summary for the latest, or run xlflow watch on the "
        "command line to keep them current.",
    ),
    "no_findings": (
        "校验了 {rows} 行，没有要核对的地方。",
        "{rows} rows checked; there is nothing to correct.",
    ),
    "findings": (
        "要核对的地方：{counts}。“系统提示”列已写入 {written} 个单元格。\n\n{list}",
        "To check: {counts}. Remarks written in {written} cells.\n\n{list}",
    ),
    "finding": ("{place}：{told}（{code}）", "{place}: {told} ({code})"),
    "and_more": ("……还有 {count} 项", "… and {count} more"),
    "nothing_overdue": ("没有逾期的事项。", "Nothing is overdue."),
    "overdue": ("逾期 {count} 项：\n\n{list}", "{count} overdue:\n\n{list}"),
    "overdue_item": (
        "{late}  {item}  {owners}（{place}）",
        "{late}  {item}  {owners} ({place})",
    ),
    "which_month": (
        "汇总哪个月？请写成 2024-07 的样子。",
        "Which month? Write it like 2024-07.",
    ),
    "rolled_up": (
        "{month} 的汇总已完成：{teams} 个团队，{rows} 行。\n{path}\n点“打开汇总”查看。",
        "The summary for {month} is ready: {teams} teams, {rows} rows.\n{path}\n"
        "Press Open summary to see it.",
    ),
    "held_so_opened": (
        "{why}\n那边会一直更新汇总，已打开 {month} 的汇总（只读）。",
        "{why}\nThat machine keeps the summaries current; the one for {month} was opened "
        "(read-only).",
    ),
    "frozen": ("没有汇总：{why}", "Not rolled up: {why}"),
    "summary_waits": ("汇总 {path} 这次没有写入：{why}", "{path} was not written: {why}"),
    "which_team": (
        "新团队的名称是什么？名称就是文件名，如“市场一部”。",
        "What is the new team called? Its name becomes the file name.",
    ),
    "team_made": (
        "已新建并打开 {path}。请把它交给团队填写。",
        "{path} was created and opened. Give it to the team to fill in.",
    ),
    "watched_here": (
        "自动更新正在本机运行（自 {since}）。",
        "Workbooks are updated automatically on this machine (since {since}).",
    ),
    "watched_elsewhere": (
        "自动更新正在 {where} 上由 {who} 运行。",
        "Workbooks are updated automatically on {where}, by {who}.",
    ),
    "watched_by_nobody": (
        "自动更新没有运行。要让它一直运行，请在命令行运行 xlflow watch。",
        "Automatic updating isn't running. To keep it running, run xlflow watch on the command "
        "line.",
    ),
    "never_read": (
        "本机还没有读取过这个工作区的工作簿。",
        "This machine has not read the workspace's workbooks yet.",
    ),
    "last_read": ("上次读取：{moment}。", "Last read: {moment}."),
    "workbooks": (
        "共 {count} 份工作簿，其中 {apart} 份需要处理：",
        "{count} workbooks, {apart} of which need attention:",
    ),
    "stands": ("{workbook}：{status}，{why}", "{workbook}: {status}, {why}"),
    "help": (
        "刷新：重新计算，并把最近的月度汇总填入“汇总”表\n"
        "校验：检查当前工作簿，写入“系统提示”列\n"
        "标记逾期：写入“逾期”列，并列出负责人\n"
        "月度汇总：读取各团队的工作簿，生成一个月的汇总\n"
        "打开汇总：打开最近的汇总\n"
        "新建团队工作簿：从模板新建\n"
        "检查更新状态：自动更新是否在运行，哪些工作簿要处理\n\n"
        "您填写的内容不会改动，只写灰色的系统列。\n"
        "不能用时：在命令行运行 xlflow doctor。",
        "Refresh: recalculates, and fills in the latest summary\n"
        "Check: checks this workbook, writes Remarks\n"
        "Flag overdue: writes Overdue, and lists the owners\n"
        "Monthly summary: reads the teams' workbooks and makes a month's summary\n"
        "Open summary: opens the latest one\n"
        "New team workbook: makes one from the template\n"
        "Update status: whether automatic updating runs, which workbooks need attention\n\n"
        "What people typed is never changed; only the grey columns are written.\n"
        "If something doesn't work, run xlflow doctor on the command line.",
    ),
}
