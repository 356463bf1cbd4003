"""What one run of the program ended with."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlflow


@dataclass(frozen=True)
class RunResult:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., RunResult]


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment for another one that imports this xlflow."""
    return {**os.environ, "PYTHONPATH": str(Path(xlflow.__file__).parents[1]), **variables}
