"""Messages are understood in one way or not at all, and the bytes of a result are those that came."""

from __future__ import annotations

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.probe import Limits
from mcpconf.probing.wire import Tee, UnreadableError, read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
SPACE = st.text(" \t\r", max_size=3)
PIECES = st.lists(
    st.sampled_from(
        ["{", "}", "[", "]", ":", ",", '"jsonrpc"', '"result"', '"id"', '"a"', "1", "null", " ", "\\", '"']
    ),
    max_size=30,
)


@given(VALUES, st.booleans(), SPACE)
def test_a_result_is_a_piece_of_what_came(value, ascii_only, space):
    text = json.dumps(value, ensure_ascii=ascii_only)
    data = f'{space}{{"jsonrpc":{space}"2.0",{space}"result"{space}:{space}{text}{space}, "id": 1}}{space}'
    data = data.encode("utf-8", "replace")
    message = read(data)
    assert message is not None
    assert message.result is not None
    assert message.result in data
    assert message.result == text.encode("utf-8", "replace")
    assert (message.id, message.kind) == ("1", "response")


@given(st.binary(max_size=200) | PIECES.map(lambda pieces: "".join(pieces).encode()))
def test_what_is_understood_is_what_json_says_of_it(data):
    try:
        message = read(data)
    except UnreadableError:
        return
    if message is not None:
        assert message.body == json.loads(data)


@given(st.lists(st.binary(max_size=60), max_size=40), st.integers(1, 400))
def test_never_more_is_heard_than_was_allowed(lines, limit):
    tee = Tee(Limits(message=limit, total=limit))
    for line in lines:
        if tee.fault is None:
            tee.count(len(line))
            tee.take(line)
    assert (sum(map(len, lines)) > limit) == (tee.total > limit)
    assert tee.fault is not None or tee.total <= limit


@given(VALUES, VALUES)
def test_two_results_are_no_result(one, other):
    data = f'{{"jsonrpc": "2.0", "id": 1, "result": {json.dumps(one)}, "result": {json.dumps(other)}}}'.encode()
    with suppress(UnreadableError):
        raise AssertionError(read(data))


def test_depth_without_end_is_no_message():
    data = b'{"jsonrpc": "2.0", "id": 1, "result": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    with suppress(UnreadableError):
        raise AssertionError(read(data))
