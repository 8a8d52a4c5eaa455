"""Files gone wrong: bytes and tokens of good ones flipped, lost, repeated, moved, and taken from one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz.seeds import Seed

Edit = Callable[[bytes, Random], bytes]

LARGEST = 120_000
_TOKEN = re.compile(rb"\s+|\w+|.", re.DOTALL)
_TOKENS: tuple[bytes, ...] = (
    *(
        b"{ } [ ] , : \" ' # // /* */ \\ - ? & * ! | > % @ ` = . ~ << --- ... {} [] [[ ]] null true no NaN 1e999".split()
    ),
    *(b"\n", b"\r\n", b"\r", b"\t", b"  ", b" # c\n", b"// c\n", b"/* c */", b": ", b"- ", b"\n- ", b"\n\n"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80"),
    *("\u2028 \u202e \x85 \x1b[31m é".encode().split(b" ")),
    *(b"\\u0041", b"\\ud800", b"\\x41", b"\\e", b'"""', b"'''", b"0x1F", b"-0.0", b"1979-05-27T07:32:00Z", b"9" * 5000),
    *(b"&a ", b"*a", b"&a [*a]", b"<<: *a", b"!!str ", b"!!binary ", b"!x ", b"%YAML 1.2\n---\n", b"|2-\n", b">+\n"),
    *(b"${A}", b"${env:A}", b"${A:-b}", b"{file:x}", b"$A", b"%A%", b"{{a}}", b"${", b"${input:x}"),
    *(
        b'"command"',
        b'"args"',
        b'"env"',
        b'"url"',
        b'"type"',
        b'"mcpServers"',
        b'"": ',
        b'"command": []',
        b'"args": {}',
    ),
    *(b"name: x", b"a.b = 1\n", b"[a.b]\n", b"[[a]]\n", b"{a.b = 1}", b"a = {", b"mcp_servers", b"mcpServers:\n"),
)


def mutated(seeds: Sequence[Seed], random: Random) -> Seed:
    """A seed with a few changes."""
    seed = random.choice(seeds)
    data = seed.data
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 9))):
        if random.random() < 0.1:
            data = _crossed(data, random.choice(seeds).data, random)
        else:
            data = random.choice(_EDITS)(data, random)
    return Seed(seed.path, data[:LARGEST])


def _span(data: bytes, random: Random) -> tuple[int, int]:
    """A stretch of bytes, of tokens or of lines; mostly short."""
    pattern = random.choice((rb".", None, rb"[^\n]*\n"))
    bounds = [match.start() for match in (_TOKEN if pattern is None else re.compile(pattern, re.DOTALL)).finditer(data)]
    if not bounds:
        return 0, len(data)
    bounds.append(len(data))
    first = random.randrange(len(bounds) - 1)
    return bounds[first], bounds[min(first + 1 + int(random.expovariate(0.3)), len(bounds) - 1)]


def _flip(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return (
        data[:at]
        + bytes([random.choice((random.randrange(256), data[at : at + 1][0] ^ 32 if at < len(data) else 0))])
        + data[at + 1 :]
    )


def _lose(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _repeat(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:end] + data[start:end] + data[end:]


def _grow(data: bytes, random: Random) -> bytes:
    """The same again and again: what is not linear shows, and so does what recurses."""
    piece = random.choice((data[slice(*_span(data, random))], random.choice(_TOKENS)))
    at = random.randrange(len(data) + 1)
    size = random.choice((200, 2_000, 2_000, 20_000, 60_000))
    return data[:at] + piece * (size // max(len(piece), 1)) + data[at:]


def _move(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random)
    piece, rest = data[start:end], data[:start] + data[end:]
    at = random.randrange(len(rest) + 1)
    return rest[:at] + piece + rest[at:]


def _insert(data: bytes, random: Random) -> bytes:
    at = random.choice(_span(data, random))
    return data[:at] + random.choice(_TOKENS) + data[at:]


def _replace(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:start] + random.choice(_TOKENS) + data[end:]


def _stop(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _respaced(data: bytes, random: Random) -> bytes:
    """Other line ends or another indentation everywhere."""
    old, new = random.choice(
        ((b"\n", b"\r\n"), (b"\n", b"\r"), (b"  ", b"\t"), (b"  ", b" "), (b"\n", b" "), (b"'", b'"'))
    )
    return data.replace(old, new)


def _crossed(data: bytes, other: bytes, random: Random) -> bytes:
    start, end = _span(other, random)
    at, to = _span(data, random)
    return data[:at] + other[start:end] + data[random.choice((at, to)) :]


_EDITS: tuple[Edit, ...] = (
    _flip,
    _lose,
    _lose,
    _repeat,
    _grow,
    _move,
    _insert,
    _insert,
    _replace,
    _replace,
    _stop,
    _respaced,
)
