"""A manifest cut into texts: every server has its own, and changing one changes no other's."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.documents.blocks import REST, blocks, changed

names = st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True)
servers = st.dictionaries(
    names, st.fixed_dictionaries({"command": st.lists(st.text("ab-:#'\" \n", min_size=1), min_size=1)}), min_size=1
)


def text(found: dict, indent: int) -> str:
    return yaml.safe_dump({"mcpconf": 1, "servers": found, "hosts": {"cursor": {}}}, indent=indent, sort_keys=False)


@given(servers, st.sampled_from([2, 4]))
def test_every_server_has_a_text_of_its_own(found: dict, indent: int) -> None:
    cut = blocks(text(found, indent))
    quoted = {name.strip("'") for name in found}
    assert cut.keys() == {REST, *quoted}
    for name, block in cut.items():
        if name != REST:
            assert yaml.safe_load(block) == {name: found[name]}


@given(servers, st.data(), st.sampled_from([2, 4]))
def test_what_changes_is_told_and_nothing_else(found: dict, data: st.DataObject, indent: int) -> None:
    name = data.draw(st.sampled_from(sorted(found)))
    after = {**found, name: {"command": ["other"]}} if data.draw(st.booleans()) else {**found}
    if after == found and len(found) > 1:
        del after[name]
    told = changed(blocks(text(found, indent)), blocks(text(after, indent)))
    assert told == {one for one in found if after.get(one) != found[one]}


def test_servers_on_one_line_are_the_rest() -> None:
    flow = "mcpconf: 1\nservers: {a: {command: [x]}}\n"
    assert blocks(flow) == {REST: flow}
    assert changed(blocks(flow), blocks("mcpconf: 1\n")) == {REST}


def test_comments_and_keys_that_look_like_members() -> None:
    text = "servers:  # ours\n  # first\n  a:\n    env:\n      b: c\n\n  'd e':\n    command: [f]\nhosts: {}\n"
    cut = blocks(text)
    assert cut.keys() == {REST, "a", "d e"}
    assert "b: c" in cut["a"]
    assert [line for line in cut[REST].splitlines() if line] == ["servers:  # ours", "hosts: {}", "  # first"]
