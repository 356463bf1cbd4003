"""What is said of the daemon as a service of this user."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "unsupported": (
        "这个系统（{system}）上没有 xlflow 支持的服务管理程序；"
        "请用自己的方式让 xlflow watch 一直运行。",
        "This system ({system}) has no service manager that xlflow supports; "
        "keep xlflow watch running in your own way.",
    ),
    "no_systemd": (
        "这里没有运行用户级 systemd（容器里或没有登录会话时就是这样），没有安装；"
        "请直接运行 xlflow watch，或交给容器自己的管理程序。",
        "No systemd runs for this user (as in containers, or without a login session), so nothing "
        "was installed; run xlflow watch itself, or leave it to the container's supervisor.",
    ),
    "no_scheduler": (
        "任务计划程序没有响应，没有安装；请检查 schtasks 能否运行。",
        "The task scheduler doesn't respond, so nothing was installed; check whether schtasks "
        "runs.",
    ),
    "no_launchd": (
        "没有登录到桌面的会话，launchd 没有响应，没有安装；请登录后再试。",
        "launchd doesn't respond without a desktop session, so nothing was installed; "
        "log in and try again.",
    ),
    "odd_path": (
        "工作区的路径里有不可见的字符，无法写入服务的定义；请给文件夹改名。",
        "The workspace's path contains invisible characters, which a service definition can't "
        "have; "
        "rename the folder.",
    ),
    "unwritten": (
        "无法写入 {path}（{reason}），没有改动；请检查权限。",
        "{path} can't be written ({reason}); nothing was changed. Check its permissions.",
    ),
    "refused": (
        "{command} 没有成功（{reason}），已恢复原样。",
        "{command} failed ({reason}); everything was put back.",
    ),
    # xlflow service
    "installed": (
        "已安装并启动：{name}\n定义在 {path}",
        "Installed and started: {name}\nDefined in {path}",
    ),
    "already": ("已经装好，正在运行：{name}", "Already installed and running: {name}"),
    "linger": (
        "要让它在退出登录后也继续运行：loginctl enable-linger\n"
        "通知地址在 {path} 里写成一行 XLFLOW_NOTIFY_URLS=…，或存入系统密钥库。",
        "To keep it running after you log out: loginctl enable-linger\n"
        "Notice addresses go into {path}, a line XLFLOW_NOTIFY_URLS=…, or into the keyring.",
    ),
    "uninstalled": ("已停止并移除：{name}", "Stopped and removed: {name}"),
    "not_there": ("没有安装，无需移除。", "It isn't installed; there is nothing to remove."),
    "state": ("{name}（{manager}）：{state}\n{path}", "{name} ({manager}): {state}\n{path}"),
    "state.running": ("已安装，正在运行", "installed and running"),
    "state.installed": ("已安装，没有运行", "installed, not running"),
    "state.absent": (
        "没有安装；安装时的内容如下",
        "not installed; this is what would be installed",
    ),
}
