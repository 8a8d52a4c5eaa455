"""What is kept of an entry in the manifest's words is all of it."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from mcpconf.model.address import Address
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import Location
from mcpconf.model.owned import Owned
from tests.laws.test_hosts_dialect import local, remote

TOOLS = st.lists(st.sampled_from(["read", "write", "*"]), max_size=2).map(tuple)


@given(local | remote, st.none() | TOOLS, TOOLS, st.sets(st.sampled_from(["timeout", "call", "auto"])))
def test_an_entry_comes_back_as_it_was_asked_for(entry: Entry, call, auto, stated):
    wanted = replace(entry, call=call, auto=auto)
    values = (*wanted.argv, *wanted.env.values(), *wanted.headers.values(), wanted.url, wanted.cwd or Value())
    assume(all(_is_written(value) for value in values) and (entry.transport != "stdio" or entry.command.parts))
    desired = DesiredEntry(
        address=Address("cursor", "user", "", "files"),
        server="files",
        entry=Entry("stdio"),
        encoded={},
        identity="",
        location=Location("cursor", "user", "user", "", "/home/dev/.cursor/mcp.json", "json", write=True),
        key_path=("mcpServers", "files"),
        parts={},
        stated=frozenset(stated),
        said=wanted,
    )
    document = json.dumps(Owned.of(desired).model_dump(exclude_defaults=True), sort_keys=True)
    back = Owned.model_validate_json(document)
    assert back.entry == wanted
    assert [*back.entry.env] == [*wanted.env], "in the order of the manifest"
    assert [*back.entry.headers] == [*wanted.headers]
    assert type(back.entry.timeout) is type(wanted.timeout), "`30` and `30.0` are not spelled the same"
    assert back.stated == sorted(stated)
    assert back.key_path == ["mcpServers", "files"]


def _is_written(value: Value) -> bool:
    """Whether a manifest can say it."""
    try:
        return Value.parse(str(value)) == value
    except ValueError:
        return False
