"""Kept versions: every content a workbook had, as plain files in the state folder.

What can't be made again from the workbooks is never only in the database. A version
is one gzip file, which any program opens, and a small JSON file that describes it;
each workbook has a folder for them. One content of one workbook is kept once,
whatever xlflow's own cells hold (:attr:`xlflow.facts.Outcome.content`).

The gzip file has the description, too, as the comment in its header. So one file is
everything that must be on disk before a workbook may be replaced: where a power cut has
left the JSON file missing or blank, that comment is read. What has changed in a
description since (other months, another name) is only in the JSON file, which is synced then.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from math import inf
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from xlflow.atomic_write import sync_folder, write_atomically, write_draft
from xlflow.errors import StoreError, UsageError
from xlflow.meaning.overdue import day_of

TEAM, XLFLOW = "team", "xlflow"
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff.]')
_ID = re.compile("[0-9a-f]+")
_ID_DIGITS = 8
_DATA = ".gz"

_MAGIC = b"\x1f\x8b\x08\x10"  # gzip, deflate, with a comment
_FIXED_HEADER = 10
_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True, slots=True)
class Version:
    """One kept content of one workbook.

    ``number`` counts the workbook's versions from 1 in the order in which they were
    kept. ``seen`` is the as-of of the pass that kept it. ``months`` maps each month in
    which it has dated rows to the moment when it was first seen in or after that
    month, None while it has only been seen earlier; it says when a team handed in.
    """

    workbook: str
    id: str
    number: int
    seen: datetime
    sha256: str
    size: int
    content: str
    written_by: str
    last_modified_by: str | None
    months: Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What has to be known of a workbook's versions to keep another content of it.

    ``same`` is the version with that content; ``ids`` are the ids in use and
    ``last_number`` is the highest number; ``current`` are the ids of the versions that
    may have been the workbook's content until now.
    """

    same: Version | None
    ids: frozenset[str]
    last_number: int
    current: frozenset[str]


class Versions:
    """The kept versions of one workspace; ``folder`` exists once there is one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(
        self,
        workbook: str,
        data: bytes,
        *,
        content: str,
        seen: datetime,
        months: Iterable[str],
        written_by: str = TEAM,
        last_modified_by: str | None = None,
        known: Known | None = None,
    ) -> Version:
        """Keep ``data`` unless this content of the workbook is kept already; return its version.

        When it returns, the version is on disk. ``known`` saves reading the descriptions
        of all the workbook's versions.

        Raises:
            StoreError: it couldn't be written; the workbook may not be replaced then.
        """
        with _translated_errors(self._folder):
            if known is None:
                known = self._known(workbook, content)
            if known.same is not None:
                self._mark_current(workbook, known.same.id)
                return self.seen_again(known.same, seen, months)
            for identity in known.current:
                self._mark_current(workbook, identity)  # until just now
            version = Version(
                workbook=workbook,
                id=_new_id(workbook, content, known.ids),
                number=known.last_number + 1,
                seen=seen,
                sha256=hashlib.sha256(data).hexdigest(),
                size=len(data),
                content=content,
                written_by=written_by,
                last_modified_by=last_modified_by,
                months=_months_seen(dict.fromkeys(months), seen),
            )
            self._make_folder(self._of(workbook))
            description = _to_json(version)
            draft = write_draft(self._data(version), _packed(data, description))
            os.replace(draft, self._data(version))
            write_atomically(self._description(version), description, sync=False)
            sync_folder(self._of(workbook))
            return version

    def make_folders(self, workbooks: Iterable[str]) -> None:
        """Make the folders of workbooks that will be kept, all with one sync.

        What fails here fails again, and is reported, when a version is kept.
        """
        missing = [folder for folder in map(self._of, workbooks) if not folder.is_dir()]
        with suppress(OSError):
            for folder in missing:
                folder.mkdir(parents=True, exist_ok=True)
            if missing:
                sync_folder(self._folder)

    def ids(self, workbook: str) -> frozenset[str]:
        """Return the ids of the versions of a workbook whose data are on disk."""
        try:
            names = os.listdir(self._of(workbook))
        except OSError:
            return frozenset()
        return frozenset(name.partition(".")[0] for name in names if name.endswith(_DATA))

    def read(self, workbook: str, identity: str) -> Version | None:
        """Return one version of a workbook, None where nothing describes it."""
        return _read_description(self._of(workbook) / f"{identity}.json", self._of)

    def last_current(self, workbook: str) -> str | None:
        """Return the id of the version that was the workbook's content last."""
        return max(
            self.ids(workbook),
            key=lambda identity: _modified(self._of(workbook) / f"{identity}.json"),
            default=None,
        )

    def _known(self, workbook: str, content: str) -> Known:
        versions = self.all(workbook)
        current = self.last_current(workbook)
        return Known(
            same=next((version for version in versions if version.content == content), None),
            ids=frozenset(version.id for version in versions),
            last_number=_last_number(versions),
            current=frozenset([current] if current is not None else ()),
        )

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)

    def seen_again(self, version: Version, seen: datetime, months: Iterable[str] = ()) -> Version:
        """Record that the version was seen again, by which another month may be handed in."""
        known = _months_seen({**dict.fromkeys(months), **version.months}, seen)
        if known == version.months:
            return version
        version = replace(version, months=known)
        with _translated_errors(self._folder):
            self._describe(version)
        return version

    def load(self, version: Version) -> bytes:
        """Return the bytes of a version, checked against their digest.

        Raises:
            StoreError: the file is missing or its content has changed.
        """
        path = self._data(version)
        try:
            data = gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise StoreError("store.version_lost", path=str(path), reason=str(error)) from error
        if hashlib.sha256(data).hexdigest() != version.sha256:
            raise StoreError("store.version_damaged", path=str(path))
        return data

    def find(self, workbook: str, identity: str) -> Version:
        """Return one version of a workbook.

        Raises:
            UsageError: it has no version with that id.
        """
        version = self.read(workbook, identity) if _ID.fullmatch(identity) else None
        if version is not None:
            return version
        raise UsageError("store.no_such_version", workbook=workbook, version=identity)

    def all(self, workbook: str) -> tuple[Version, ...]:
        """Return the versions of a workbook, oldest first."""
        return tuple(sorted(self._read_all(self._of(workbook)), key=_number))

    def everything(self) -> Iterator[Version]:
        """Yield every version of every workbook."""
        if self._folder.is_dir():
            for folder in sorted(self._folder.iterdir()):
                yield from self._read_all(folder)

    def drop(self, before: datetime) -> Iterator[tuple[Version, Version]]:
        """Delete the versions that were replaced before a real moment.

        The newest of each workbook stays, and the one that was current last. Yields
        each deleted version and the one that has taken over its months.
        """
        if not self._folder.is_dir():
            return
        for folder in sorted(self._folder.iterdir()):
            if any(_modified(path) < before.timestamp() for path in folder.glob("*.json")):
                yield from self._drop(sorted(self._read_all(folder), key=_number), before)

    def _drop(
        self, versions: Sequence[Version], before: datetime
    ) -> Iterator[tuple[Version, Version]]:
        last = max(versions, key=self._last_current, default=None)
        heir = versions[-1] if versions else None
        for version in versions[:-1]:
            replaced = self._last_current(version) < before.timestamp()
            if heir is None or version is last or not replaced:
                continue
            try:
                heir = self._inherit(heir, version)
                # The data are deleted last: a version exists as long as they do.
                self._description(version).unlink(missing_ok=True)
                self._data(version).unlink(missing_ok=True)
            except OSError:
                continue  # a later run deletes it
            yield version, heir

    def rename(self, old: str, new: str) -> None:
        """Move the versions of one workbook to another; repeating it does no harm."""
        with _translated_errors(self._folder):
            taken = _last_number(self.all(new))
            for version in self.all(old):
                renamed = replace(version, workbook=new, number=taken + version.number)
                self._of(new).mkdir(parents=True, exist_ok=True)
                if self._data(version).exists():
                    os.replace(self._data(version), self._data(renamed))
                self._describe(renamed)
                self._description(version).unlink(missing_ok=True)

    def _inherit(self, heir: Version, version: Version) -> Version:
        """Add the months of a version to those of ``heir``, the earlier moment counting."""
        months = dict(heir.months)
        for month, first in version.months.items():
            if first is not None:
                months[month] = min(first, months.get(month) or first)
        if months == heir.months:
            return heir
        heir = replace(heir, months=MappingProxyType(months))
        self._describe(heir)
        return heir

    def _mark_current(self, workbook: str, identity: str) -> None:
        """Record that the workbook has this content now, as the time of its description."""
        with suppress(OSError):
            os.utime(self._of(workbook) / f"{identity}.json")

    def _last_current(self, version: Version) -> float:
        return _modified(self._description(version))

    def _read_all(self, folder: Path) -> Iterator[Version]:
        if not folder.is_dir():
            return
        names = os.listdir(folder)
        ids = {name.partition(".")[0] for name in names if name.endswith((_DATA, ".json"))}
        for identity in sorted(ids):
            version = _read_description(folder / f"{identity}.json", self._of)
            # A damaged description must not hide the other versions.
            if version is not None:
                yield version

    def _of(self, workbook: str) -> Path:
        """Return the workbook's folder: the start of its name for people, and a digest."""
        name = _UNSAFE.sub("_", PurePosixPath(workbook).stem)[:24].strip() or "_"
        return self._folder / f"{name}-{_digest(workbook)[:12]}"

    def _data(self, version: Version) -> Path:
        suffix = PurePosixPath(version.workbook).suffix.lower()
        kind = suffix if suffix in (".xlsx", ".xlsm") else ""
        return self._of(version.workbook) / f"{version.id}{kind}{_DATA}"

    def _description(self, version: Version) -> Path:
        return self._of(version.workbook) / f"{version.id}.json"

    def _describe(self, version: Version) -> None:
        write_atomically(self._description(version), _to_json(version))


def _to_json(version: Version) -> bytes:
    fields = asdict(replace(version, months=dict(version.months)))
    return json.dumps(fields, default=datetime.isoformat, indent=1).encode("ascii")


def _of_json(text: bytes) -> Version:
    """Return the version that a text describes.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it describes none.
    """
    fields = json.loads(text)
    months = {
        month: datetime.fromisoformat(first) if first else None
        for month, first in fields.pop("months").items()
    }
    seen = datetime.fromisoformat(fields.pop("seen"))
    return Version(**fields, seen=seen, months=MappingProxyType(months))


def _read_description(path: Path, folder_of: Callable[[str], Path]) -> Version | None:
    """Return what a JSON file describes; where it is missing or blank, the data beside it."""
    try:
        text = path.read_bytes()
    except OSError:
        text = b""
    if text.strip(b"\0"):
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            return _of_json(text)
        return None
    for data in path.parent.glob(f"{path.stem}.*{_DATA[1:]}"):
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            with data.open("rb") as file:
                version = _of_json(_comment(file.read(_LONGEST_HEADER)))
            # After an interrupted renaming, the other folder has its description.
            if (folder_of(version.workbook), version.id) == (path.parent, path.stem):
                return version
    return None


def _packed(data: bytes, comment: bytes) -> bytes:
    """Return a gzip file (RFC 1952) of the data with a comment, which has no zero byte."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return b"".join(
        (
            *(_MAGIC, bytes(4), b"\0\xff", comment, b"\0"),
            *(compressor.compress(data), compressor.flush()),
            struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF),
        )
    )


def _comment(head: bytes) -> bytes:
    """Return the comment at the beginning of a file that :func:`_packed` made.

    Raises:
        ValueError: there is none.
    """
    if not head.startswith(_MAGIC):
        raise ValueError("no comment")
    return head[_FIXED_HEADER : head.index(b"\0", _FIXED_HEADER)]


def _modified(path: Path) -> float:
    """Return when a file was modified; if that can't be read, infinity, which never expires."""
    try:
        return path.stat().st_mtime
    except OSError:
        return inf


def _number(version: Version) -> int:
    return version.number


def _months_seen(
    months: Mapping[str, datetime | None], seen: datetime
) -> Mapping[str, datetime | None]:
    """Return the months with ``seen`` for those that have begun by then; the earliest counts.

    Passes need not run in the order of their moments: ``--as-of`` may go back.
    """
    day = day_of(seen)
    return MappingProxyType(
        {
            month: min(seen, first or seen) if day >= date.fromisoformat(f"{month}-01") else first
            for month, first in months.items()
        }
    )


def _last_number(versions: Iterable[Version]) -> int:
    return max((version.number for version in versions), default=0)


def _new_id(workbook: str, content: str, taken: Collection[str]) -> str:
    digest = _digest(f"{workbook}\0{content}")
    digits = _ID_DIGITS
    while digest[:digits] in taken:
        digits += 1
    return digest[:digits]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@contextmanager
def _translated_errors(folder: Path) -> Iterator[None]:
    """Raise an error of the disk as StoreError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("store.version_not_kept", path=str(folder), reason=reason) from error
