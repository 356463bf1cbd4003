"""What ``check --cross-check`` says about differences between xlflow's reading and openpyxl's."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "value": (
        "读法不同  {place}：xlflow 读作{ours}，openpyxl 读作{theirs}",
        "difference  {place}: {ours} to xlflow, {theirs} to openpyxl",
    ),
    "number_format": (
        "读法不同  {place}：数字格式 xlflow 读作{ours}，openpyxl 读作{theirs}",
        "difference  {place}: number format {ours} to xlflow, {theirs} to openpyxl",
    ),
    "sheet": (
        "读法不同  {place}：只有 {reader} 读到这张工作表",
        "difference  {place}: only {reader} finds this sheet",
    ),
    "workbook": (
        "读法不同  {place}：xlflow 无法读取，openpyxl 可以",
        "difference  {place}: openpyxl can read it, xlflow can't",
    ),
    "blank": ("空白", "blank"),
    "text": ("“{text}”", "“{text}”"),
    "other": (" {text}", "{text}"),
    "closing": (
        "与 openpyxl 对照：原因不明的差异 {unexplained} 处，原因已知的差异 {explained} 处。",
        "Compared with openpyxl: {unexplained} unexplained differences, {explained} explained.",
    ),
    "count": ("  {count} 处：{reason}", "  {count} × {reason}"),
    "reason.under_merge": (
        "openpyxl 会丢掉被合并单元格盖住的内容",
        "openpyxl drops the content of cells that a merged cell covers",
    ),
    "reason.escape": (
        "openpyxl 不还原 _x000D_ 这类转义",
        "openpyxl doesn't decode escapes such as _x000D_",
    ),
    "reason.elapsed_time": (
        "openpyxl 把时长读成时间间隔，xlflow 读成数字",
        "openpyxl reads elapsed times as time spans, xlflow as numbers",
    ),
    "reason.date_format_missed": (
        "openpyxl 没有认出这是日期格式",
        "openpyxl doesn't recognise the date format",
    ),
    "reason.format_taken_for_date": (
        "openpyxl 误以为这是日期格式",
        "openpyxl takes the number format for a date format",
    ),
    "reason.beyond_last_day": (
        "数字超出日期范围，openpyxl 读成 #VALUE!",
        "openpyxl reads a number outside the range of dates as #VALUE!",
    ),
    "reason.day_zero_of_1904": (
        "1904 日期系统的第 0 天是 1904-01-01，openpyxl 读成时刻",
        "day 0 of the 1904 date system is 1904-01-01, which openpyxl reads as a time",
    ),
    "reason.no_such_day": (
        "Excel 的日历里没有这一天（0 或 1900-02-29）",
        "Excel's calendar has no such day (0, or 29 February 1900)",
    ),
    "reason.built_in_format": (
        "这个内置数字格式因地区而异，openpyxl 用的是另一地区的",
        "the built-in number format depends on the region, and openpyxl's is another one",
    ),
    "reason.formats_lost": (
        "openpyxl 会丢掉 AlternateContent 里的数字格式",
        "openpyxl loses number formats in AlternateContent",
    ),
    "reason.dialog_or_macro_sheet": (
        "这是对话框表或宏表，xlflow 不读",
        "a dialog or macro sheet, which xlflow doesn't read",
    ),
    "reason.refused_on_purpose": (
        "xlflow 有意不读这样的文件",
        "xlflow refuses such files on purpose",
    ),
    "reason.neither_reads": ("两者都无法读取", "neither can read it"),
    "reason.openpyxl_fails": ("openpyxl 无法读取这个文件", "openpyxl can't read the file"),
    "reason.never_computed": (
        "公式从未计算，openpyxl 把占位的 0 当作结果",
        "the formula was never computed, and openpyxl takes the 0 in its place for the result",
    ),
    "reason.openpyxl_hangs": (
        "openpyxl 迟迟没有读完，已停止",
        "openpyxl took too long and was stopped",
    ),
}
