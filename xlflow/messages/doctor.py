"""What ``xlflow doctor`` looks at, what it finds wrong, and how to fix each.

``<check>`` names what was looked at; ``fault.<name>`` is the fact and ``mend.<name>``
what to do.
"""

CATALOGUE: dict[str, tuple[str, str]] = {
    "excel": ("Excel", "Excel"),
    "wps": ("打开工作簿的程序", "The program that opens workbooks"),
    "dll": ("Excel 连接 Python 的组件", "The library between Excel and Python"),
    "script": ("Excel 运行 Python 的脚本", "The script between Excel and Python"),
    "addin": ("加载项", "The add-in"),
    "blocked": ("来自网络的标记", "Marks of the web (blocked files)"),
    "macros": ("宏设置", "Macro settings"),
    "interpreter": ("Python 的位置", "Where Python is"),
    "workspace": ("工作区", "The workspace"),
    "share": ("共享盘", "The share"),
    "onedrive": ("OneDrive", "OneDrive"),
    "well": ("正常  {what}", "ok     {what}"),
    "wrong": (
        "有问题  {what}：{fault}\n        → {mend}",
        "wrong  {what}: {fault}\n       → {mend}",
    ),
    "all_well": ("没有发现问题。", "No problems found."),
    "some_wrong": ("{count} 处需要处理。", "{count} to fix."),
    "fault.no_excel": ("没有找到 Microsoft Excel", "Microsoft Excel wasn't found"),
    "mend.no_excel": (
        "请安装桌面版 Excel 2016 或更新的版本；没有 Excel 时命令行仍可使用。",
        "Install desktop Excel 2016 or newer; the command line works without it.",
    ),
    "fault.wps": (
        ".xlsm 文件由 WPS 打开，而 WPS 里按钮和函数都不能用",
        ".xlsm files open in WPS, where neither buttons nor functions run",
    ),
    "mend.wps": (
        "右键单击 master.xlsm →“打开方式”→“选择其他应用”→ Excel，勾选“始终”。",
        "Right-click master.xlsm, Open with, Choose another app, Excel, Always.",
    ),
    "fault.dll_version": (
        "组件的版本与 xlwings 不同：需要 {wanted}，只有 {found}",
        "the library's version differs from that of xlwings: {wanted} is needed, {found} was found",
    ),
    "mend.dll_version": (
        "请先运行 pip install --force-reinstall xlwings，再运行 xlflow addin install",
        "Run: pip install --force-reinstall xlwings, then xlflow addin install",
    ),
    "fault.bitness": (
        "Excel 是 {bits} 位的，却只有 {found}",
        "Excel is {bits}-bit, but only {found} was found",
    ),
    "mend.bitness": (
        "请运行：pip install --force-reinstall xlwings（它带有 {wanted}）",
        "Run: pip install --force-reinstall xlwings (it includes {wanted})",
    ),
    "fault.dll_missing": ("{folder} 里没有 {wanted}", "{wanted} isn't in {folder}"),
    "mend.dll_missing": (
        "请运行：pip install --force-reinstall xlwings",
        "Run: pip install --force-reinstall xlwings",
    ),
    "fault.addin_gone": ("加载项不见了：{path}", "the add-in is gone: {path}"),
    "mend.addin_gone": ("请运行：xlflow addin install", "Run: xlflow addin install"),
    "fault.addin_version": (
        "加载项是为 xlwings {built} 构建的，现在装的是 {installed}",
        "the add-in was built for xlwings {built}, but {installed} is installed",
    ),
    "mend.addin_version": (
        "请关闭 Excel，运行：xlflow addin install",
        "Close Excel and run: xlflow addin install",
    ),
    "fault.disabled": ("Excel 停用了 {name}", "Excel has disabled {name}"),
    "mend.disabled": (
        "在 Excel 中：文件 → 选项 → 加载项 → 管理“禁用项目”→ 转到，选中它并启用。",
        "In Excel: File, Options, Add-ins, Manage “Disabled Items”, Go; select it and enable it.",
    ),
    "fault.marked": (
        "{path} 带有来自网络的标记，Excel 不运行其中的宏",
        "{path} is marked as coming from the web, so Excel runs none of its macros",
    ),
    "mend.marked": (
        "右键单击该文件 →“属性”→ 勾选“解除锁定”→“确定”。",
        "Right-click the file, Properties, Unblock, OK.",
    ),
    "fault.macro_policy": (
        "单位的策略禁止了所有宏",
        "your organisation's policy forbids all macros",
    ),
    "mend.macro_policy": (
        "请管理员把工作区的文件夹设为“受信任位置”；在那之前由 Excel 自带的函数计算。",
        "Ask the administrator to make the workspace's folder a trusted location; "
        "until then Excel's own functions do the calculating.",
    ),
    "fault.macro_signed": (
        "单位的策略只允许已签名的宏",
        "your organisation's policy allows signed macros only",
    ),
    "mend.macro_signed": (
        "请管理员把工作区的文件夹设为“受信任位置”；在那之前由 Excel 自带的函数计算。",
        "Ask the administrator to make the workspace's folder a trusted location; "
        "until then Excel's own functions do the calculating.",
    ),
    "fault.macros_off": ("Excel 禁用了所有宏", "all macros are disabled in Excel"),
    "mend.macros_off": (
        "在 Excel 中：文件 → 选项 → 信任中心 → 宏设置，选“禁用所有宏，并发出通知”，"
        "打开 master.xlsm 时点“启用内容”。",
        "In Excel: File, Options, Trust Center, Macro Settings: “Disable all macros with "
        "notification”; then choose Enable Content when master.xlsm opens.",
    ),
    "fault.interpreter_moved": (
        "{where} 里写的 Python 不在了：{python}",
        "the Python named in {where} is gone: {python}",
    ),
    "mend.interpreter_moved": (
        "请关闭 Excel，在工作区里运行：xlflow addin install",
        "Close Excel and run this inside the workspace: xlflow addin install",
    ),
    "fault.master_unreadable": ("无法读取 {path}：{why}", "{path} can't be read: {why}"),
    "mend.master_unreadable": (
        "请把它移走，从备份找回，或用 xlflow addin build 重新构建一份。",
        "Move it away and restore a copy from a backup, or build a new one with xlflow addin "
        "build.",
    ),
    "fault.master_unreachable": (
        "无法打开 {path}（{reason}）",
        "{path} can't be opened ({reason})",
    ),
    "mend.master_unreachable": (
        "请检查共享盘是否已连接、是否有权限。",
        "Check that the share is connected and that you have permission to read it.",
    ),
    "fault.no_workspace": ("{why}", "{why}"),
    "mend.no_workspace": (
        "请在工作区里运行，或用 -C 指明它：xlflow -C 文件夹 doctor",
        "Run it inside the workspace, or name it: xlflow -C FOLDER doctor",
    ),
    "fault.no_safe_way": (
        "只报告，不写入：在 {mount} 上替换文件，可能丢失别人刚保存的内容",
        "report only, nothing is written: replacing a file on {mount} could lose what somebody "
        "has just saved",
    ),
    "mend.no_safe_way": (
        "请在存放文件的服务器上运行 xlflow，或改用 sshfs 连接，再运行 xlflow sync。",
        "Run xlflow on the server that has the files, or mount the share with sshfs; "
        "then run xlflow sync.",
    ),
    "fault.address": (
        "XLFLOW_WORKSPACE 是网址 {address}，不是本机路径",
        "XLFLOW_WORKSPACE is the web address {address}, not a path on this machine",
    ),
    "mend.address": (
        "请在 OneDrive 或 SharePoint 里选“同步”，再把 XLFLOW_WORKSPACE 设为本机上的文件夹。",
        "Sync the library, then set XLFLOW_WORKSPACE to the folder on this machine.",
    ),
    "fault.teams_unreachable": ("无法打开 {path}（{reason}）", "{path} can't be opened ({reason})"),
    "mend.teams_unreachable": (
        "请检查共享盘是否已连接、是否有权限。",
        "Check that the share is connected and that you have permission to read it.",
    ),
    "fault.onedrive": (
        "工作区在 OneDrive 里（{path}），但系统里查不到 OneDrive 的本机文件夹，"
        "Excel 会给出网址而不是路径",
        "the workspace is in OneDrive ({path}), but the system doesn't say where OneDrive's "
        "local folder is, so Excel gives a web address instead of a path",
    ),
    "mend.onedrive": (
        "请登录 OneDrive 客户端；"
        "或在它的设置里关闭“使用 Office 应用程序同步我打开的 Office 文件”。",
        "Sign in to the OneDrive client, or switch off “Use Office applications to sync Office "
        "files that I open” in its settings.",
    ),
    "fault.script_missing": ("缺少脚本 {name}", "the script {name} is missing"),
    "mend.script_missing": ("请运行：xlflow addin install", "Run: xlflow addin install"),
}
