"""The file of a bundle: a zip that is read only if every reader of zips agrees on what is in it, and it fits into bounds."""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from mcpconf.errors import Problem

MAXIMUM_BUNDLE = 256 * 1024 * 1024
MAXIMUM_UNPACKED = 1024 * 1024 * 1024
MAXIMUM_FILES = 50_000
MAXIMUM_RATIO = 200
"""Times that all of it may grow; what a compressor makes of text and programs stays far below."""

_FREE = 64 * 1024 * 1024
"""Unpacked bytes that are no danger, however well they were packed."""
_LONGEST_NAME = 400
_LONGEST_STEP = 200
_DEEPEST = 40
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LARGE_MARK = b"PK\x06\x07"
_LARGE_LOCATOR = 20
_ENCRYPTED = 0x1 | 0x40
_SIGNED_BEGIN, _SIGNED_END = b"MCPB_SIG_V1", b"MCPB_SIG_END"
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE | re.DOTALL)
_UNREADABLE = (BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, struct.error, zlib.error)


@dataclass(frozen=True, slots=True)
class Archive:
    """`files` are in order of their names; folders that hold none of them are left out."""

    files: dict[str, ZipInfo]
    _zip: ZipFile = field(repr=False)

    def read(self, name: str, limit: int = MAXIMUM_UNPACKED) -> bytes | Problem:
        """Checked against the length and sum that the archive states."""
        info = self.files[name]
        if info.file_size > limit:
            return _refused(f"`{name}` is larger than {limit:,} bytes")
        try:
            with self._zip.open(info) as file:
                data = file.read(info.file_size + 1)
        except _UNREADABLE as error:
            return _refused(f"`{name}` cannot be unpacked ({error})")
        return data if len(data) == info.file_size else _refused(f"`{name}` has another length than it states")


def split(data: bytes) -> tuple[bytes, bool]:
    """The bundle without its signature, and whether it has one.

    `[zip] MCPB_SIG_V1 [length, 4 bytes] [PKCS#7] MCPB_SIG_END`, as `mcpb sign` writes it (2026-11).
    """
    if not data.endswith(_SIGNED_END):
        return data, False
    begin = data.rfind(_SIGNED_BEGIN)
    length_at = begin + len(_SIGNED_BEGIN)
    if begin < 0 or length_at + 4 > len(data) - len(_SIGNED_END):
        return data, False
    (length,) = struct.unpack_from("<L", data, length_at)
    if length_at + 4 + length + len(_SIGNED_END) != len(data):
        return data, False
    return data[:begin], True


def opened(data: bytes) -> Archive | Problem:
    """Whatever a zip may hold to lead out of its folder, to overwrite, or to fill a disk is refused by name."""
    content, _ = split(data)
    plain = _plain(content, len(data) - len(content))
    if isinstance(plain, Problem):
        return plain
    try:
        archive = ZipFile(io.BytesIO(plain))
    except _UNREADABLE as error:
        return _refused(f"it is no zip ({error})")
    infos = archive.infolist()
    if len(infos) != _END.unpack_from(plain, len(plain) - _END.size)[4]:
        return _refused("it has another number of files than it states")
    wrong = _faults(infos, len(plain))
    if wrong is not None:
        return wrong
    files = {info.orig_filename: info for info in infos if not info.orig_filename.endswith("/")}
    return Archive(dict(sorted(files.items())), archive)


def _plain(content: bytes, signature: int) -> bytes | Problem:
    """The zip with nothing before, between or behind its parts: else readers differ on where it begins.

    Newer signers count the signature as the comment of the zip, older ones do not count it.
    """
    at = len(content) - _END.size
    if at < 0 or content[at : at + 4] != _END_MARK:
        return _refused("it is no zip, or something stands behind its end")
    _, disk, first, here, count, size, offset, comment = _END.unpack_from(content, at)
    if content[at - _LARGE_LOCATOR :][:4] == _LARGE_MARK or count == 0xFFFF:
        return _refused("it is a zip of the large form, which no bundle needs")
    if disk or first or here != count or comment not in (0, signature) or offset + size != at:
        return _refused("the parts of the zip do not fit together")
    if count > MAXIMUM_FILES or size > MAXIMUM_FILES * _LONGEST_NAME:
        return _refused(f"it has more than {MAXIMUM_FILES:,} files")
    return content[:-2] + b"\0\0"


def _faults(infos: list[ZipInfo], packed: int) -> Problem | None:
    if not infos or min(info.header_offset for info in infos) != 0:
        return _refused("something stands before its first file")
    total = sum(info.file_size for info in infos)
    if total > MAXIMUM_UNPACKED or total > max(_FREE, packed * MAXIMUM_RATIO):
        return _refused(f"unpacked it would be {total:,} bytes")
    for info in infos:
        wrong = _fault_of(info)
        if wrong:
            return _refused(f"`{info.orig_filename[:_LONGEST_NAME]}` {wrong}")
    return _clash(info.orig_filename for info in infos)


def _fault_of(info: ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    is_folder = info.orig_filename.endswith("/")
    if kind == stat.S_IFLNK:
        return "is a link"
    if kind not in (0, stat.S_IFDIR if is_folder else stat.S_IFREG):
        return "is no plain file"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "is packed in a way that is not read"
    if is_folder and info.file_size:
        return "is a folder with content"
    return _fault_of_name(info.orig_filename.removesuffix("/"))


def _fault_of_name(name: str) -> str:
    """Names are those that every file system can hold, so that a bundle is unpacked everywhere or nowhere."""
    if len(name) > _LONGEST_NAME or name.count("/") > _DEEPEST or _FORBIDDEN.search(name):
        return "has a name that not every file system can hold"
    for step in name.split("/"):
        if step in ("", ".", ".."):
            return "leads out of the bundle"
        if len(step.encode("utf-8", "replace")) > _LONGEST_STEP or step[-1] in ". " or _DEVICES.fullmatch(step):
            return "has a name that not every file system can hold"
    return ""


def _clash(names: Iterable[str]) -> Problem | None:
    """Two names that some file system takes for one, or a file where others need a folder."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        folder = name.removesuffix("/")
        if not name.endswith("/"):
            folded = _folded(name)
            if folded in files:
                return _refused(f"`{name}` and `{files[folded]}` are one file on some systems")
            files[folded] = name
            folder = name.rpartition("/")[0]
        while folder:
            known = folders.setdefault(_folded(folder), folder)
            if known != folder:
                return _refused(f"`{folder}` and `{known}` are one folder on some systems")
            if known is not folder:
                break  # those above it are known too
            folder = folder.rpartition("/")[0]
    both = sorted(files.keys() & folders.keys())
    return _refused(f"`{files[both[0]]}` is both a file and a folder") if both else None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _refused(what: str) -> Problem:
    return Problem("malformed", f"the bundle is not unpacked: {what}", None, "ask who publishes it for a sound one")
