"""How a table is declared: kinds of column, who may write them, and the declaration itself.

A table is a class whose annotated attributes are its columns (see
:mod:`xlflow.schema`). The annotation says what a cell may hold and, with
``| None``, that it may be blank; :func:`column` says the rest. Everything that
depends on what a workbook is (template, reading, basic rules, write permission,
store columns, data dictionary) is derived from these records.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar

REGENERATE = "python docs/regenerate.py"
"""The command that writes again every file that is derived from the declarations."""


class Kind(Enum):
    """What a column's cells hold, and so how they are read, checked, shown and stored."""

    TEXT = "text"
    DAYS = "days"
    """A length in days, a number that may have decimals."""
    DATE = "date"
    """A day, or a moment where a time of day was given; new sheets show the time in ``…_at``."""
    CHOICE = "choice"
    PEOPLE = "people"
    """People or departments, several in one cell."""
    QUANTITY = "quantity"
    """A number with an optional unit, a percentage included."""
    DEADLINE = "deadline"
    """A phrase that says until when an answer is due: ``24小时``, ``每日17:00前``."""
    MONTH = "month"
    """A calendar month, ``2024-07``."""
    PRIORITY = "priority"
    DEVIATION = "deviation"
    RECORD = "record"


DATED = (Kind.DATE, Kind.MONTH, Kind.DEADLINE)
"""The kinds whose cells may name a day, a month or a moment, also without its year."""


class Owner(Enum):
    """Who writes a column."""

    TEAM = "team"
    COMPUTED = "computed"
    """xlflow, while the cell is blank or holds what xlflow wrote; a person's own value stays."""
    XLFLOW = "xlflow"
    """xlflow and nobody else (the ⚙ columns)."""


Text = Annotated[str, Kind.TEXT]
Days = Annotated[Decimal, Kind.DAYS]
Date = Annotated[date, Kind.DATE]
Choice = Annotated[str, Kind.CHOICE]
People = Annotated[tuple[str, ...], Kind.PEOPLE]
# The values of these two are declared where they are computed (xlflow.meaning).
Amount = Annotated[Any, Kind.QUANTITY]
Deadline = Annotated[Any, Kind.DEADLINE]
Month = Annotated[str, Kind.MONTH]
Priority = Annotated[str, Kind.PRIORITY]
Deviation = Annotated[Any, Kind.DEVIATION]
RecordText = Annotated[str, Kind.RECORD]


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages: ``Words("完成时间", "Due")["en"]``."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a choice column. ``zh`` is the value that all other code uses."""

    zh: str
    en: str
    aliases: tuple[str, ...] = ()

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table.

    ``field`` is its ASCII name in code and in the store; ``header`` and ``help``
    are in both languages; ``aliases`` are other headers under which it is
    recognised (compared as :func:`xlflow.meaning.folding.fold` folds them, so
    traditional characters, full width and pinyin need no alias). ``aliases_beside`` are
    headers that mean this column where another one names the given field: beside 截止日期,
    完成时间 is the day on which it was done. ``guide`` is
    true for the columns of the guide itself (●), without which a sheet isn't
    the table; the others may be absent. ``in_figures`` is true where a figure of
    the month is taken from the column (docs/reference/figures.md). ``blank`` is what a blank
    cell means, ``blanks`` are words that say no more than a blank cell does. ``width`` is
    in characters.
    """

    field: str
    header: Words
    kind: Kind
    required: bool
    owner: Owner
    key: bool
    guide: bool
    in_figures: bool
    aliases: tuple[str, ...]
    aliases_beside: tuple[str, tuple[str, ...]]
    choices: tuple[Option, ...]
    blank: str | None
    blanks: tuple[str, ...]
    help: Words
    width: float
    hidden: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Every header under which the column is known, its own first."""
        return (self.header.zh, self.header.en, *self.aliases)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One of the four tables; ``name`` is its ASCII name in code and in the store."""

    name: str
    sheet: Words
    title: Words
    purpose: Words
    aliases: tuple[str, ...]
    columns: tuple[Column, ...]

    places: Mapping[str, int] = dataclasses.field(init=False, repr=False)
    """Where each field stands among the columns, counted from 0."""
    team_columns: tuple[Column, ...] = dataclasses.field(init=False, repr=False)
    """The columns that people fill; a row is blank when these are."""
    keys: tuple[Column, ...] = dataclasses.field(init=False, repr=False)
    """The columns that identify a row when nothing better is known."""
    computed_columns: tuple[Column, ...] = dataclasses.field(init=False, repr=False)
    """The columns that xlflow computes; a person's own value in them stays."""
    team_places: tuple[int, ...] = dataclasses.field(init=False, repr=False)
    key_places: tuple[int, ...] = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        def derive(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        derive("places", {column.field: place for place, column in enumerate(self.columns)})
        derive("team_columns", tuple(c for c in self.columns if c.owner is Owner.TEAM))
        derive("keys", tuple(c for c in self.columns if c.key))
        derive("computed_columns", tuple(c for c in self.columns if c.owner is Owner.COMPUTED))
        derive("team_places", tuple(self.places[c.field] for c in self.team_columns))
        derive("key_places", tuple(self.places[c.field] for c in self.keys))

    def __getitem__(self, field: str) -> Column:
        return self.columns[self.places[field]]

    def __contains__(self, field: object) -> bool:
        return field in self.places

    def written_by_xlflow(self) -> tuple[Column, ...]:
        """The computed and ⚙ columns: the only ones xlflow ever writes."""
        return tuple(c for c in self.columns if c.owner is not Owner.TEAM)


def column(
    header: str,
    *,
    en: str = "",
    help: tuple[str, str] = ("", ""),  # noqa: A002  # the word users know
    owner: Owner = Owner.TEAM,
    key: bool = False,
    guide: bool = True,
    in_figures: bool = False,
    aliases: tuple[str, ...] = (),
    aliases_beside: tuple[str, tuple[str, ...]] = ("", ()),
    choices: tuple[Option, ...] = (),
    blank: str | None = None,
    blanks: tuple[str, ...] = (),
    width: float = 16,
    hidden: bool = False,
) -> Any:
    """Declare one column; its field name, kind and requiredness come from the annotation.

    :func:`table` refuses one without header and help in both languages.
    """
    return Column(
        field="",
        header=Words(header, en),
        kind=Kind.TEXT,
        required=False,
        owner=owner,
        key=key,
        guide=guide,
        in_figures=in_figures,
        aliases=aliases,
        aliases_beside=aliases_beside,
        choices=choices,
        blank=blank,
        blanks=blanks,
        help=Words(*help),
        width=width,
        hidden=hidden,
    )


Declared = TypeVar("Declared", bound=type)


def table(
    *,
    sheet: tuple[str, str],
    title: tuple[str, str],
    purpose: tuple[str, str],
    aliases: tuple[str, ...] = (),
    name: str | None = None,
) -> Callable[[Declared], Declared]:
    """Make a :class:`Table` of a class of annotated columns and set it as the class's ``table``.

    ``sheet`` and ``title`` are (Chinese, English); ``name`` is the class's own unless
    given. An incomplete or contradictory declaration (an annotation that names no kind,
    no help, two columns of one header, a choice column without choices) fails at import,
    with a message that names the file to change.
    """

    def declare(cls: Declared) -> Declared:
        def refuse(field: str, fault: str, change: str) -> TypeError:
            file = cls.__module__.replace(".", "/") + ".py"
            return TypeError(
                f"{cls.__name__}.{field}: {fault}. In {file}, {change}; then run {REGENERATE}"
            )

        columns: list[Column] = []
        fields_by_header: dict[str, str] = {}
        for field, hint in typing.get_type_hints(cls, include_extras=True).items():
            declared = cls.__dict__.get(field)
            if not isinstance(declared, Column):
                raise refuse(field, "it has no declaration", "set it to column(…)")
            kind, optional = _kind(hint)
            if kind is None:
                raise refuse(
                    field,
                    "the annotation names no kind of column",
                    "annotate it with one of those in xlflow/columns.py (Text, Date, Choice …)",
                )
            if (kind is Kind.CHOICE) != bool(declared.choices):
                fault = "choices belong to choice columns, and to all of them"
                raise refuse(
                    field, fault, "annotate it with Choice and pass choices=(Option(…), …)"
                )
            for text, parameter in (
                (declared.header.zh, "the header in Chinese, its first argument"),
                (declared.header.en, "the header in English, en="),
                (declared.help.zh and declared.help.en, "the help in both languages, help=(…, …)"),
            ):
                if not text:
                    raise refuse(field, "a text is missing", f"add {parameter}")
            for header in declared.names:
                if header in fields_by_header:
                    taken = f"{fields_by_header[header]} has the header or alias {header} already"
                    raise refuse(field, taken, "rename one of them")
                fields_by_header[header] = field
            columns.append(replace(declared, field=field, kind=kind, required=not optional))
        cls.table = Table(  # type: ignore[attr-defined]
            name=name or cls.__name__.lower(),
            sheet=Words(*sheet),
            title=Words(*title),
            purpose=Words(*purpose),
            aliases=aliases,
            columns=tuple(columns),
        )
        return cls

    return declare


def _kind(hint: Any) -> tuple[Kind | None, bool]:
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = typing.get_args(hint)
        optional = type(None) in members
        hint = next(member for member in members if member is not type(None))
    kinds = [extra for extra in typing.get_args(hint)[1:] if isinstance(extra, Kind)]
    return (kinds[0] if kinds else None), optional
