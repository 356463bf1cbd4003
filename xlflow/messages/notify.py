"""What notices say to teams, and what is said of sending them."""

CATALOGUE: dict[str, tuple[str, str]] = {
    # The digest of one team. The title is one line, the body a list under headings.
    "title": ("xlflow 提醒｜{team}：{counts}", "xlflow | {team}: {counts}"),
    "joint": ("，", ", "),
    "names": ("、", ", "),
    "count.overdue": ("逾期 {count} 项", "{count} overdue"),
    "count.soon": ("即将到期 {count} 项", "{count} due soon"),
    "count.error": ("待更正 {count} 处", "{count} to correct"),
    "heading.overdue": ("【逾期】", "OVERDUE"),
    "heading.soon": ("【即将到期】", "DUE SOON"),
    "heading.error": ("【待更正】", "TO CORRECT"),
    "item": ("· {item}：{when}（{due}），{owners}", "- {item}: {when} ({due}), {owners}"),
    "item_of_nobody": ("· {item}：{when}（{due}）", "- {item}: {when} ({due})"),
    "nameless": ("{sheet} 第 {row} 行", "{sheet}, row {row}"),
    "mistake": ("· {place}：{told}（{code}）", "- {place}: {told} ({code})"),
    "mistake_of_workbook": ("· {told}（{code}）", "- {told} ({code})"),
    "due.0": ("今天到期", "due today"),
    "due.1": ("明天到期", "due tomorrow"),
    "due.2": ("后天到期", "due in 2 days"),
    "due.3": ("3天后到期", "due in 3 days"),
    "due.other": ("到期", "due"),
    "closing": ("详见 {workbook}", "See {workbook}"),
    "rest": (
        "另有 {count} 项没有列出，详见 {workbook}",
        "{count} more aren't listed; see {workbook}",
    ),
    # The test notice of xlflow notify --test.
    "trial_title": ("xlflow 测试通知", "xlflow: test notice"),
    "trial": (
        "这是一条测试通知，来自工作区“{workspace}”。能收到它，就说明这个地址也能收到逾期和到期提醒。",
        "This is a test notice from the workspace “{workspace}”. If you can read it, reminders "
        "about overdue and upcoming items will reach this address, too.",
    ),
    # Why notices wait.
    "no_address": (
        "没有设置通知地址；请把地址写进环境变量 XLFLOW_NOTIFY_URLS，"
        "或运行 keyring set xlflow {workspace} 存入系统密钥库",
        "no address is set; put it into the environment variable XLFLOW_NOTIFY_URLS, "
        "or store it with keyring set xlflow {workspace}",
    ),
    "nobody": (
        "有 {count} 条没有对应的地址；请加一个不带名字的地址，或在 [notify.owners] 里写明负责人",
        "{count} have no matching address; add an address without a name, "
        "or name their owners under [notify.owners]",
    ),
    "keyring": (
        "无法打开系统密钥库（{reason}）；请解锁，或改用环境变量 XLFLOW_NOTIFY_URLS",
        "the system's keyring can't be opened ({reason}); unlock it, "
        "or use the environment variable XLFLOW_NOTIFY_URLS",
    ),
    "quiet": (
        "现在是免打扰时段，{until} 后发送",
        "these are quiet hours; the notices will be sent after {until}",
    ),
    "failed": (
        "未能发到 {address}：{told}；{until} 后再试",
        "{address} could not be reached: {told}; it will be tried again after {until}",
    ),
    "resting": (
        "上次未能发到 {address}，{until} 后再试",
        "{address} could not be reached last time; it will be tried again after {until}",
    ),
    "busy": (
        "另一个 xlflow 正在发送",
        "another xlflow is sending right now",
    ),
    "full": (
        "待发通知已达上限 {count} 条，新的暂不排队；发出一部分后会补上",
        "{count} notices are waiting, which is the limit; "
        "new ones will be queued once some have been sent",
    ),
    "address_in_settings": (
        "xlflow.toml 的 {key} 里不能写通知地址，它等同于密码；请只写地址的名字，"
        "地址写进环境变量 XLFLOW_NOTIFY_URLS，如 zhang=mailto://…",
        "{key} in xlflow.toml contains a notice address, which is as good as a password. "
        "Write only the address's name there, and the address itself into XLFLOW_NOTIFY_URLS, "
        "such as zhang=mailto://…",
    ),
    # What a service answered, where it said nothing itself.
    "no_such_service": (
        "地址写法不对，或没有这种服务",
        "the address is not valid, or there is no such service",
    ),
    "no_answer": ("没有响应，或拒绝了请求", "it didn't respond, or refused the request"),
    # xlflow notify
    "sent": ("已发送 {count} 条通知。", "{count} notices sent."),
    "nothing": ("没有待发的通知。", "No notices are waiting."),
    "waiting": ("待发 {count} 条：", "{count} notices are waiting:"),
    "waiting_of_team": ("  {team}：{counts}", "  {team}: {counts}"),
    "waits": ("还有 {count} 条待发：{reason}。", "{count} notices are waiting: {reason}."),
    "tried": ("{address}：收到了测试通知", "{address}: accepted the test notice"),
    "not_tried": ("{address}：没有发出去，{told}", "{address}: failed: {told}"),
}
