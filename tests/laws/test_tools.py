"""For every host: tool lists that it can say read back as they were meant, and a lost limit is always told."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.hosts.dialect import decode, encode
from mcpconf.hosts.granting import wordings
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.tools import left_out, list_edits, read_lists, sayable, without_the_rest
from mcpconf.model.base import ABSENT
from mcpconf.model.entry import Entry, Value
from mcpconf.model.tools import EVERY, covers, meet
from mcpconf.ports import Facts

DATA = Path(__file__).parents[2] / "mcpconf" / "hosts" / "data"
ROW = """
id = "all"
title = "All"
docs = "x"
checked = "2026-01-01"
present = []
place = [{ file = "user", at = ["s", "{server}"] }]
file.user = { path = "{home}/x" }
entry.words = { stdio = [], http = [] }
rule = [
  { effect = "call", in = "entry", at = ["tools", "allow", "[{tool}]"], glob = "tool", empty = "all" },
  { effect = "deny", in = "entry", at = ["deny", "[{tool}]"], glob = "tool" },
  { effect = "auto", in = "entry", at = ["auto", "[{tool}]"], all = "any" },
]
"""
PLAIN = ROW.replace(', glob = "tool", empty = "all"', ', all = "any"').replace(', glob = "tool"', "")
TRUST = ROW.replace('at = ["auto", "[{tool}]"], all = "any"', 'at = ["trust"], is = true')
ROWS = [load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml"))]
ROWS += [load_row(text, "synthetic") for text in (ROW, PLAIN, TRUST)]
FACTS = Facts("linux", "/home/dev", "dev", "1")

names = st.text(st.sampled_from("ab*_"), min_size=1, max_size=4)
lists = st.lists(names, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
autos = st.just((EVERY,)) | lists.map(lambda found: tuple(name for name in found if name != EVERY))
entries = st.builds(
    lambda **tools: Entry("stdio", Value.literal("/x"), **tools), call=st.none() | lists, without=lists, auto=autos
)
words = st.sampled_from(["approve", "writes", "prompt", "auto", "odd", 7])
found = st.fixed_dictionaries(
    {"command": st.just("/x")},
    optional={
        "enabled_tools": st.lists(names, max_size=3),
        "disabled_tools": st.lists(names, max_size=3),
        "default_tools_approval_mode": words,
        "tools": st.dictionaries(names, st.fixed_dictionaries({}, optional={"approval_mode": words, "n": st.just(1)}))
        | st.fixed_dictionaries({"allow": st.lists(names, max_size=3), "more": st.just({"x": 1})}),
        "deny": st.lists(names, max_size=3),
        "auto": st.lists(names | st.just("any"), max_size=3),
        "trust": st.booleans(),
        "includeTools": st.lists(names, max_size=3),
        "excludeTools": st.lists(names, max_size=3),
        "available_tools": st.lists(names, max_size=3),
    },
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ROWS), entries)
def test_what_can_be_said_reads_back(row, entry):
    said = sayable(row, entry)
    if said.refused:
        return
    back = decode(row, encode(row, said.entry, FACTS, "user").value).entry
    assert (back.call, back.without, back.auto) == (said.entry.call, said.entry.without, said.entry.auto)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ROWS), entries, names)
def test_a_host_that_says_all_of_it_lets_nothing_more_be_called(row, entry, tool):
    said = sayable(row, entry)
    tool = tool.replace("*", "")
    if said.refused or said.unenforced or not tool:
        return

    denied = any(covers(item, tool) for item in said.denied)
    assert (may(said.entry, tool) and not denied) == may(entry, tool)
    assert all(next(wordings(row, "server", name, "deny"), None) is not None for name in said.denied)
    beside = {name for name in entry.auto if next(wordings(row, "server", name), None) is not None}
    assert set(said.entry.auto) | set(said.unsaid) | beside == set(entry.auto)


def may(one: Entry, tool: str) -> bool:
    allowed = one.call is None or any(covers(item, tool) for item in one.call)
    return allowed and not any(covers(item, tool) for item in one.without)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(ROWS), entries, st.sets(names, max_size=4))
def test_a_host_without_a_list_of_what_may_be_called_lets_nothing_else_of_the_lock_be_called(row, entry, shown):
    fuller = without_the_rest(row, entry, shown)
    before, said = sayable(row, entry), sayable(row, fuller)
    if fuller == entry:
        return
    assert not left_out(fuller, shown)
    assert (said.unenforced, said.refused) == (("call",), ())
    assert "call" in before.unenforced
    for tool in shown:
        denied = any(covers(item, tool) for item in said.denied)
        assert (may(said.entry, tool) and not denied) == may(entry, tool)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ROWS), entries, found)
def test_edits_turn_any_entry_into_the_wanted_one_and_touch_nothing_else(row, entry, raw):
    said = sayable(row, entry)
    if said.refused or read_lists(row, raw).complaints:
        return
    after = raw
    for edits in list_edits(row, said.entry, raw).values():
        for edit in edits:
            after = _put(after, edit.at, edit.value)
    lists = read_lists(row, after)
    assert (lists.call, lists.without, lists.auto) == (said.entry.call, said.entry.without, said.entry.auto)
    own = {word for rule in row.rules if "entry" in rule.files for word in rule.at[0]}
    assert {key: value for key, value in after.items() if key not in own} == {
        key: value for key, value in raw.items() if key not in own
    }


def _put(value, path, new):
    inner = dict(value) if isinstance(value, dict) else {}
    if len(path) > 1:
        inner[path[0]] = _put(inner.get(path[0], {}), path[1:], new)
    elif new is ABSENT:
        inner.pop(path[0], None)
    else:
        inner[path[0]] = new
    return inner


@settings(max_examples=500, deadline=None)
@given(names, names, names)
def test_patterns_agree_with_what_they_stand_for(one, other, tool):
    tool = tool.replace("*", "")
    if covers(one, other) and covers(other, tool):
        assert covers(one, tool)
    if covers(one, tool) and covers(other, tool):
        assert meet(one, other)
    if covers(one, other):
        assert meet(one, other)
    assert meet(one, other) == meet(other, one)
