"""Hostile zips: each is refused by name, before a byte of it is written."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from mcpconf.artifacts import mcpb_archive
from mcpconf.artifacts.mcpb_archive import Archive, opened, split
from mcpconf.errors import Problem
from tests.bundles import bundle, signed


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], comment: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in entries:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return made.getvalue()


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def why(data: bytes) -> str:
    found = opened(data)
    assert isinstance(found, Problem), found
    assert found.hint
    return found.message.removeprefix("the bundle is not unpacked: ")


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    return data.replace(old, new)


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/passwd", "//x/y", "a//b", "./a", "a/./b", "..", ""],
)
def test_a_name_that_leads_out_is_refused(name: str):
    assert why(zipped((name, b"x"))).endswith("leads out of the bundle")


@pytest.mark.parametrize(
    "name",
    [
        *("C:/evil", "C:evil", "a\\..\\evil", "\\\\host\\share", "a:stream", "a\nb", "a\x7f", "a?", "NUL", "a/con.txt"),
        *("COM1", "lpt9.log", "a. /b", "a/b.", "a ", "x" * 201, "/".join("a" * 42), "é" * 101),
    ],
)
def test_a_name_that_some_file_system_cannot_hold_is_refused(name: str):
    assert why(zipped((name, b"x"))).endswith("has a name that not every file system can hold")


def test_a_name_cut_short_by_a_zero_byte_is_refused():
    data = renamed(zipped(("a.txt#../x", b"x")), b"a.txt#", b"a.txt\0")
    assert "not every file system can hold" in why(data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("a", "a", "one file"),
        ("server/x.js", "server/X.js", "one file"),
        ("caf\u00e9", "cafe\u0301", "one file"),
        ("stra\u00dfe", "strasse", "one file"),
        ("Server/x.js", "server/y.js", "one folder"),
        ("a/", "A/", "one folder"),
        ("a", "a/b", "both a file and a folder"),
        ("a/b", "A", "both a file and a folder"),
    ],
)
def test_names_that_some_file_system_takes_for_one_are_refused(one: str, other: str, told: str):
    assert told in why(zipped((one, b"x" * (not one.endswith("/"))), (other, b"y" * (not other.endswith("/")))))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_folders_may_be_named_again():
    found = opened(zipped(("a/", b""), ("a/", b""), ("a/b/c", b"x"), ("a/b/", b"")))
    assert isinstance(found, Archive)
    assert list(found.files) == ["a/b/c"]


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (stat.S_IFLNK | 0o777, "is a link"),
        (stat.S_IFIFO | 0o644, "is no plain file"),
        (stat.S_IFCHR | 0o644, "is no plain file"),
        (stat.S_IFDIR | 0o755, "is no plain file"),
    ],
)
def test_what_is_no_plain_file_is_refused(mode: int, told: str):
    assert why(zipped((special("x", mode), b"../../etc"))) == f"`x` {told}"


def test_a_folder_that_holds_bytes_is_refused():
    assert why(zipped(("a/", b"hidden"))) == "`a/` is a folder with content"


def test_a_mode_that_asks_for_more_is_not_followed():
    found = opened(zipped((special("x", stat.S_IFREG | stat.S_ISUID | 0o777), b"x")))
    assert isinstance(found, Archive)


def test_a_zip_for_readers_of_another_time_is_refused():
    data = bytearray(zipped(("a", b"x")))
    data[data.index(b"PK\x01\x02") + 6] = 255
    assert why(bytes(data)).startswith("it is no zip (zip file version")


def test_an_encrypted_file_is_refused():
    data = bytearray(zipped(("a", b"x")))
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    assert why(bytes(data)) == "`a` is encrypted"


def test_a_packing_that_few_readers_know_is_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"x")
    assert why(made.getvalue()) == "`a` is packed in a way that is not read"


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"#!/bin/sh\n" * 10, bundle() + b"x", bundle() + b"\0" * 22, bundle()[:-1], zipped(comment=b"hello")],
)
def test_what_is_no_zip_or_has_something_behind_its_end_is_refused(data: bytes):
    assert "behind its end" in why(data) or "fit together" in why(data)


def test_something_before_the_first_file_is_refused():
    """Such a file is also a script, or a picture, to whoever does not read it as a zip."""
    assert why(b"#!/bin/sh\nexit\n" + bundle()) == "the parts of the zip do not fit together"


def test_bytes_that_no_file_accounts_for_are_refused():
    made = io.BytesIO(b"hidden" * 10)
    made.seek(0, io.SEEK_END)
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a", b"x")
    assert why(made.getvalue()) == "something stands before its first file"


def test_the_large_form_is_refused():
    data = zipped(("a", b"x"))
    end = data[-22:]
    assert "large form" in why(data[:-22] + b"PK\x06\x07" + b"\0" * 16 + end)


def test_a_count_of_files_that_is_not_true_is_refused():
    data = bytearray(zipped(("a", b"x"), ("b", b"y")))
    struct.pack_into("<2H", data, len(data) - 14, 1, 1)
    assert why(bytes(data)) == "it has another number of files than it states"


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcpb_archive, "_FREE", 1000)
    zeros = zipped(("a", bytes(1_000_000)))
    assert why(zeros) == "unpacked it would be 1,000,000 bytes"


def test_files_that_share_their_bytes_count_each(monkeypatch: pytest.MonkeyPatch):
    """Overlapping entries make a few kilobytes into petabytes: https://www.bamsoftware.com/hacks/zipbomb/."""
    monkeypatch.setattr(mcpb_archive, "_FREE", 1000)
    data = zipped(("a", bytes(100_000)))
    at, end = data.index(b"PK\x01\x02"), len(data) - 22
    entry = data[at:end]
    entries = entry + entry.replace(b"a", b"b") + entry.replace(b"a", b"c")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(entries), at, 0)
    assert why(data[:at] + entries + tail) == "unpacked it would be 300,000 bytes"


def test_a_file_that_is_longer_than_it_states_is_refused():
    data = bytearray(zipped(("a", bytes(5000))))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 10)
    found = opened(bytes(data))
    assert isinstance(found, Archive)
    refused = found.read("a")
    assert isinstance(refused, Problem)
    assert "`a` cannot be unpacked" in refused.message


def test_a_flipped_byte_is_noticed():
    data = bytearray(zipped(("a", b"hello, world" * 9)))
    data[40] ^= 1
    found = opened(bytes(data))
    assert isinstance(found, Archive)
    assert isinstance(found.read("a"), Problem)


def test_too_many_files_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcpb_archive, "MAXIMUM_FILES", 3)
    assert why(zipped(*((f"f{number}", b"") for number in range(4)))) == "it has more than 3 files"


def test_a_file_larger_than_was_asked_for_is_refused():
    found = opened(zipped(("manifest.json", bytes(100))))
    assert isinstance(found, Archive)
    assert isinstance(found.read("manifest.json", 99), Problem)
    assert found.read("manifest.json", 100) == bytes(100)


@pytest.mark.parametrize("more", [{}, {"counted": True}])
def test_a_signature_is_told_apart_and_left_out(more: dict):
    plain = bundle()
    whole = signed(plain, **more, signature=b"x" * 70_000 if not more else b"x" * 5000)
    content, is_signed = split(whole)
    assert is_signed
    assert content[:-2] == plain[:-2]
    found = opened(whole)
    assert isinstance(found, Archive)
    assert "server/index.js" in found.files


@pytest.mark.parametrize(
    "data",
    [
        bundle() + b"MCPB_SIG_END",
        bundle() + b"MCPB_SIG_V1MCPB_SIG_END",
        signed(bundle()) + b"x",
        signed(bundle())[:-13] + b"MCPB_SIG_END",
        signed(bundle()).replace(b"MCPB_SIG_V1\x05", b"MCPB_SIG_V1\x06"),
    ],
)
def test_a_signature_of_another_form_is_none(data: bytes):
    assert split(data) == (data, False)
    assert isinstance(opened(data), Problem)
