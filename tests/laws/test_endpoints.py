"""Laws of the addresses that a server may connect to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.endpoint import Endpoint, parse_endpoint

NAMES = st.sampled_from(
    ["a.example", "b.a.example", "c.b.a.example", "xa.example", "example", "localhost", "*.a.example", "*.example"]
)
RANGES = st.sampled_from(
    ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "fd00::/8", "fd00::1", "::/0", "::1", "127.0.0.1"]
)
PORTS = st.sampled_from([None, 443, 80])


def written(host: str, port: int | None) -> str:
    return host if port is None else f"[{host}]:{port}" if host.count(":") > 1 else f"{host}:{port}"


ENDPOINTS = st.builds(lambda host, port: parse_endpoint(written(host, port)), NAMES | RANGES, PORTS)


def covers(wide: Endpoint, narrow: Endpoint) -> bool:
    return wide in narrow.wider()


@given(ENDPOINTS)
def test_what_is_shown_is_read_back(one: Endpoint) -> None:
    assert parse_endpoint(str(one)) == one
    assert parse_endpoint(str(one).upper()) == one


@given(ENDPOINTS, ENDPOINTS, ENDPOINTS)
def test_covering_is_an_order(one: Endpoint, other: Endpoint, third: Endpoint) -> None:
    assert covers(one, one)
    assert not (covers(one, other) and covers(other, one)) or one == other
    assert not (covers(one, other) and covers(other, third)) or covers(one, third)


@pytest.mark.parametrize(
    ("wide", "narrow", "is_covered"),
    [
        ("*.a.example", "b.a.example:443", True),
        ("*.a.example", "a.example", False),
        ("*.a.example", "xa.example", False),
        ("*.a.example:443", "b.a.example", False),
        ("a.example", "a.example:1", True),
        ("10.0.0.0/8", "10.255.0.1:22", True),
        ("10.0.0.0/8", "::ffff:10.0.0.1", True),
        ("10.0.0.0/8", "fd00::1", False),
        ("0.0.0.0/0", "a.example", False),
        ("a.example", "10.0.0.1", False),
    ],
)
def test_covering(wide: str, narrow: str, is_covered: object) -> None:
    assert covers(parse_endpoint(wide), parse_endpoint(narrow)) is is_covered


@pytest.mark.parametrize(
    "text",
    ["", "*", "*.", "a.*.b", "a b", "a.", ".a", "127.1", "0x7f.0.0.1", "1", "10.0.0.1/8", "fe80::1%eth0", "a:0", "a:65536", "a:b", "https://a", "a/b", "[a]:1", "u@a", "ä.example", "a" * 300],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(?:is|has) "):
        parse_endpoint(text)
