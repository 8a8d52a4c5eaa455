"""Keys that get another name, in the shapes that hosts and people write."""

from __future__ import annotations

import pytest

from mcpconf.formats import FORMATS, FormatError

TOML = """\
# mine
[mcp_servers.old] # beside
command = "x"
[mcp_servers."old".env]
OLD = "old"
[mcp_servers.other]
[mcp_servers. 'old' .tools.old]
old = 1
"""


@pytest.mark.parametrize(
    ("name", "text", "path", "after"),
    [
        (
            "toml",
            TOML,
            ("mcp_servers", "old"),
            TOML.replace("[mcp_servers.old]", "[mcp_servers.new]")
            .replace('"old".', '"new".')
            .replace(" 'old' .tools", " 'new' .tools"),
        ),
        ("toml", "m = {old = {a = 1}, b = 2} # c\n", ("m", "old"), "m = {new = {a = 1}, b = 2} # c\n"),
        ("toml", "[m]\nold.a = 1\nold . b = 2\n", ("m", "old"), "[m]\nnew.a = 1\nnew . b = 2\n"),
        ("toml", "m.old.a = 1\nold = 2\n", ("m", "old"), "m.new.a = 1\nold = 2\n"),
        ("toml", "[[l]]\n[l.old]\n[[l]]\nold = 1\n", ("l",), "[[new]]\n[new.old]\n[[new]]\nold = 1\n"),
        ("toml", "x = {a.old = 1}\n", ("x", "a", "old"), "x = {a = {new = 1}}\n"),
        ("json", '{"m":{"old":{"old":1}}}', ("m", "old"), '{"m":{"new":{"old":1}}}'),
        ("jsonc", '{"m":{/* a */"old"/* b */:1,}}', ("m", "old"), '{"m":{/* a */"new"/* b */:1,}}'),
        ("yaml", "m:\n  old: # c\n    a: 1\n", ("m", "old"), "m:\n  new: # c\n    a: 1\n"),
        ("yaml", 'm: {"old":1, b: 2}\n', ("m", "old"), 'm: {"new":1, b: 2}\n'),
        ("yaml", 'm: {"a: b":1}\n', ("m", "a: b"), 'm: {"new":1}\n'),
    ],
)
def test_the_key_alone_is_another(name: str, text: str, path: tuple[str, ...], after: str) -> None:
    assert FORMATS[name].rename(text, path, "new") == after


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("json", '{"new": 1, "old": 2}', "duplicate-key"),
        ("json", '{"old": 1, "old": 2}', "duplicate-key"),
        ("json", '{"x": 1}', "container"),
        ("toml", "new = 1\nold = 2\n", "duplicate-key"),
        ("yaml", "new: 1\nold: 2\n", "duplicate-key"),
        ("yaml", "a: &a {old: 1}\nb: *a\n&k old: 1\n", "container"),
        ("yaml", "? old\n: 1\n", "container"),
        ("yaml", "[old]\n", "container"),
    ],
)
def test_what_cannot_be_renamed_is_refused_with_its_place(name: str, text: str, kind: str) -> None:
    with pytest.raises(FormatError) as caught:
        FORMATS[name].rename(text, ("old",), "new")
    assert caught.value.kind == kind
    assert caught.value.line


def test_no_alias_gets_another_meaning() -> None:
    with pytest.raises(FormatError, match="alias elsewhere"):
        FORMATS["yaml"].rename("a: &a {old: 1}\nb: *a\n", ("a", "old"), "new")
    assert FORMATS["yaml"].rename("old: &a {x: 1}\nb: *a\n", ("old",), "new") == "new: &a {x: 1}\nb: *a\n"
