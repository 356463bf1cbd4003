"""Goals and acceptance criteria: guide.md, Figures, targets and how improvement is judged."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from tests.meaning.hostile import MONSTERS, MUST_END, hostile_text
from xlflow.meaning.acceptance import Comparison, Measure, holds, measurable, parse_measure
from xlflow.meaning.quantity import Quantity, parse_quantity

AT_MOST, AT_LEAST, BELOW, ABOVE = Comparison


def quantity(text: str) -> Quantity:
    parsed = parse_quantity(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("text", "comparison", "bound"),
    [
        # The guide's.
        ("≤1次", AT_MOST, "1次"),
        ("≤1天", AT_MOST, "1天"),
        ("≥90%", AT_LEAST, "90%"),
        ("误差≤5%", AT_MOST, "5%"),
        ("3个以上", AT_LEAST, "3个"),
        ("需求文档通过率提升至90%", AT_LEAST, "90%"),
        ("设计资源响应时间缩短至1天", AT_MOST, "1天"),
        ("后续方案因需求问题修改次数≤1次", AT_MOST, "1次"),
        ("设计需求平均响应时间≤1天", AT_MOST, "1天"),
        # Ours.
        ("誤差不超過５％", AT_MOST, "5%"),
        ("修改不超过两次", AT_MOST, "2次"),
        ("不得超过3天", AT_MOST, "3天"),
        ("不低于90%", AT_LEAST, "90%"),
        ("不得低于90%", AT_LEAST, "90%"),
        ("低于90%", BELOW, "90%"),
        ("超过3家", ABOVE, "3家"),
        ("<3天", BELOW, "3天"),
        ("<= 3天", AT_MOST, "3天"),
        ("至少三条可执行建议", AT_LEAST, "3条"),
        ("3个工作日内完成", AT_MOST, "3个工作日"),
        ("3条及以上", AT_LEAST, "3条"),
        ("线索量提升到1.2万条", AT_LEAST, "1.2万条"),
        ("2024年7月前通过率达到90%", AT_LEAST, "90%"),
        ("at least 3 ideas", AT_LEAST, "3"),
        ("within 3 days", AT_MOST, "3days"),
        ("no more than 5%", AT_MOST, "5%"),
    ],
)
def test_bounds(text: str, comparison: Comparison, bound: str) -> None:
    assert parse_measure(text) == Measure(comparison, quantity(bound))
    assert measurable(text)


@pytest.mark.parametrize("text", ["制作3个内容", "合格率100%", "沟通成本降低50%", "输出2份报告"])
def test_a_figure_without_a_bound_can_still_be_measured(text: str) -> None:
    assert parse_measure(text) is None
    assert measurable(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "优化流程",
        "效果良好",
        "建立一个统一的流程",
        "2024年7月完成",
        "7月15日前上线",
        "2024-07-15",
        "Q3上线",
    ],
)
def test_what_cannot_be_measured(text: str) -> None:
    assert not measurable(text)


@pytest.mark.parametrize(
    ("measure", "value", "kept"),
    [
        ("≤1次", "1次", True),
        ("≤1次", "2次", False),
        ("≤1次", "1", True),
        ("≥90%", "90%", True),
        ("≥90%", "89.9%", False),
        ("3个以上", "3个", True),
        ("低于90%", "90%", False),
        ("超过3家", "3家", False),
        ("≥90%", "0.95", None),
        ("≤1次", "1天", None),
    ],
)
def test_bounds_are_inclusive_unless_they_say_otherwise(
    measure: str, value: str, kept: bool | None
) -> None:
    parsed = parse_measure(measure)
    assert parsed is not None
    assert holds(parsed, quantity(value)) is kept


def test_bounds_never_apply_to_non_numbers() -> None:
    measure = Measure(AT_MOST, Quantity(Decimal(1)))
    assert holds(measure, Quantity(Decimal("NaN"))) is None


@given(hostile_text)
def test_no_text_raises(text: str) -> None:
    measure = parse_measure(text)
    assert measure is None or measure.bound.amount.is_finite()


@MUST_END
@pytest.mark.parametrize("monster", MONSTERS)
def test_monsters_measure_nothing(monster: str) -> None:
    assert not measurable(monster)
