"""Every deliberate failure: what to tell the user, which exit code, whether trying again helps.

An error carries the key of its sentence in :mod:`xlflow.messages` and the facts
that go into it; the words in either language come at the edge (command line,
ribbon, status), so that the same failure reads right for whoever sees it.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar


class XlflowError(Exception):
    """A failure that a user is told about in one or two plain lines.

    ``key`` names the sentence (``"errors.<key>"`` in the catalogue), ``params``
    its facts.
    """

    exit_code: ClassVar[int] = 2
    retryable: ClassVar[bool] = False

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are copied by their positional arguments, and facts are named ones.
        return partial(type(self), self.key, **self.params), ()

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.key}({facts})"


class UsageError(XlflowError):
    """What was asked for doesn't exist or makes no sense: a path, a month, a version, a code."""


class SettingsError(XlflowError):
    """xlflow.toml holds something that can't be meant."""


class WorkspaceError(XlflowError):
    """There is no workspace here, or it can't be made."""


class UnreadableError(XlflowError):
    """The content of a workbook can't be read; it stays so until the content changes."""

    exit_code = 1


class UnavailableError(UnreadableError):
    """A workbook could not be reached (I/O error, permission, crash); trying again may help."""

    retryable = True


class WriteRefusedError(XlflowError):
    """The workbook may not or cannot be written now; nothing was changed."""

    exit_code = 1
    retryable = True


class StoreError(XlflowError):
    """The row store can't be opened, read or written."""

    retryable = True


class HeldError(XlflowError):
    """Somebody else works on the workspace: another daemon, another pass, another machine."""

    retryable = True
