"""What is said of a pass: why a workbook or summary has its status."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "frozen": (
        "{teams} 个团队里有 {lost} 个的工作簿不见了、无法读取或少了一大半，像是共享盘没有连接或网盘"
        "出了错，这次没有写入提示，也没有更新汇总；确认无误后运行 xlflow sync --accept",
        "the workbooks of {lost} of {teams} teams are gone, unreadable or mostly empty, as when a "
        "share isn't mounted; nothing was flagged or rolled up. If this is intended: "
        "xlflow sync --accept",
    ),
    "second_reading": (
        "上次有 {before} 行，这次只有 {now} 行；先按上次的数据汇总，下次读取到同样的内容再采用",
        "it had {before} rows and now has {now}; the previous rows are used until the next pass "
        "finds the same content again",
    ),
    "copy": (
        "与“{original}”内容重复，未计入；请把改动合并到一个文件，再删掉另一个",
        "it repeats the content of {original} and isn't counted; merge the two and delete one",
    ),
    "only_reports": (
        "设置为只报告（write_back = report），没有写入系统列",
        "set to report only (write_back = report); no cells were written",
    ),
    "cloud_synced": (
        '文件夹由 {cloud} 同步，只报告、不写入；如确需写入，请设 write_back = "cells"',
        "the folder is synced by {cloud}, so no cells are written; "
        'write_back = "cells" changes that',
    ),
    "no_safe_way": (
        "只报告，不写入：在这个共享盘（{mount}）上替换文件，可能丢失别人刚保存的内容；"
        "请在存放文件的服务器上运行 xlflow，或改用 sshfs 连接",
        "report only, nothing is written: replacing a file on this share ({mount}) could "
        "lose what somebody has just saved; run xlflow on the server that has the files, "
        "or mount it with sshfs",
    ),
    "share_exchange": (
        "此共享盘可安全写入：新旧文件一步互换，不会丢失别人的保存",
        "this share can be written safely: the new file takes the old one's place in one step, "
        "so nobody's save is lost",
    ),
    "share_no_replace": (
        "此共享盘可安全写入：先移开旧文件，再放入新文件，不会丢失别人的保存",
        "this share can be written safely: the old file is moved aside before the new one is put "
        "in place, so nobody's save is lost",
    ),
    "share_link": (
        "此共享盘可安全写入：先移开旧文件，再放入新文件（硬链接），不会丢失别人的保存",
        "this share can be written safely: the old file is moved aside before the new one is put "
        "in place (hard links), so nobody's save is lost",
    ),
    "share_unknown": (
        "共享盘尚未检查：运行 xlflow sync",
        "the share hasn't been checked yet: run xlflow sync",
    ),
    "signed": (
        "工作簿有数字签名，写入会使签名失效，所以只读取",
        "the workbook is signed; writing would break the signature, so it is only read",
    ),
    "hard_linked": (
        "这个文件在别处还有一个硬链接，所以只读取",
        "the file has another hard link elsewhere, so it is only read",
    ),
    "open": (
        "有人正打开着，关闭后再写入提示",
        "somebody has it open; the flags are written once it is closed",
    ),
    "open_by": (
        "{user} 正打开着，关闭后再写入提示",
        "{user} has it open; the flags are written once it is closed",
    ),
    "shown_open": (
        "正在本机的 Excel 里打开着，提示已写入打开的工作簿（之后改过的行除外）；文件在关闭后再写入",
        "it is open in Excel here and shows the flags (except in rows changed since it was saved); "
        "they are written into the file once it is closed",
    ),
    "being_saved": (
        "有人正在保存，这次没有写入，请稍后再试",
        "somebody is saving it right now, so nothing was written; try again in a moment",
    ),
    "crashed": (
        "读取时出现意外：{reason}；请把文件发给维护者",
        "an unexpected failure while reading: {reason}; please send the file to the maintainer",
    ),
    "summary_open": (
        "有人正打开着这份汇总，关闭后再更新",
        "somebody has the summary open; it will be updated once it is closed",
    ),
    "summary_refused": (
        "无法写入 {path}：{reason}；请检查磁盘空间和权限",
        "{path} can't be written: {reason}; check space and permissions",
    ),
    "no_month": (
        "“{text}”不是月份，请写成 2024-07 这样",
        "“{text}” isn't a month; write it like 2024-07",
    ),
    "month_not_over": (
        "{month} 还没有结束，{last} 之后才能结账",
        "{month} isn't over yet; it can be closed after {last}",
    ),
    "no_reason": (
        "请用 --reason 写明重新打开的原因",
        "Say with --reason why it is opened again",
    ),
    "month_not_closed": (
        "{month} 没有结账，不需要重新打开",
        "{month} isn't closed, so there is nothing to reopen",
    ),
    "closed_differs": (
        "{month} 已经结账，但共享文件夹里的数据（{shared}）和本机保存的那份（{copy}）不一致；"
        "请核对两处，把不对的一份整个删掉，再运行一次",
        "{month} is closed, but its data in the shared folder ({shared}) differ from the copy on "
        "this machine ({copy}); compare the two, delete the wrong one as a whole, and try again",
    ),
    "closing_refused": (
        "结账数据无法写入“{path}”：{reason}；月份没有结账，下次再试",
        "The data of the closed month could not be written to “{path}”: {reason}; "
        "it stays open, and is tried again",
    ),
    "month_to_come": (
        "{month} 还没有开始，无法汇总；请改用 {current} 或更早的月份",
        "{month} hasn't begun yet and can't be rolled up; choose {current} or an earlier month",
    ),
    "no_versions": (
        "没有“{workbook}”的历史版本；先运行 xlflow sync",
        "no versions of {workbook} are kept; run xlflow sync first",
    ),
}
