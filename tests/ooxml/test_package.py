"""The archive: only a replaced member changes, and hostile archives are refused."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ooxml.packing import TRANSITIONAL, pack, parts, sheet
from xlflow.errors import UnreadableError
from xlflow.ooxml import archive
from xlflow.ooxml.package import Package

FILES = {"a.xml": b"<a/>" * 50, "folder/b.bin": bytes(range(256)), "c.xml": b""}


def refused(data: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_all(data)
    return caught.value.key


def read_all(data: bytes) -> None:
    package = Package(data)
    for name in package.names:
        package.read(name)


def check_replaced(data: bytes, name: str, content: bytes) -> bytes:
    """Replace a member, check all the others, and return the new archive."""
    after = Package(data).replaced({name: [content]})
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert new.testzip() is None
        assert new.comment == old.comment
        assert new.namelist() == old.namelist()
        assert new.read(name) == content
        for before, now in zip(old.infolist(), new.infolist(), strict=True):
            for field in (
                "date_time",
                "external_attr",
                "comment",
                "create_system",
                "orig_filename",
            ):
                assert getattr(before, field) == getattr(now, field)
            if before.filename != name:
                assert without_offsets(before.extra) == without_offsets(now.extra)
                assert before.flag_bits == now.flag_bits
                assert old.read(before) == new.read(now)
    again = Package(after).replaced({name: [Package(data).read(name)]})
    assert len(again) <= len(data) + 64
    return after


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(FILES)),
    st.binary(max_size=200),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.binary(max_size=20),
)
def test_one_member_is_replaced(
    name: str, content: bytes, compression: int, comment: bytes
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as file:
        file.comment = comment
        for member, inside in FILES.items():
            file.writestr(member, inside)
    data = target.getvalue()
    check_replaced(data, name, content)


@pytest.mark.parametrize("counted", [True, False])
def test_foreign_bytes_in_front_are_refused(counted: bool) -> None:
    """Whether or not the archive's own offsets count them."""
    target = io.BytesIO()
    target.write(b"MZ..")
    with zipfile.ZipFile(target if counted else (plain := io.BytesIO()), "a") as file:
        file.writestr("a.xml", b"<a/>")
    data = target.getvalue() if counted else b"MZ.." + plain.getvalue()
    with pytest.raises(UnreadableError) as caught:
        Package(data)
    assert (caught.value.key, caught.value.params["count"]) == ("archive_prefix", 4)


def without_offsets(extra: bytes) -> bytes:
    """Return extra fields without the zip64 one, which contains the member's new offset."""
    return re.sub(rb"^\x01\0\x10\0.{16}", b"", extra, flags=re.DOTALL)


class Unseekable(io.BytesIO):
    """A target that can't seek, as when a server streams a download."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def test_streamed_archives_have_data_descriptors() -> None:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in FILES.items():
            file.writestr(name, content)
    data = target.getvalue()
    assert data.count(b"PK\7\x08") == 3
    after = check_replaced(data, "folder/b.bin", b"new")
    assert after.count(b"PK\7\x08") == 2
    assert data[: data.index(b"PK\7\x08") + 16] == after[: data.index(b"PK\7\x08") + 16]


def test_descriptors_without_a_signature() -> None:
    content = zlib.compress(b"<a/>", wbits=-15)
    sizes = (zlib.crc32(b"<a/>"), len(content), 4)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 8, 8, 0, 33, 0, 0, 0, 1, 0) + b"a" + content
    local += struct.pack("<3L", *sizes)
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 8, 8, 0, 33, *sizes, 1, 0, 0, 0, 0, 0, 0
    )  # fmt: skip
    entry += b"a"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(local), 0)
    after = check_replaced(local + entry + end, "a", b"<b/>")
    assert len(after) == len(local + entry + end) - 12


def test_zip64_members_and_directory() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in FILES.items():
            with file.open(name, "w", force_zip64=True) as member:
                member.write(content)
    check_replaced(target.getvalue(), "a.xml", b"x" * 999)
    data = as_zip64(pack(FILES))
    after = check_replaced(data, "a.xml", b"x" * 999)
    assert after.count(b"PK\6\6") == 1
    check_replaced(after, "c.xml", b"y")


def as_zip64(data: bytes) -> bytes:
    """Return the archive with every offset and the directory in zip64 fields."""
    *_, count, _, start, _ = struct.unpack_from("<4s4H2LH", data, len(data) - 22)
    entries, position = b"", start
    for _ in range(count):
        fields = list(struct.unpack_from("<4s6H3L5H2L", data, position))
        name = data[position + 46 : position + 46 + fields[10]]
        position += 46 + fields[10] + fields[11]
        extra = struct.pack("<2H2Q", 1, 16, fields[9], fields[16]) + b"\x99\x99\1\0z"
        fields[9] = fields[16] = 0xFFFFFFFF
        fields[11] = len(extra)
        entries += struct.pack("<4s6H3L5H2L", *fields) + name + extra
    behind = start + len(entries)
    end64 = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(entries), start
    )
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, behind, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:start] + entries + end64 + locator + end


def test_gaps_and_trailing_bytes_stay() -> None:
    data = pack(FILES)
    directory = data.index(b"PK\1\2")
    gap = (
        data[:directory] + b"gap" + data[directory:-6] + struct.pack("<L", directory + 3) + b"\0\0"
    )
    after = check_replaced(gap + b"\r\n", "a.xml", b"z")
    assert b"gapPK\1\2" in after
    assert after.endswith(b"\0\0\r\n")


def test_the_order_of_the_directory_is_kept() -> None:
    data = pack(FILES)
    start = data.index(b"PK\1\2")
    entries = [b"PK\1\2" + piece for piece in data[start:-22].split(b"PK\1\2")[1:]]
    shuffled = data[:start] + b"".join(reversed(entries)) + data[-22:]
    after = check_replaced(shuffled, "folder/b.bin", b"x")
    assert Package(after).names == ("c.xml", "folder/b.bin", "a.xml")


def renamed(name: str, raw: str, data: bytes | None = None) -> bytes:
    assert len(name) == len(raw)
    return (data or pack(FILES)).replace(name.encode(), raw.encode())


def patched(offset: int, form: str, value: int) -> bytes:
    """Return an archive with one field of its first directory entry changed."""
    data = bytearray(pack(FILES))
    struct.pack_into(form, data, data.index(b"PK\1\2") + offset, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"PK\3\4 not a zip", "archive_truncated"),
        (pack(FILES)[:-30], "archive_truncated"),
        (pack(FILES)[:200], "archive_truncated"),
        (pack({}), "archive_truncated"),
        (pack(FILES)[10:], "archive_truncated"),
        (patched(8, "<H", 1), "archive_encrypted"),
        (patched(10, "<H", 12), "archive_compression"),
        (patched(16, "<L", 1), "archive_damaged"),
        (patched(24, "<L", 10), "archive_damaged"),
        (patched(24, "<L", 0x7FFFFFFF), "archive_too_large"),
        (patched(20, "<L", 100_000), "archive_overlap"),
        (patched(42, "<L", 5), "archive_damaged"),
        (patched(42, "<L", 0xFFFFFFFF), "archive_truncated"),
        (renamed("a.xml", "A.xml", pack({"A.XML": b"", "a.xml": b""})), "archive_duplicate"),
        (renamed("folder/b.bin", "../er/../b.b"), "archive_name"),
        (renamed("folder/b.bin", "folder\\..\\b."), "archive_name"),
        (pack(FILES).replace(b"a.xml", b"b.xml", 1), "archive_damaged"),
    ],
)
def test_damaged_and_hostile_archives(data: bytes, key: str) -> None:
    assert refused(data) == key


def test_two_members_that_share_bytes() -> None:
    data = pack({"a": b"<a/>", "b": b"<b/>"})
    start, second = data.index(b"PK\1\2"), data.rindex(b"PK\1\2")
    twin = bytearray(data[start:second] + data[start:second])
    twin[len(twin) // 2 + 46 :] = b"a"
    assert refused(data[:start] + bytes(twin) + data[-22:]) == "archive_duplicate"
    names = bytearray(data)
    struct.pack_into("<L", names, second + 42, 1)
    assert refused(bytes(names)) in ("archive_damaged", "archive_overlap")


def test_a_zip_bomb_is_refused_before_anything_is_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack({f"{n}.xml": b"\0" * 1_000_000 for n in range(5)})
    monkeypatch.setattr(archive, "MAX_EXPANDED", 4_000_000)
    assert refused(data) == "archive_too_large"
    monkeypatch.setattr(archive, "MAX_MEMBERS", 4)
    assert refused(data) == "archive_members"


def test_a_part_beyond_the_limit_is_refused_before_it_is_inflated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = pack({"a.xml": b"\0" * 1001, "b.xml": b"\0" * 1000})
    assert archive.MAX_PART == 64 << 20
    monkeypatch.setattr(archive, "MAX_PART", 1000)
    with pytest.raises(UnreadableError) as caught:
        Package(data)
    assert caught.value.key == "part_too_large"
    assert caught.value.params["part"] == "a.xml"
    monkeypatch.setattr(archive, "MAX_PART", 1001)
    assert len(Package(data).read("a.xml")) == 1001


def test_a_member_is_never_inflated_beyond_its_declared_size() -> None:
    data = bytearray(pack({"a": b"\0" * 50_000_000}))
    struct.pack_into("<L", data, data.index(b"PK\1\2") + 24, 1000)
    package = Package(bytes(data))
    with pytest.raises(UnreadableError, match="archive_damaged"):
        package.read("a")


def test_relationships() -> None:
    members = parts({"S": sheet("")})
    members["xl/_rels/workbook.xml.rels"] = str(members["xl/_rels/workbook.xml.rels"]).replace(
        "</R",
        '<Relationship Id="x" Type="t/externalLink" Target="http://x" TargetMode="External"/></R',
    )
    package = Package(pack(members))
    assert package.related("officeDocument") == "xl/workbook.xml"
    assert package.related("nothing") is None
    assert {
        key: (item.kind, item.target)
        for key, item in package.relationships("xl/workbook.xml").items()
    } == {"rId1": ("worksheet", "xl/worksheets/sheet1.xml")}
    assert package.relationships("xl/worksheets/sheet1.xml") == {}
    assert "XL/Workbook.xml" in package
    assert TRANSITIONAL.encode() in package.read("XL/WORKBOOK.XML")
    with pytest.raises(UnreadableError, match="part_missing"):
        package.read("xl/none.xml")


def test_an_opendocument_spreadsheet_is_refused() -> None:
    with pytest.raises(UnreadableError) as caught:
        Package(pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}))
    assert (caught.value.key, caught.value.params) == ("other_format", {"suffix": ".ods"})
