"""Settings: what a new file says, what is read from one, and how a mistake in it is named."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields
from datetime import date
from pathlib import Path

import pytest

from xlflow.config import (
    FILE_NAME,
    STAGES,
    Settings,
    Target,
    read_settings,
    settings_text,
)
from xlflow.errors import SettingsError
from xlflow.messages import explain


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def mistake(tmp_path: Path, text: str) -> SettingsError:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    for language in ("zh", "en"):
        assert str(tmp_path / FILE_NAME) in explain(refused.value, language)
    return refused.value


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_new_file_says_every_setting_and_its_default(tmp_path: Path, language: str) -> None:
    settings = Settings(id="0123abcd", language=language)
    text = settings_text(settings, language)
    # Equal to the letter: a digest of the settings must not differ after they were written.
    assert repr(read(tmp_path, text)) == repr(settings)
    for setting in fields(Settings):
        assert setting.metadata["about"][language == "en"] in text
        assert setting.metadata["key"].rpartition(".")[2] in text


def test_a_commented_example_is_valid_once_uncommented(tmp_path: Path) -> None:
    lines = settings_text(Settings(id="a1"), "zh").splitlines()
    examples = {setting.metadata["example"] for setting in fields(Settings)} - {None}
    tables = [f"# {e}" for e in examples if not e.startswith("[")]
    assert tables
    text = "\n".join(line[2:] if line in tables else line for line in lines)
    settings = read(tmp_path, text)
    assert settings.people == {"市场调研专员小张": "小张"}
    assert settings.rules == {"XF212": "off"}
    assert settings.team_days_off == {"市场一部": frozenset({date(2024, 7, 5)})}
    assert settings.targets == {"任务逾期率": Target("overdue_rate", 0.30, 0.10)}


def test_values_that_need_escaping_survive(tmp_path: Path) -> None:
    settings = Settings(id="a1", state_dir='C:\\数据\\"xlflow"', stages=("甲", 'b"c', "d\\e"))
    assert read(tmp_path, settings_text(settings, "zh")) == settings


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Settings()
    assert Settings().stages == STAGES
    assert Settings().zone.key == "Asia/Shanghai"


def test_notepads_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufefflanguage = 'en'").language == "en"


def test_settings_are_read_from_their_tables(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
        write_back = "report"
        [limits]
        deviation = 0.2
        [calendar]
        days_off = ["2024-12-31", 2025-01-02]
        [calendar.teams]
        "市场一部" = ["2024-07-05"]
        [notify]
        quiet = ""
        [notify.owners]
        "小张" = "zhang"
        [rules]
        XF101 = "warning"
        [targets."周期"]
        figure = "cycle_days"
        baseline = 20
        target = 15
        benchmark = 15
        """,
    )
    assert settings.write_back == "report"
    assert settings.deviation == 0.2
    assert (settings.quiet, settings.owners) == ("", {"小张": "zhang"})
    assert settings.rules == {"XF101": "warning"}
    assert settings.targets == {"周期": Target("cycle_days", 20.0, 15.0, 15.0)}
    both = {date(2024, 12, 31), date(2025, 1, 2)}
    assert settings.days_off_of("市场二部") == both
    assert settings.days_off_of("市场一部") == both | {date(2024, 7, 5)}


def test_settings_don_t_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().language = "en"  # type: ignore[misc]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path / FILE_NAME)
    assert refused.value.key == "settings_unreadable"


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes("# 设置".encode("gbk"))
    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path / FILE_NAME)
    assert refused.value.key == "settings_unreadable"
    assert "UTF-8" in explain(refused.value, "zh")


def test_a_slip_in_the_syntax_is_named_with_its_line(tmp_path: Path) -> None:
    error = mistake(tmp_path, 'language = "zh"\ntimezone = Asia/Shanghai\n')
    assert error.key == "settings_syntax"
    assert "line 2" in explain(error, "en")


@pytest.mark.parametrize(
    ("text", "key", "near"),
    [
        ("langauge = 'zh'", "langauge", "language"),
        ("[limits]\ndevation = 0.1", "limits.devation", "limits.deviation"),
        ("[rule]\nXF101 = 'off'", "rule", "rules"),
        ("summary = 3", "summary", None),
        ("xyzzy = 1", "xyzzy", None),
    ],
)
def test_an_unknown_setting_is_named_with_the_nearest(
    tmp_path: Path, text: str, key: str, near: str | None
) -> None:
    error = mistake(tmp_path, text)
    assert error.key.startswith("settings_unknown")
    assert error.params["key"] == key
    if near:
        assert near in explain(error, "zh")


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("language = 'fr'", "language", "zh | en"),
        ("language = ['zh']", "language", "zh | en"),
        ("write_back = true", "write_back", "auto | cells | report"),
        ('open_books = "yes"', "open_books", "true | false"),
        ("timezone = 'Mars/Olympus'", "timezone", "Asia/Shanghai"),
        ("timezone = 8", "timezone", "Asia/Shanghai"),
        ("timezone = '../../etc/passwd'", "timezone", "Asia/Shanghai"),
        ("id = '../elsewhere'", "id", "a-z 0-9"),
        ("id = 7", "id", "a-z 0-9"),
        ("state_dir = 1", "state_dir", '"…"'),
        ("[limits]\ndeviation = '10%'", "limits.deviation", "0 … 100"),
        ("[limits]\ndeviation = nan", "limits.deviation", "0 … 100"),
        ("[limits]\nlongest_days = true", "limits.longest_days", "1 … 100000"),
        ("[summary]\ngrace_workdays = 2.5", "summary.grace_workdays", "0 … 60"),
        ("[summary]\ngrace_workdays = -1", "summary.grace_workdays", "0 … 60"),
        ("[calendar]\ndays_off = '2024-07-01'", "calendar.days_off", "2024-07-01"),
        ("[calendar]\ndays_off = ['2024-02-30']", "calendar.days_off", "2024-07-01"),
        ("[calendar]\ndays_off = [2024-07-01T09:00:00]", "calendar.days_off", "2024-07-01"),
        ("[calendar]\nteams = 1", "calendar.teams", "[…]"),
        ("[register]\nstages = ['a', 1]", "register.stages", "…"),
        ("[versions]\nkeep_days = 0", "versions.keep_days", "1 … 100000"),
        ("[notify]\nquiet = '22:00'", "notify.quiet", "22:00-08:00"),
        ("[notify]\nquiet = '22:00-25:00'", "notify.quiet", "22:00-08:00"),
        ("[notify]\nquiet = '22:00-22:00'", "notify.quiet", "22:00-08:00"),
        ("[notify]\nquiet = 8", "notify.quiet", "22:00-08:00"),
        ("[notify]\nowners = ['x']", "notify.owners", "[…]"),
        ("[rules]\nXF101 = 'fatal'", "rules", "off | error | warning | info"),
        ("people = 'x'", "people", "[…]"),
        ("[targets]\nx = 5", "targets", "baseline"),
        ("[targets.x]\nfigure = 'a'\nbaseline = 1", "targets", "baseline"),
        ("[targets.x]\nfigure = 'a'\nbaseline = 1\ntarget = 2\nby = 3", "targets", "baseline"),
        ("[targets.x]\nfigure = 1\nbaseline = 1\ntarget = 2", "targets", "baseline"),
    ],
)
def test_an_invalid_value_is_named_with_valid_ones(
    tmp_path: Path, text: str, key: str, expected: str
) -> None:
    error = mistake(tmp_path, text)
    assert error.key == "settings_value"
    assert error.params["key"] == key
    assert expected in explain(error, "zh")


def test_an_address_among_the_settings_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, "[notify.owners]\n'小张' = 'feishu://t0ken'")
    for language in ("zh", "en"):
        text = explain(refused.value, language)
        assert "notify.owners" in text
        assert "t0ken" not in text


def test_any_toml_is_read_or_named(tmp_path: Path) -> None:
    values = ["1", "'x'", "true", "1.5", "[]", "[[1]]", "{}", "2024-07-01", "09:00:00"]
    for setting in fields(Settings):
        for value in values:
            text = f"{setting.metadata['key']} = {value}"
            tomllib.loads(text)
            with suppress(SettingsError):
                assert isinstance(read(tmp_path, text), Settings)
