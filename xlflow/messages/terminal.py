"""What the command line says beside its manual: answers, complaints, closing words."""

CATALOGUE: dict[str, tuple[str, str]] = {
    # How failures are put.
    "error": ("错误:{message}", "Error: {message}"),
    "unexpected": (
        "意外错误:{what}\n加上 -v 再运行一次可以看到细节;您的文件没有因此受损。",
        "Unexpected error: {what}\nRun it again with -v to see the details.",
    ),
    "usage.form": ("用法:{usage}", "Usage: {usage}"),
    "usage.more": ("详细说明:{path} --help", "More: {path} --help"),
    "usage.near": (",是不是 {near}?", " Did you mean {near}?"),
    "usage.no_such_option": ("没有 {option} 这个选项", "There is no option {option}."),
    "usage.no_such_command": ("没有 {command} 这个命令", "There is no command {command}."),
    "usage.no_command": ("没有写要运行哪个命令", "Which command to run is missing."),
    "usage.no_value": ("{option} 后面缺少内容", "{option} needs a value after it."),
    "usage.flag_with_value": ("{option} 后面不带内容", "{option} takes no value."),
    "usage.missing": ("缺少 {what}", "{what} is missing."),
    "usage.too_many": ("多出来的参数:{what}", "One argument too many: {what}."),
    "usage.not_a_choice": ("{what} 只能是 {choices}", "{what} must be one of {choices}."),
    "usage.bad_value": ("{what} 的内容不对", "{what} can't be that."),
    "usage.other": ("{message}", "{message}"),
    "usage.no_such_moment": (
        "「{value}」不是日期或时刻,请写成 2024-07-16 或 2024-07-16T09:00",
        "'{value}' is no date or moment; write it as 2024-07-16 or 2024-07-16T09:00.",
    ),
    "usage.no_such_month": (
        "「{value}」不是月份,请写成如 2024-07",
        "'{value}' is no month; write it as 2024-07.",
    ),
    "usage.no_such_path": (
        "找不到 {path}:当前文件夹和工作区里都没有",
        "{path} is neither in the current folder nor in the workspace.",
    ),
    "usage.no_such_code": (
        "没有 {code} 这条规则,全部规则见 xlflow rules",
        "There is no rule {code}; xlflow rules lists them all.",
    ),
    "usage.not_a_team_workbook": (
        "{path} 不是这个工作区的团队工作簿",
        "{path} is no team's workbook of this workspace.",
    ),
    "usage.demo_exists": (
        "{path} 里已经有内容,没有动它;请换一个文件夹:xlflow demo 新文件夹",
        "{path} holds something already and was left alone; "
        "choose another folder: xlflow demo FOLDER",
    ),
    # Words that several answers use.
    "list": ("、", ", "),
    "severity.error": ("错误", "error"),
    "severity.warning": ("警告", "warning"),
    "severity.info": ("提示", "info"),
    # rules, explain
    "rules.code": ("编号", "Code"),
    "rules.severity": ("级别", "Severity"),
    "rules.fault": ("指出什么", "Fault"),
    "rules.closing": (
        "共 {count} 条。某一条的详细说明:xlflow explain XF102",
        "{count} rules. One of them at length: xlflow explain XF102",
    ),
    "rules.title": ("{code} {name}({severity})", "{code} {name} ({severity})"),
    "rules.looks_at": ("涉及的列:{columns}", "Looks at: {columns}"),
    "rules.switch": (
        '要关掉它或改变级别,在 xlflow.toml 的 [rules] 里写:{code} = "off",'
        '或 "error"、"warning"、"info"。',
        "To switch it off or change its severity, write under [rules] in xlflow.toml: "
        '{code} = "off", or "error", "warning", "info".',
    ),
    # init, team
    "init.made": ("已新建工作区:{path}", "Made the workspace {path}"),
    "init.workbook": ("  {name}", "  {name}"),
    "init.next": (
        "请各团队填写自己的工作簿;之后运行:xlflow -C {path} sync",
        "Let the teams fill in their workbooks, then run: xlflow -C {path} sync",
    ),
    "init.next_team": (
        "接着添加团队:xlflow -C {path} team 市场一部",
        "Now add a team: xlflow -C {path} team Marketing",
    ),
    "team.made": ("已新建 {workbook}", "Made {workbook}"),
}
