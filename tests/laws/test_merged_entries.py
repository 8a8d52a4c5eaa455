"""Where a host merges its files, each key of the entry is from the strongest part that has it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.hosts.dialect import decode
from mcpconf.hosts.precedence import strength
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.running import Beside, running
from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT, lookup
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile

ROW = load_row(
    """
id = "merging"
title = "Merging"
docs = "https://example.org"
checked = "2026-11-26"
merge = "keys"
present = ["{home}/.merging"]
place = [{ file = ["first", "second", "third"], at = ["servers", "{server}"] }]
[file]
first = { path = "/first.json", scope = "managed", write = false }
second = { path = "/second.json" }
third = { path = "/third.json", scope = "system", write = false }
[entry]
words = { stdio = [] }
[[rule]]
effect = "call"
in = "entry"
at = ["only", "[{tool}]"]
[[rule]]
effect = "deny"
in = "entry"
at = ["not", "[{tool}]"]
""",
    "row",
)
WORDS = st.sampled_from(["a", "b", "c"])
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "command": WORDS,
        "args": st.lists(WORDS, max_size=2),
        "env": st.dictionaries(WORDS, WORDS, max_size=3),
        "only": st.lists(WORDS, max_size=2),
        "not": st.lists(WORDS, max_size=2),
        "other": st.dictionaries(WORDS, st.dictionaries(WORDS, WORDS, max_size=2), max_size=2),
    },
)


def part(rank, raw):
    file = tuple(ROW.files.values())[rank]
    location = Location("merging", file.id, file.scope, "", f"/{file.id}.json", "json", file.write)
    found = decode(ROW, raw)
    address = Address("merging", file.scope, "", "one")
    return ObservedEntry(
        address,
        found.entry,
        raw,
        "",
        ObservedFile(location, present=True),
        ("servers", "one"),
        rank,
        problem=found.problem,
    )


@given(st.permutations(range(3)), st.lists(PARTS, min_size=2, max_size=3))
def test_each_key_is_from_the_strongest_part_that_has_it(order, raws):
    parts = [part(rank, raw) for rank, raw in zip(order, raws, strict=False)]
    ((level,), strongest) = running(ROW, parts, Beside(), ["~/src"]), sorted(parts, key=strength)
    (server,) = level.servers
    if not any("command" in raw for raw in raws):
        assert server.entry is None
        assert len(server.idle) == len(parts)
        return
    assert server.parts == tuple(strongest)
    for key, origin in server.origins.items():
        having = [item for item in strongest if lookup(item.raw, tuple(key.split("."))) is not ABSENT]
        assert origin is having[0]
    assert server.entry.command.text == next(item.raw["command"] for item in strongest if "command" in item.raw)
    for key, told in (("only", server.entry.call), ("not", server.entry.without)):
        lists = [item.raw[key] for item in strongest if key in item.raw]
        assert told == (tuple(sorted({*lists[0]})) if lists else None if key == "only" else ())
    united = {name: value for item in reversed(strongest) for name, value in item.raw.get("env", {}).items()}
    assert {name: value.text for name, value in server.entry.env.items()} == united
