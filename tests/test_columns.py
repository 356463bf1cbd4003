"""Declarations of tables: what is derived from them, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from xlflow.columns import (
    Choice,
    Kind,
    Option,
    Owner,
    Table,
    Text,
    Words,
    column,
    table,
)

WORDS = ("甲", "A")
HELP = ("说明", "Help")


def declare(**attributes: tuple[Any, Any]) -> Table:
    annotations = {name: kind for name, (kind, _) in attributes.items()}
    columns = {name: declaration for name, (_, declaration) in attributes.items()}
    module = {"__module__": "xlflow.schema"}
    sample = type("Sample", (), {"__annotations__": annotations, **columns, **module})
    declared: Any = table(sheet=WORDS, title=WORDS, purpose=WORDS)(sample)
    result: Table = declared.table
    return result


def test_field_kind_and_requiredness_come_from_the_annotation() -> None:
    sample = declare(
        name=(Text, column("名称", en="Name", key=True, help=HELP)),
        note=(Text | None, column("备注", en="Note", help=HELP)),
        late=(Text | None, column("逾期", en="Overdue", owner=Owner.XLFLOW, help=HELP)),
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
    ("attributes", "fault"),
    [
        ({"name": (Text, "名称")}, "no declaration.* column\\("),
        ({"name": (str, column("名称", en="Name", help=HELP))}, "names no kind"),
        (
            {"name": (Choice, column("名称", en="Name", help=HELP))},
            "choices belong to choice columns.* choices=",
        ),
        (
            {"name": (Text, column("名称", en="Name", choices=(Option("高", "High"),)))},
            "choices belong to choice columns",
        ),
        ({"name": (Text, column("", en="Name", help=HELP))}, "header in Chinese"),
        ({"name": (Text, column("名称", help=HELP))}, "header in English, en="),
        ({"name": (Text, column("名称", en="Name"))}, "help=\\("),
        ({"name": (Text, column("名称", en="Name", help=("说明", "")))}, "help=\\("),
        (
            {
                "first": (Text, column("名称", en="Name", help=HELP)),
                "name": (Text, column("别名", en="Other", help=HELP, aliases=("名称",))),
            },
            "first has the header or alias 名称 already",
        ),
        (
            {"name": (Text, column("名称", en="Name", help=HELP, aliases=("Name",)))},
            "name has the header or alias Name already",
        ),
    ],
)
def test_a_faulty_declaration_fails_at_import_and_names_the_file_to_change(
    attributes: dict[str, Any], fault: str
) -> None:
    with pytest.raises(TypeError, match=fault) as refused:
        declare(**attributes)
    assert str(refused.value).startswith("Sample.name: ")
    assert " In xlflow/schema.py, " in str(refused.value)
    assert str(refused.value).endswith("then run python docs/regenerate.py")


def test_words_are_picked_by_language() -> None:
    assert [Words("完成时间", "Due")[language] for language in ("zh", "en")] == ["完成时间", "Due"]
