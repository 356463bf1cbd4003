"""What the Excel side says: the master workbook, its buttons, set-up and its doctor."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "master": ("协调人工作簿", "Coordinator"),
    "template": ("团队模板", "Team template"),
    # Building.
    "wrong_versions": (
        "要构建与仓库中一致的工作簿，需要 {wanted}，现在是：{found}。请运行：pip install {wanted}",
        "Building the workbooks exactly as in workbooks/ takes {wanted}; found {found}. "
        "Run: pip install {wanted}",
    ),
    "not_installed": (
        "缺少 {wanted}。请运行：pip install {wanted}",
        "{wanted} is missing. Run: pip install {wanted}",
    ),
    "other_xlwings": (
        "xlwings {found} 的加载项代码与预期不同，没有构建。请运行：pip install xlwings==0.37.8",
        "The add-in code of xlwings {found} isn't what xlflow expects; nothing was built. "
        "Run: pip install xlwings==0.37.8",
    ),
    # Said by VBA, from the hidden sheet.
    "vba_title": ("xlflow", "xlflow"),
    "vba_no_workbook": (
        "请先打开一个工作簿，再点这个按钮。",
        "Open a workbook first, then press the button.",
    ),
    "vba_no_python": (
        "没能启动 Python，所以这个按钮现在不能用；表中的公式仍会用 Excel 自带的函数计算。\n"
        "请在命令行运行 xlflow doctor，按提示修复后再试。",
        "Python could not be started, so this button doesn't work now; the formulas still compute "
        "with Excel's own functions.\nRun xlflow doctor on the command line and follow its advice.",
    ),
    # The 汇总 sheet.
    "overview_sheet": ("汇总", "Summary"),
    "overview_title": ("月度汇总", "Monthly summary"),
    "overview_empty": (
        "这里会显示最近一份月度汇总的数字。请点功能区“营销流程”→“刷新”填入。",
        "The figures of the latest monthly summary will appear here. "
        "Press Refresh on the ribbon to fill them in.",
    ),
    "overview_figure": ("指标", "Figure"),
    "overview_this_month": ("本月", "This month"),
    "overview_month_before": ("上月", "Month before"),
    "overview_team": ("团队", "Team"),
    "overview_total": ("合计", "Total"),
    "overview_met": ("活动达标", "Campaigns met"),
    "overview_days": ("（天）", " (days)"),
}
