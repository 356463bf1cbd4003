"""Why a workbook isn't adopted."""

CATALOGUE: dict[str, tuple[str, str]] = {
    "name_taken": (
        "{name} 已经有了；请先给要纳入的文件改名。",
        "There is a {name} already; rename the file to be adopted first.",
    ),
    "no_styles": (
        "这个文件没有样式；请用 Excel 或 WPS 打开并另存一次。",
        "The file has no styles; open it in Excel or WPS and save it once.",
    ),
}
