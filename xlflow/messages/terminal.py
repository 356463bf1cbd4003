"""What the command line says besides its help pages: answers, errors, closing lines."""

CATALOGUE: dict[str, tuple[str, str]] = {
    # How failures are reported.
    "error": ("错误：{message}", "Error: {message}"),
    "unexpected": (
        "意外错误：{what}\n加上 -v 再运行一次可以看到细节。",
        "Unexpected error: {what}\nRun it again with -v to see the details.",
    ),
    "usage.form": ("用法：{usage}", "Usage: {usage}"),
    "usage.more": ("详细说明：{path} --help", "More: {path} --help"),
    "usage.near": ("是不是 {near}？", " Did you mean {near}?"),
    "usage.no_such_option": ("没有 {option} 这个选项。", "There is no option {option}."),
    "usage.no_such_command": ("没有 {command} 这个命令。", "There is no command {command}."),
    "usage.no_command": ("请写明要运行哪个命令。", "Say which command to run."),
    "usage.no_value": ("{option} 后面缺少内容。", "{option} needs a value after it."),
    "usage.flag_with_value": ("{option} 后面不带内容。", "{option} takes no value."),
    "usage.missing": ("缺少 {what}。", "{what} is missing."),
    "usage.too_many": ("多了一个参数：{what}。", "One argument too many: {what}."),
    "usage.not_a_choice": ("{what} 只能是 {choices}。", "{what} must be one of {choices}."),
    "usage.bad_value": ("{what} 的写法不对。", "{what} has an invalid value."),
    "usage.other": ("{message}", "{message}"),
    "usage.no_such_moment": (
        "“{value}”不是日期或时刻，请写成 2024-07-16 或 2024-07-16T09:00。",
        "“{value}” isn't a date or time; write it as 2024-07-16 or 2024-07-16T09:00.",
    ),
    "usage.no_such_team": (
        "没有“{team}”这个团队。",
        "There is no team “{team}”.",
    ),
    "usage.no_such_path": (
        "找不到 {path}：当前文件夹和工作区里都没有。",
        "{path} is neither in the current folder nor in the workspace.",
    ),
    "usage.needs_yes": (
        "{command} 要写入工作簿：请在终端里运行并回答询问，或者加上 --yes（先看看用 --dry-run）。",
        "{command} writes into workbooks: run it on a terminal and answer, or add --yes "
        "(--dry-run shows what it would do).",
    ),
    "usage.merge_needs_yes": (
        "merge 要写入工作簿：请在终端里运行并回答询问，或者加上 --yes"
        "（先看看用 xlflow conflicts）。",
        "merge writes into a workbook: run it on a terminal and answer, or add --yes "
        "(xlflow conflicts shows the differences first).",
    ),
    "usage.not_a_copy": (
        "{path} 不是冲突副本；全部副本见 xlflow conflicts，刚放进来的先运行 xlflow sync。",
        "{path} isn't a conflict copy; xlflow conflicts lists them, and a new one is known after "
        "xlflow sync.",
    ),
    "usage.no_such_row": (
        "副本里没有“{row}”这一行数据；写法如 {example}。",
        "The copy has no data row “{row}”; write it like {example}.",
    ),
    "usage.no_such_code": (
        "没有 {code} 这条规则，全部规则见 xlflow rules。",
        "There is no rule {code}; xlflow rules lists them all.",
    ),
    "usage.not_a_team_workbook": (
        "{path} 不是这个工作区的团队工作簿。",
        "{path} isn't a team's workbook in this workspace.",
    ),
    "usage.demo_exists": (
        "{path} 里已经有内容，未作改动。请换一个文件夹：xlflow demo 新文件夹",
        "{path} isn't empty and was left alone. Choose another folder: xlflow demo FOLDER",
    ),
    # Words that several answers use.
    "list": ("、", ", "),
    "severity.error": ("错误", "error"),
    "severity.warning": ("警告", "warning"),
    "severity.info": ("提示", "info"),
    # rules, explain
    "rules.code": ("编号", "Code"),
    "rules.severity": ("级别", "Severity"),
    "rules.fault": ("指出的问题", "Problem"),
    "rules.closing": (
        "共 {count} 条。某一条的详细说明：xlflow explain XF102",
        "{count} rules. One of them in detail: xlflow explain XF102",
    ),
    "rules.title": ("{code} {name}（{severity}）", "{code} {name} ({severity})"),
    "rules.looks_at": ("涉及的列：{columns}", "Columns: {columns}"),
    "rules.switch": (
        '要关闭它或改变级别，在 xlflow.toml 的 [rules] 里写：{code} = "off"，'
        '或 "error"、"warning"、"info"。',
        "To switch it off or change its severity, write under [rules] in xlflow.toml: "
        '{code} = "off", or "error", "warning", "info".',
    ),
    # init, team
    "init.made": ("已新建工作区：{path}", "Created the workspace {path}"),
    "init.workbook": ("  {name}", "  {name}"),
    "init.next": (
        "请各团队填写自己的工作簿；之后运行：xlflow -C {path} sync",
        "Let the teams fill in their workbooks, then run: xlflow -C {path} sync",
    ),
    "init.next_team": (
        "接着添加团队：xlflow -C {path} team 市场一部",
        "Now add a team: xlflow -C {path} team Marketing",
    ),
    "team.made": ("已新建 {workbook}", "Created {workbook}"),
    # Findings, one a line.
    "finding": (
        "{severity}  {place}：{told}（{code}）",
        "{severity}  {place}: {told} ({code})",
    ),
    "findings.none": ("没有发现问题", "no findings"),
    "findings.error": ("错误 {count}", "errors {count}"),
    "findings.warning": ("警告 {count}", "warnings {count}"),
    "findings.info": ("提示 {count}", "notices {count}"),
    "because": ("{place}：{reason}", "{place}: {reason}"),
    # check
    "check.unreadable": ("无法读取  {because}", "unreadable  {because}"),
    "check.conflict": ("冲突副本  {because}", "conflict  {because}"),
    "check.count_unreadable": ("无法读取 {count}", "unreadable {count}"),
    "check.count_conflict": ("冲突副本 {count}", "conflict copies {count}"),
    "check.closing": (
        "检查了 {workbooks} 份工作簿：{counts}。",
        "Workbooks checked: {workbooks}; {counts}.",
    ),
    "check.nothing": (
        "没有可检查的工作簿。用“xlflow team 名称”添加团队。",
        "There are no workbooks to check. Add a team with xlflow team NAME.",
    ),
    # sync
    "sync.workbook": ("工作簿", "Workbook"),
    "sync.status": ("状态", "Status"),
    "sync.rows": ("行数", "Rows"),
    "sync.findings": ("问题", "Findings"),
    "sync.overdue": ("逾期", "Overdue"),
    "sync.written": ("写入单元格", "Cells written"),
    "sync.unchanged": ("没有变化的工作簿：{count} 份。", "Workbooks unchanged: {count}."),
    "sync.gone": (
        "{workbook} 不在了，不再计入；放回来就恢复计入，历史版本也都保留着（xlflow history）。",
        "{workbook} is no longer there and isn't counted; it counts again once it is back, "
        "and its versions are kept (xlflow history).",
    ),
    "sync.rebuilt": (
        "数据库无法使用，已从工作簿和历史版本重新建立；原来的数据库保留在 {path}",
        "The database couldn't be used and was rebuilt from the workbooks and the kept versions; "
        "the old one is kept as {path}",
    ),
    "sync.rebuilt_lost": (
        "找不到原来的数据库，已从工作簿和历史版本重新建立。",
        "The database was gone and has been rebuilt from the workbooks and the kept versions.",
    ),
    "sync.nothing": (
        "还没有团队工作簿。用“xlflow team 名称”添加团队。",
        "There are no teams yet. Add one with xlflow team NAME.",
    ),
    "sync.summary": ("已更新汇总：{path}", "Summary updated: {path}"),
    "sync.summary_waits": (
        "汇总 {path} 这次没有更新：{reason}",
        "The summary {path} was not updated this time: {reason}",
    ),
    "sync.frozen": ("已冻结：{reason}", "Frozen: {reason}"),
    "status.recorded": ("已读取", "recorded"),
    "status.unchanged": ("没有变化", "unchanged"),
    "status.deferred": ("已读取，提示待写入", "deferred"),
    "status.unreadable": ("无法读取", "unreadable"),
    "status.conflict": ("冲突副本", "conflict"),
    "status.gone": ("已移走", "gone"),
    # watch
    "watch.begins": (
        "正在监控 {root}；按 Ctrl+C 停止。状态见 xlflow status。",
        "Watching {root}; press Ctrl+C to stop. xlflow status shows how it is doing.",
    ),
    "watch.ended": ("已停止，一共同步了 {passes} 次。", "Stopped after {passes} passes."),
    # status
    "status.running": (
        "xlflow watch 正在运行（进程 {pid}，自 {since:%Y-%m-%d %H:%M} 起，{watching}）。",
        "xlflow watch is running (process {pid}, since {since:%Y-%m-%d %H:%M}, {watching}).",
    ),
    "status.native": ("靠系统通知", "notified by the system"),
    "status.polling": ("轮询", "polling"),
    "status.starting": ("正在启动", "starting"),
    "status.not_running": (
        "xlflow watch 没有运行。",
        "xlflow watch isn't running.",
    ),
    "status.problem": ("当前的问题：{reason}", "Current problem: {reason}"),
    "status.workbook": ("工作簿", "Workbook"),
    "status.status": ("状态", "Status"),
    "status.since": ("从何时起", "Since"),
    "status.reason": ("原因", "Reason"),
    "status.nothing": (
        "还没有同步过。先运行 xlflow sync。",
        "Nothing has been synced yet. Run xlflow sync first.",
    ),
    "status.closing": (
        "共 {count} 份工作簿，待发通知 {queued} 条。",
        "Workbooks: {count}; notices waiting: {queued}.",
    ),
    # summary
    "summary.title": (
        "{month} 的汇总，{teams} 个团队：",
        "Summary for {month} (teams: {teams}):",
    ),
    "summary.campaigns_met": ("活动指标达标", "Campaign metrics met"),
    "summary.before": ("{now}（上月 {before}）", "{now} (month before: {before})"),
    "summary.written": ("汇总文件：{path}", "Workbook: {path}"),
    "summary.deferred": (
        "汇总 {path} 这次没有写入：{reason}",
        "The workbook {path} was not written: {reason}",
    ),
    "summary.closed": (
        "{month} 已结账，数字不再变化。",
        "{month} is closed; its figures no longer change.",
    ),
    "summary.afterwards": (
        "事后计算：{month} 早于这个工作区，按各工作簿现在的内容算出。",
        "Computed afterwards: {month} is older than this workspace; the figures come from the "
        "workbooks as they are now.",
    ),
    "close.done": (
        "{month} 已结账，数字不再变化：{path}",
        "{month} is closed, its figures no longer change: {path}",
    ),
    "close.already": (
        "{month} 以前已经结账，没有改动：{path}",
        "{month} was closed already; nothing was changed: {path}",
    ),
    "reopen.done": (
        "{month} 已重新打开，随工作簿变化；更正后请运行 xlflow close {month}",
        "{month} is open again and follows the workbooks; once it is right, run "
        "xlflow close {month}",
    ),
    "unit.days": ("{count} 天", "{count} days"),
    "unit.hours": ("{count} 小时", "{count} hours"),
    # overdue
    "overdue.late": ("逾期", "Overdue"),
    "overdue.item": ("事项", "Item"),
    "overdue.owners": ("负责人", "Owner"),
    "overdue.due": ("期限", "Due"),
    "overdue.place": ("位置", "Place"),
    "overdue.of_owner": ("{owner}：{count} 项逾期", "{owner}: {count} overdue"),
    "overdue.nobody": ("没有负责人", "Nobody"),
    "overdue.chased": (
        "{item}，{late}（期限 {due}），{place}",
        "{item}, {late} (due {due}), {place}",
    ),
    "overdue.csv_team": ("团队", "Team"),
    "overdue.csv_workbook": ("工作簿", "Workbook"),
    "overdue.csv_sheet": ("工作表", "Sheet"),
    "overdue.csv_cell": ("单元格", "Cell"),
    "overdue.csv_item": ("事项", "Item"),
    "overdue.csv_owners": ("负责人", "Owner"),
    "overdue.csv_due": ("期限", "Due"),
    "overdue.csv_late": ("逾期", "Overdue"),
    "overdue.none": ("没有逾期的事项。", "Nothing is overdue."),
    "overdue.closing": ("共 {count} 项逾期。", "{count} overdue."),
    # demo
    "demo.made": ("示例工作区已建好：{path}", "The sample workspace is ready: {path}"),
    "demo.read": (
        "按 {as_of} 结束时的情况，读取了 {teams} 个团队的工作簿，共 {rows} 行：",
        "As of the end of {as_of}, the workbooks of {teams} teams were read, {rows} rows in all:",
    ),
    "demo.findings": ("查出的问题：{counts}。例如：", "Findings: {counts}. For example:"),
    "demo.overdue": ("逾期的事项和负责人：", "What is overdue, and who owns it:"),
    "demo.where": ("文件在这里：", "The files:"),
    "demo.files": (
        "{path}/teams/ # 团队工作簿；灰色的系统列由 xlflow 填写，大家填写的内容没有改动\n"
        "{path}/summaries/ # 每月一份汇总\n"
        "{path}/master.xlsm # 协调人在 Excel 里用的工作簿\n"
        "{path}/xlflow.toml # 设置，每一项都有说明",
        "{path}/teams/ # the teams' workbooks; xlflow wrote only the grey columns, "
        "what people typed is unchanged\n"
        "{path}/summaries/ # one summary a month\n"
        "{path}/master.xlsm # the coordinator's workbook, for Excel\n"
        "{path}/xlflow.toml # the settings, each explained",
    ),
    "demo.next": ("接下来可以试试：", "Now try:"),
    "demo.steps": (
        "cd {path} # 进入工作区\n"
        "xlflow check # 全部问题和位置\n"
        "xlflow overdue --as-of 2024-07-16 # 逾期清单\n"
        "xlflow sync --as-of 2024-07-16 # 在 {workbook} 里改正一处、保存之后\n"
        "xlflow history {workbook} # 历史版本\n"
        "xlflow explain XF102 # 一条规则的详细说明",
        "cd {path} # go into the workspace\n"
        "xlflow check # all findings and where they are\n"
        "xlflow overdue --as-of 2024-07-16 # what is overdue\n"
        "xlflow sync --as-of 2024-07-16 # after fixing something in {workbook} and saving it\n"
        "xlflow history {workbook} # the kept versions\n"
        "xlflow explain XF102 # one rule in detail",
    ),
    # adopt
    "adopt.table": ("  工作表“{sheet}”：{title}", '  Sheet "{sheet}": {title}'),
    "adopt.certain": ("    {cell} {header} = {column}", "    {cell} {header} = {column}"),
    "adopt.likely": (
        "    {cell} {header} → {column}（不是原来的表头，请确认）",
        "    {cell} {header} → {column} (another name; please confirm)",
    ),
    "adopt.missing": (
        "    缺少这些列，需要团队自己补：{headers}",
        "    These columns are missing, and only the team can add them: {headers}",
    ),
    "adopt.added": ("    从 {cell} 起补上：{headers}", "    To be added from {cell} on: {headers}"),
    "adopt.protected": (
        "    工作表有保护，补上后仍有保护；要填写的新列不锁定，不需要密码。",
        "    The sheet is protected and stays so; new columns to fill in aren't locked. "
        "No password is needed.",
    ),
    "adopt.unsure": (
        "    表头不能完全确定，--yes 没有补这张表；请在终端里不加 --yes 运行并确认。",
        "    Its headers aren't certain, so --yes left this table alone; "
        "run without --yes on a terminal to confirm them.",
    ),
    "adopt.own_column": (
        "    “{header}”列里已经有自己填的内容，补上系统列后会被改写；请先给这一列改名。",
        '    The column "{header}" holds content of your own, which would be written over; '
        "rename the column first.",
    ),
    "adopt.no_table": (
        "  没有认出四张表中的任何一张；请检查表头，写法见 xlflow help workbooks。",
        "  None of the four tables was found; check the headers (xlflow help workbooks).",
    ),
    "adopt.ask": ("给工作表“{sheet}”补上这些列吗？", 'Add these columns to the sheet "{sheet}"?'),
    "adopt.ask_known": (
        "这样的表头以前确认过。给工作表“{sheet}”补上这些列吗？",
        'These headers were confirmed before. Add the columns to the sheet "{sheet}"?',
    ),
    "adopt.adopted": (
        "{workbook} 已补好，原来的内容已存为历史版本；运行 xlflow sync 写入提示。",
        "{workbook} has its columns, and the original is kept as a version; "
        "run xlflow sync to have it flagged.",
    ),
    "adopt.would_adopt": (
        "{name} 会补上以上各列，写入 {workbook}；什么都还没有写。",
        "{name} would get these columns, as {workbook}; nothing was written.",
    ),
    "adopt.complete": (
        "{name} 什么都不缺，未作改动。",
        "{name} lacks nothing and was left as it is.",
    ),
    "adopt.left": ("{name} 未作改动。", "{name} was left as it is."),
    "adopt.refused": ("{name} 未作改动：{reason}", "{name} was left as it is: {reason}"),
    # conflicts
    "conflicts.none": ("没有冲突副本。", "There are no conflict copies."),
    "conflicts.title": (
        "{workbook} 是 {original} 的副本",
        "{workbook} is a copy of {original}",
    ),
    "conflicts.same": ("  内容没有差别，可以删去副本。", "  They hold the same; delete the copy."),
    "conflicts.reason": ("  无法比较：{reason}", "  They can't be compared: {reason}"),
    "conflicts.added": (
        "  只在副本里  {sheet} 第 {row} 行“{item}”",
        '  only in the copy      {sheet}, row {row}: "{item}"',
    ),
    "conflicts.removed": (
        "  只在原表里  {sheet} 第 {row} 行“{item}”",
        '  only in the original  {sheet}, row {row}: "{item}"',
    ),
    "conflicts.edited": (
        "  两边不同    {sheet} 第 {row} 行“{item}”",
        '  different             {sheet}, row {row}: "{item}"',
    ),
    "conflicts.cell": (
        "    {cell} {column}：原表“{original}”，副本“{copy}”",
        '    {cell} {column}: "{original}" in the original, "{copy}" in the copy',
    ),
    # merge
    "merge.title": ("从 {workbook} 合并到 {original}", "From {workbook} into {original}"),
    "merge.edited": (
        "  修改  {sheet} 第 {row} 行“{item}”",
        '  change  {sheet}, row {row}: "{item}"',
    ),
    "merge.added": (
        "  新增  {sheet} 第 {row} 行“{item}”",
        '  add     {sheet}, row {row}: "{item}"',
    ),
    "merge.refused": (
        "  跳过  副本的 {sheet} 第 {row} 行“{item}”：{reason}",
        '  skip    {sheet}, row {row} of the copy: "{item}": {reason}',
    ),
    "merge.cell": (
        "    {cell} {column}：{before} → {after}",
        "    {cell} {column}: {before} → {after}",
    ),
    "merge.kept": (
        "  只在原表里的 {count} 行不删除。",
        "  Rows that only the original holds stay: {count}.",
    ),
    "merge.ask": ("合并到 {original} 吗？", "Write this into {original}?"),
    "merge.merged": (
        "已合并 {count} 行到 {original}，原来的内容已存为历史版本；"
        "核对后请删去副本，再运行 xlflow sync。",
        "Rows taken over into {original}: {count}; what it held is kept as a version. "
        "Check it, delete the copy, and run xlflow sync.",
    ),
    "merge.left": ("{original} 未作改动。", "{original} was left as it is."),
    "merge.nothing": (
        "没有可以合并的行，{original} 未作改动。",
        "There is nothing to take over; {original} was left as it is.",
    ),
    # history, restore
    "history.title": (
        "{workbook} 有 {count} 个历史版本，新的在前：",
        "Kept versions of {workbook}: {count}, newest first:",
    ),
    "history.version": ("{id}  {time}  {size} KB  {by}", "{id}  {time}  {size} KB  {by}"),
    "history.by_team": ("团队保存", "saved by the team"),
    "history.by_xlflow": ("xlflow 写入", "written by xlflow"),
    "history.by_name": ("{by}（{name}）", "{by} ({name})"),
    "history.added": ("  新增  {sheet} 第 {row} 行", "  added    {sheet}, row {row}"),
    "history.added_item": (
        "  新增  {sheet} 第 {row} 行“{item}”",
        '  added    {sheet}, row {row}: "{item}"',
    ),
    "history.removed_item": (
        "  删除  {sheet} 第 {row} 行“{item}”",
        '  removed  {sheet}, row {row}: "{item}"',
    ),
    "history.removed": ("  删除  {sheet} 第 {row} 行", "  removed  {sheet}, row {row}"),
    "history.edited": (
        "  修改  {sheet}!{cell} {column}：{before} → {after}",
        "  edited   {sheet}!{cell} {column}: {before} → {after}",
    ),
    "history.blank": ("（空）", "(blank)"),
    "history.finding": ("  {severity}  {told}（{code}）", "  {severity}  {told} ({code})"),
    "history.more": (
        "还有 {count} 个更早的版本；加上 --limit {limit} 可以全部列出。",
        "{count} older versions aren't shown; --limit {limit} lists them all.",
    ),
    "history.closing": (
        "恢复其中一个：xlflow restore {workbook} --version {id}",
        "Restore one: xlflow restore {workbook} --version {id}",
    ),
    "restore.done": (
        "已把 {workbook} 恢复成版本 {version}；换下的内容也存为历史版本。",
        "{workbook} was restored to version {version}; what it replaced is kept, too.",
    ),
}
