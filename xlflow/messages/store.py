"""What is said when the store, or a kept version, can't be used."""

CATALOGUE = {
    "locked": (
        "数据库正被另一个 xlflow 占用：{path}。请等它结束后再试。",
        "The database is in use by another xlflow: {path}. Wait for it to finish, then try again.",
    ),
    "read_only": (
        "数据库不能写入：{path}。请检查文件和文件夹的权限，或磁盘是否只读。",
        "The database isn't writable: {path}. "
        "Check the permissions of the file and its folder, or whether the disk is read-only.",
    ),
    "full": (
        "磁盘已满，数据库没有写入：{path}。请腾出空间后再试，已有的数据没有丢失。",
        "The disk is full, nothing was written to the database: {path}. "
        "Free some space and try again; existing data isn't lost.",
    ),
    "unopened": (
        "无法打开数据库：{path}（{reason}）。请检查文件夹的权限，或用 state_dir 换一个位置。",
        "The database can't be opened: {path} ({reason}). "
        "Check the folder's permissions, or choose another location with state_dir.",
    ),
    "damaged": (
        "数据库已损坏，已改名保留：{path}。请再运行一次，xlflow 会从工作簿和历史版本重新建立。",
        "The database was damaged and has been set aside: {path}. "
        "Run again: xlflow rebuilds it from the workbooks and the kept versions.",
    ),
    "older_form": (
        "数据库还是旧格式：{path}。请先运行 xlflow sync，它会把已有的数据转换过来。",
        "The database has the form of an older xlflow: {path}. "
        "Run xlflow sync first: it carries over what is stored.",
    ),
    "newer_form": (
        "数据库由更新版本的 xlflow 建立：{path}。请先升级这台电脑上的 xlflow；数据库没有改动。",
        "The database was made by a newer xlflow: {path}. "
        "Upgrade xlflow on this machine first; the database was left as it is.",
    ),
    "version_not_kept": (
        "历史版本没有保存到 {path}：{reason}。在能保存之前，xlflow 不会改动工作簿。",
        "The version could not be kept in {path}: {reason}. "
        "Until it can be kept, xlflow changes no workbook.",
    ),
    "version_lost": (
        "无法读取历史版本的文件：{path}（{reason}）。请从备份恢复该文件，或选另一个版本。",
        "The file of that version can't be read: {path} ({reason}). "
        "Restore it from a backup, or choose another version.",
    ),
    "version_damaged": (
        "历史版本的文件内容已改变，不能用来恢复：{path}。请从备份恢复该文件，或选另一个版本。",
        "The file of that version has been changed, so it can't be restored: {path}. "
        "Restore it from a backup, or choose another version.",
    ),
    "notified_unread": (
        "无法读取已发通知的记录：{path}（{reason}）。请检查权限；在能读取之前不会发通知，以免重复。",
        "The record of sent notices can't be read: {path} ({reason}). Check the permissions; "
        "until it can be read, nothing is sent, so that nobody is notified twice.",
    ),
    "notified_not_kept": (
        "无法把已发通知的记录写入 {path}：{reason}。请检查磁盘空间和权限；"
        "在能写入之前不会发通知，以免重复。",
        "The record of sent notices can't be written to {path}: {reason}. Check space and "
        "permissions; "
        "until it can be written, nothing is sent, so that nobody is notified twice.",
    ),
    "no_such_version": (
        "{workbook} 没有版本 {version}。用 xlflow history 查看有哪些版本。",
        "{workbook} has no version {version}. See xlflow history for those it has.",
    ),
}
