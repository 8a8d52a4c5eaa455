"""What a host calls things: within its length, by its characters, and never two ways."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.hosts.calls import Calls
from mcpconf.system.sources import bundled_rows

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=140)
KNOWN = sorted(row.id for row in bundled_rows().values() if row.calls.tool.form)


@given(st.sampled_from(KNOWN), NAMES, NAMES)
def test_a_name_has_only_what_the_host_admits(host: str, server: str, name: str):
    calls = bundled_rows()[host].calls.tool
    called = calls.name(server, name)
    assert called
    assert called == calls.name(server, name)
    assert not calls.longest or len(called) <= calls.longest
    assert not calls.keep or re.fullmatch(f"[{calls.keep}]*", called)


@given(NAMES, NAMES)
def test_a_host_of_which_nothing_is_known_calls_nothing(server: str, name: str):
    assert Calls().name(server, name) == ""


def test_a_name_is_made_as_each_host_makes_it():
    """Each line was read from the source of the host, or seen in a run of it, as its row says."""
    made = {
        ("claude-code", "my.server", "a b"): "mcp__my_server__a_b",
        ("opencode", "git", "read.file"): "git_read_file",
        ("gemini-cli", "git", "read/file"): "mcp_git_read_file",
        ("gemini-cli", "mcp", "git_read"): "mcp_git_read",
        ("gemini-cli", "git", "x" * 30 + "y" * 40): "mcp_git_" + "x" * 22 + "..." + "y" * 30,
        ("continue", "Git Hub!", "search"): "git_hub_search",
        ("continue", "git", "git_status"): "git_status",
        ("goose", "notes", "add.one"): "notes__add.one",
        ("zed", "git", "s" * 70): "s" * 64,
    }
    rows = bundled_rows()
    assert {key: rows[key[0]].calls.tool.name(*key[1:]) for key in made} == made
    assert rows["gemini-cli"].calls.prompt.name("notes", "sum  up") == "sum-up"
