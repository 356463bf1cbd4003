"""The terminal's language."""

import pytest

from xlflow.cli.language import locale_language, requested_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.Big5"}, "zh"),
        ({"LANG": "Chinese_China.936"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_of_a_locale(environment: dict[str, str], language: str) -> None:
    assert locale_language(environment) == language


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--language", "en", "check"], "en"),
        (["check", "--language=zh", "--json"], "zh"),
        (["--language", "en", "check", "--language", "zh"], "zh"),
        (["check", "--", "--language", "en"], None),
        (["check", "--language", "fr"], None),
        (["check", "--language"], None),
        (["check"], None),
    ],
)
def test_the_last_option_counts(arguments: list[str], language: str | None) -> None:
    assert requested_language(arguments) == language
