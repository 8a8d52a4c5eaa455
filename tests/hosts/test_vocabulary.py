"""What a row may say beyond keys and words, each on a small host that nobody has."""

import pytest

from mcpconf.errors import Problem
from mcpconf.hosts.dialect import cannot_say, decode, encode
from mcpconf.hosts.rows import load_row
from mcpconf.model.base import ABSENT
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry, Value, field_value
from mcpconf.model.observed import Location
from mcpconf.ports import Facts

LINUX = Facts("linux", "/home/dev", "dev", "1")
WINDOWS = Facts("windows", "C:/Users/dev", "dev", "1")
FILE = Location("example", "user", "user", "", "/home/dev/.example", "json", write=True)


def row(entry="", *, place='["servers", "{server}"]', more=""):
    return load_row(
        f"""
id = "example"
title = "Example"
docs = "https://example.org"
checked = "2026-11-26"
present = ["{{home}}/.example"]
place = [{{ file = "user", at = {place} }}]
{more}
[file]
user = {{ path = "{{home}}/.example" }}
[entry]
{entry}
""",
        "row.toml",
    )


def local(*argv, **more):
    command, *args = map(Value.parse, argv)
    return Entry("stdio", command, tuple(args), **more)


def remote(transport="http", **more):
    return Entry(transport, url=Value.parse("https://x.example/mcp"), **more)


def written(host, entry, facts=LINUX):
    assert cannot_say(host, entry, facts, "user") == ()
    return encode(host, entry, facts, "user").value


MERGED = row(
    'words = { stdio = ["local"] }\ntyped = true\nargs = ""\noff = { key = "enabled", is = false }',
    more='merge = "keys"',
)
ARGV = row('words = { stdio = ["local"], http = ["remote"], sse = ["remote"] }\ntyped = true\nargs = ""')


def test_a_command_may_be_one_list():
    assert written(ARGV, local("npx", "-y", "x")) == {"type": "local", "command": ["npx", "-y", "x"]}
    assert encode(ARGV, local("x"), LINUX, "user").parts["launch"] == (Edit(("command",), ["x"]),)
    assert encode(ARGV, remote(), LINUX, "user").parts["launch"] == (Edit(("command",), ABSENT),)
    assert field_value(decode(ARGV, {"type": "local", "command": ["a", "b"]}).entry, "launch") == ["a", "b"]
    assert decode(ARGV, {"type": "local", "command": []}).problem == Problem("invalid", "`local` needs a `command`")
    assert decode(ARGV, {"type": "local", "command": "a"}).problem is not None


def test_one_word_for_two_transports_is_read_as_the_first():
    assert written(ARGV, remote("sse")) == {"type": "remote", "url": "https://x.example/mcp"}
    assert decode(ARGV, {"type": "remote", "url": "https://x"}).entry.transport == "http"


@pytest.mark.parametrize("raw", [{"command": ["a"]}, {"url": "https://x"}, {}, {"env": {"A": "b"}}])
def test_a_host_may_refuse_an_entry_without_a_type(raw):
    for host in (ARGV, MERGED):
        problem = decode(host, raw).problem
        assert problem is not None
        assert problem.message == "an entry without a `type`: the host refuses it"


def test_a_switch_alone_is_an_entry_where_hosts_merge_files():
    switch = {"enabled": False}
    assert decode(MERGED, switch).problem is None
    assert decode(MERGED, switch).entry == Entry("unknown", enabled=False)
    assert decode(ARGV, switch).problem is not None


def test_a_list_of_words_is_wrapped_too():
    wrapping = row('words = { stdio = [] }\nargs = ""', more='windows_wrap = ["cmd", "/c"]')
    assert written(wrapping, local("npx", "x"), WINDOWS) == {"command": ["cmd", "/c", "npx", "x"]}
    assert field_value(decode(wrapping, {"command": ["cmd", "/c", "npx"]}).entry, "launch") == ["npx"]


APART = row('words = { stdio = [], http = [], sse = [] }\ntype = ""\nurl = { http = "httpUrl", sse = "url" }')
STDIO_TOO = row('words = { stdio = ["stdio"], http = ["http"] }\nmixed = "url"')
ALSO = row('words = { stdio = [], http = ["http"], sse = ["sse"] }\nurl_also = { httpUrl = "http" }\nmixed = "url"')


def test_the_key_of_an_address_may_tell_its_transport():
    assert written(APART, remote()) == {"httpUrl": "https://x.example/mcp"}
    assert written(APART, remote("sse")) == {"url": "https://x.example/mcp"}
    assert decode(APART, {"url": "https://x"}).entry.transport == "sse"
    parts = encode(APART, remote(), LINUX, "user").parts
    assert parts["url"] == parts["transport"] == (Edit(("httpUrl",), "https://x.example/mcp"), Edit(("url",), ABSENT))


def test_an_old_key_of_an_address_is_read_and_goes_when_another_is_written():
    assert decode(ALSO, {"httpUrl": "https://x", "url": "https://y"}).entry == Entry("http", url=Value(("https://x",)))
    assert Edit(("httpUrl",), ABSENT) in encode(ALSO, remote("sse"), LINUX, "user").parts["transport"]


def test_an_address_may_win_over_a_command():
    both = {"command": "x", "args": ["y"], "url": "https://x"}
    assert decode(ALSO, both).entry == decode(ALSO, {"url": "https://x"}).entry
    assert decode(STDIO_TOO, {**both, "type": "stdio"}).entry == decode(STDIO_TOO, {"url": "https://x"}).entry
    assert decode(ALSO, {"command": "x", "url": "https://x", "type": "sse"}).entry.transport == "sse"


NESTED = row('words = { stdio = [], http = [] }\nheaders = ["options", "headers"]')


def test_headers_may_lie_deeper():
    assert written(NESTED, remote(headers={"A": Value.parse("b")}))["options"] == {"headers": {"A": "b"}}
    found = decode(NESTED, {"url": "https://x", "options": {"headers": {"A": "b"}, "timeout": 5}})
    assert (field_value(found.entry, "headers"), found.foreign) == ({"A": "b"}, ())
    assert decode(NESTED, {"url": "https://x", "options": None}).problem is None
    assert decode(NESTED, {"url": "https://x", "options": "x"}).problem == Problem(
        "invalid", "`options.headers` has a value of a wrong type"
    )


LIFTED = row(
    """words = { stdio = [], http = [] }
always = ["args"]
lift.command = { path = "command", args = "args", env = "env" }
skip = { source = ["extension"], settings = [] }"""
)


def test_an_old_nesting_reads_as_the_new_one():
    new = {"command": "x", "args": ["y"], "env": {"A": "b"}}
    old = decode(LIFTED, {"command": {"path": "x", "args": ["y"], "env": {"A": "b"}, "odd": 1}})
    assert old.entry == decode(LIFTED, new).entry
    assert (old.nested, old.foreign) == (("launch", "env"), ("command.odd",))
    assert decode(LIFTED, new).nested == ()


def test_what_is_no_map_holds_no_old_nesting():
    assert decode(LIFTED, []).problem == Problem("invalid", "a server entry must be a map")


def test_some_keys_are_written_even_when_empty():
    assert written(LIFTED, local("x")) == {"command": "x", "args": []}
    assert written(LIFTED, remote()) == {"url": "https://x.example/mcp"}
