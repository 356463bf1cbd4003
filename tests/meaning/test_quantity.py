"""Numbers with units: guide.md, 差异率."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.meaning.hostile import MONSTERS, MUST_END, hostile_text
from xlflow.meaning.quantity import (
    Quantity,
    TypedQuantity,
    _parse,
    format_quantity,
    parse_quantity,
    parse_typed_quantity,
    quantity_of_number,
    shown_number,
)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        # The guide's.
        ("5000条", "5000", "条"),
        ("4200条", "4200", "条"),
        ("8%", "0.08", "%"),
        ("10%", "0.1", "%"),
        ("1.2万", "12000", ""),
        ("１，２００", "1200", ""),
        ("3.5亿", "350000000", ""),
        # Ours.
        ("5000條", "5000", "条"),
        ("5000 条。", "5000", "条"),
        ("1.2万条", "12000", "条"),
        ("1万亿", "1000000000000", ""),
        ("3千", "3000", ""),
        ("1.2万元", "12000", "元"),
        ("¥3,000", "3000", "元"),
        ("￥1.2万元", "12000", "元"),
        ("-¥5", "-5", "元"),
        ("$100", "100", "美元"),
        ("100美元", "100", "美元"),
        ("5‰", "0.005", "%"),
        ("８％", "0.08", "%"),
        ("−16%", "-0.16", "%"),
        ("+25 %", "0.25", "%"),
        ("1,234,567.89", "1234567.89", ""),
        (".5", "0.5", ""),
        ("1.2E+4", "12000", ""),
        ("3个工作日", "3", "个工作日"),
        ("5000条/月", "5000", "条/月"),
        ("20m2", "20", "m2"),
        ("12 KPI", "12", "kpi"),
    ],
)
def test_text_that_is_a_number(text: str, amount: str, unit: str) -> None:
    assert parse_quantity(text) == Quantity(Decimal(amount), unit)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "approximate"),
    [
        ("1.2w", "12000", "", False),
        ("１.２Ｗ", "12000", "", False),
        ("5k", "5000", "", False),
        ("5K条", "5000", "条", False),
        ("5kg", "5", "kg", False),
        ("5千", "5000", "", False),
        ("1千2百", "1200", "", False),
        ("1萬2千", "12000", "", False),
        ("1万2千条", "12000", "条", False),
        ("1亿2千万", "120000000", "", False),
        ("≥90%", "0.9", "%", False),
        (">=5000条", "5000", "条", False),
        ("90%以上", "0.9", "%", True),
        ("5000條以上", "5000", "条", True),
        ("约5000", "5000", "", True),
        ("約５０００", "5000", "", True),
        ("大约1.2万", "12000", "", True),
        ("近5000", "5000", "", True),
        ("5000+", "5000", "", True),
        ("1.5w+", "15000", "", True),
        ("5000条左右", "5000", "条", True),
        ("5000多条", "5000", "条", True),
        ("10万余元", "100000", "元", True),
        ("不低于90%", "0.9", "%", True),
    ],
)
def test_shorthand_and_estimates(text: str, amount: str, unit: str, approximate: bool) -> None:
    expected = TypedQuantity(Quantity(Decimal(amount), unit), approximate)
    assert parse_typed_quantity(text) == expected


@pytest.mark.parametrize(
    ("number", "number_format", "shown"),
    [
        ("2024.1", "0.00", "2024.10"),
        ("2024.1", "General", None),
        ("202407", "0", "202407"),
        ("202407", '0000"年"00"月"', "2024年07月"),
        ("20240705", "0000-00-00", "2024-07-05"),
        ("20240705", "0000\\-00\\-00", "2024-07-05"),
        ("24", '0"小时"', "24小时"),
        ("7", '0"月"', "7月"),
        ("7.1", "0.##", "7.1"),
        ("5", "000", "005"),
        ("12000", '0.0,"k"', None),
        ("0.5", "0%", None),
    ],
)
def test_a_number_as_its_format_shows_it(
    number: str, number_format: str, shown: str | None
) -> None:
    assert shown_number(Decimal(number), number_format) == shown


@MUST_END
@pytest.mark.parametrize(
    "text",
    [
        "", "条", "万", "约", "以上", "3-5条", "8%-10%", "80-90", "80~90", "1,20",
        "1,2000", "1 200", "1.200,5", "5m", "3w2k", "10²", "①", "½", "2024-06-30", "17:00", "+-5",
        "--5", "8万%", "¥8%", "¥5美元", "5000条4200条", "百分之八", "1e999", "9" * 50,
        "0." + "1" * 40, "待定", "-", "#REF!", "٣", *MONSTERS,
    ],
)  # fmt: skip
def test_text_that_is_not_clearly_a_number(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("number", "number_format", "amount", "unit"),
    [
        # The guide's.
        ("0.08", "0%", "0.08", "%"),
        ("5000", '0"条"', "5000", "条"),
        # Ours.
        ("5000", "#,##0条", "5000", "条"),
        ("5000", "0\\条", "5000", "条"),
        ("5000", "#,##0!條", "5000", "条"),
        ("5000", "General", "5000", ""),
        ("5000", "", "5000", ""),
        ("5000", "@", "5000", ""),
        ("5", 'General"条"', "5", "条"),
        ("5", 'G/通用格式"条"', "5", "条"),
        ("-0.05", "0.00%;[Red]-0.00%", "-0.05", "%"),
        ("0", '0.0%;-0.0%;"-"', "0", "%"),
        ("0", '0"条";-0"条";"无"', "0", "条"),
        ("5000", '[Red]0"条";[Blue]-0"件"', "5000", "条"),
        ("-5000", '[Red]0"条";[Blue]-0"件"', "-5000", "件"),
        ("3000", "[$¥-804]#,##0.00", "3000", "元"),
        ("3000", "[$-804]#,##0.00", "3000", ""),
        ("3000", "_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ @_ ", "3000", "元"),
        ("8", '0"%"', "0.08", "%"),
        ("8", "0\\%", "0.08", "%"),
        ("1.2", '0.0"万"', "12000", ""),
        ("1.2", '0.0"万条"', "12000", "条"),
        ("12000", '0!.0,"万"', "12000", ""),
        ("12000", '0.0,"k"', "12000", ""),
        ("12000000", '0,,"百万元"', "12000000", "元"),
        ("1.5", '0.0"w"', "15000", ""),
        ("3000000", '0.0,,"万"\n%', "3000000", ""),
        ("3000000", '0.0,,"万"%', "3000000", ""),
        ("3000000", '0.0,,"万条"\\\n%', "3000000", "条"),
        ("3000000", "0.0,,%", "3", "%"),
        ("0.5", '0"条"\n%', "50", "条"),
        ("12000", '[>=10000]0!.0,"万条";0"条"', "12000", "条"),
        ("120", '[>=10000]0!.0,"万条";0"条"', "120", "条"),
        ("5", '"共"0"条"', "5", "条"),
        ("5", '0"条(含补录)"', "5", ""),
        ("45000", 'yyyy"年"m"月"d"日"', "45000", ""),
        ("0.5", "# ?/?", "0.5", ""),
        ("5", '0"', "5", ""),
        ("5", "[", "5", ""),
        ("5", "\\", "5", ""),
        ("5", ";;;", "5", ""),
    ],
)
def test_numbers_dressed_by_their_format(
    number: str, number_format: str, amount: str, unit: str
) -> None:
    assert quantity_of_number(Decimal(number), number_format) == Quantity(Decimal(amount), unit)


@given(
    st.decimals(allow_nan=True, allow_infinity=True),
    st.one_of(hostile_text, st.text(alphabet='0#?.,%;"\\!_*[]@$-+eE条万yd ', max_size=30)),
)
def test_no_number_and_no_format_raises(number: Decimal, number_format: str) -> None:
    quantity_of_number(number, number_format)
    shown_number(number, number_format)


@MUST_END
@pytest.mark.parametrize("monster", MONSTERS)
def test_a_monstrous_format_has_no_unit(monster: str) -> None:
    assert quantity_of_number(Decimal(5), monster) == Quantity(Decimal(5))


@given(
    st.from_regex(r"\A[0-9]{1,15}(\.[0-9]{1,10})?\Z"),
    st.one_of(
        st.sampled_from(["", "条", "%", "万", "千亿", "十万元", "条以上", "内", "万万", "個"]),
        st.text(alphabet="%条万亿千百十元人民币以上內约", max_size=9),
    ),
)
def test_a_number_reads_the_same_from_text_and_from_a_format(number: str, suffix: str) -> None:
    certain = _parse(number + suffix)
    typed = parse_typed_quantity(number + suffix)
    if certain is not None:
        assert typed == TypedQuantity(certain)


@given(hostile_text)
def test_what_is_read_is_finite(text: str) -> None:
    quantity = parse_quantity(text)
    assert quantity is None or quantity.amount.is_finite()


@given(
    st.decimals(min_value="-1e12", max_value="1e12", places=3),
    st.sampled_from(["", "%", "条", "元", "个工作日"]),
)
def test_shown_quantities_read_back(amount: Decimal, unit: str) -> None:
    quantity = Quantity(amount, unit)
    assert parse_quantity(format_quantity(quantity)) == quantity


def test_quantities_are_shown_plainly() -> None:
    assert format_quantity(Quantity(Decimal("0.080"), "%")) == "8%"
    assert format_quantity(Quantity(Decimal("1E+4"), "条")) == "10000条"
    assert format_quantity(Quantity(Decimal("1E+999"))) == "1E+999"
