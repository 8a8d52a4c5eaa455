"""Bytes to text and back, without losing one: the byte order mark stays in the text as its first character."""

from __future__ import annotations

from mcpconf.formats.base import FormatError, place
from mcpconf.ports import MAXIMUM_BYTES

_MARKS = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def decode_text(data: bytes) -> str:
    """Read UTF-8. Raises FormatError `oversized` above MAXIMUM_BYTES, `encoding` for anything that is not UTF-8 text."""
    if len(data) > MAXIMUM_BYTES:
        raise FormatError(
            "oversized",
            f"the file has {len(data)} bytes; at most {MAXIMUM_BYTES} are read",
            hint="a configuration of this size is most likely not one; look at what wrote it",
        )
    for mark, name in _MARKS:
        if data.startswith(mark):
            raise _foreign(name)
    zero = data.find(b"\0")
    if zero >= 0:
        raise _zero(data, zero)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise FormatError(
            "encoding",
            f"byte `0x{data[error.start]:02x}` is not UTF-8",
            at=place(before, len(before)),
            hint="save the file as UTF-8",
        ) from None


def encode_text(text: str) -> bytes:
    """The bytes of a text, byte order mark included."""
    return text.encode("utf-8")


def _zero(data: bytes, zero: int) -> FormatError:
    """Text in ASCII letters leaves zeros in every other byte of UTF-16, in three of four of UTF-32."""
    head = data[:64]
    if head.count(0) * 3 >= len(head):
        return _foreign("UTF-32" if head.count(0) * 2 > len(head) + 1 else "UTF-16")
    before = data[:zero].decode("utf-8", "replace")
    return FormatError(
        "encoding", "there is a NUL byte in the text", at=place(before, len(before)), hint="remove the NUL byte"
    )


def _foreign(name: str) -> FormatError:
    return FormatError(
        "encoding",
        f"the file is {name}, not UTF-8",
        at=(1, 1),
        hint=f"convert it: `iconv -f {name} -t UTF-8 FILE > NEW`, or save it as UTF-8 in an editor",
    )
