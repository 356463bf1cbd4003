"""The other process, in which xlwings believes to be on Windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.excel.xlwings_windows import Excel


@pytest.fixture(scope="session")
def excel() -> Iterator[Excel]:
    """Answer calls of worksheet functions as Excel would get them answered."""
    with Excel() as answering:
        yield answering
