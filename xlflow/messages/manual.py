"""The manual of the command line: what ``--help`` and docs/reference/commands.md say.

``<command>`` is its line in the list of commands, ``<command>.about`` what it
does (a paragraph a line), ``<command>.<parameter>`` one parameter,
``<command>.examples`` lines of ``command # what it does``, ``<command>.exits``
lines of ``code meaning``.
"""

CATALOGUE: dict[str, tuple[str, str]] = {
    "usage.options": ("[选项]", "[OPTIONS]"),
    "usage.command": ("命令 …", "COMMAND …"),
    "heading.start": ("开始", "Getting started"),
    "heading.daily": ("日常", "Every day"),
    "heading.months": ("月末", "At the end of a month"),
    "heading.service": ("长期运行", "Running all the time"),
    "heading.excel": ("Excel", "Excel"),
    "heading.kept": ("历史版本", "Kept versions"),
    "heading.rules": ("校验规则", "Rules"),
    "heading.arguments": ("参数", "Arguments"),
    "heading.options": ("选项", "Options"),
    "heading.common": (
        "通用选项（写在命令前后都可以）",
        "Common options (before or after the command)",
    ),
    "heading.examples": ("示例", "Examples"),
    "heading.exits": ("退出码", "Exit codes"),
    "common.directory": (
        "工作区所在的文件夹；不写则看环境变量 XLFLOW_WORKSPACE，"
        "再从当前文件夹往上找有 xlflow.toml 的一层。",
        "The workspace's folder. Without it: XLFLOW_WORKSPACE, "
        "else the nearest folder from here upwards that holds xlflow.toml.",
    ),
    "common.json": (
        "在标准输出给出一份 JSON，其他信息都写到标准错误。",
        "Print one JSON document to standard output; messages go to standard error.",
    ),
    "common.as_of": (
        "把这一刻当作现在；只写日期指当天结束（24:00），时区按 xlflow.toml。",
        "Use this moment instead of now; a date alone means the end of that day (24:00). "
        "The time zone is that of xlflow.toml.",
    ),
    "common.language": (
        "终端用中文（zh）还是英文（en）；不写则按系统语言。",
        "Use Chinese (zh) or English (en) on the terminal; the locale's language by default.",
    ),
    "common.verbose": (
        "显示更多：没有变化的也列出，出错时给出技术细节。",
        "Show more: also list what is unchanged, and give technical details of failures.",
    ),
    "common.help": ("显示这一页。", "Show this page."),
    "program.about": (
        "xlflow 帮营销团队管好 Excel 流程表：校验每个团队的工作簿，在系统列里提示问题和逾期，"
        "并汇总成每月一份的报表。大家填写的内容一个字也不会改。\n"
        "第一次用？运行 xlflow demo，看看它在五个示例团队里查出了什么。",
        "xlflow looks after marketing teams' workflow tables in Excel: it validates each team's "
        "workbook, flags problems and overdue items in columns of its own, and rolls everything "
        "up into one summary a month. What people typed is never changed.\n"
        "New here? Run xlflow demo and see what it finds in five sample teams.",
    ),
    "program.version": ("显示版本号。", "Show the version."),
    "program.examples": (
        "xlflow demo # 生成一个示例工作区看看\n"
        "xlflow init 流程表 --team 市场一部 # 新建自己的工作区\n"
        "xlflow sync # 读取改动、写入提示、更新汇总\n"
        "xlflow sync --help # 某个命令的详细说明",
        "xlflow demo # make a sample workspace and look around\n"
        "xlflow init workflow --team Marketing # start your own workspace\n"
        "xlflow sync # read what changed, flag it, update the summaries\n"
        "xlflow sync --help # all about one command",
    ),
    "program.exits": (
        "0 完成（查出问题也算完成）\n1 完成，但有需要处理的事\n2 无法运行：用法、设置、路径等不对",
        "0 done (findings included)\n1 done, but something needs attention\n"
        "2 could not run: wrong usage, settings, path …",
    ),
    "demo": ("生成示例工作区，运行一次看看", "Make a sample workspace and try everything once"),
    "demo.about": (
        "新建一个带五个示例团队的工作区，按 2024-07-16 运行一次同步，生成 2024-07 的汇总，"
        "然后说明查出了什么、文件在哪里、接下来可以试什么。",
        "Makes a workspace with five sample teams, runs one pass as of 2024-07-16 and the summary "
        "for 2024-07, then says what it found, where the files are and what to try next.",
    ),
    "demo.target": (
        "放在哪里；默认 xlflow-demo。已有内容的文件夹保持原样。",
        "Where to put it; xlflow-demo by default. A folder that isn't empty is left alone.",
    ),
    "demo.examples": (
        "xlflow demo # 生成到 xlflow-demo\nxlflow demo 试用 # 生成到指定文件夹",
        "xlflow demo # into xlflow-demo\nxlflow demo trial # into a folder of your choice",
    ),
    "demo.exits": (
        "0 完成\n2 无法运行：文件夹里已有内容，或不能写入",
        "0 done\n2 could not run: the folder isn't empty or isn't writable",
    ),
    "init": ("新建工作区", "Make a new workspace"),
    "init.about": (
        "新建工作区：带注释的 xlflow.toml、协调人用的 master.xlsm、放团队工作簿的 teams/ "
        "和放汇总的 summaries/。已有的文件从不覆盖。\n"
        "不写 --language 时，工作簿用中文。",
        "Makes a workspace: a commented xlflow.toml, the coordinator's master.xlsm, teams/ for the "
        "teams' workbooks and summaries/ for the summaries. Nothing that exists is overwritten.\n"
        "Workbooks are in Chinese unless --language says en.",
    ),
    "init.target": (
        "工作区的文件夹，没有就新建。",
        "The workspace's folder; created if it doesn't exist.",
    ),
    "init.team": (
        "同时为这个团队建一份工作簿；可以写多次。",
        "Make a workbook for this team, too; may be given several times.",
    ),
    "init.examples": (
        "xlflow init 流程表 --team 市场一部 --team 市场二部 # 两个团队\n"
        "xlflow init workflow --language en # 工作簿用英文",
        "xlflow init workflow --team East --team West --language en # two teams, in English\n"
        "xlflow init 流程表 --team 市场一部 # workbooks in Chinese",
    ),
    "init.exits": (
        "0 完成\n2 无法运行：已经是工作区、团队名称不能作文件名，或不能写入",
        "0 done\n2 could not run: already a workspace, a team's name isn't a valid file name, "
        "or the folder isn't writable",
    ),
    "team": ("添加团队工作簿", "Add team workbooks"),
    "team.about": (
        "从模板为每个团队建一份工作簿，文件名就是团队名称。已有的不会覆盖。",
        "Makes a workbook from the template for each team; the file's name is the team's. "
        "Nothing that exists is overwritten.",
    ),
    "team.names": ("团队的名称。", "The team's name."),
    "team.examples": (
        "xlflow team 市场三部 # 新建 teams/市场三部.xlsx",
        "xlflow team North South # teams/North.xlsx and teams/South.xlsx",
    ),
    "team.exits": (
        "0 完成\n2 无法运行：没有工作区、已有同名工作簿，或名称不能作文件名",
        "0 done\n2 could not run: no workspace, the workbook exists already, "
        "or the name isn't a valid file name",
    ),
    "check": ("只校验，什么都不写", "Validate only, without writing anything"),
    "check.about": (
        "校验工作簿并列出问题，不写任何文件，也不看以前的版本。\n"
        "不写路径时检查工作区里的全部团队工作簿。工作区以外的文件也可以检查："
        "用离它最近的 xlflow.toml，没有就用默认设置。",
        "Validates workbooks and lists the findings. Writes nothing anywhere and doesn't look at "
        "earlier versions.\n"
        "Without a path it checks all teams of the workspace. Files outside a workspace can be "
        "checked, too, with the nearest xlflow.toml above them or the default settings.",
    ),
    "check.paths": (
        "工作簿或文件夹；先从当前文件夹找，再从工作区找。",
        "Workbooks or folders, looked for from the current folder, then from the workspace.",
    ),
    "check.teams": ("只检查这个团队，可以写多次。", "Only this team; can be repeated."),
    "check.severity": (
        "只列这个级别和更严重的问题：error、warning 或 info。",
        "Only findings of this level and more severe ones: error, warning or info.",
    ),
    "check.cross_check": (
        "另用 openpyxl 读一遍，列出两种读法不同的每个单元格；原因已知的只计数。",
        "Read with openpyxl, too, and name each cell on which the two readers differ; "
        "differences with a known reason are only counted.",
    ),
    "check.examples": (
        "xlflow check # 全部团队\n"
        "xlflow check teams/市场一部.xlsx # 一份工作簿\n"
        "xlflow check --cross-check # 与 openpyxl 的读法对照\n"
        "xlflow check --json > 问题.json # 交给别的程序",
        "xlflow check # all teams\n"
        "xlflow check teams/East.xlsx # one workbook\n"
        "xlflow check --cross-check # compare with openpyxl's reading\n"
        "xlflow check --json > findings.json # for another program",
    ),
    "check.exits": (
        "0 没有错误级别的问题\n"
        "1 有错误级别的问题，有无法读取的工作簿，或者与 openpyxl 的读法不同而原因不明\n"
        "2 无法运行",
        "0 no errors found\n"
        "1 errors found, a workbook can't be read, or an unexplained difference from openpyxl's "
        "reading\n"
        "2 could not run",
    ),
    "sync": ("读取改动、写入提示、更新汇总", "Read what changed, flag it, update the summaries"),
    "sync.about": (
        "同步一次：读取改动过的工作簿，校验，在系统列里写入提示，记录内容，并更新相关月份的汇总。"
        "没有改动时什么都不写。\n"
        "有人正打开着的工作簿照样读取和汇总，只是提示等下一次再写入。被替换的原文件都留有历史版本，"
        "见 xlflow history。\n"
        "有没有改动，看文件的大小和时间；每份工作簿至少一天重新读取一次，也可以用 --all "
        "全部重新读取。",
        "One pass: reads the workbooks that changed, validates them, writes flags into "
        "xlflow's own columns, stores the content, and updates the summaries of the months "
        "concerned. Writes nothing where nothing changed.\n"
        "A workbook that somebody has open is read and counted all the same; only its flags wait. "
        "Every file that is replaced is kept as a version; see xlflow history.\n"
        "Changes are noticed by a file's size and times. Each workbook is read again once a day "
        "in any case, and all of them with --all.",
    ),
    "sync.accept": (
        "确认大批工作簿缺失或行数骤减并非故障，解除冻结。",
        "Confirm that the many missing or shrunken workbooks are intended, and end the freeze.",
    ),
    "sync.everything": (
        "打开每一份工作簿，看上去没有改动的也重新读取。",
        "Open every workbook, also those that seem unchanged.",
    ),
    "sync.examples": (
        "xlflow sync # 现在同步一次\n"
        "xlflow sync --as-of 2024-07-16 # 按那天结束时判断逾期\n"
        "xlflow sync --accept # 解除冻结",
        "xlflow sync # one pass now\n"
        "xlflow sync --as-of 2024-07-16 # what is overdue at the end of that day\n"
        "xlflow sync --accept # end a freeze",
    ),
    "sync.exits": (
        "0 完成（查出问题、提示推迟写入、冲突副本都算完成）\n"
        "1 完成，但有无法读取或无法写入的工作簿，或已冻结\n2 无法运行",
        "0 done (findings, waiting flags and conflict copies included)\n"
        "1 done, but a workbook can't be read or written, or the pass is frozen\n"
        "2 could not run",
    ),
    "summary": ("生成某个月的汇总", "Write one month's summary"),
    "summary.about": (
        "先读取改动，再把全部团队一个月的汇总写进 summaries/：总览、逾期清单、改进优先、"
        "活动效果、协作沟通、校验问题、提交情况。",
        "Reads what changed, then writes one month's summary of all teams into summaries/: "
        "overview, overdue items, priorities, campaigns, requests, findings, who handed in.",
    ),
    "summary.month": ("哪个月，如 2024-07。", "Which month, such as 2024-07."),
    "summary.out": (
        "写到这里，而不是 summaries/。",
        "Write it here instead of into summaries/.",
    ),
    "summary.examples": (
        "xlflow summary --month 2024-07 # 七月的汇总\n"
        "xlflow summary --month 2024-07 --json # 只要数字",
        "xlflow summary --month 2024-07 # July's summary\n"
        "xlflow summary --month 2024-07 --json # the figures for another program",
    ),
    "summary.exits": (
        "0 完成（这个月没有数据也算完成）\n2 无法运行：月份不对、没有工作区等",
        "0 done (a month without data included)\n2 could not run: not a month, no workspace …",
    ),
    "close": ("结账：某个月的数字从此不变", "Close a month, so that its figures no longer change"),
    "close.about": (
        "先读取改动，再把某个月的数字、明细和来源版本存到 summaries/.closed/，并最后一次写入汇总。"
        "之后再改工作簿，这个月的数字也不变。宽限期过后，月份会自动结账（设置 months.close）。",
        "Reads what changed, keeps the month's figures, rows and source versions in "
        "summaries/.closed/, and writes its summary a last time. Later edits no longer change it. "
        "After its grace period a month closes by itself (setting months.close).",
    ),
    "close.month": (
        "哪个月，如 2024-07；必须已经结束。",
        "Which month, such as 2024-07; it must be over.",
    ),
    "close.examples": (
        "xlflow close 2024-07 # 七月结账",
        "xlflow close 2024-07 # close July",
    ),
    "close.exits": (
        "0 已结账（以前结过也算）\n1 现在无法写入\n2 无法运行：月份没有结束、没有工作区等",
        "0 closed (closed before included)\n1 it can't be written now\n"
        "2 could not run: the month isn't over, no workspace …",
    ),
    "reopen": ("重新打开已结账的月份", "Open a closed month again"),
    "reopen.about": (
        "某个月结账后还要更正时使用。原来的数据和原因一起留在 summaries/.closed/ 里；"
        "这个月随工作簿变化，直到再次运行 xlflow close。",
        "For a correction after a month was closed. The former data stay in summaries/.closed/ "
        "with the reason; the month follows the workbooks until xlflow close is run again.",
    ),
    "reopen.month": ("哪个月，如 2024-07。", "Which month, such as 2024-07."),
    "reopen.reason": (
        "为什么重新打开，和原来的数据存在一起。",
        "Why it is opened; kept beside the former data.",
    ),
    "reopen.examples": (
        'xlflow reopen 2024-07 --reason "漏了市场二部的活动" # 重新打开七月',
        'xlflow reopen 2024-07 --reason "a campaign was missing" # open July again',
    ),
    "reopen.exits": (
        "0 已重新打开\n1 现在无法写入\n2 无法运行：月份没有结账、没有工作区等",
        "0 it is open again\n1 it can't be written now\n"
        "2 could not run: the month isn't closed, no workspace …",
    ),
    "overdue": ("列出逾期的事项和负责人", "List what is overdue, and who owns it"),
    "overdue.about": (
        "先读取改动，再列出过了期限还没完成的计划和没得到反馈的协作事项，以及由谁负责。",
        "Reads what changed, then lists plan items past their date and requests without an "
        "answer, and who owns them.",
    ),
    "overdue.examples": (
        "xlflow overdue # 现在逾期的\nxlflow overdue --as-of 2024-07-16 # 到那天结束时逾期的",
        "xlflow overdue # what is overdue now\n"
        "xlflow overdue --as-of 2024-07-16 # what was overdue at the end of that day",
    ),
    "overdue.teams": ("只列这个团队，可以写多次。", "Only this team; can be repeated."),
    "overdue.owners": (
        "只列这个人负责的，可以写多次。",
        "Only what this person owns; can be repeated.",
    ),
    "overdue.form": (
        "催办清单：text 和 markdown 按负责人列出，可以贴进聊天窗口；csv 可以贴进表格。",
        "A list to chase people with: text and markdown by owner, to be pasted into a chat; "
        "csv for a sheet.",
    ),
    "overdue.exits": ("0 完成\n2 无法运行", "0 done\n2 could not run"),
    "watch": ("持续监控工作区", "Watch the workspace until stopped"),
    "watch.about": (
        "有人保存工作簿，就马上读取、校验、写入提示、更新汇总；过了零点或期限，逾期也会重新计算。"
        "有人正打开着的工作簿照样读取，提示等它关闭后再写入。可以一直运行，按 Ctrl+C 停止。\n"
        "一个工作区同时只能由一处监控，别的电脑也算；第二处会被拒绝，并说明是谁在监控。",
        "Whenever somebody saves a workbook, it is read, validated, flagged and rolled up; when "
        "a day or a deadline passes, what is overdue is worked out again. A workbook that "
        "somebody has open "
        "is read all the same; its flags follow once it is closed. It may run for months; Ctrl+C "
        "stops it.\n"
        "A workspace is watched from one place only, whatever the machine: a second watch is "
        "refused, "
        "and says who is watching.",
    ),
    "watch.examples": (
        "xlflow watch # 监控当前工作区\nxlflow status # 在另一个窗口看它的状态",
        "xlflow watch # watch this workspace\nxlflow status # see how it is doing, in another "
        "window",
    ),
    "watch.exits": (
        "0 按要求停止\n2 无法运行，例如已有一处在监控",
        "0 stopped as asked\n2 could not run, for example because another one is watching",
    ),
    "status": ("各工作簿的状态", "Show the status of each workbook"),
    "status.about": (
        "列出每份工作簿上次同步后的状态、从何时起、原因，以及待发的通知数。"
        "不读取工作簿，也不写任何文件。",
        "Lists the status of each workbook after the last pass, since when and why, and how many "
        "notices are waiting. Reads no workbook and writes nothing.",
    ),
    "status.examples": (
        "xlflow status # 一览\nxlflow status --json # 给监控程序",
        "xlflow status # at a glance\nxlflow status --json # for a monitoring program",
    ),
    "status.exits": ("0 完成\n2 无法运行", "0 done\n2 could not run"),
    "notify": ("发送待发的通知", "Send the notices that are waiting"),
    "notify.about": (
        "列出待发的通知，并立即发送：新的逾期、三天内到期、需要更正的内容，每个团队合成一条。"
        "sync 和 watch 也会自动发送，只是避开免打扰时段；一条内容不会发两次。\n"
        "地址是 apprise 的写法，如 feishu://…、dingtalk://…、wecombot://…、mailto://…，"
        "用空格分开写在环境变量 XLFLOW_NOTIFY_URLS 里，或存入系统密钥库。"
        "写成 zhang=mailto://… 就有了名字，在 xlflow.toml 的 [notify.owners] 里分给负责人；"
        "不带名字的地址收全部通知。",
        "Lists the notices that are waiting and sends them now: what is newly overdue, due within "
        "three days or to be corrected, one message for each team. sync and watch also send them, "
        "outside quiet hours; nothing is sent twice.\n"
        "Addresses are those of apprise, such as feishu://…, dingtalk://…, wecombot://…, "
        "mailto://…, separated by spaces in the environment variable XLFLOW_NOTIFY_URLS, or stored "
        "in the system's keyring. zhang=mailto://… gives an address a name, which [notify.owners] "
        "in xlflow.toml assigns to owners; an address without a name gets every notice.",
    ),
    "notify.test": (
        "不发通知，只给每个地址发一条测试消息。",
        "Send no notices, only a test message to every address.",
    ),
    "notify.examples": (
        "xlflow notify --test # 试试地址通不通\nxlflow notify # 看看有什么待发，马上发送",
        "xlflow notify --test # test the addresses\n"
        "xlflow notify # see what is waiting and send it now",
    ),
    "notify.exits": (
        "0 完成\n1 有通知没有发出去，原因已列出\n2 无法运行：没有设置地址（--test）、没有工作区等",
        "0 done\n1 some notices could not be sent; the reasons are listed\n"
        "2 could not run: no address is set (--test), no workspace …",
    ),
    "service": ("把 watch 安装为当前用户的服务", "Run watch as a service of this user"),
    "service.about": (
        "install 把 xlflow watch 安装为当前用户的服务并启动，登录后自动运行，不需要管理员权限；"
        "uninstall 停止并移除，恢复原样；show 显示状态和服务的定义，什么也不改。\n"
        "Linux 用 systemd，Windows 用任务计划程序，macOS 用 launchd。",
        "install makes xlflow watch a service of this user and starts it; it then starts at login "
        "and needs no administrator. uninstall stops it and removes it without a trace. show "
        "prints its status and definition, and changes nothing.\n"
        "Linux: systemd. Windows: the task scheduler. macOS: launchd.",
    ),
    "service.action": ("做什么。", "What to do."),
    "service.examples": (
        "xlflow service show # 先看看会装上什么\nxlflow service install # 安装并启动\n"
        "xlflow service uninstall # 停止并移除",
        "xlflow service show # first see what would be installed\n"
        "xlflow service install # install and start it\n"
        "xlflow service uninstall # stop and remove it",
    ),
    "service.exits": (
        "0 完成（本来就已如此也算）\n2 无法运行：系统没有这样的服务管理程序等",
        "0 done (also if nothing had to be done)\n2 could not run: no service manager …",
    ),
    "addin": ("Excel 加载项：构建、安装、移除", "The Excel add-in: build, install, remove"),
    "addin.about": (
        "install 把加载项放进 Excel 的启动文件夹：任何工作簿里都有“营销流程”选项卡和 xlf_ 函数；"
        "工作区里的 master.xlsm 也改用当前的 Python。uninstall 恢复原样。都可以重复运行，"
        "运行前请关闭 Excel。\n"
        "build 从源文件构建 master.xlsm、xlflow.xlam 和团队模板，任何系统上都行，不需要 Excel。",
        "install puts the add-in into Excel's start-up folder: every workbook then has the tab "
        "营销流程 and the xlf_ functions; the workspace's master.xlsm is set to use this Python. "
        "uninstall undoes everything. Both can be repeated; close Excel first.\n"
        "build makes master.xlsm, xlflow.xlam and the team template from their sources, "
        "on any system and without Excel.",
    ),
    "addin.action": ("做什么。", "What to do."),
    "addin.output": (
        "build 的文件放在哪里；默认 workbooks。",
        "Where build puts its files; workbooks by default.",
    ),
    "addin.examples": (
        "xlflow addin install # 装进 Excel\nxlflow addin uninstall # 移除\n"
        "xlflow addin build --output 输出 # 只构建",
        "xlflow addin install # install into Excel\nxlflow addin uninstall # remove it again\n"
        "xlflow addin build --output out # build only",
    ),
    "addin.exits": (
        "0 完成\n1 无法写入文件，多半是 Excel 还开着\n2 无法运行：不是 Windows 或 macOS，"
        "或缺少所需的包",
        "0 done\n1 a file can't be written, most likely because Excel is open\n"
        "2 could not run: neither Windows nor macOS, or a package is missing",
    ),
    "doctor": ("检查这台电脑的设置", "Check this machine's set-up"),
    "doctor.about": (
        "检查 Excel、加载项、宏设置、Python 的位置和工作区，逐项说明哪里不对、怎么修。什么也不改。",
        "Checks Excel, the add-in, macro settings, where Python is and the workspace; "
        "says what is wrong and how to fix it. Changes nothing.",
    ),
    "doctor.examples": (
        "xlflow doctor # 全部检查\nxlflow -C 流程表 doctor --json # 指明工作区，给出 JSON",
        "xlflow doctor # check everything\n"
        "xlflow -C workflow doctor --json # name the workspace, print JSON",
    ),
    "doctor.exits": (
        "0 没有问题\n1 有要处理的事\n2 无法运行",
        "0 no problems\n1 something is wrong\n2 could not run",
    ),
    "adopt": ("把现有的工作簿纳入管理", "Give existing workbooks the columns that they lack"),
    "adopt.about": (
        "看懂现有工作簿的表头，补上缺的列（状态、逾期、系统提示等）、下拉列表、格式和颜色，"
        "原有的单元格一个也不动。teams 里的文件就地补上；别处的文件复制到 teams，原文件不动。"
        "原来的内容存为历史版本，随时可以用 xlflow restore 换回来。\n"
        "先列出每个表头当作哪一列，再逐表询问。确认过的对应关系，下次遇到同样的表头会直接建议。",
        "Reads the headers of existing workbooks and adds the columns that are missing (status, "
        "overdue, remarks …) with lists, formats and colours, without touching a cell that is "
        "there. A file in teams is changed in place; one from elsewhere is copied into teams and "
        "left alone. The original is kept as a version that xlflow restore brings back.\n"
        "It first shows which column each header is taken for and asks for each table. A mapping "
        "once confirmed is offered for the next file with the same headers.",
    ),
    "adopt.files": ("工作簿，或放着工作簿的文件夹。", "Workbooks, or folders of them."),
    "adopt.yes": (
        "不再询问，只补表头完全确定的表。",
        "Don't ask; take only the tables whose headers are certain.",
    ),
    "adopt.dry_run": (
        "只列出会做什么，什么都不写。",
        "Show what would be done, and write nothing.",
    ),
    "adopt.examples": (
        "xlflow adopt 旧表.xlsx --dry-run # 先看看会补哪些列\n"
        "xlflow adopt teams --yes # 补好 teams 里所有确定的表",
        "xlflow adopt old.xlsx --dry-run # see which columns would be added\n"
        "xlflow adopt teams --yes # add them to all tables in teams that are certain",
    ),
    "adopt.exits": (
        "0 完成\n1 有文件无法读取，或现在无法写入\n"
        "2 无法运行：没有这个文件，或不在终端里又没有 --yes",
        "0 done\n1 a file can't be read, or can't be written now\n"
        "2 could not run: no such file, or neither a terminal nor --yes",
    ),
    "conflicts": (
        "冲突副本与原表的逐行差异",
        "Show how conflict copies differ from their originals",
    ),
    "conflicts.about": (
        "列出上次 sync 认出的副本，以及每个副本与原表不同的行和单元格。什么都不写。",
        "Lists the copies that the last sync found, and the rows and cells in which each differs "
        "from its original. Nothing is written.",
    ),
    "conflicts.examples": (
        "xlflow conflicts # 副本里多了什么、少了什么、改了什么",
        "xlflow conflicts # what the copies add, lack and change",
    ),
    "conflicts.exits": ("0 完成\n2 无法运行", "0 done\n2 could not run"),
    "merge": (
        "把冲突副本里的行合并到原表",
        "Take rows over from a conflict copy into its original",
    ),
    "merge.about": (
        "把副本里改过的行和多出来的行合并到原表：只写团队自己的列，只写值；改过的行写到原表的同一行，"
        "多出来的行写到数据下方第一个空行，样式沿用那里的。公式、自动计算的列和系统列都不动，"
        "副本里没有的行也不删除。\n"
        "先列出会改哪些单元格，再询问。原来的内容存为历史版本，随时可以用 xlflow restore 换回来。",
        "Takes the rows that a copy changed or added over into its original: only the team's own "
        "columns, and only values. A changed row goes into the same row of the original, an added "
        "one into the first free row below the data, in the style that stands there. Formulas, "
        "computed columns and xlflow's own stay as they are, and a row that the copy lacks isn't "
        "deleted.\n"
        "It first shows the cells that would change, and asks. The original is kept as a version "
        "that xlflow restore brings back.",
    ),
    "merge.copy": ("冲突副本，见 xlflow conflicts。", "The copy, as xlflow conflicts lists it."),
    "merge.rows": (
        "副本里的一行，写法见下面的例子；可以重复。不加或写 all 时，合并所有不同的行。",
        "A row of the copy, such as 'Improvement plan!7'; can be repeated. "
        "Without it, or with all, every row that differs is taken.",
    ),
    "merge.yes": ("不再询问。", "Don't ask."),
    "merge.examples": (
        "xlflow merge 'teams/市场一部(1).xlsx' # 列出会改哪些单元格，再询问\n"
        "xlflow merge 'teams/市场一部(1).xlsx' --rows '流程优化计划!7' --yes # 只合并这一行",
        "xlflow merge 'teams/East(1).xlsx' # show the cells that would change, and ask\n"
        "xlflow merge 'teams/East(1).xlsx' --rows 'Improvement plan!7' --yes # this row only",
    ),
    "merge.exits": (
        "0 完成\n1 有的行没有合并，或现在无法写入，比如有人正打开着\n"
        "2 无法运行：不是冲突副本，没有这一行，或不在终端里又没有 --yes",
        "0 done\n1 some rows weren't taken over, or the original can't be written now, for example "
        "because somebody has it open\n"
        "2 could not run: not a conflict copy, no such row, or neither a terminal nor --yes",
    ),
    "history": ("一份工作簿的历史版本", "List the kept versions of a workbook"),
    "history.about": (
        "列出一份工作簿的历史版本，新的在前，以及相邻版本之间改了哪些内容。",
        "Lists the kept versions of a workbook, newest first, and what changed between them.",
    ),
    "history.path": ("团队工作簿。", "The team's workbook."),
    "history.limit": (
        "只列出最新的 N 个版本。不加时列出 50 个，加 --json 时列出全部。",
        "List the newest N versions only. Without it, 50 are listed, and all of them with --json.",
    ),
    "history.examples": (
        "xlflow history teams/市场一部.xlsx # 有哪些版本，改了什么",
        "xlflow history teams/East.xlsx # which versions there are, and what changed",
    ),
    "history.exits": (
        "0 完成\n2 无法运行：没有这份工作簿",
        "0 done\n2 could not run: no such workbook",
    ),
    "restore": ("恢复一个历史版本", "Restore a kept version"),
    "restore.about": (
        "把工作簿恢复成某个历史版本。被换下的内容也会存为一个历史版本，随时可以再换回来。",
        "Restores a kept version of a workbook. What it replaces is kept as a version, too, "
        "so nothing is lost.",
    ),
    "restore.path": ("团队工作簿。", "The team's workbook."),
    "restore.version": (
        "版本编号，见 xlflow history。",
        "The version's id, as xlflow history lists it.",
    ),
    "restore.examples": (
        "xlflow restore teams/市场一部.xlsx --version 3f9a2c # 恢复这个版本",
        "xlflow restore teams/East.xlsx --version 3f9a2c # restore this version",
    ),
    "restore.exits": (
        "0 完成\n1 现在无法写入，比如有人正打开着\n2 无法运行：没有这份工作簿或这个版本",
        "0 done\n1 it can't be written now, for example because somebody has it open\n"
        "2 could not run: no such workbook or version",
    ),
    "rules": ("列出全部校验规则", "List all rules"),
    "rules.about": (
        "列出每条规则的编号、级别和它指出的问题。"
        "关掉某条或改变级别，在 xlflow.toml 的 [rules] 里写。",
        "Lists each rule's code, its severity and the problem it points out. Switch one off or "
        "change "
        "its severity under [rules] in xlflow.toml.",
    ),
    "rules.examples": (
        "xlflow rules # 全部规则\nxlflow explain XF102 # 某一条的详细说明",
        "xlflow rules # all rules\nxlflow explain XF102 # one rule in detail",
    ),
    "rules.exits": ("0 完成", "0 done"),
    "explain": ("详细说明一条规则", "Explain one rule in detail"),
    "explain.about": (
        "说明一条规则指出什么、为什么要紧、怎样改正。",
        "Says what a rule points out, why it matters and how to fix it.",
    ),
    "explain.code": ("规则编号，如 XF102。", "The rule's code, such as XF102."),
    "explain.examples": (
        "xlflow explain XF102 # 无效日期这一条",
        "xlflow explain XF102 # the rule about dates that don't exist",
    ),
    "explain.exits": ("0 完成\n2 没有这条规则", "0 done\n2 there is no such rule"),
}
