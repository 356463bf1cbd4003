"""A workbook's archive: a zip file whose members can be replaced one by one.

The standard library's zipfile would write the whole archive anew. Here everything but
the replaced members (local headers, extra fields, compressed data, data descriptors,
comments, gaps, order) is copied byte for byte, and only offsets in the central
directory change.

The archive is untrusted: sizes are checked before anything is inflated, and inflating
stops at the declared size. Layout after PKWARE's APPNOTE 6.3.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xlflow.errors import UnreadableError

MAX_EXPANDED = 200 * 1024 * 1024  # bytes
MAX_PART = 64 * 1024 * 1024
MAX_MEMBERS = 10_000

_STORED, _DEFLATED = 0, 8
_LEVEL = 2
"""How hard zlib tries: level 6 takes three times as long for a sixth less."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_DESCRIPTOR = 0x8
_UTF8_NAME = 0x800
_IN_ZIP64 = 0xFFFFFFFF
_ZIP64_EXTRA = 1

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ZIP64_END = struct.Struct("<4sQ2H2L4Q")
_ZIP64_LOCATOR = struct.Struct("<4sLQL")


class _Member(NamedTuple):
    """One entry of the central directory, and where its bytes are in the archive.

    ``start:end`` spans local header, data and data descriptor, ``content:content_end``
    the compressed data.
    """

    name: str
    entry: bytes
    flags: int
    method: int
    crc: int
    size: int
    start: int
    content: int
    content_end: int
    end: int


class Archive:
    """The members of a zip file, by name without regard to case."""

    def __init__(self, data: bytes) -> None:
        """Parse the central directory; raises UnreadableError where the archive is damaged."""
        self._data = data
        self._directory = _directory(data)
        self._members: dict[str, _Member] = {}
        for member in _members(data, self._directory):
            key = member.name.lower()
            if key in self._members:
                raise UnreadableError("archive_duplicate", member=member.name)
            self._members[key] = member
        _check_sizes(list(self._members.values()), self._directory.start)

    def spelling(self, name: str) -> str | None:
        """Return a member's name as the archive spells it; None where there is none."""
        member = self._members.get(name.lower())
        return member.name if member else None

    @property
    def names(self) -> tuple[str, ...]:
        """The member names, in the order of the central directory."""
        return tuple(member.name for member in self._members.values())

    def read(self, name: str) -> bytes:
        """Inflate a member, never beyond the size that the archive declares."""
        member = self._members.get(name.lower())
        if member is None:
            raise UnreadableError("part_missing", part=name)
        content = self._data[member.content : member.content_end]
        if member.method == _DEFLATED:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                content = inflate.decompress(content, member.size + 1)
            except zlib.error:
                raise UnreadableError("archive_damaged", member=member.name) from None
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise UnreadableError("archive_damaged", member=member.name)
        return content

    def replaced(self, parts: Mapping[str, Sequence[bytes | memoryview]]) -> bytes:
        """Return the archive with these parts' contents, given in pieces, and nothing else changed.

        Pieces are deflated one by one, so that a large part is never copied as a whole.
        """
        new_contents = {name.lower(): pieces for name, pieces in parts.items()}
        chunks: list[bytes] = []
        position = moved = 0
        offsets: dict[str, int] = {}
        entries: dict[str, bytes] = {}
        for key, member in sorted(self._members.items(), key=lambda item: item[1].start):
            offsets[key] = member.start + moved
            entry = member.entry
            if key in new_contents:
                chunks.append(self._data[position : member.start])
                added, entry = self._with_content(member, new_contents[key])
                chunks += added
                position = member.end
                moved += sum(map(len, added)) - (member.end - member.start)
            entries[key] = _entry_at(entry, offsets[key])
        chunks.append(self._data[position : self._directory.start])
        central = b"".join(entries[key] for key in self._members)
        chunks.append(central)
        chunks.append(_tail(self._data, self._directory, moved, len(central)))
        return b"".join(chunks)

    def _with_content(
        self, member: _Member, pieces: Sequence[bytes | memoryview]
    ) -> tuple[list[bytes], bytes]:
        """Return a member's new bytes (header and data) and its new directory entry."""
        crc = 0
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
        if member.method == _DEFLATED:
            deflate = zlib.compressobj(_LEVEL, wbits=-zlib.MAX_WBITS)
            body = [*map(deflate.compress, pieces), deflate.flush()]
        else:
            body = list(map(bytes, pieces))
        sizes = crc, sum(map(len, body)), sum(map(len, pieces))
        flags = member.flags & ~_DESCRIPTOR
        header = list(_LOCAL.unpack_from(self._data, member.start))
        names = member.start + _LOCAL.size
        name = self._data[names : names + header[9]]
        extra = _without_zip64(self._data[names + header[9] : member.content])
        header[2], header[6:9], header[10] = flags, sizes, len(extra)
        fields = list(_ENTRY.unpack_from(member.entry))
        rest = member.entry[_ENTRY.size :]
        old_extra = rest[fields[10] : fields[10] + fields[11]]
        new_extra = _without_zip64(old_extra)
        if fields[16] == _IN_ZIP64:
            new_extra += struct.pack("<2HQ", _ZIP64_EXTRA, 8, 0)
        fields[3], fields[7:10], fields[11] = flags, sizes, len(new_extra)
        entry = (
            _ENTRY.pack(*fields)
            + rest[: fields[10]]
            + new_extra
            + rest[fields[10] + len(old_extra) :]
        )
        return [_LOCAL.pack(*header) + name + extra, *body], entry


class _Directory(NamedTuple):
    """Where the central directory and the records after it are.

    ``zip64`` is the position of the zip64 end record, ``end`` of the end record.
    """

    start: int
    size: int
    entries: int
    zip64: int | None
    end: int


def _directory(data: bytes) -> _Directory:
    """Find the central directory, from the end of the file."""
    end = _end_record(data)
    _, _, _, _, count, size, offset, _ = _END.unpack_from(data, end)
    zip64 = None
    limit = end
    locator = end - _ZIP64_LOCATOR.size
    if locator >= 0 and data.startswith(b"PK\6\7", locator):
        zip64 = data.rfind(b"PK\6\6", 0, locator)
        if zip64 < 0 or zip64 + _ZIP64_END.size > locator:
            raise UnreadableError("archive_truncated")
        *_, count, size, offset = _ZIP64_END.unpack_from(data, zip64)
        limit = zip64
    start = limit - size
    if start < 0 or not data.startswith(b"PK\1\2", start):
        start = offset
    if not data.startswith(b"PK\1\2", start) or start < offset or start + size > limit:
        raise UnreadableError("archive_truncated")
    if start != offset:  # recorded offsets don't count bytes before the archive
        raise UnreadableError("archive_prefix", count=start - offset)
    return _Directory(start, size, count, zip64, end)


def _end_record(data: bytes) -> int:
    """Return where the end record is: last in the file except for its comment.

    Some writers leave bytes after it, and a comment may contain anything, so a record
    that ends exactly with the file is preferred.
    """
    tail = max(0, len(data) - 65_535 - _END.size)
    found = []
    for match in re.finditer(b"PK\5\6", data[tail:]):
        position = tail + match.start()
        if position + _END.size <= len(data):
            comment = _END.unpack_from(data, position)[7]
            found.append((position + _END.size + comment == len(data), position))
    if not found:
        raise UnreadableError("archive_truncated")
    return max(found)[1]


def _members(data: bytes, directory: _Directory) -> list[_Member]:
    """Read the entries of the central directory and the local headers they point to."""
    if not directory.entries:
        raise UnreadableError("archive_truncated")
    if directory.entries > MAX_MEMBERS:
        raise UnreadableError("archive_members", count=directory.entries, limit=MAX_MEMBERS)
    members = []
    position = directory.start
    try:
        for _ in range(directory.entries):
            member, position = _member(data, position)
            members.append(member)
    except struct.error:
        raise UnreadableError("archive_truncated") from None
    if position != directory.start + directory.size:
        raise UnreadableError("archive_truncated")
    return members


def _member(data: bytes, position: int) -> tuple[_Member, int]:
    """Read one entry; return it and the position after it."""
    fields = _ENTRY.unpack_from(data, position)
    signature, flags, method, crc = fields[0], fields[3], fields[4], fields[7]
    packed, size, name_length, extra_length, comment_length = fields[8:13]
    offset = fields[16]
    if signature != b"PK\1\2":
        raise UnreadableError("archive_truncated")
    next_position = position + _ENTRY.size + name_length + extra_length + comment_length
    entry = data[position:next_position]
    name_bytes = entry[_ENTRY.size : _ENTRY.size + name_length]
    extra = entry[_ENTRY.size + name_length : _ENTRY.size + name_length + extra_length]
    size, packed, offset = _zip64_sizes(extra, size, packed, offset)
    name = _part_name(name_bytes, flags)
    if flags & _ENCRYPTED:
        raise UnreadableError("archive_encrypted", member=name)
    if method not in (_STORED, _DEFLATED):
        raise UnreadableError("archive_compression", member=name, method=method)
    start = offset
    local = _LOCAL.unpack_from(data, start)
    content = start + _LOCAL.size + local[9] + local[10]
    local_name = data[start + _LOCAL.size : start + _LOCAL.size + local[9]]
    if local[0] != b"PK\3\4" or local_name != name_bytes:
        raise UnreadableError("archive_damaged", member=name)
    content_end = content + packed
    end = content_end
    if local[2] & _DESCRIPTOR:
        end += _descriptor_length(data, content_end, crc, packed, size)
    member = _Member(name, entry, flags, method, crc, size, start, content, content_end, end)
    return member, next_position


def _part_name(encoded: bytes, flags: int) -> str:
    """Return a member's part name; some writers use backslashes or a leading slash."""
    try:
        name = encoded.decode("utf-8" if flags & _UTF8_NAME else "cp437")
    except UnicodeDecodeError:
        raise UnreadableError("archive_name", member=repr(encoded)) from None
    name = name.replace("\\", "/").lstrip("/")
    if ".." in name.split("/") or "\0" in name:
        raise UnreadableError("archive_name", member=name)
    return name


def _descriptor_length(data: bytes, position: int, crc: int, packed: int, size: int) -> int:
    """Return the length of the data descriptor after a member.

    Its signature is optional and its sizes have four or eight bytes; only the values
    themselves show which.
    """
    for form in ("<4sLLL", "<4sLQQ", "<LLL", "<LQQ"):
        expected = (b"PK\7\x08", crc, packed, size)[0 if "s" in form else 1 :]
        if data.startswith(struct.pack(form, *expected), position):
            return struct.calcsize(form)
    return 0


def _extra_fields(extra: bytes) -> list[tuple[int, bytes]]:
    """Return the (id, whole field) pairs of an extra block; padding comes as id -1."""
    fields = []
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if 4 + length > len(extra):
            break
        fields.append((kind, extra[: 4 + length]))
        extra = extra[4 + length :]
    return [*fields, (-1, extra)]


def _without_zip64(extra: bytes) -> bytes:
    return b"".join(field for kind, field in _extra_fields(extra) if kind != _ZIP64_EXTRA)


def _zip64_sizes(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Return size, packed size and offset, each from the zip64 field if it is there."""
    values = [size, packed, offset]
    for kind, field in _extra_fields(extra):
        if kind == _ZIP64_EXTRA:
            position = 4
            for index, value in enumerate(values):
                if value == _IN_ZIP64:
                    (values[index],) = struct.unpack_from("<Q", field, position)
                    position += 8
    return values[0], values[1], values[2]


def _entry_at(entry: bytes, offset: int) -> bytes:
    """Return a directory entry that points at ``offset``."""
    fields = list(_ENTRY.unpack_from(entry))
    rest = entry[_ENTRY.size :]
    if fields[16] != _IN_ZIP64:
        fields[16] = offset
        return _ENTRY.pack(*fields) + rest
    name, extra = rest[: fields[10]], rest[fields[10] : fields[10] + fields[11]]
    position = 4 + 8 * [fields[9], fields[8]].count(_IN_ZIP64)
    patched = b"".join(
        field[:position] + struct.pack("<Q", offset) + field[position + 8 :]
        if kind == _ZIP64_EXTRA
        else field
        for kind, field in _extra_fields(extra)
    )
    return _ENTRY.pack(*fields) + name + patched + rest[len(name) + len(extra) :]


def _tail(data: bytes, directory: _Directory, moved: int, size: int) -> bytes:
    """Return what follows the central directory, with its new position and size."""
    tail_start = directory.start + directory.size
    tail = bytearray(data[tail_start:])
    start = directory.start + moved
    if directory.zip64 is not None:
        struct.pack_into("<2Q", tail, directory.zip64 - tail_start + 40, size, start)
        locator = directory.end - _ZIP64_LOCATOR.size
        (recorded,) = struct.unpack_from("<Q", data, locator + 8)
        grown = moved + size - directory.size
        struct.pack_into("<Q", tail, locator - tail_start + 8, recorded + grown)
    for position, old, new in ((12, directory.size, size), (16, start - moved, start)):
        (recorded,) = struct.unpack_from("<L", data, directory.end + position)
        if recorded == old:
            struct.pack_into("<L", tail, directory.end - tail_start + position, new)
    return bytes(tail)


def _check_sizes(members: list[_Member], directory: int) -> None:
    """Refuse archives that would expand beyond the limit, or whose members overlap."""
    expanded = sum(member.size for member in members)
    if expanded > MAX_EXPANDED:
        raise UnreadableError("archive_too_large", size=expanded >> 20, limit=MAX_EXPANDED >> 20)
    for member in members:
        if member.size > MAX_PART:
            raise UnreadableError("part_too_large", part=member.name, limit=MAX_PART >> 20)
    ordered = sorted(members, key=lambda member: member.start)
    if ordered[0].start:
        raise UnreadableError("archive_prefix", count=ordered[0].start)
    ends = [member.start for member in ordered[1:]] + [directory]
    for member, limit in zip(ordered, ends, strict=True):
        if member.end > limit:
            raise UnreadableError("archive_overlap", member=member.name)
