"""Why a row of a conflict copy isn't taken over into the original."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "no_sheet": (
        "原表里没有对应的工作表“{sheet}”，请先在原表里补上",
        'the original has no sheet for "{sheet}"; add it there first',
    ),
    "no_ready_row": (
        "工作表“{sheet}”的数据下方没有空行，请先在原表里插入空行",
        'below the data of the sheet "{sheet}" there is no free row; insert one first',
    ),
    "no_column": (
        "原表没有“{column}”列；请先补上这一列，见 xlflow adopt",
        'the original lacks the column "{column}"; xlflow adopt adds it',
    ),
    "formula": (
        "原表的 {sheet}!{cell} 是公式，公式不会被覆盖",
        "{sheet}!{cell} of the original is a formula, which is never written over",
    ),
    "merged": (
        "原表的 {sheet}!{cell} 在合并单元格里，请先取消合并",
        "{sheet}!{cell} of the original is covered by merged cells; unmerge them first",
    ),
    "no_value": (
        "副本的“{column}”列里是错误值，或没有算出结果的公式；请先在副本里改正并保存",
        'the column "{column}" of the copy holds an error or a formula without a result; '
        "correct and save the copy first",
    ),
    "other_meaning": (
        "“{text}”写到原表的 {sheet}!{cell} 会变成别的意思（数字格式不同），请手工填写",
        '"{text}" would mean something else in {sheet}!{cell} of the original, which has another '
        "number format; enter it by hand",
    ),
    "not_read": (
        "写到原表的“{sheet}”第 {row} 行后读取的内容会与副本不同，请手工填写",
        'in row {row} of the sheet "{sheet}" of the original it would be read differently; '
        "enter it by hand",
    ),
}
