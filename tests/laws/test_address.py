"""Addresses, values and canonical JSON are read back as they were written."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.canonical import canonical, digest, keyed, same
from mcpconf.model.address import SCOPES, Address, GrantAddress, matches
from mcpconf.model.entry import Reference, Value
from mcpconf.model.glob import fits
from mcpconf.model.targets import Targets

HOSTS = st.sampled_from(["cursor", "claude-code", "my-own-host"])
NAMES = st.text(min_size=1, max_size=12) | st.sampled_from(["a/b", "#", "%25", "=x", ".", "*", "a b", "\udc80", "é/☕"])
PROJECTS = st.sampled_from(["", "~", "~/src/api", "/", "C:/Users/dev", "~/a b/[x]#1", "/päth/%2F"]) | st.text(
    max_size=12
)
ADDRESSES = st.builds(Address, HOSTS, st.sampled_from(SCOPES), PROJECTS, NAMES, st.just("") | NAMES)
GRANTS = st.builds(
    GrantAddress, HOSTS, st.sampled_from(SCOPES), PROJECTS, NAMES, st.lists(NAMES, min_size=1, max_size=4).map(tuple)
)


@given(st.text("ab/*?", max_size=12), st.text("ab/", max_size=12))
def test_a_pattern_is_matched_as_a_regular_expression_would(pattern: str, text: str):
    wild = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*{2,}|\*|\?|[^*?]", pattern)
    slow = "".join(wild.get(token[:2]) or re.escape(token) for token in tokens)
    assert fits(pattern, text) == (re.fullmatch(slow, text) is not None)


def test_a_pattern_of_many_stars_is_matched_at_once():
    assert not fits("**a" * 40 + "b", "a" * 2000)
    assert fits("**a" * 40, "a" * 2000)


@given(ADDRESSES)
def test_an_address_is_read_back(address: Address):
    text = str(address)
    assert Address.parse(text) == address
    assert not any(char.isspace() for char in text)


@given(GRANTS)
def test_the_address_of_a_grant_is_read_back(address: GrantAddress):
    assert GrantAddress.parse(str(address)) == address


@given(ADDRESSES, ADDRESSES)
def test_two_addresses_never_read_alike(one: Address, other: Address):
    assert (str(one) == str(other)) == (one == other)


@given(ADDRESSES)
def test_an_address_names_itself_as_a_target(address: Address):
    assert matches(str(address), address)
    assert matches("**", address)


@given(st.text())
def test_any_text_is_an_address_or_a_value_error(text: str):
    for kind in (Address, GrantAddress):
        try:
            found = kind.parse(text)
        except ValueError:
            continue
        assert kind.parse(str(found)) == found


NAME = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
DEFAULTS = st.none() | st.text(max_size=8).filter(lambda text: "}" not in text)
REFERENCES = st.one_of(
    st.builds(lambda name, default: Reference("env", name, default), NAME, DEFAULTS),
    st.builds(lambda name: Reference("secret", name), NAME),
    st.sampled_from([Reference("home"), Reference("workspace")]),
)
VALUES = st.lists(st.text(max_size=8) | st.sampled_from(["$", "${", "$$", "}"]) | REFERENCES, max_size=5).map(Value.of)


@given(VALUES)
def test_a_value_is_read_back(value: Value):
    assert Value.parse(str(value)) == value
    assert "".join(str(part).replace("$", "$$") if isinstance(part, str) else str(part) for part in value.parts) == str(
        value
    )


@given(st.text())
def test_any_text_is_a_value_or_a_value_error(text: str):
    try:
        value = Value.parse(text)
    except ValueError:
        assert "$" in text
        return
    assert Value.parse(str(value)) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_canonical_json_says_the_same_whatever_the_order(value: object):
    assert canonical(json.loads(canonical(value))) == canonical(value)
    assert canonical(_reversed(value)) == canonical(value)
    assert same(value, _reversed(value))


@given(JSON, JSON)
def test_only_the_same_has_the_same_digest(one: object, other: object):
    alike = canonical(one) == canonical(other)
    assert (digest(one) == digest(other)) == alike
    assert (keyed(b"k", one) == keyed(b"k", other)) == alike
    assert keyed(b"k", one) != keyed(b"l", one)


def test_canonical_json_tells_numbers_truth_and_text_apart():
    values = [1, True, 1.0, "1", None, "null", [], {}, "", 0, False]
    assert len({canonical(value) for value in values}) == len(values)


def test_canonical_keys_are_in_the_order_of_their_code_units():
    """RFC 8785, 3.2.3: sorted as UTF-16, so a character beyond the first plane stands before U+FB33."""
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "1": 3}) == '{"1":3,"\U0001f600":2,"\ufb33":1}'.encode()


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


PATTERNS = st.text("ab/*?#:", max_size=6) | st.sampled_from(["server:a", "a/b", "**/a", "a#b", "cursor/user/a"])
TEXTS = st.text("ab/#:", max_size=6) | st.sampled_from(["server:a", "server:a#b", "cursor/user/a#b", "grant:a/b/a#b"])


@given(st.lists(PATTERNS, max_size=6), ADDRESSES | GRANTS | TEXTS)
def test_many_patterns_at_once_match_as_one_by_one(patterns: list[str], address: object):
    patterns = [*patterns, str(address)]
    found = [index for index, pattern in enumerate(patterns) if matches(pattern, address)]
    assert list(Targets(patterns).naming(address)) == found
