"""Why a workbook can't be read, or may not be written: the fact and the fix."""

from __future__ import annotations

CATALOGUE: dict[str, tuple[str, str]] = {
    # the file itself
    "trailing_character": (
        "文件名末尾有空格或句点，Excel 和别的电脑可能无法打开；请改名",
        "the file's name ends with a space or a dot, so Excel and other machines may not open it; "
        "rename it",
    ),
    "is_symlink": (
        "是符号链接，没有打开；请把文件本身放进来",
        "is a symbolic link and was not opened; put the file itself here",
    ),
    "is_folder": ("是文件夹，不是工作簿", "is a folder, not a workbook"),
    "is_fifo": (
        "是命名管道，不是文件，没有打开；请删除它",
        "is a named pipe, not a file, and was not opened; remove it",
    ),
    "is_socket": (
        "是套接字，不是文件，没有打开；请删除它",
        "is a socket, not a file, and was not opened; remove it",
    ),
    "is_device": (
        "是设备，不是文件，没有打开；请删除它",
        "is a device, not a file, and was not opened; remove it",
    ),
    "file_missing": ("文件不存在（可能刚被移走）", "doesn't exist (it may just have been moved)"),
    "no_permission": (
        "没有读取权限，或被其他程序独占；请检查权限，稍后会再试",
        "may not be read, or another program has locked it; check its permissions; it will be "
        "tried again",
    ),
    "io_error": (
        "读取时出错（{reason}）；稍后会再试",
        "could not be read ({reason}); it will be tried again",
    ),
    "still_changing": (
        "正在被写入，内容还不完整；写完后会再次读取",
        "is still being written; it will be read once that is finished",
    ),
    "file_empty": (
        "是空文件（0 字节）；请从备份或历史版本恢复",
        "is empty (0 bytes); restore it from a backup or a kept version",
    ),
    "file_zeros": (
        "内容全是零字节，多半是同步或断电造成的；请从备份或历史版本恢复",
        "contains nothing but zero bytes, most likely after a power cut or a failed sync; "
        "restore it from a backup or a kept version",
    ),
    "other_format": (
        "是 {suffix} 格式；请用 Excel 或 WPS 打开，另存为“Excel 工作簿 (*.xlsx)”",
        "is in the {suffix} format; open it in Excel or WPS and save it as "
        "“Excel Workbook (*.xlsx)”",
    ),
    "other_content": (
        "内容不是 Excel 工作簿（可能是改了名的网页或文本）；请用 Excel 或 WPS 打开，"
        "另存为“Excel 工作簿 (*.xlsx)”",
        "has this name but not the content of a workbook (perhaps a renamed web page or text); "
        "open it in Excel or WPS and save it as “Excel Workbook (*.xlsx)”",
    ),
    "old_binary_content": (
        "虽然叫这个名字，内容却是旧式 .xls/.et 文件；请用 Excel 或 WPS 打开，"
        "另存为“Excel 工作簿 (*.xlsx)”",
        "has this name but the content of an old .xls/.et file; open it in Excel or WPS and "
        "save it as “Excel Workbook (*.xlsx)”",
    ),
    "password": (
        "设有打开密码；请在 Excel 的“文件 › 信息 › 保护工作簿 › 用密码进行加密”中清除密码后保存",
        "needs a password to open; clear it in Excel under File › Info › Protect Workbook › "
        "Encrypt with Password, and save",
    ),
    "company_encrypted": (
        "已被公司的加密软件（{product}）加密；请在装有该软件的电脑上解密，"
        "或请管理员把共享文件夹设为不加密",
        "is encrypted by the company's software ({product}); decrypt it on a machine that has the "
        "software, or ask for this folder to be left out of the encryption",
    ),
    # the archive
    "archive_prefix": (
        "开头多出了 {count} 个字节，不是正常的工作簿，没有读取；请用 Excel 打开并重新保存",
        "has {count} foreign bytes in front, which no normal workbook has, and was not read; open "
        "it in Excel and save it again",
    ),
    "archive_truncated": (
        "不是完整的 xlsx 文件（下载或同步可能中断）；请重新取得或从历史版本恢复",
        "isn't a complete xlsx file (a download or sync may have stopped half-way); "
        "get it again or restore a kept version",
    ),
    "archive_damaged": (
        "文件损坏（{member} 的校验不符）；请用 Excel 的“打开并修复”或从历史版本恢复",
        "is damaged ({member} fails its checksum); use Excel's Open and Repair or restore a "
        "kept version",
    ),
    "archive_duplicate": (
        "压缩包里有两个 {member}，不知道以哪个为准；请用 Excel 打开并重新保存",
        "contains {member} twice, and it is unknown which one counts; open it in Excel and save "
        "it again",
    ),
    "archive_overlap": (
        "压缩包的内容互相重叠（{member}），不是正常的工作簿，没有读取",
        "has overlapping members ({member}), which no normal workbook has, and was not read",
    ),
    "archive_name": (
        "压缩包里有不允许的名称（{member}），没有读取",
        "contains a name that isn't allowed ({member}) and was not read",
    ),
    "archive_encrypted": (
        "压缩包里的 {member} 已加密；请用 Excel 打开并重新保存",
        "contains an encrypted member ({member}); open it in Excel and save it again",
    ),
    "archive_compression": (
        "压缩包里的 {member} 用了不支持的压缩方式（{method}）；请用 Excel 打开并重新保存",
        "contains {member} in an unsupported compression ({method}); open it in Excel and save it "
        "again",
    ),
    "archive_members": (
        "压缩包里有 {count} 个文件，超过上限 {limit}，没有读取",
        "contains {count} members, more than the limit of {limit}, and was not read",
    ),
    "archive_too_large": (
        "解压后有 {size} MB，超过上限 {limit} MB，没有读取；请删去大图片或拆分工作簿",
        "expands to {size} MB, more than the limit of {limit} MB, and was not read; remove large "
        "pictures or split the workbook",
    ),
    "part_too_large": (
        "里面的 {part} 解压后超过上限 {limit} MB，没有读取；请删去大图片或拆分工作簿",
        "contains a part, {part}, that expands to more than the limit of {limit} MB, and was not "
        "read; remove large pictures or split the workbook",
    ),
    "part_missing": (
        "缺少部件 {part}，文件不完整；请用 Excel 的“打开并修复”",
        "is incomplete: its part {part} is missing; use Excel's Open and Repair",
    ),
    # what the parts hold
    "not_a_workbook": (
        "不是 Excel 工作簿（里面是 {found}）；请确认放对了文件",
        "isn't an Excel workbook (it contains {found}); check that it is the right file",
    ),
    "binary_workbook": (
        "内容是 .xlsb 二进制工作簿；请在 Excel 中另存为“Excel 工作簿 (*.xlsx)”",
        "contains a binary workbook (.xlsb); save it in Excel as “Excel Workbook (*.xlsx)”",
    ),
    "sheet_part_missing": (
        "工作表“{sheet}”的内容不在文件里；请用 Excel 的“打开并修复”",
        "lists the sheet “{sheet}” but doesn't contain it; use Excel's Open and Repair",
    ),
    "sheet_malformed": (
        "工作表的 XML 不合规范（{what}）；请用 Excel 打开并重新保存",
        "has a sheet with invalid XML ({what}); open it in Excel and save it again",
    ),
    "too_many_cells": (
        "各工作表合计超过 {limit:,} 个单元格，没有读取；请删去空白但带格式的行列，或拆分工作簿",
        "has more than {limit:,} cells in all its sheets and was not read; delete rows and columns "
        "that are blank but formatted, or split the workbook",
    ),
    "too_many_merges": (
        "各工作表合计超过 {limit:,} 个合并区域，没有读取；请取消多余的合并，或拆分工作簿",
        "has more than {limit:,} merged ranges in all its sheets and was not read; unmerge those "
        "that aren't needed, or split the workbook",
    ),
    "needs_too_much_memory": (
        "读取时内存超过 {limit} MB，没有读取；请删去空白但带格式的行列，或拆成几个工作簿",
        "takes more than {limit} MB of memory to read and was not read; delete rows and columns "
        "that are blank but formatted, or split it into several workbooks",
    ),
    "sheet_root": (
        "工作表部件里不是工作表（根元素是 {root}）",
        "has a sheet part that isn't a worksheet (its root element is {root})",
    ),
    "shared_string_missing": (
        "单元格 {cell} 引用了不存在的文本（编号 {index}）；请用 Excel 的“打开并修复”",
        "has a cell, {cell}, that refers to a text that doesn't exist (number {index}); use "
        "Excel's Open and Repair",
    ),
    "xml_malformed": (
        "里面的 XML 有误（第 {line} 行：{reason}）；请用 Excel 的“打开并修复”",
        "contains broken XML (line {line}: {reason}); use Excel's Open and Repair",
    ),
    "xml_too_large": (
        "里面的 XML 超过 {limit:,} 个元素，没有读取；请拆分工作簿",
        "contains XML of more than {limit:,} elements and was not read; split the workbook",
    ),
    "xml_doctype": (
        "里面的 XML 带有 DOCTYPE，出于安全没有读取；请用 Excel 打开并重新保存",
        "contains XML with a DOCTYPE, which is not read for safety; open it in Excel and save it "
        "again",
    ),
    "xml_encoding": (
        "里面的 XML 用了无法读取的编码（{encoding}）；请用 Excel 打开并重新保存",
        "contains XML in an encoding that can't be read ({encoding}); open it in Excel and save it "
        "again",
    ),
    # why a cell isn't written
    "signed": (
        "带有数字签名，写入会使签名失效，所以没有写入",
        "has a digital signature that writing would break, so nothing was written",
    ),
    "sheet_gone": ("没有工作表“{sheet}”", "has no sheet “{sheet}”"),
    "cell_formula": (
        "{sheet}!{cell} 是公式，不会改写",
        "has a formula at {sheet}!{cell}, which is never overwritten",
    ),
    "cell_twice": (
        "{sheet}!{cell} 在文件里出现了两次，没有写入；请用 Excel 打开并重新保存",
        "contains {sheet}!{cell} twice, so it was not written; open it in Excel and save it again",
    ),
    "cell_merged": (
        "{sheet}!{cell} 被合并单元格覆盖，无法写入；请取消合并",
        "has {sheet}!{cell} covered by a merged cell, so it can't be written; unmerge it",
    ),
    "cell_unplaceable": (
        "工作表“{sheet}”没有数据区，{cell} 无处可写",
        "has no place for {cell} in the sheet “{sheet}”",
    ),
    "text_too_long": (
        "{sheet}!{cell} 的文本超过 Excel 的上限 {limit} 个字符，没有写入",
        "would have more than Excel's {limit} characters at {sheet}!{cell}; it was not written",
    ),
    "number_impossible": (
        "{sheet}!{cell} 存不下数值 {value}，没有写入",
        "can't store the number {value} at {sheet}!{cell}; it was not written",
    ),
}
