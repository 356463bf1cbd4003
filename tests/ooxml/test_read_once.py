"""One Book for reading, the content digest and splicing: everything is read once.

Counted are calls of the lowest functions, wherever they come from: the parser of the
central directory (and ``zipfile``'s), zlib's decompressor by the compressed bytes that
it gets, and the decoder that every scan of a sheet part begins with.
"""

from __future__ import annotations

import gc
import io
import weakref
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from xlflow.config import Settings
from xlflow.ooxml import archive, scanner
from xlflow.ooxml.book import Book
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.templates.samples import write_samples

INPUTS = Inputs("市场一部", Settings())
JULY_16, JULY_20 = datetime(2024, 7, 17), datetime(2024, 7, 20)


class WorkCounts:
    """How often archives were parsed, members inflated and sheets scanned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed = 0
        self.inflated: Counter[bytes] = Counter()
        self.scanned: Counter[bytes] = Counter()
        monkeypatch.setattr(archive, "_directory", self._counting_parses(archive._directory))
        monkeypatch.setattr(zipfile, "ZipFile", self._counting_parses(zipfile.ZipFile))
        monkeypatch.setattr(zlib, "decompressobj", self._counting_inflations(zlib.decompressobj))
        monkeypatch.setattr(scanner, "decode_xml", self._counting_scans(scanner.decode_xml))

    def _counting_parses(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **options: Any) -> Any:
            self.parsed += 1
            return function(*args, **options)

        return counting

    def _counting_inflations(self, function: Callable[..., Any]) -> Callable[..., Any]:
        counts = self.inflated

        class Counting:
            def __init__(self, *args: Any) -> None:
                self._inflate = function(*args)

            def decompress(self, data: bytes, *args: Any) -> bytes:
                counts[data] += 1
                inflated: bytes = self._inflate.decompress(data, *args)
                return inflated

        return Counting

    def _counting_scans(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counting(part: bytes) -> Any:
            self.scanned[part] += 1
            return function(part)

        return counting


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A team's workbook of five sheets with the flags of a few days before."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, Settings(), "zh")
    data = Path(folder, "市场一部.xlsx").read_bytes()
    return splice(data, process(data, INPUTS, (), JULY_16).cells)


@pytest.fixture
def members(flagged: bytes) -> Counter[bytes]:
    """The compressed content of each member of the workbook; some members may be equal."""
    found: Counter[bytes] = Counter()
    with zipfile.ZipFile(io.BytesIO(flagged)) as file:
        for member in file.infolist():
            start = member.header_offset + 30 + len(member.filename.encode()) + len(member.extra)
            found[flagged[start : start + member.compress_size]] += 1
    return found


def test_a_workbook_is_parsed_inflated_and_scanned_once(
    flagged: bytes, members: Counter[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = WorkCounts(monkeypatch)
    book = Book(flagged)
    outcome = process(book, INPUTS, (), JULY_20)
    assert splice(book, outcome.cells) != flagged
    assert counts.parsed == 1
    assert counts.inflated
    assert counts.inflated <= members
    assert len(book.sheets) == 5
    assert sorted(counts.scanned.values()) == [1] * 5


def test_reading_twice_is_counted(
    flagged: bytes, members: Counter[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = WorkCounts(monkeypatch)
    outcome = process(flagged, INPUTS, (), JULY_20)
    assert splice(flagged, outcome.cells) != flagged
    assert counts.parsed == 2
    assert not counts.inflated <= members
    assert max(counts.scanned.values()) == 2


def test_an_outcome_doesnt_keep_the_workbook_in_memory(flagged: bytes) -> None:
    book = Book(flagged)
    released = weakref.ref(book)
    outcome = process(book, INPUTS, (), JULY_20)
    del book
    gc.collect()
    assert outcome.rows
    assert released() is None
