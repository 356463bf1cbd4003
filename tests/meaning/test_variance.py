"""差异率: guide.md, What is computed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlflow.meaning.quantity import Quantity, parse_quantity
from xlflow.meaning.variance import (
    NotComputable,
    agrees,
    bare_beside_unit,
    deviation_text,
    is_bad,
    parse_deviation,
    reason_text,
    variance,
)

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def quantity(text: str) -> Quantity:
    parsed = parse_quantity(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("target", "actual", "deviation", "text"),
    [("5000条", "4200条", "-0.16", "-16%"), ("8%", "10%", "0.25", "+25%")],
)
def test_the_guides_campaigns(target: str, actual: str, deviation: str, text: str) -> None:
    computed = variance(quantity(target), quantity(actual))
    assert computed == Decimal(deviation)
    assert isinstance(computed, Decimal)
    assert deviation_text(computed) == text


@pytest.mark.parametrize(
    ("target", "actual", "reason"),
    [
        (None, quantity("5"), NotComputable.TARGET_BLANK),
        (" ", quantity("5"), NotComputable.TARGET_BLANK),
        (quantity("0"), quantity("5"), NotComputable.TARGET_ZERO),
        (quantity("0条"), quantity("5"), NotComputable.TARGET_ZERO),
        ("待定", quantity("5"), NotComputable.NOT_A_NUMBER),
        (quantity("5"), "很多", NotComputable.NOT_A_NUMBER),
        (Quantity(Decimal("NaN")), quantity("5"), NotComputable.NOT_A_NUMBER),
        (quantity("5"), Quantity(Decimal("Infinity")), NotComputable.NOT_A_NUMBER),
        (Quantity(Decimal("1e-999999")), Quantity(Decimal("1e999999")), NotComputable.NOT_A_NUMBER),
        (quantity("5000条"), quantity("8%"), NotComputable.UNIT_MISMATCH),
        (quantity("8%"), quantity("10"), NotComputable.UNIT_MISMATCH),
        (quantity("5000条"), quantity("5000元"), NotComputable.UNIT_MISMATCH),
    ],
)
def test_named_reasons(
    target: Quantity | str | None, actual: Quantity | str, reason: NotComputable
) -> None:
    assert variance(target, actual) is reason


@pytest.mark.parametrize("target", [None, "待定", quantity("0"), quantity("5000条")])
@pytest.mark.parametrize("actual", [None, "", "　"])
def test_a_running_campaign_has_no_deviation(
    target: Quantity | str | None, actual: str | None
) -> None:
    assert variance(target, actual) is None


def test_a_bare_number_against_a_unit_is_computed_with_a_notice() -> None:
    target, actual = quantity("5000条"), quantity("4200")
    assert variance(target, actual) == Decimal("-0.16")
    assert bare_beside_unit(target, actual)
    assert not bare_beside_unit(target, target)
    assert not bare_beside_unit(quantity("8%"), actual)
    assert not bare_beside_unit(None, actual)


@given(amounts.filter(bool), amounts)
def test_the_deviation_leads_back_to_the_actual_value(target: Decimal, actual: Decimal) -> None:
    deviation = variance(Quantity(target), Quantity(actual))
    assert isinstance(deviation, Decimal)
    assert abs(target + abs(target) * deviation - actual) <= Decimal("1e-9")


@given(amounts.filter(lambda amount: amount > 0), amounts)
def test_the_sign_says_which_side(target: Decimal, actual: Decimal) -> None:
    deviation = variance(Quantity(target), Quantity(actual))
    assert isinstance(deviation, Decimal)
    assert (deviation > 0) == (actual > target)
    assert (deviation < 0) == (actual < target)


@pytest.mark.parametrize(
    ("deviation", "text"),
    [
        ("0", "0%"), ("-0.004", "0%"), ("0.005", "+1%"), ("-0.005", "-1%"), ("0.165", "+17%"),
        ("-0.165", "-17%"), ("-0.1649", "-16%"), ("12.5", "+1250%"), ("1e40", "+1.00E+42%"),
    ],
)  # fmt: skip
def test_whole_percents_rounded_half_away_from_zero(deviation: str, text: str) -> None:
    assert deviation_text(Decimal(deviation)) == text


@pytest.mark.parametrize(
    ("own", "computed", "agreed"),
    [
        ("-16%", "-0.1649", True),
        ("－16％", "-0.16", True),
        ("-16%", "-0.166", False),
        ("-16%", "-0.165", True),
        ("-17%", "-0.165", True),
        ("-16.5%", "-0.1649", True),
        ("-16.5%", "-0.16", False),
        ("-0.16", "-0.1649", True),
        ("16%", "-0.16", False),
        (Decimal("-0.16"), "-0.1649", True),
        (Decimal("-0.1649"), "-0.16493", True),
        (Decimal("-0.1649"), "-0.16", False),
        (Decimal("0.2"), "0.24", False),
        (Decimal(0), "0.3", False),
        (Decimal(0), "0.004", True),
        (Decimal(-16), "-0.16", False),
    ],
)
def test_a_persons_own_value_at_its_own_precision(
    own: str | Decimal, computed: str, agreed: bool
) -> None:
    parsed = parse_deviation(own)
    assert parsed is not None
    assert agrees(parsed, Decimal(computed)) is agreed


@pytest.mark.parametrize("own", ["", "下降", "-16条", "1e999999", Decimal("NaN"), Decimal("-Inf")])
def test_text_that_is_not_a_deviation(own: str | Decimal) -> None:
    assert parse_deviation(own) is None


@given(st.decimals(min_value=-1000, max_value=1000, places=5))
def test_what_is_written_agrees_with_what_was_computed(deviation: Decimal) -> None:
    own = parse_deviation(deviation_text(deviation))
    assert own is not None
    assert agrees(own, deviation)


def test_direction() -> None:
    assert is_bad(Decimal("-0.1"), None)
    assert is_bad(Decimal("-0.1"), "越高越好")
    assert not is_bad(Decimal("-0.1"), "越低越好")
    assert is_bad(Decimal("0.1"), "越低越好")
    assert not is_bad(Decimal(0), None)
    assert not is_bad(Decimal(0), "越低越好")


def test_reasons_in_both_languages() -> None:
    assert reason_text(NotComputable.UNIT_MISMATCH, "zh") == "无法计算：单位不一致"
    assert reason_text(NotComputable.TARGET_ZERO, "zh") == "无法计算：目标值为零"
    assert reason_text(NotComputable.TARGET_ZERO, "en") == "not computable: target is zero"
    assert (
        len({reason_text(reason, lang) for reason in NotComputable for lang in ("zh", "en")}) == 8
    )
