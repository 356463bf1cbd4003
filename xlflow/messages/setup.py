"""What ``xlflow addin`` says: building, installing and uninstalling."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "no_excel_here": (
        "加载项只能装进 Windows 或 macOS 上的 Excel；"
        "这个系统上请用命令行，或用 xlflow addin build 构建。",
        "The add-in goes into Excel on Windows or macOS only; use the command line here, "
        "or build it with xlflow addin build.",
    ),
    "foreign": (
        "{path} 已经存在，而且不是 xlflow 放的，未作改动。请先把它移走再安装。",
        "{path} exists already and isn't xlflow's; it was left alone. "
        "Move it away, then install again.",
    ),
    "unreadable_path": (
        "Excel 的宏无法读取 Python 的路径 {path}（含有系统代码页以外的字符）。"
        "请把 Python 装到只有常用字符的文件夹。",
        "Excel's macros can't read Python's path {path} (it contains characters outside the "
        "system's code page). Install Python in a folder with plain characters.",
    ),
    "not_written": (
        "无法写入 {path}（{reason}）。请关闭所有 Excel 窗口后再试。",
        "{path} can't be written ({reason}). Close all Excel windows, then try again.",
    ),
    "not_removed": (
        "无法删除 {path}（{reason}）。请关闭所有 Excel 窗口后再试。",
        "{path} can't be removed ({reason}). Close all Excel windows, then try again.",
    ),
    "output_only_build": (
        "--output 只用于 xlflow addin build。",
        "--output is only for xlflow addin build.",
    ),
    "built": ("已构建 {path}", "Built {path}"),
    "installed": ("已安装 {path}", "Installed {path}"),
    "told_master": (
        "{path} 现在使用这个 Python：{python}",
        "{path} now uses this Python: {python}",
    ),
    "restart": (
        "请重新启动 Excel，功能区会出现“营销流程”。",
        "Restart Excel; the tab 营销流程 will appear in the ribbon.",
    ),
    "macos": (
        "在 macOS 上按钮可以使用；表格函数（xlf_…）需要 Windows，这里由 Excel 自带的函数代替。",
        "On macOS the buttons work; the worksheet functions (xlf_…) need Windows, "
        "and Excel's own formulas stand in for them.",
    ),
    "removed": ("已移除 {path}", "Removed {path}"),
    "left": (
        "{path} 在安装后被改过，没有移除。不需要的话请自行删除。",
        "{path} was changed after it was installed and was left in place. Delete it if you "
        "don't need it.",
    ),
    "not_installed": (
        "没有安装加载项，无需移除。",
        "The add-in isn't installed; nothing to remove.",
    ),
}
