"""The settings of a workspace: declared once, read from one TOML file, frozen.

Each attribute of :class:`Settings` declares its place in xlflow.toml, its
default and its explanation; reading, checking and the commented file that
``xlflow init`` writes all come from these declarations.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from xlflow.errors import SettingsError

FILE_NAME = "xlflow.toml"
SEVERITIES = ("error", "warning", "info")

_FORMER_KEYS = {"summary.grace_workdays": "months.grace_workdays"}
"""Keys of earlier versions, which are still read."""

RATIO_METRICS = (
    *("率", "占比", "单价", "均价", "客单价", "人均", "单客成本"),
    *("ROI", "CPA", "CPC", "CPM"),
)
STAGES = ("需求调研", "方案策划", "跨部门评审", "资源协调", "活动执行", "效果复盘")


@dataclass(frozen=True, slots=True)
class Target:
    """A figure's goal: its baseline, its target, and a benchmark.

    ``figure`` is a key of docs/reference/figures.md; progress towards the target is
    (baseline − current) / (baseline − target).
    """

    figure: str
    baseline: float
    target: float
    benchmark: float | None = None


def _one_of(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in choices:
            raise ValueError(" | ".join(choices))
        return str(value)

    return check


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError('"…"')
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true | false")
    return value


def _identity(value: Any) -> str:
    # It names a folder in the state directory, so it must not lead anywhere else.
    if not (isinstance(value, str) and value.isascii() and value.isalnum() and len(value) <= 64):
        raise ValueError("a-z 0-9")
    return value


def _zone(value: Any) -> str:
    try:
        ZoneInfo(value)
    except (TypeError, ValueError, OSError, KeyError):
        raise ValueError('"Asia/Shanghai"') from None
    return str(value)


def _hours(value: Any) -> str:
    if value == "":
        return ""
    try:
        begin, end = (datetime.strptime(moment, "%H:%M") for moment in str(value).split("-"))
    except ValueError:
        begin = end = datetime.min
    if begin == end:
        raise ValueError('"22:00-08:00"')
    return f"{begin:%H:%M}-{end:%H:%M}"


def _number(low: float, high: float, kind: type = float) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        ok = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        if not ok or (kind is int and not isinstance(value, int)):
            raise ValueError(f"{low:g} … {high:g}")
        return kind(value)

    return check


def _days(value: Any) -> frozenset[date]:
    if not isinstance(value, list):
        raise ValueError('["2024-07-01"]')
    days = []
    for day in value:
        try:
            days.append(day if type(day) is date else date.fromisoformat(day))
        except (TypeError, ValueError):
            raise ValueError('["2024-07-01"]') from None
    return frozenset(days)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError('["…", "…"]')
    return tuple(value)


def _address_name(value: Any) -> str:
    # Whoever can read the shared folder could send in our name, and errors repeat values.
    if isinstance(value, str) and "://" in value:
        raise SettingsError("notify.address_in_settings", key="notify.owners")
    return _text(value)


def _table_of(check: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    def checked(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("[…]")
        return {name: check(item) for name, item in value.items()}

    return checked


def _target(value: Any) -> Target:
    shape = '{ figure = "overdue_rate", baseline = 0.3, target = 0.1 }'
    numbers = ("baseline", "target", "benchmark")
    if not isinstance(value, dict) or set(value) - {"figure", *numbers}:
        raise ValueError(shape)
    try:
        parsed = {name: _number(-1e12, 1e12)(value[name]) for name in numbers if name in value}
        return Target(figure=_text(value["figure"]), **parsed)
    except (KeyError, TypeError, ValueError):
        raise ValueError(shape) from None


def _setting(
    key: str,
    check: Callable[[Any], Any],
    default: Any,
    zh: str,
    en: str,
    example: str | None = None,
) -> Any:
    """Declare one setting; ``example`` is what a commented-out line shows for an empty table."""
    metadata = {"key": key, "check": check, "about": (zh, en), "example": example}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one workspace; every attribute has the default of a new workspace."""

    id: str = _setting(
        "id",
        _identity,
        "",
        "工作区的标识，由 init 生成；请勿修改，否则历史版本会找不到。",
        "This workspace's identity, made by init; keep it, or its history can no longer be found.",
    )
    language: str = _setting(
        "language",
        _one_of("zh", "en"),
        "zh",
        "写进工作簿和汇总的文字用哪种语言：zh 或 en。",
        "Language of what is written into workbooks and summaries: zh or en.",
    )
    timezone: str = _setting(
        "timezone",
        _zone,
        "Asia/Shanghai",
        "按哪个时区判断“今天”和是否逾期。",
        "The time zone that decides what today is and what is overdue.",
    )
    write_back: str = _setting(
        "write_back",
        _one_of("auto", "cells", "report"),
        "auto",
        "auto 写入系统列，但在网盘同步的文件夹里只报告；cells 总是写入；"
        "report 从不写入团队工作簿。",
        "auto writes xlflow's own cells, but only reports in cloud-synced folders; "
        "cells always writes; report never writes into team workbooks.",
    )
    open_books: bool = _setting(
        "open_books",
        _truth,
        False,
        "工作簿正在本机的 Excel（Windows、macOS）里打开时，把系统列写进打开的工作簿，不保存；"
        "Excel 的撤销记录会因此清空。",
        "Where a workbook is open in Excel on this machine (Windows, macOS), writes xlflow's own "
        "cells into the open workbook without saving it; this clears Excel's undo list.",
    )
    state_dir: str = _setting(
        "state_dir",
        _text,
        "",
        "数据库和历史版本放在哪里；留空用本机的用户目录。不要放进共享文件夹。",
        "Where the database and the kept versions are stored; empty means this user's own "
        "directory. Never inside the shared folder.",
    )
    watch_mode: str = _setting(
        "watch.mode",
        _one_of("auto", "native", "polling"),
        "auto",
        "watch 怎样发现改动：auto 自动判断（网络盘用轮询）；native 靠系统通知；polling 用轮询。",
        "How watch notices changes: auto decides (polling on network shares); native relies on "
        "the system's events; polling checks at intervals.",
    )
    watch_poll_interval: float = _setting(
        "watch.poll_interval",
        _number(0.2, 3600),
        1.0,
        "轮询时每隔几秒看一次。",
        "With polling, how many seconds pass between two checks.",
    )
    grace_workdays: int = _setting(
        "months.grace_workdays",
        _number(0, 60, int),
        3,
        "月底之后几个工作日内提交算按时。",
        "Up to how many working days after the month's end a team still hands in on time.",
    )
    closing: str = _setting(
        "months.close",
        _one_of("auto", "manual"),
        "auto",
        "宽限期过后的月份怎样结账：auto 自动结账，数字不再变；manual 由 xlflow close 结账。",
        "How a month is closed after its grace period: auto closes it, and its figures no longer "
        "change; manual leaves it to xlflow close.",
    )
    deviation: float = _setting(
        "limits.deviation",
        _number(0, 100),
        0.10,
        "差异率超过多少要写原因分析和改进方向（0.10 即 10%）。",
        "Above which deviation a cause and a next step are asked for (0.10 is 10%).",
    )
    longest_days: float = _setting(
        "limits.longest_days",
        _number(1, 100_000),
        365.0,
        "耗时超过多少天视为可能填错。",
        "Above how many days a duration is considered a likely typo.",
    )
    days_off: frozenset[date] = _setting(
        "calendar.days_off",
        _days,
        frozenset(),
        "法定节假日以外，全公司另外放假的日子。",
        "Days off for everybody in addition to the public holidays.",
        '["2024-12-31"]',
    )
    team_days_off: Mapping[str, frozenset[date]] = _setting(
        "calendar.teams",
        _table_of(_days),
        {},
        "某个团队自己另外放假的日子。",
        "Additional days off for individual teams.",
        '"市场一部" = ["2024-07-05"]',
    )
    stages: tuple[str, ...] = _setting(
        "register.stages",
        _texts,
        STAGES,
        "流程登记表里的各个环节，“流程环节”应是其中之一。",
        "The stages of the process register; a stage in the tables should be one of them.",
    )
    people: Mapping[str, str] = _setting(
        "people",
        _table_of(_text),
        {},
        "同一个人的其他写法 = 统一的名字。",
        "Another spelling of a person's name = the name to count them under.",
        '"市场调研专员小张" = "小张"',
    )
    words: Mapping[str, str] = _setting(
        "words",
        _table_of(_text),
        {},
        "贵公司自己的说法 = 表头、流程环节或选项里对应的那个词。",
        "A company's own word = the header, stage or choice that it stands for.",
        '"交付日" = "完成时间"',
    )
    ratio_metrics: tuple[str, ...] = _setting(
        "metrics.ratios",
        _texts,
        RATIO_METRICS,
        "名称里含有这些词的指标是比率，各行的值不能相加，汇总里只计个数和达标情况。",
        "A metric whose name has one of these words is a ratio: its values can't be added, "
        "so the summary only counts them.",
    )
    keep_days: int = _setting(
        "versions.keep_days",
        _number(1, 100_000, int),
        400,
        "工作簿的历史版本至少保留多少天；每份工作簿最新的版本一直保留。",
        "How many days, at least, earlier versions of a workbook are kept; "
        "the newest version of each is always kept.",
    )
    quiet: str = _setting(
        "notify.quiet",
        _hours,
        "22:00-08:00",
        "免打扰时段，这段时间不自动发通知，过后再发；留空则随时发送。",
        "Quiet hours, when no notices are sent automatically; they follow afterwards. "
        "Empty means none.",
    )
    owners: Mapping[str, str] = _setting(
        "notify.owners",
        _table_of(_address_name),
        {},
        "负责人 = 地址的名字。地址本身不写在这里，而写在环境变量 XLFLOW_NOTIFY_URLS 或系统密钥库，"
        "如 zhang=mailto://…；不带名字的地址收全部通知。",
        "An owner = the name of an address. The addresses themselves don't belong here but in the "
        "environment variable XLFLOW_NOTIFY_URLS or the system's keyring, such as "
        "zhang=mailto://…; an address without a name gets every notice.",
        '"小张" = "zhang"',
    )
    rules: Mapping[str, str] = _setting(
        "rules",
        _table_of(_one_of("off", *SEVERITIES)),
        {},
        '改变某条规则的级别："off"、"error"、"warning" 或 "info"；规则见 xlflow rules。',
        'A rule\'s severity: "off", "error", "warning" or "info"; see xlflow rules.',
        'XF212 = "off"',
    )
    targets: Mapping[str, Target] = _setting(
        "targets",
        _table_of(_target),
        {},
        "改进目标：哪个指标，从多少（baseline）到多少（target），行业参考值（benchmark）可选。",
        "Targets: which figure, from where (baseline) to where (target), "
        "and what others reach (benchmark, optional).",
        '"任务逾期率" = { figure = "overdue_rate", baseline = 0.30, target = 0.10 }',
    )

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        return ZoneInfo(self.timezone)

    def days_off_of(self, team: str) -> frozenset[date]:
        """Return one team's days off in addition to the public holidays."""
        return self.days_off | self.team_days_off.get(team, frozenset())


def read_settings(path: Path) -> Settings:
    """Read xlflow.toml.

    Raises:
        SettingsError: the file is missing or no TOML, or a key or value in it
            is invalid; the message names the line or key and the repair.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("settings_unreadable", path=str(path), reason=str(error)) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("settings_syntax", path=str(path), reason=str(error)) from error
    return _settings(document, path)


def _settings(document: dict[str, Any], path: Path) -> Settings:
    declared = {f.metadata["key"]: f for f in fields(Settings)}
    values = {}
    for written, value in _flat(document, {*declared, *_FORMER_KEYS}):
        key = _FORMER_KEYS.get(written, written)
        if key not in declared:
            near = get_close_matches(key, declared, 1)
            error = "settings_unknown_near" if near else "settings_unknown"
            raise SettingsError(error, path=str(path), key=key, near="".join(near))
        try:
            values[declared[key].name] = declared[key].metadata["check"](value)
        except ValueError as wrong:
            raise SettingsError(
                "settings_value", path=str(path), key=written, value=value, expected=str(wrong)
            ) from None
    return Settings(**values)


def _flat(document: dict[str, Any], declared: set[str]) -> list[tuple[str, Any]]:
    """Pair dotted keys with values, going into a table only where it holds several settings."""
    pairs = []
    sections = {key.partition(".")[0] for key in declared if "." in key}
    for key, value in document.items():
        if key in sections and isinstance(value, dict):
            pairs += [(f"{key}.{inner}", item) for inner, item in value.items()]
        else:
            pairs.append((key, value))
    return pairs


def settings_text(settings: Settings, language: str) -> str:
    """Return the commented xlflow.toml of a new workspace, every key with its value."""
    chosen = 1 if language == "en" else 0
    lines: list[str] = []
    section = ""
    ordered = sorted(fields(settings), key=lambda f: _section(f.metadata))
    for setting in ordered:
        about, example = setting.metadata["about"][chosen], setting.metadata["example"]
        value = getattr(settings, setting.name)
        own = _section(setting.metadata)
        if own != section:
            section = own
            lines += ["", f"[{section}]"] if section else [""]
        lines += ["", f"# {about}"] if lines and not lines[-1].startswith("[") else [f"# {about}"]
        name = setting.metadata["key"].rpartition(".")[2]
        if isinstance(value, Mapping):
            lines += [f"# {example}"]
        else:
            lines += [f"{name} = {_toml(value)}"]
            if example and not value:
                lines += [f"# {name} = {example}"]
    return "\n".join(lines).lstrip("\n") + "\n"


def _section(metadata: Mapping[str, Any]) -> str:
    """Return the TOML table that a setting belongs to; mappings are tables of their own."""
    key: str = metadata["key"]
    example = metadata["example"] or ""
    is_table = example and not example.startswith("[")
    return key if is_table else key.rpartition(".")[0]


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | frozenset):
        items = value if isinstance(value, tuple) else sorted(value)
        return "[" + ", ".join(_toml(str(item)) for item in items) + "]"
    return repr(value)
