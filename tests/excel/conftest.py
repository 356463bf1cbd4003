"""The fixture of the process that simulates xlwings on Windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.excel.xlwings_windows import Excel


@pytest.fixture(scope="session")
def excel() -> Iterator[Excel]:
    """Return a process that calls worksheet functions as Excel does."""
    with Excel() as process:
        yield process
