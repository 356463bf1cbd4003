"""The sentences of the rules' findings, and the rules' pages in Chinese.

The place is put in front of a sentence wherever it is shown; the sentence gives
the fact with its figures and the fix. ``value`` is what stands in the cell,
``column`` its header as in the file, ``fix`` the suggestion. The pages in English
are the docstrings of the rules themselves.
"""

CATALOGUE: dict[str, tuple[str, str]] = {
    # How the findings of a row are put together in 系统提示.
    "of_column": ("{column}：{sentence}", "{column}: {sentence}"),
    "with_code": ("{sentence}（{code}）", "{sentence} ({code})"),
    "joint": ("；", "; "),
    "more": ("另有 {count} 处，见校验结果", "{count} more, see the check"),
    "XF101": ("“{column}”是必填项，请补上", "{column} is required; please fill it in"),
    "XF102": (
        "“{value}”不是有效日期，请改正，如 {example}",
        '"{value}" isn\'t a valid date; use one such as {example}',
    ),
    "XF103": (
        "“{value}”看不出是哪一天，请写明日期，如 {example}",
        '"{value}" isn\'t a date; write it like {example}',
    ),
    "XF104": (
        "“{value}”不是天数，请只填数字，如 3 或 0.5",
        '"{value}" isn\'t a number of days; type just the number, such as 3 or 0.5',
    ),
    "XF105": (
        "“{value}”不是一个明确的数，请写明，如 5000条、8% 或 1.2万",
        '"{value}" isn\'t one definite number; write it like 5000, 8% or 1.2万',
    ),
    "XF106": (
        "“{value}”不在可选项里，请改为：{suggestion}",
        '"{value}" isn\'t in the list; choose: {suggestion}',
    ),
    "XF107": (
        "看不懂反馈时限“{value}”，请改写，如 24小时、2个工作日、每日17:00前，或一个日期",
        'the deadline "{value}" isn\'t understood; '
        "write 24 hours, 2 working days, daily by 17:00, or a date",
    ),
    "XF108": (
        "“{value}”看不出是哪个月，请写明月份，如 2024-07",
        '"{value}" isn\'t a month; write it like 2024-07',
    ),
    "XF109": (
        "公式出错，显示 {value}；请修好公式或直接填值",
        "the formula fails with {value}; fix it or type the value",
    ),
    "XF110": (
        "公式还没有算出结果，请用 Excel 或 WPS 打开并保存一次",
        "the formula has no result yet; open the file in Excel or WPS and save it",
    ),
    "XF111": (
        "“{value}”是文本格式的数字，Excel 求和时会漏掉；请转换为数字",
        '"{value}" is a number stored as text, which Excel leaves out of sums; convert it',
    ),
    "XF112": (
        "“{value}”里有全角字符，请改用半角输入",
        '"{value}" contains full-width characters; type it in half-width',
    ),
    "XF113": (
        "“{value}”没有写年份，{assumed[zh]}；请补上年份",
        '"{value}" has no year and {assumed[en]}; please add the year',
    ),
    "XF114": (
        "“{value}”是大概的日期，按 {taken} 计；如果不是这一天，请写明",
        '"{value}" is taken as {taken}; type the exact day if it is another one',
    ),
    "XF115": (
        "“{value}”按“{meant}”理解，建议从下拉列表选“{meant}”",
        '"{value}" is taken as "{meant}"; please choose that from the list',
    ),
    "XF116": (
        "“{column}”由 xlflow 填写，这里却是公式，无法写入；请清空这个单元格",
        "{column} is written by xlflow but holds a formula; please clear the cell",
    ),
    "XF117": (
        "天数是负数（{value}），不予采用；请改为实际天数",
        "the number of days is negative ({value}) and isn't used; type the actual number",
    ),
    "XF118": (
        "{value} 天超过了 {limit} 天，不予采用；请改正，确实这么长请管理员调高上限",
        "{value} days is more than {limit} and isn't used; correct it, or ask for a higher limit",
    ),
    "XF119": (
        "日期“{value}”的年份不合常理，不予采用；请写明年月日{meant[zh]}",
        "the year of the date \"{value}\" can't be right, so it isn't used; "
        "type the whole date{meant[en]}",
    ),
    "XF120": (
        "这里填的“{value}”看不懂，汇总采用自动计算的结果；想用自动结果，请清空这个单元格",
        '"{value}" isn\'t understood here, so the summary uses the computed value; '
        "clear the cell to have it computed",
    ),
    "XF121": (
        "“{value}”可能是 {one}，也可能是 {other[zh]}，不予采用；请写明，如 {example}",
        '"{value}" may be {one} or {other[en]}, so it isn\'t used; write it like {example}',
    ),
    "XF122": (
        "“{value}”不是天数：一个工作日没有固定的小时数，一周、一个月也没有固定的工作日数；请换算成天，只填数字",
        '"{value}" isn\'t a number of days, and hours, weeks or months have no fixed number of '
        "working days; type the days",
    ),
    "XF123": (
        "“{value}”是约数，按 {taken} 计；知道确切的数请写明",
        '"{value}" is an estimate and counts as {taken}; type the exact number if you know it',
    ),
    "XF201": (
        "“{value}”不在流程登记表的环节里，请改为：{suggestion}",
        '"{value}" isn\'t a stage in the register; use: {suggestion}',
    ),
    "XF202": (
        "这里填的是“{value}”，自动计算是“{computed[zh]}”；想用自动结果，请清空这个单元格",
        '"{value}" was typed, but the computed value is "{computed[en]}"; clear the cell to use it',
    ),
    "XF210": (
        "已填实际完成时间 {done}，状态却是“{status[zh]}”；做完了请改为“{fix}”，没做完请清空日期",
        'it was done on {done}, but the status is "{status[en]}"; '
        'set it to "{fix}", or clear the date if it isn\'t done',
    ),
    "XF211": (
        "状态是已完成，请补上实际完成的日期",
        "the status is done; please fill in the day it was done",
    ),
    "XF212": (
        "{value}（{weekday[zh]}）不是工作日，可改为前一个工作日 {fix}",
        "{value} ({weekday[en]}) isn't a working day; the one before is {fix}",
    ),
    "XF213": (
        "日历未公布：{year} 年的放假安排还没出来，暂按周一至周五算工作日",
        "calendar not published: the holidays of {year} aren't known yet, "
        "so Monday to Friday count as working days",
    ),
    "XF214": (
        "实际完成时间 {done} 早于开始时间 {started}，请核对这两个日期",
        "done on {done}, before it started on {started}; please check both dates",
    ),
    "XF215": (
        "实际完成时间 {value} 还没到，请核对；没做完请先不填",
        "{value} is in the future; check it, or leave it blank until it is done",
    ),
    "XF216": (
        "目标里没有可衡量的数，请写明数量、比例或期限，如“提升至90%”",
        "the goal has no figure; say how much or by when, such as 'up to 90%'",
    ),
    "XF217": (
        "有目标“{goal}”，但没有具体措施，请补上打算怎么做",
        'the goal "{goal}" has no measures; write down what will be done',
    ),
    "XF218": (
        "验收标准里没有可核对的数，请写明，如“≤1天”“3个以上”",
        "the criterion can't be checked; give a figure, such as '≤1 day'",
    ),
    "XF221": (
        "“{own}”是发起部门自己，不用写在协作部门里",
        "{own} is the department that asks; remove it from the list",
    ),
    "XF222": (
        "反馈时间 {answered} 早于发起时间 {asked}，请核对这两个时间",
        "answered {answered}, before it was asked {asked}; please check both",
    ),
    "XF223": (
        "反馈时间 {value} 还没到，请核对；没收到反馈请先不填",
        "{value} is in the future; check it, or leave it blank until the answer has come",
    ),
    "XF224": (
        "无法判断：“{value}”取决于计划里的时间；需要提醒请写明日期",
        'can\'t be judged: "{value}" depends on a plan; write the date if it matters',
    ),
    "XF225": (
        "无法判断：没有发起时间，不知道反馈时限到哪天为止；请补上",
        "can't be judged: without the time of the request there is no deadline; please fill it in",
    ),
    "XF226": (
        "发起时间 {asked} 没写几点，期限按当天 24:00 起算；请补上时间",
        "{asked} has no time of day, so hours count from the end of that day; please add the time",
    ),
    "XF227": (
        "日历未公布：{year} 年的放假安排还没出来，期限 {due} 是按周一至周五算的",
        "calendar not published: {due} was counted with Monday to Friday as working days, "
        "since the holidays of {year} aren't known yet",
    ),
    "XF231": (
        "无法计算：目标值 {target} 与实际值 {actual} 单位不一致，请统一单位",
        "not computable: target {target} and actual {actual} have different units; use the same "
        "unit",
    ),
    "XF232": (
        "无法计算：目标值 {target}、实际值 {actual}，其中 {bare} 没写百分号；请补上",
        "not computable: target {target}, actual {actual}; "
        "{bare} has no percent sign; please add it",
    ),
    "XF233": (
        "{bare} 没写单位，按“{unit}”计算；请写成 {fix}",
        '{bare} has no unit and is taken to be in "{unit}"; write {fix}',
    ),
    "XF234": (
        "无法计算：目标值为零，没有差异率；请填一个不为零的目标值",
        "not computable: the target is zero; set a target other than zero",
    ),
    "XF235": (
        "差异率 {deviation} 超过 {limit}，请写明原因",
        "the deviation {deviation} exceeds {limit}; write down the cause",
    ),
    "XF236": (
        "差异率 {deviation} 超过 {limit}，请写明改进方向",
        "the deviation {deviation} exceeds {limit}; write down the next step",
    ),
    "XF237": (
        "这里填的是 {value}，按公式应为 {computed}；请改正，或清空让系统计算",
        "{value} was typed, but the formula gives {computed}; correct it, or clear it to have "
        "it computed",
    ),
    "XF238": (
        "未注明月份，任何一个月的汇总都不会计入；请补上，如 2024-07",
        "without a month it isn't counted in any summary; fill it in, such as 2024-07",
    ),
    "XF301": (
        "缺少工作表“{table[zh]}”，请从模板复制一张或改回原名",
        'the sheet "{table[en]}" is missing; copy it from the template or restore its name',
    ),
    "XF302": (
        "工作表“{sheet}”的前 20 行里找不到表头，整张表没有读取；表头应有：{headers[zh]}",
        '"{sheet}" has no header in its first 20 rows, so it wasn\'t read; '
        "it should have: {headers[en]}",
    ),
    "XF303": (
        "工作表“{sheet}”缺少必填的“{header[zh]}”列，请补上这一列或改回原来的表头",
        '"{sheet}" lacks the required column {header[en]}; add it, or restore its header',
    ),
    "XF304": (
        "工作表{sheets[zh]}没有以下可选列：{headers[zh]}；相关情况无法判断，需要时请补上",
        "{sheets[en]} lacks optional columns, so what depends on them can't be judged: "
        "{headers[en]}",
    ),
    "XF305": (
        "“{header}”（{used} 列）和“{other_header}”（{other} 列）指的是同一项，只读取 {used} 列；"
        "请核对，并给 {other} 列另起一个表头",
        '"{header}" (column {used}) and "{other_header}" (column {other}) mean the same, and only '
        "column {used} is read; check them, and give column {other} another header",
    ),
    "XF306": (
        "工作表“{sheet}”是“{used}”的副本，大部分行相同，没有读取；请移走副本，或把不同的行并入“{used}”",
        '"{sheet}" is a copy of "{used}" with mostly the same rows, so it isn\'t read; '
        'remove it, or move the rows that differ to "{used}"',
    ),
    "XF307": (
        "与第 {first} 行重复，两行都会计入；请删掉多余的一行",
        "it repeats row {first}, and both are counted; delete one of them",
    ),
    "XF308": (
        "工作表“{sheet}”的第 {rows} 行被隐藏，仍会计入；请取消隐藏并核对",
        'hidden rows of "{sheet}" are still counted: {rows}; show and check them',
    ),
    "XF309": (
        "工作表“{sheet}”被隐藏，里面的 {count} 行仍会计入；请取消隐藏并核对",
        '"{sheet}" is hidden, but its {count} rows are counted; show and check it',
    ),
    "XF310": (
        "数据区 {area} 合并了单元格，请取消合并并逐行填写",
        "{area} is merged; unmerge it and fill in each cell",
    ),
    "XF311": (
        "工作表{sheets[zh]}没有“系统记录”列，只读取、不写入提示；需要提示请改用模板",
        "{sheets[en]} has no Record column, so it is read but never written; "
        "use the template if you want remarks in the sheet",
    ),
    "XF312": (
        "工作簿带数字签名，只读取、不写入，以免签名失效",
        "the workbook is signed, so it is read but never written, to keep the signature valid",
    ),
    "XF313": (
        "工作表{sheets[zh]}缺少“{header[zh]}”列，请补上这一列或改回原来的表头",
        "{sheets[en]} lacks the column {header[en]}; add it, or restore its header",
    ),
    "XF314": (
        "表头“{header}”的单位“{unit}”不能换算，这一列的数没有采用；请按“{own[zh]}”填写并改回表头",
        'numbers in the unit "{unit}" of the header "{header}" can\'t be converted and aren\'t '
        "used; fill in the column as {own[en]} and restore that header",
    ),
    "XF315": (
        "“{value}”这一行像是汇总，仍按数据计入；如果是汇总，请以“合计”开头，否则请补全这一行",
        '"{value}" looks like a total, but the row is counted; if it is one, let it begin with '
        "Grand Total, else fill in what the row lacks",
    ),
    "XF316": (
        "这一行的“{column}”被合并的单元格盖住，无法写入，所以这一行没有计算；请取消合并",
        "a merged cell covers this row's {column}, which can't be written, so nothing is computed "
        "in the row; unmerge it",
    ),
    "XF317": (
        "工作表“{sheet}”里{rows[zh]}，按工作表的名字计入 {month}；不是这个月的请{repair[zh]}",
        '{rows[en]} of "{sheet}" count in {month}, after the name of the sheet; '
        "{repair[en]} where it is another",
    ),
    "XF318": (
        "与“{other}”的内容完全相同，两个都计入了；其中一个如果是副本，请移出 teams 文件夹",
        'holds the same as "{other}", and both are counted; '
        "if one is a copy, move it out of the teams folder",
    ),
    "XF319": (
        "有 {count} 行与“{other}”相同，这些行只计一次，计在“{counted}”",
        'has {count} rows in common with "{other}"; they count once, in "{counted}"',
    ),
    "XF401": (
        "完成时间由 {was} 推迟到 {due}，请确认是否已商定",
        "the due date was moved from {was} to {due}; make sure this was agreed",
    ),
    "XF402": (
        "实际值已填，目标值又由 {was} 改为“{target}”，请核实",
        'the target was changed from {was} to "{target}" after the result was entered; please '
        "check",
    ),
    "XF403": (
        "上一版第 {number} 行“{item}”不见了；如果是误删，可用 xlflow history 找回",
        'row {number} of the previous version, "{item}", is gone; '
        "if that was a mistake, see xlflow history",
    ),
    "XF404": (
        "原来已完成，现在又改为“{value}”，请确认",
        'it was done and is now "{value}" again; please confirm',
    ),
    "XF405": (
        "反馈时限由“{was}”放宽到“{deadline}”，请确认是否已商定",
        'the deadline was extended from "{was}" to "{deadline}"; make sure this was agreed',
    ),
    "XF406": (
        "已结账的月份（{months}）里的“{item}”被改动；这些月份的数字不变",
        "“{item}” of a closed month ({months}) was changed; the month's figures stay as they were",
    ),
}

PAGES_ZH: dict[str, str] = {
    "XF101": """必填的单元格没有填。

为什么：缺了它，这一行就找不到、没人负责或无法计入，当月的数字也会偏少。
怎么改：补上内容。""",
    "XF102": """日历上没有这一天。

为什么：没有 6 月 31 日，这一行就既不算按期也不算逾期。
怎么改：改成本来想写的日子；系统会给出最接近的一天。
例子：2024-06-31 改为 2024-06-30。""",
    "XF103": """这一列要填日期，这里填的看不出是哪一天。

为什么：期限和周期都从日期算起。
怎么改：写明日期，如 2024-06-30，需要时带上几点；“6月底”也看得懂。""",
    "XF104": """这一列要填天数，这里填的不是数字。

为什么：改进优先级按天数排，各团队的天数还要相加。
怎么改：只填数字，单位在表头里已经有了。
例子：“一周左右”改为 7。""",
    "XF105": """这里填的不是一个明确的数，也不是带单位的数。

为什么：无法计算差异率，这一项只能记为“无法判断”。
怎么改：只写一个数，可以带单位，如 5000条、8%、1.2万。""",
    "XF106": """填的内容不在这一列的可选项里。

为什么：认不出的状态或影响程度等于没填，这一行就不会计入相应的指标。
怎么改：从单元格的下拉列表里选；如果有一项明显最接近，系统会提示。""",
    "XF107": """看不懂这个反馈时限，不知道要在什么时候之前反馈。

为什么：没有期限就永远不算逾期，也没有人会收到提醒。
怎么改：写成 24小时、2个工作日、3天内、每日17:00前，或一个日期。""",
    "XF108": """这一列要填月份，这里填的看不出是哪个月。

为什么：不知道属于哪个月，任何一个月的汇总都不会计入。
怎么改：写成年和月，如 2024-07。""",
    "XF109": """单元格显示 #REF!、#N/A 之类的错误。

为什么：公式引用的内容没有了，这里没有值可用。
怎么改：修好公式，或者直接填值。""",
    "XF110": """单元格里是公式，但从来没有算出过结果。

为什么：有些软件保存公式时不保存结果，所以不知道这里是多少。
怎么改：用 Excel 或 WPS 打开工作簿，保存一次。""",
    "XF111": """数字是以文本形式存的。

为什么：xlflow 能读懂，但 Excel 求和时会漏掉它，排序时排在所有数字之后。
怎么改：点单元格左上角的绿色三角，选“转换为数字”，或者重新输入。""",
    "XF112": """数字、字母或符号是用全角输入的。

为什么：xlflow 能读懂，但 Excel 把它当作文字，不参与计算。
怎么改：把输入法切换到半角，重新输入。""",
    "XF113": """日期没有写年份。

为什么：年份取与本列邻近的完整日期（没有则与首次看到的日子）最接近的一年，不一定对；据此逾期半年以上的不采用。
怎么改：把年份补上。""",
    "XF114": """日期只写到月份，或写的是月底、年底。

为什么：系统按最后一天计算，是不是这一天只有填写的人知道。
怎么改：如果是别的日子，请写明。""",
    "XF115": """选项的写法与下拉列表里的不一样。

为什么：xlflow 明白意思，但 Excel 的筛选和颜色提示不认识。
怎么改：从单元格的下拉列表里选。""",
    "XF116": """由 xlflow 填写的列里出现了公式。

为什么：公式从不覆盖，所以这一行的提示无法写入。
怎么改：清空这个单元格；公式请放在自己另加的列里。""",
    "XF117": """时长是负数。

为什么：它会排到最前面，还会减少总天数，所以不予采用。
怎么改：填实际的天数。""",
    "XF118": """时长超出常理。

为什么：多半是把小时当成天，或者多打了一位数，所以不用。上限见 xlflow.toml 的 limits.longest_days。
怎么改：改正数字；如果确实这么长，请管理员调高上限。""",
    "XF119": """日期的年份不可能是真的。

为什么：很小的数字设成日期格式，会显示成 1900 年的某一天，由它算出的都会差一百多年，所以不采用。
怎么改：填上年份正确的日期。""",
    "XF120": """自动计算的列里填了看不懂的内容。

为什么：填的内容会留着，但没法与自动计算的结果核对；汇总采用自动计算的结果。
怎么改：清空这个单元格让系统计算，或填 -16%、优先1 这样的值。""",
    "XF121": """一个数可以理解成两个日子或两个月份。

为什么：在 Excel 里 7.10 和 7.1 是同一个数，2024.10 和 2024.1 也是，分不清写的是哪个，所以不采用。
怎么改：写明完整的日期或月份，如 2024-07-09、2024-10。""",
    "XF122": """时长写的是小时、周或月。

为什么：一个工作日没有固定的小时数，一周、一个月也没有固定的工作日数，没法换算；当成天数会差很多。
怎么改：换算成天，只填数字。
例子：一天按八小时算，24小时改为 3。""",
    "XF123": """填的是约数，或只写了上下限。

为什么：约5000、5000+、90%以上都按这个数本身计算，差异率也一样。
怎么改：知道确切的数就写明。""",
    "XF201": """这个环节不在流程登记表里。

为什么：按环节统计时，一个环节只能有一个名字，写法不同就会分成两份。
怎么改：用登记表里的名称，或把这个环节加进 xlflow.toml 的 register.stages。""",
    "XF202": """自己填的改进优先级与自动计算的不同。

为什么：统一按“先影响、后耗时（短的在前）”排，各团队才有可比性。自己的判断会保留，汇总里用自动计算的。
怎么改：想用自动结果，就清空这个单元格；有意为之就不用改。""",
    "XF210": """已经填了实际完成时间，状态却不是已完成。

为什么：两处必有一处不对；统计时以日期为准，这一项会算作完成。
怎么改：把状态改为“已完成”；没做完就清空日期。""",
    "XF211": """状态是已完成，却没有写哪天完成的。

为什么：不知道是否按期、用了几天，只能计入“完成未注明日期”。
怎么改：补上实际完成的日期。""",
    "XF212": """完成时间落在不上班的日子。

为什么：拖到下一个工作日再交，就已经逾期了。按国家放假调休安排和团队自己的休息日判断。
怎么改：改到工作日；系统会给出前一个工作日。
例子：2024-06-30 是星期日，前一个工作日是 2024-06-28。""",
    "XF213": """完成时间所在的年份还没有公布放假安排。

为什么：暂时把周一至周五当作工作日，到时那天可能正好放假。
怎么改：现在不用改；放假安排公布（一般在 11 月）并更新 xlflow 之后再看。""",
    "XF214": """完成的日期早于开始的日期。

为什么：周期从开始时间算起，周期为负会让当月的平均数失真。
怎么改：把写错的那个日期改正。""",
    "XF215": """实际完成时间还没有到。

为什么：这一列记录已经发生的事；在那天之前，这一项仍按未完成计算。
怎么改：改正日期，或者做完以后再填。""",
    "XF216": """目标里没有可以衡量的内容。

为什么：没有数字，事后就说不清到底做到了没有。
怎么改：写明多少、比例多大或多快。
例子：“加快评审”改为“评审缩短至2个工作日”。""",
    "XF217": """有目标，没有具体措施。

为什么：没有措施的目标只是愿望，谁也不知道从哪里做起。
怎么改：写下打算怎么做。""",
    "XF218": """验收标准没法核对。

为什么：做到没做到，只能各说各话。
怎么改：写出数字，如 ≤1天、≥90%、3个以上。""",
    "XF221": """协作部门里有发起部门自己。

为什么：自己找自己不算跨部门沟通，会让协作数量虚高。
怎么改：从协作部门里去掉自己的部门。""",
    "XF222": """反馈时间早于发起时间。

为什么：反馈时长会成为负数，平均时长就不准了。
怎么改：把写错的那个时间改正。""",
    "XF223": """实际反馈时间还没有到。

为什么：这一列记录已经发生的事；在那之前，这一项仍按未反馈计算。
怎么改：改正时间，或者收到反馈以后再填。""",
    "XF224": """反馈时限取决于计划，这里无法判断。

为什么：计划里的日期不在这张表里，所以这一项永远不会显示逾期。
怎么改：写明日期；不需要提醒就不用改。""",
    "XF225": """不知道什么时候发起的，期限无法判断。

为什么：“24小时”“2个工作日”都从发起时算起；没有发起时间，也不知道属于哪个月。
怎么改：补上发起时间，只写日期也可以。""",
    "XF226": """期限按小时算，发起时间却没有写几点。

为什么：系统从当天结束（24:00）起算，可能比本意要晚。
怎么改：补上几点发起的。""",
    "XF227": """工作日算到了还没有公布放假安排的年份。

为什么：暂时把周一至周五当作工作日，期限以后可能会变。
怎么改：现在不用改；放假安排公布（一般在 11 月）并更新 xlflow 之后再看。""",
    "XF231": """目标值和实际值的单位不一样。

为什么：5000条和 8% 之间无法计算差异率，这一项只能记为“无法判断”。
怎么改：两处用同一个单位。""",
    "XF232": """目标值和实际值一个是百分比，一个没有百分号。

为什么：10 可能是 10%，也可能是 1000%；0.1 可能是 10%，也可能是 0.1%，所以不计算。
怎么改：两处都写上百分号。""",
    "XF233": """目标值和实际值一个带单位，一个没有。

为什么：系统按同一个单位算了差异率，一般是对的，但最好写明。
怎么改：两处都写上单位。""",
    "XF234": """目标值是零，无法计算差异率。

为什么：不能除以零，这一项只能记为“无法判断”。
怎么改：定一个不为零的目标，或换一种方式跟踪这个指标。""",
    "XF235": """结果与目标差得多，却没有写原因。

为什么：没弄明白的偏差还会再来；做得好的也值得弄明白。上限是 xlflow.toml 里的 limits.deviation。
怎么改：写明原因。""",
    "XF236": """结果与目标差得多，却没有写改进方向。

为什么：记这张表，就是为了下次做得更好或保持得住。上限是 xlflow.toml 里的 limits.deviation。
怎么改：写明下次改什么，或怎样保持。""",
    "XF237": """自己填的差异率与公式计算的不同。

为什么：8% 到 10% 是 +25%，不是 2 个百分点。填的内容会保留，汇总用计算的结果。按填写的精度比较。
怎么改：清空这个单元格让系统计算，或者改正。""",
    "XF238": """没有写计入哪个月。

为什么：任何一个月的汇总都不会计入，只会列在“未注明月份”里。
怎么改：补上月份，如 2024-07。""",
    "XF301": """四张表里缺了一张。

为什么：里面的内容无法统计，看起来就像这个团队什么都没有填。
怎么改：从模板里复制这张表，或把表名改回来。""",
    "XF302": """工作表的名字对，却找不到表头。

为什么：没有表头就不知道哪一列是什么，所以整张表都没有读取。
怎么改：把表头放在前 20 行里的同一行。""",
    "XF303": """缺少必填的一列。

为什么：每一行都缺了这项内容，用到它的指标也就无法计算。
怎么改：补上这一列，或改回原来的表头；放在第几列都可以。""",
    "XF304": """缺少可选的列，或由系统计算的列。

为什么：没有状态和实际完成时间，就不知道哪些逾期；没有开始时间，就没有周期。
怎么改：想知道这些情况，就把列补上。""",
    "XF305": """有两列指的是同一项：表头相同，或者意思相同。

为什么：只会读取其中一列，而它不一定是您要的那一列。
怎么改：给另一列起一个能说明内容的表头。""",
    "XF306": """一张工作表是另一张的副本。

为什么：大部分行已在另一张表里，再读就会重复计入，所以没有读取。
怎么改：把副本移出工作簿，或者把不同的行并到另一张表里。""",
    "XF307": """同一件事写了两行。

为什么：两行都会计入。标识列都相同就算重复（不同时间发起的协作事项不算；同一环节的问题，内容全部相同才算）。
怎么改：删掉多余的一行，或者把两行区分开。""",
    "XF308": """有些行被隐藏了。

为什么：隐藏的行照样计入，只看可见行的人会得出另一个数。
怎么改：把它们显示出来；不再需要的就删掉。""",
    "XF309": """整张工作表被隐藏了。

为什么：没有人看得见，里面的内容却照样计入。
怎么改：右键单击任一工作表标签，选“取消隐藏”。""",
    "XF310": """数据区里有合并的单元格。

为什么：一个值同时代表几行或几列，无法排序和筛选，也说不清每一行是不是都这么填。
怎么改：取消合并，每个单元格分别填写。""",
    "XF311": """工作表没有“系统记录”列，所以什么都不会写入。

为什么：有了这一列，系统才分得清哪些是自己写的、哪些是人填的。内容照样读取和统计。
怎么改：想在表里看到提示，请改用模板里的表。""",
    "XF312": """工作簿带有数字签名，所以什么都不会写入。

为什么：任何改动都会让签名失效。内容照样读取和统计。
怎么改：不用改；想在表里看到提示，请先去掉签名。""",
    "XF313": """缺少表里应有的一列（不是必填）。

为什么：该写在那里的内容没有写，或写在别的表头下面，没有人看得到。
怎么改：补上这一列，或改回原来的表头；放在第几列都可以。""",
    "XF314": """表头写明的单位不能换算成这一列的单位。

为什么：一个工作日没有固定的小时数，一周也没有固定的天数，所以不知道这些数是多少，没有采用。
怎么改：按原来表头的单位填写，并改回原来的表头。""",
    "XF315": """有一行像是汇总，但不能确定，所以照样计入。

为什么：如果它是汇总，里面的数就重复计入了。
怎么改：是汇总的，请以“合计”开头；不是的，请把这一行补全。""",
    "XF316": """这一行的“系统记录”被合并的单元格盖住，无法写入。

为什么：只有这条记录能证明哪些值是系统算的，所以这一行什么也不计算。
怎么改：取消合并。""",
    "XF317": """问题，以及没有填统计月份的活动，按工作表的名字计入那个月。

为什么：只有工作表的名字说明了是哪个月，其中的年份可能是推断的。
怎么改：活动属于别的月份的，请填上统计月份；问题属于别的月份的，请移到别的工作表。""",
    "XF318": """同一文件夹里有一个文件，内容与它完全相同。

为什么：看不出哪一个是副本，所以两个都计入了。
怎么改：把副本移出 teams 文件夹；如果是两个团队刚好从同样的内容开始，可以不改。""",
    "XF319": """同一文件夹里的另一个文件也有其中一些行。

为什么：常见的情况是上个月的文件还留在旁边。相同的行只计一次，计在最后修改的文件里。
怎么改：不用改；旧文件不再使用时，请移出 teams 文件夹。""",
    "XF401": """完成时间被推迟了。

为什么：一再推迟的事永远不会逾期。统计按新的日期计算。
怎么改：已经商定就不用改；否则请改回原来的日期。""",
    "XF402": """结果出来之后，目标值又被改了。

为什么：事后定的目标，什么结果都能达标。
怎么改：改回原来的目标；如果原来就写错了，可以不改。""",
    "XF403": """原来有的一行不见了。

为什么：承诺过的、报过的内容，现在哪里都不再计入。
怎么改：误删的请从历史版本找回；不做的事最好把状态改为“已取消”。""",
    "XF404": """已完成的事又改回了未完成。

为什么：它曾经按完成计入，也许已经汇报过。
怎么改：确实还要做就不用改；否则请把状态改回“已完成”。""",
    "XF405": """反馈时限被放宽了。

为什么：一再放宽的期限永远不会逾期。只比较同一种期限：小时比小时，日期比日期。
怎么改：已经商定就不用改；否则请改回原来的时限。""",
    "XF406": """已结账的月份里有一行被改动、增加或删除。

为什么：月份结账后数字不再变，这样就和工作簿不一致了。月末之后才发生的事不算改动。
怎么改：如果是有意的，可以不改；要计入，请用 xlflow reopen 重新打开那个月。""",
}
