"""The words of the summary workbook: sheets, titles, headings, notes and empty states."""

from __future__ import annotations

CATALOGUE: dict[str, tuple[str, str]] = {
    # Sheets
    "sheet_overview": ("总览", "Overview"),
    "sheet_overdue": ("逾期清单", "Overdue"),
    "sheet_priorities": ("改进优先", "Priorities"),
    "sheet_campaigns": ("活动效果", "Campaigns"),
    "sheet_messages": ("协作沟通", "Requests"),
    "sheet_findings": ("校验问题", "Findings"),
    "sheet_submissions": ("提交情况", "Handed in"),
    "sheet_charts": ("图表数据", "Chart data"),
    # Overview
    "title": ("{month} 营销流程汇总", "Marketing workflow, {month}"),
    "month": ("{year}年{month}", "{month} {year}"),
    "month_1": ("1月", "January"),
    "month_2": ("2月", "February"),
    "month_3": ("3月", "March"),
    "month_4": ("4月", "April"),
    "month_5": ("5月", "May"),
    "month_6": ("6月", "June"),
    "month_7": ("7月", "July"),
    "month_8": ("8月", "August"),
    "month_9": ("9月", "September"),
    "month_10": ("10月", "October"),
    "month_11": ("11月", "November"),
    "month_12": ("12月", "December"),
    "as_of": (
        "截至 {until} · 更新于 {made_at} · 团队 {teams} 个 · 本月涉及 {rows} 行",
        "Up to {until} · made {made_at} · teams: {teams} · rows of the month: {rows}",
    ),
    "closed": ("已结账", "closed"),
    "afterwards": (
        "⚠ 事后计算：使用 xlflow 之前的月份，按各工作簿现在的内容算出，和当时的情况可能不同。",
        "⚠ Computed afterwards: the month was over before xlflow was used; the figures come from "
        "the workbooks as they are now, which may not be as they were then.",
    ),
    "later_edits": (
        "⚠ 已结账月份的更改：{count} 处，不计入那些月份的数字，见“{sheet}”（XF406）。",
        "⚠ Rows of closed months were changed in {count} places, without effect on those months; "
        "see “{sheet}” (XF406).",
    ),
    "same_day": ("与上月同期（截至 {day}）相比", "Compared with last month up to {day}"),
    "unreadable": (
        "⚠ {count} 个团队的文件无法读取，数字用的是上次读取的内容：{teams}。原因见“提交情况”。",
        "⚠ Files that could not be read: {count}. Their last good rows are counted: {teams}. "
        "See 'Handed in' for the reasons.",
    ),
    "and_more": ("{teams} 等", "{teams} and others"),
    "list_mark": ("、", ", "),
    "go": ("{sheet} {count} ›", "{sheet} {count} ›"),
    "definitions": (
        "任务逾期率 =（逾期未完成 + 延期完成）÷（逾期未完成 + 已完成）；"
        "按期完成率 = 按期 ÷（按期 + 延期）；"
        "平均周期 = 实际完成时间 − 开始时间；按时反馈率 = 按时 ÷（按时 + 超时反馈 + 逾期未反馈）。"
        "合计由各团队的数量重新计算，不对比率取平均。“—”表示没有可计算的数据。",
        "Overdue rate = (overdue + done late) / (overdue + done); "
        "on-time rate = on time / (on time + late); "
        "mean cycle = done on − started; in-time rate = in time / (in time + late + overdue). "
        "Totals are computed from the counts; rates are never averaged. "
        "'—' means there is nothing to compute from.",
    ),
    "tile_campaigns_met": ("活动指标达标", "Campaign metrics met"),
    "tile_handed_in": ("已提交的团队", "Teams handed in"),
    "days_format": ('0.0" 天"', '0.0" days"'),
    "tile_days": ("{value} 天", "{value} days"),
    "better": ("较上月 {arrow} {change} · 好转", "{arrow} {change} on last month · better"),
    "worse": ("较上月 {arrow} {change} · 变差", "{arrow} {change} on last month · worse"),
    "same": ("● 与上月持平", "● Same as last month"),
    "no_previous": ("上月没有可比的数据", "Nothing to compare with last month"),
    "points": ("{value} 个百分点", "{value} pts"),
    "days": ("{value} 天", "{value} days"),
    "teams": ("{value} 个团队", "{value}"),
    "target": ("目标 {target}", "Target {target}"),
    "target_worse": ("目标 {target} · {worse}", "Target {target} · {worse}"),
    "worse_than_baseline": ("比起点差 {change}", "{change} worse than at the start"),
    "target_progress": (
        "目标 {target} · 进度 {progress}",
        "Target {target} · progress {progress}",
    ),
    "chart_trend": (
        "近 12 个月：任务逾期率与按期完成率",
        "Last 12 months: overdue and on-time rate",
    ),
    "chart_overdue": ("各团队逾期事项", "Overdue items by team"),
    "chart_campaigns": ("各团队活动指标", "Campaign metrics by team"),
    "chart_answers": ("各团队协作反馈", "Answers by team"),
    "chart_problems": ("各团队流程问题（按影响程度）", "Problems by team and impact"),
    "chart_first": ("{title}（前 {count} 个团队）", "{title} (first {count} teams)"),
    "empty_trend": (
        "这里会显示近 12 个月的任务逾期率和按期完成率。\n"
        "团队填写“完成时间”和“实际完成时间”后就会出现。",
        "The overdue and on-time rates of the last twelve months will appear here\n"
        "once teams have filled in Due and Done on.",
    ),
    "empty_chart_overdue": (
        "没有逾期事项。\n有计划或反馈超过期限时，这里按团队显示数量。",
        "Nothing is overdue.\nPlan items and answers past their deadline will appear here by team.",
    ),
    "empty_chart_campaigns": (
        "这里会按团队显示活动指标达标与否。\n在“活动效果跟踪”填写统计月份、目标值和实际值即可。",
        "Campaign metrics met and missed will appear here by team\n"
        "once Campaign results has a month, a target and an actual figure.",
    ),
    "empty_chart_answers": (
        "这里会按团队显示反馈是否按时。\n在“跨部门协作沟通”填写发起时间和实际反馈时间即可。",
        "Answers in time and late will appear here by team\n"
        "once the times in Cross-team messages are filled in.",
    ),
    "empty_chart_problems": (
        "这里会按团队显示流程问题。\n在“流程现状分析”逐条写下拖慢流程的环节即可。",
        "Problems will appear here by team\nonce Workflow analysis lists what slows the work.",
    ),
    "section_targets": ("改进目标", "Targets"),
    "section_teams_work": ("各团队：优化计划与数据", "By team: plan and data"),
    "section_teams_rest": (
        "各团队：协作、活动与流程问题",
        "By team: requests, campaigns and problems",
    ),
    "group_plan": ("流程优化计划", "Improvement plan"),
    "group_data": ("提交与数据", "Data"),
    "group_messages": ("跨部门协作沟通", "Cross-team requests"),
    "group_campaigns": ("活动效果", "Campaign results"),
    "group_problems": ("流程现状", "Workflow problems"),
    "total": ("合计", "Total"),
    "empty_teams": (
        "还没有团队。用 xlflow team 添加团队，或把团队工作簿放进 teams 文件夹，"
        "这里就会每个团队一行。",
        "No teams yet. Add some with xlflow team, or put their workbooks into the folder teams: "
        "each will have a row here.",
    ),
    "target_name": ("目标", "Goal"),
    "target_figure": ("指标", "Figure"),
    "baseline": ("起点", "Baseline"),
    "current": ("现在", "Now"),
    "goal": ("目标值", "Target"),
    "benchmark": ("行业参考", "Benchmark"),
    "progress": ("进度", "Progress"),
    # List sheets: titles, what they show, empty states
    "title_overdue": ("逾期清单", "Overdue"),
    "about_overdue": (
        "{month} · 截至 {as_of} · {count} 条。过了完成时间没做完的计划，过了反馈时限没收到的反馈。",
        "{month} · as of {as_of} · {count} rows. Plan items past their date and not done, "
        "and requests past their deadline without an answer.",
    ),
    "empty_overdue": (
        "没有逾期事项。计划过了“完成时间”还没做完，或协作事项过了“反馈时限”还没反馈时，会列在这里。",
        "Nothing is overdue. Plan items that pass Due without being done, and requests that pass "
        "their deadline without an answer, will appear here.",
    ),
    "title_priorities": ("改进优先", "Priorities"),
    "about_priorities": (
        "{month} · 截至 {as_of} · {count} 条。所有团队的流程问题一起排：先看影响程度，再看耗时。",
        "{month} · as of {as_of} · {count} rows. Problems of all teams in one order: "
        "impact first, then the shorter time.",
    ),
    "empty_priorities": (
        "还没有流程问题。团队在“流程现状分析”里写下环节、影响程度和耗时后，会在这里统一排序。",
        "No problems yet. Stages that teams list in Workflow analysis, with impact and days, "
        "will be ranked here.",
    ),
    "title_campaigns": ("活动效果", "Campaign results"),
    "about_campaigns": (
        "{month} · 截至 {as_of} · {count} 条。统计月份为本月的活动指标；各指标的合计在这张表下面。",
        "{month} · as of {as_of} · {count} rows. Metrics of the month's campaigns; "
        "the sums for each metric follow below.",
    ),
    "empty_campaigns": (
        "本月没有活动指标。团队在“活动效果跟踪”里填写统计月份、目标值和实际值后，会列在这里。",
        "No campaign metrics this month. Rows of Campaign results for this month, "
        "with a target and an actual figure, will appear here.",
    ),
    "title_metrics": ("各项指标合计", "Metrics, summed"),
    "about_metrics": (
        "同一指标、同一单位放在一起；百分比不相加，只数达标和未达标。",
        "One row for each metric and unit; percentages aren't summed, only met and missed counted.",
    ),
    "empty_metrics": (
        "有活动能计算差异率后，这里按指标和单位列出合计。",
        "Once a deviation can be computed, each metric and unit will have its sums here.",
    ),
    "title_messages": ("协作沟通", "Cross-team requests"),
    "about_messages": (
        "{month} · 截至 {as_of} · {count} 条。本月发起的，以及以前发起、"
        "到本月初还没反馈的协作事项。",
        "{month} · as of {as_of} · {count} rows. Requests made this month, "
        "and earlier ones that were unanswered when it began.",
    ),
    "empty_messages": (
        "本月没有协作事项。团队在“跨部门协作沟通”里填写发起时间和反馈时限后，会列在这里。",
        "No requests this month. Rows of Cross-team messages that say when they were asked "
        "will appear here.",
    ),
    "title_findings": ("校验问题", "Findings"),
    "about_findings": (
        "{month} · 截至 {as_of} · {count} 条。填写中要核对的地方；“变更”是两个版本之间的改动。",
        "{month} · as of {as_of} · {count} rows. What to check in the workbooks; "
        "'Edit' marks a change between two versions.",
    ),
    "empty_findings": (
        "没有要核对的地方。填写有疑问，或期限、目标事后被改动时，会列在这里，并写明在哪个单元格。",
        "Nothing to check. Doubtful entries, and dates or targets that were changed afterwards, "
        "will appear here with their cell.",
    ),
    "title_submissions": ("提交情况", "Handed in"),
    "about_submissions": (
        "{month} · 截至 {as_of} · {count} 个团队。工作簿里有本月的行就算已交；点文件名即可打开。",
        "{month} · as of {as_of} · {count} teams. A workbook with rows of this month counts as "
        "handed in; click a file to open it.",
    ),
    "empty_submissions": (
        "还没有团队。把团队工作簿放进 teams 文件夹，下次同步后这里会写明谁交了、什么时候交的。",
        "No teams yet. Put their workbooks into the folder teams; after the next sync this says "
        "who handed in, and when.",
    ),
    # Headings
    "team": ("团队", "Team"),
    "workbook": ("文件", "File"),
    "sheet": ("工作表", "Sheet"),
    "cell": ("单元格", "Cell"),
    "row": ("第 {row} 行", "row {row}"),
    "kind": ("类别", "Kind"),
    "item": ("事项", "Item"),
    "owners": ("负责人", "Owner"),
    "due": ("期限", "Due"),
    "late": ("逾期", "Overdue"),
    "rank": ("改进优先级", "Priority"),
    "rank_format": ('"优先"0', '"Priority "0'),
    "stage": ("流程环节", "Stage"),
    "impact": ("影响程度", "Impact"),
    "stage_days": ("耗时(天)", "Days"),
    "description": ("问题描述", "Problem"),
    "campaign": ("活动名称", "Campaign"),
    "metric": ("关键指标", "Metric"),
    "target_value": ("目标值", "Target"),
    "actual": ("实际值", "Actual"),
    "deviation": ("差异率", "Deviation"),
    "verdict": ("结果", "Result"),
    "reason": ("无法判断的原因", "Why unknown"),
    "cause": ("原因分析", "Cause"),
    "next_step": ("改进方向", "Next step"),
    "unit": ("单位", "Unit"),
    "n": ("条数", "Rows"),
    "target_sum": ("目标值合计", "Target, sum"),
    "actual_sum": ("实际值合计", "Actual, sum"),
    "met": ("达标", "Met"),
    "missed": ("未达标", "Missed"),
    "topic": ("协作事项", "Topic"),
    "sender": ("发起部门", "From"),
    "partners": ("协作部门", "To"),
    "deadline": ("反馈时限", "Answer within"),
    "asked_at": ("发起时间", "Asked at"),
    "answered_at": ("实际反馈时间", "Answered at"),
    "state": ("状态", "State"),
    "severity": ("级别", "Severity"),
    "code": ("编号", "Code"),
    "column": ("列", "Column"),
    "message": ("说明", "Message"),
    "value": ("现在的内容", "Current value"),
    "fix": ("建议", "Suggestion"),
    "handed_in": ("提交", "Handed in"),
    "first_seen": ("首次读取", "First seen"),
    "last_seen": ("最近读取", "Last read"),
    "modified_by": ("最后修改人", "Last saved by"),
    "status": ("文件状态", "Status"),
    "status_reason": ("说明", "Reason"),
    "row_count": ("行数", "Rows"),
    # Values
    "kind_plan": ("优化计划", "Plan item"),
    "kind_message": ("协作反馈", "Answer"),
    "kind_edit": ("变更", "Edit"),
    "kind_check": ("校验", "Check"),
    "verdict_met": ("达标", "Met"),
    "verdict_missed": ("未达标", "Missed"),
    "verdict_unknown": ("无法判断", "Unknown"),
    "state_in_time": ("按时反馈", "In time"),
    "state_late": ("超时反馈", "Late"),
    "state_overdue": ("逾期未反馈", "Overdue"),
    "state_open": ("待反馈", "Open"),
    "state_unknown": ("无法判断", "Unknown"),
    "severity_error": ("错误", "Error"),
    "severity_warning": ("警告", "Warning"),
    "severity_info": ("提示", "Note"),
    "status_read": ("已读取", "Read"),
    "status_recorded": ("已读取", "Read"),
    "status_unchanged": ("没有变化", "Unchanged"),
    "status_deferred": ("已读取，提示待写入", "Read, flags waiting"),
    "status_unreadable": ("无法读取", "Unreadable"),
    "status_conflict": ("冲突副本", "Conflict copy"),
    # Marks
    "cut": ("……（后文过长，已截断）", "… (too long, cut here)"),
    "too_many": (
        "另有 {count} 条放不下，请用 xlflow 的 --json 查看。",
        "{count} more rows don't fit here; see them with --json.",
    ),
    "page": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
}
