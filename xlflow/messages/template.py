"""What a new team workbook says of itself: titles, warnings while typing, the 使用说明 sheet."""

from __future__ import annotations

CATALOGUE: dict[str, tuple[str, str]] = {
    "title": ("{title} · {team}", "{title} · {team}"),
    "subject": ("营销团队工作流程", "Marketing team workflow"),
    "footer_pages": ("第 &P 页，共 &N 页", "Page &P of &N"),
    "required": ("必填。", "Required."),
    # Warnings while typing. A title has at most 32 characters, a text 255.
    "choice_title": ("请从列表中选择", "Please choose from the list"),
    "choice_error": (
        "“{header}”请从下拉列表中选：{choices}。",
        "{header}: please choose one of {choices}.",
    ),
    "stage_title": ("不在流程登记表中", "Not in the process register"),
    "stage_error": (
        "登记的环节有：{choices}。确实是别的环节时，选“确定”即可保留。",
        "The register has {choices}. Choose OK to keep a different one.",
    ),
    "date_title": ("这里一般填日期", "A date is expected here"),
    "date_error": (
        "请填日期，如 2024-06-30。“6月底”“6月30日”这样的写法也能识别，要保留请选“是”；"
        "如果是手误，请选“否”重填。",
        "Please type a date such as 2024-06-30. xlflow also reads '6月底' or '6月30日': "
        "choose Yes to keep it, No to type again.",
    ),
    "days_title": ("天数请再核对", "Please check the days"),
    "days_error": (
        "请只填数字，0 到 {longest} 天之间，可以有小数，如 2.5。确认无误选“是”，要改选“否”。",
        "Please type a number of days between 0 and {longest}, such as 2.5. "
        "Choose Yes to keep what you typed, No to change it.",
    ),
    "quantity_title": ("没有看到数字", "No figure found"),
    "quantity_error": (
        "请写出数字，可以带单位，如 5000条、8%、1.2万。确认无误选“是”，要改选“否”。",
        "Please give a figure, with its unit if it has one, such as 5000 or 8%. "
        "Choose Yes to keep what you typed, No to change it.",
    ),
    "month_title": ("这里填月份", "A month is expected here"),
    "month_error": (
        "请填月份，如 2024-07。确认无误选“是”，要改选“否”。",
        "Please type a month such as 2024-07. Choose Yes to keep what you typed, No to change it.",
    ),
    # The 使用说明 sheet.
    "manual_sheet": ("使用说明", "How to use"),
    "manual_purpose": (
        "四张表，边做边填；xlflow 会核对、提示逾期，并在月底汇总。",
        "Four tables, filled in as you work; xlflow checks them, flags what is overdue "
        "and rolls them up each month.",
    ),
    "manual_sheets": ("一、每张表做什么", "1  What each sheet is for"),
    "manual_filling": ("二、怎么填", "2  How to fill them in"),
    "filling_rows": (
        "一件事一行，从表头下面第一个空行写起；不用的行留空，不要合并单元格。",
        "One row for each matter, from the first empty row on; leave unused rows empty "
        "and don't merge cells.",
    ),
    "filling_notes": (
        "不清楚某一列填什么，就把鼠标停在表头的红色小三角上看说明。",
        "Rest the pointer on the red corner of a header to see what goes into that column.",
    ),
    "filling_free": (
        "可以排序、筛选、插入行、添加自己的列、调整列的顺序；表头的文字请保留。",
        "Sort, filter, insert rows, add or move columns as you like; keep the text of the headers.",
    ),
    "filling_typed": (
        "日期写 2024-06-30，“6月底”也能识别；数值可带单位，如 5000条、8%、1.2万；"
        "多个人或部门用“+”或“、”分开。",
        "Dates as 2024-06-30; figures with their unit, such as 5000 or 8%; "
        "several people or departments separated by + or a comma.",
    ),
    "filling_done": (
        "事情做完：计划改“状态”并填“实际完成时间”，协作填“实际反馈时间”，活动填“实际值”。",
        "When something is done: set the status and the day of a plan item, the answer time of "
        "a request, the actual figure of a campaign.",
    ),
    "filling_deviation": (
        "差异率超过 {limit} 的活动，请写“原因分析”和“改进方向”。",
        "Where a campaign is more than {limit} off its target, give the cause and the next step.",
    ),
    "manual_columns": (
        "三、表头颜色：这一列由谁填写",
        "3  Header colours: who fills in a column",
    ),
    "columns_team": ("深青：由您填写", "Deep teal: yours to fill in"),
    "columns_team_more": (
        "xlflow 只读取、不改动，您填写的内容始终保持原样。",
        "xlflow reads it and never changes what you typed.",
    ),
    "columns_computed": ("浅青：自动计算", "Light teal: computed"),
    "columns_computed_more": (
        "留空时自动计算；填了自己的判断也会保留，与计算结果不同时给出提示。",
        "Computed while blank; your own value is kept, with a remark where it differs.",
    ),
    "columns_system": ("灰色：由 xlflow 填写", "Grey: written by xlflow"),
    "columns_system_more": (
        "“逾期”写超过期限多久，“系统提示”写这一行要核对什么；请不要手工填写。"
        "隐藏的“系统记录”用来识别每一行，请保留。",
        "Overdue says how late it is, Remarks what to check in the row; please don't type there. "
        "The hidden Record column tells rows apart; please keep it.",
    ),
    "manual_colours": ("四、单元格颜色的意思", "4  What the cell colours mean"),
    "colours_late": ("逾期", "Overdue"),
    "colours_late_more": (
        "期限已过，还没有完成或反馈。",
        "The deadline has passed and it is neither done nor answered.",
    ),
    "colours_soon": ("即将到期", "Due soon"),
    "colours_soon_more": ("{days} 天内到期。", "Due within {days} days."),
    "colours_good": ("达到目标", "Target met"),
    "colours_good_more": ("实际值不差于目标值。", "The actual figure is no worse than the target."),
    "colours_bad": ("未达目标", "Target missed"),
    "colours_bad_more": (
        "实际值差于目标值，看“指标方向”是越高越好还是越低越好。",
        "The actual figure is worse than the target, whichever direction is better.",
    ),
    "colours_done": ("已了结", "Settled"),
    "colours_done_more": (
        "已完成、已取消或已反馈的行，文字变灰。",
        "Rows that are done, cancelled or answered turn grey.",
    ),
    "manual_remarks": ("五、看到“系统提示”怎么办", "5  What to do about remarks"),
    "remarks_read": (
        "提示会写明哪个单元格、哪里不对、建议怎么改；行首有一道红线。",
        "A remark names the cell, what is wrong and how to fix it; a red edge marks the row.",
    ),
    "remarks_mend": (
        "改好并保存，提示会自动消失，不用手工删除。",
        "Fix it and save: the remark goes away by itself.",
    ),
    "remarks_open": (
        "文件打开着时，xlflow 会等您关闭后再更新灰色的列，不会打断您。",
        "While you have the file open, xlflow waits until you close it before updating "
        "the grey columns.",
    ),
    "manual_dictionary": ("六、各列一览", "6  All columns"),
    "dictionary_sheet": ("工作表", "Sheet"),
    "dictionary_column": ("列", "Column"),
    "dictionary_who": ("由谁填写", "Filled in by"),
    "dictionary_required": ("必填", "Required"),
    "dictionary_help": ("怎么填写", "What to fill in"),
    "who_team": ("团队", "Team"),
    "who_computed": ("自动计算", "Computed"),
    "who_xlflow": ("xlflow", "xlflow"),
    "yes": ("是", "Yes"),
}
