"""What is said when a command can't run, or a workbook can't be written."""

CATALOGUE: dict[str, tuple[str, str]] = {
    # settings
    "settings_unreadable": (
        "无法读取设置文件 {path}（{reason}）。请检查它是否存在、是否有读取权限、是否存为 UTF-8。",
        "The settings file {path} can't be read ({reason}). "
        "Check that it exists, that you have permission to read it, and that it is saved as UTF-8.",
    ),
    "settings_syntax": (
        "设置文件 {path} 的写法有误：{reason}。请改正那一行，文字要放在半角双引号里。",
        "The settings file {path} is not valid: {reason}. "
        "Correct that line; text goes in straight quotation marks.",
    ),
    "settings_unknown": (
        "设置文件 {path} 里没有“{key}”这一项。请删去它。",
        "{path}: there is no setting “{key}”. Remove it.",
    ),
    "settings_unknown_near": (
        "设置文件 {path} 里的“{key}”不是设置项，是不是想写“{near}”？请改正。",
        "{path}: there is no setting “{key}”. Did you mean “{near}”? Correct it.",
    ),
    "settings_value": (
        "设置文件 {path}：“{key}”不能是 {value}，应为 {expected}。请改正。",
        "{path}: “{key}” can't be {value}; it should be {expected}. Correct it.",
    ),
    "settings_rule": (
        "设置 [rules] 里的“{code}”不是规则编号，是不是想写“{near}”？所有规则见 xlflow rules。",
        "[rules] in the settings: there is no rule “{code}”. Did you mean “{near}”? "
        "xlflow rules lists them all.",
    ),
    "settings_rule_rejects": (
        "设置 [rules]：规则 {code} 指出的值不会计入任何数字，所以不能关闭。"
        '可以改成 "warning" 或 "info"。',
        "[rules] in the settings: what rule {code} finds is in no figure, so it can't be switched "
        'off. Set it to "warning" or "info" instead.',
    ),
    "settings_own_word": (
        "设置 [words]：“{word}”本来就是 xlflow 的表头、环节或选项，不能另作他用。请删掉这一行。",
        "[words] in the settings: “{word}” is a header, stage or choice of xlflow's own and can't "
        "stand for anything else. Remove the line.",
    ),
    "settings_word_meaning": (
        "设置 [words]：“{word}”对应的“{meant}”不是表头、环节或选项。是不是“{near}”？",
        "[words] in the settings: “{meant}”, which “{word}” stands for, is no header, stage or "
        "choice. Did you mean “{near}”?",
    ),
    "settings_figure": (
        "设置 [targets] 里“{name}”的 figure 不能是“{figure}”，是不是想写“{near}”？"
        "各项指标见 docs/reference/figures.md。",
        "[targets] in the settings: “{name}” can't have the figure “{figure}”. "
        "Did you mean “{near}”? docs/reference/figures.md lists them all.",
    ),
    # workspace
    "no_workspace": (
        "{path} 及其上级文件夹里没有 xlflow.toml。"
        "请进入工作区再运行，用 -C 指明工作区，或用 xlflow init 新建一个。",
        "There is no xlflow.toml in {path} or above it. "
        "Run this inside a workspace, name one with -C, or make one with xlflow init.",
    ),
    "no_workspace_here": (
        "{path} 不是工作区（里面没有 xlflow.toml）。请检查路径，或用 xlflow init 新建一个。",
        "{path} isn't a workspace (it has no xlflow.toml). "
        "Check the path, or make one with xlflow init.",
    ),
    "workspace_unavailable": (
        "无法访问 {path}：{reason}。请检查共享文件夹是否已连接，再运行一次。",
        "{path} can't be reached: {reason}. Check whether the share is connected, then run it "
        "again.",
    ),
    "no_workspace_in_environment": (
        "环境变量 XLFLOW_WORKSPACE 指向 {path}，那里没有 xlflow.toml。请改正它，或用 -C "
        "指明工作区。",
        "XLFLOW_WORKSPACE points to {path}, which has no xlflow.toml. "
        "Correct it, or name the workspace with -C.",
    ),
    "workspace_exists": (
        "{path} 已经是工作区，未作改动。要增加团队请用 xlflow team，要另建请换一个文件夹。",
        "{path} is already a workspace and was left as it is. "
        "Add teams with xlflow team, or choose another folder.",
    ),
    "workspace_not_made": (
        "无法在 {path} 建立工作区（{reason}）。请检查文件夹权限和磁盘空间后再试。",
        "No workspace could be made in {path} ({reason}). "
        "Check the folder's permissions and the free disk space, then try again.",
    ),
    "team_not_made": (
        "无法写入 {path}（{reason}），这次没有增加任何团队。请检查文件夹权限和磁盘空间后再试。",
        "{path} could not be written ({reason}); no team was added. "
        "Check the folder's permissions and the free disk space, then try again.",
    ),
    "state_in_workspace": (
        "数据文件夹 {path} 在共享的工作区里，会因同步而损坏。"
        "请把 state_dir（或 XLFLOW_STATE_DIR）改到工作区之外。",
        "The state folder {path} is inside the shared workspace, where syncing would damage it. "
        "Move state_dir (or XLFLOW_STATE_DIR) outside the workspace.",
    ),
    "teams_unavailable": (
        "无法打开文件夹 {path}（{reason}）。请检查共享盘是否已连接、是否有权限。",
        "The folder {path} can't be opened ({reason}). "
        "Check that the share is connected and that you have permission to read it.",
    ),
    # names of teams
    "team_name_blank": (
        "团队名称不能为空。请写一个名称，如“市场一部”。",
        "A team's name can't be blank. Give it one, such as Marketing 1.",
    ),
    "team_name_character": (
        "团队名称“{name}”含有文件名不允许的字符 {character}。请去掉它。",
        "The team's name “{name}” contains {character}, which isn't allowed in file names. "
        "Remove it.",
    ),
    "team_name_invisible": (
        "团队名称“{name}”含有看不见的字符 {character}。请去掉它，重新输入名称。",
        "The team's name “{name}” contains the invisible character {character}. "
        "Type the name again without it.",
    ),
    "team_name_edge": (
        "团队名称“{name}”的开头或结尾是空格或句点，Windows 不接受。请去掉。",
        "The team's name “{name}” begins or ends with a space or full stop, "
        "which Windows doesn't accept. Remove it.",
    ),
    "team_name_ignored": (
        "团队名称“{name}”的开头是 {prefix}，这样的文件会被当作临时文件忽略。请换一个名称。",
        "The team's name “{name}” begins with {prefix}; such files are ignored as temporary. "
        "Choose another name.",
    ),
    "team_name_reserved": (
        "“{name}”是 Windows 保留的名称，不能作文件名。请换一个。",
        "“{name}” is a name reserved by Windows. Choose another.",
    ),
    "team_name_long": (
        "团队名称“{name}”太长：文件名 {length} 字节，上限 {limit} 字节（一个汉字 3 字节）。"
        "请缩短。",
        "The team's name “{name}” is too long: its file name has {length} bytes, "
        "and the limit is {limit}. Shorten it.",
    ),
    "team_twice": (
        "团队“{name}”写了两次。请去掉一个。",
        "The team “{name}” is given twice. Remove one.",
    ),
    "team_exists": (
        "团队“{name}”已经有 {path}，未作改动。请换一个名称，或直接使用那个文件。",
        "The team “{name}” already has {path}, which was left as it is. "
        "Choose another name, or use that file.",
    ),
    # a workbook that can't be written
    "workbook_symlink": (
        "{name} 是符号链接，不会改写。请把文件本身放进来。",
        "{name} is a symbolic link and is never written. Put the file itself there.",
    ),
    "workbook_hard_link": (
        "{name} 有 {links} 个硬链接，改写会使它们各自独立，所以没有写入。请复制成单独的文件。",
        "{name} has {links} hard links, which writing would break, so it was not written. "
        "Make a plain copy of it.",
    ),
    "workbook_no_file": (
        "{name} 不是普通文件，没有写入。请换成工作簿文件。",
        "{name} isn't a regular file and was not written. Put a workbook there.",
    ),
    "workbook_read_only": (
        "{name} 是只读文件，没有写入。请取消只读属性或取得写入权限。",
        "{name} is read-only and was not written. Make it writable.",
    ),
    "workbook_open": (
        "{name} 正被打开，没有写入。关闭后会再次写入。",
        "{name} is open in another program and was not written. It will be tried again once "
        "closed.",
    ),
    "disk_full": (
        "磁盘已满，{name} 没有写入，内容完好。请腾出空间。",
        "The disk is full; {name} was not written and is unchanged. Free some space.",
    ),
    "folder_read_only": (
        "{name} 所在的磁盘是只读的，没有写入。请改为可写。",
        "{name} is on a read-only disk and was not written. Make the disk writable.",
    ),
    "write_denied": (
        "没有权限写入 {name} 或它的文件夹，内容完好。请检查权限。",
        "There is no permission to write {name} or its folder; the file is unchanged. "
        "Check the permissions.",
    ),
    "write_failed": (
        "写入 {name} 时出错（{reason}）；会再试一次。",
        "{name} could not be written ({reason}); it will be tried again.",
    ),
}
