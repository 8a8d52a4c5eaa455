from __future__ import annotations

import pytest

from mcpconf.formats import BYTE_ORDER_MARK, FormatError, decode_text, encode_text
from mcpconf.ports import MAXIMUM_BYTES


@pytest.mark.parametrize("data", [b"", b"{}\r\n", b"\xef\xbb\xbf{}", "é😀\r".encode()])
def test_bytes_come_back(data) -> None:
    assert encode_text(decode_text(data)) == data


def test_the_byte_order_mark_stays() -> None:
    assert decode_text(b"\xef\xbb\xbf{}") == BYTE_ORDER_MARK + "{}"


@pytest.mark.parametrize("name", ["utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_other_encodings_are_named_with_a_way_out(name) -> None:
    with pytest.raises(FormatError) as caught:
        decode_text('{"mcpServers": {}}'.encode(name))
    assert caught.value.kind == "encoding"
    assert name[:6].upper() in caught.value.message
    assert f"iconv -f {name[:6].upper()} -t UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "at"),
    [(b'{\n "a\xff": 1}', (2, 4)), (b'{}\n"' + b"x" * 80 + b"\0", (2, 82)), (b"\xef\xbb\xbf\xff", (1, 1))],
)
def test_what_is_not_text_is_told_with_its_place(data, at) -> None:
    with pytest.raises(FormatError) as caught:
        decode_text(data)
    assert (caught.value.kind, caught.value.line, caught.value.column) == ("encoding", *at)
    assert caught.value.hint


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(FormatError) as caught:
        decode_text(b" " * (MAXIMUM_BYTES + 1))
    assert (caught.value.kind, caught.value.line, caught.value.column) == ("oversized", None, None)
    assert decode_text(b" " * MAXIMUM_BYTES)
