"""What is said of the daemon, and of who else works on a workspace."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "second": (
        "已经有一个 xlflow watch 在监控这个工作区（{who}，进程 {pid}）；要重新启动，请先停止它",
        "xlflow watch is already running on this workspace ({who}, process {pid}); "
        "stop that one first to restart it",
    ),
    "busy": (
        "另一个 xlflow 正在处理这个工作区，等了 {seconds} 秒还没有结束；请稍后再试",
        "another xlflow is working on this workspace and didn't finish within {seconds} seconds; "
        "try again later",
    ),
    "held": (
        "这个工作区正由 {where} 上的 {who} 监控（进程 {pid}，自 {since} 起）；"
        "请在那台电脑上运行，或先停止那边的 xlflow watch",
        "this workspace is watched by {who} on {where} (process {pid}, since {since}); "
        "run it there, or stop xlflow watch there first",
    ),
    "share_away": (
        "找不到 {path}，共享文件夹可能没有连接；连接之后会自动继续",
        "{path} isn't there, so the share may not be mounted; work continues once it is",
    ),
    "share_refused": (
        "没有权限访问 {path}；请检查共享文件夹的权限，之后会自动继续",
        "there is no permission to access {path}; check the share's permissions, "
        "then work continues",
    ),
    "share_full": (
        "{path} 所在的磁盘已满；请腾出空间，之后会自动继续",
        "the disk of {path} is full; free some space, then work continues",
    ),
    "share_slow": (
        "共享文件夹很慢，列出一次要 {seconds} 秒；提示会晚一些写入",
        "the share is slow: listing it once takes {seconds} seconds; flags will be written later",
    ),
    "lease_refused": (
        "无法在共享文件夹里写入 .xlflow-owner：{reason}；别的电脑因此看不到这里在监控",
        ".xlflow-owner can't be written in the share: {reason}; "
        "other machines can't see that this one is watching",
    ),
    "inotify_watches": (
        "系统允许的监视数已用完（max_user_watches = {now}），暂时改用轮询；"
        "请管理员运行：sysctl fs.inotify.max_user_watches={wanted}",
        "the system allows no more watches (max_user_watches = {now}), so polling is used for now; "
        "as administrator: sysctl fs.inotify.max_user_watches={wanted}",
    ),
    "inotify_instances": (
        "系统允许的监视实例已用完（max_user_instances = {now}），暂时改用轮询；"
        "请管理员运行：sysctl fs.inotify.max_user_instances={wanted}",
        "the system allows no more watchers (max_user_instances = {now}), so polling is used for "
        "now; as administrator: sysctl fs.inotify.max_user_instances={wanted}",
    ),
    "observer_failed": (
        "系统的文件通知不能用：{reason}；暂时改用轮询",
        "the system's file notifications don't work: {reason}; polling is used for now",
    ),
    "reader_died": (
        "读取这个工作簿的进程意外结束了；稍后会再试",
        "the process that read this workbook died; it will be tried again",
    ),
    "reader_slow": (
        "{seconds} 秒内没有读取完这个工作簿；稍后会再试",
        "this workbook couldn't be read within {seconds} seconds; it will be tried again",
    ),
    "crashed": (
        "处理时出现意外：{reason}；稍后会再试，详情见日志",
        "an unexpected failure: {reason}; it will be tried again; see the log for details",
    ),
    "state_moved": (
        "id 或 state_dir 改了，要重新启动 xlflow watch 才生效",
        "id or state_dir was changed; restart xlflow watch for it to take effect",
    ),
    "pause": (
        "网盘正在同步，两次写入之间至少隔 {seconds} 秒，稍后再写入提示",
        "the folder is being synced, so at least {seconds} seconds pass between two writes; "
        "the flags will be written later",
    ),
    "real_time_only": (
        "watch 按真实时间运行，不能加 --as-of",
        "watch runs in real time and can't be given --as-of",
    ),
}
