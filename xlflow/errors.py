"""Expected failures: the sentence for the user, the exit code, and whether a retry can help.

An error has the key of its sentence in :mod:`xlflow.messages` and the facts that go
into it. It is put into words only at the edge (command line, ribbon, status), in the
language of whoever reads it.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar


class XlflowError(Exception):
    """A failure that is reported to the user in one or two plain lines.

    ``key`` names the sentence (``"errors.<key>"`` in the catalogue), ``params`` are
    its facts.
    """

    exit_code: ClassVar[int] = 2
    retryable: ClassVar[bool] = False

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are pickled with their positional arguments; the facts are keyword ones.
        return partial(type(self), self.key, **self.params), ()

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.key}({facts})"


class UsageError(XlflowError):
    """An argument is invalid or names something that doesn't exist, such as a path or a month."""


class SettingsError(XlflowError):
    """xlflow.toml has an invalid setting."""


class WorkspaceError(XlflowError):
    """There is no workspace here, or it can't be created."""


class UnreadableError(XlflowError):
    """The content of a workbook can't be read, until it changes."""

    exit_code = 1


class UnavailableError(UnreadableError):
    """A workbook couldn't be read this time (I/O error, permission, crash); a retry may help."""

    retryable = True


class WriteRefusedError(XlflowError):
    """The workbook may not or can't be written now; nothing was changed."""

    exit_code = 1
    retryable = True


class StoreError(XlflowError):
    """The store can't be opened, read or written."""

    retryable = True


class HeldError(XlflowError):
    """Another daemon, pass or machine is using the workspace."""

    retryable = True
