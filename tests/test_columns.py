"""Declarations of tables: what is derived from them, and what can't be meant."""

from __future__ import annotations

from typing import Any

import pytest

from xlflow.columns import Choice, Kind, Option, Owner, Text, Words, column, table

WORDS = ("甲", "A")


def declared(**attributes: Any) -> Any:
    annotations = {name: kind for name, (kind, _) in attributes.items()}
    columns = {name: told for name, (_, told) in attributes.items()}
    made = type("Sample", (), {"__annotations__": annotations, **columns})
    return table(sheet=WORDS, title=WORDS, purpose=WORDS)(made).table  # type: ignore[attr-defined]


def test_field_kind_and_requiredness_come_from_the_annotation() -> None:
    sample = declared(
        name=(Text, column("名称", en="Name", key=True)),
        note=(Text | None, column("备注", en="Note")),
        late=(Text | None, column("逾期", en="Overdue", owner=Owner.XLFLOW)),
    )
    assert sample.name == "sample"
    assert [(c.field, c.kind, c.required) for c in sample.columns] == [
        ("name", Kind.TEXT, True),
        ("note", Kind.TEXT, False),
        ("late", Kind.TEXT, False),
    ]
    assert [c.field for c in sample.keys] == ["name"]
    assert [c.field for c in sample.team_columns] == ["name", "note"]
    assert [c.field for c in sample.written_by_xlflow()] == ["late"]
    assert "note" in sample
    assert "nothing" not in sample


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"name": (Text, "名称")}, "is no column"),
        ({"name": (str, column("名称", en="Name"))}, "names no kind"),
        ({"name": (Choice, column("名称", en="Name"))}, "choices belong to choice columns"),
        (
            {"name": (Text, column("名称", en="Name", choices=(Option("高", "High"),)))},
            "choices belong to choice columns",
        ),
        (
            {
                "name": (Text, column("名称", en="Name")),
                "other": (Text, column("别名", en="Other", aliases=("名称",))),
            },
            "two columns answer to one header",
        ),
    ],
)
def test_what_cant_be_meant_fails_at_import(attributes: dict[str, Any], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        declared(**attributes)


def test_words_are_picked_by_language() -> None:
    assert [Words("完成时间", "Due")[language] for language in ("zh", "en")] == ["完成时间", "Due"]
