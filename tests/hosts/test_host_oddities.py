"""What single hosts read and write otherwise than the others."""

import pytest

from mcpconf.hosts.dialect import decode, decode_in_file, encode
from mcpconf.model.base import ABSENT
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry, Reference, Value, field_value
from tests.hosts.test_host_dialects import LINUX, ROWS, WINDOWS, local, reasons, remote, text, written


def test_switches_of_other_hosts_are_foreign():
    decoded = decode(ROWS["claude-code"], {"command": "x", "disabled": True, "alwaysAllow": ["a"], "alwaysLoad": True})
    assert (decoded.entry.enabled, decoded.foreign) == (None, ("disabled", "alwaysAllow"))
    decoded = decode(ROWS["vscode"], {"command": "x", "gallery": True, "version": "1", "sandboxEnabled": True})
    assert (decoded.foreign, decoded.runtime) == ((), 2)
    decoded = decode(ROWS["codex"], {"command": "x", "tools": {}, "enabled_tools": [], "headers": {}})
    assert decoded.foreign == ("headers",)


def test_the_switch_has_a_polarity():
    assert written("codex", local("x", enabled=False))["enabled"] is False
    assert written("codex", local("x", enabled=True))["enabled"] is True
    assert decode(ROWS["codex"], {"command": "x", "enabled": False}).entry.enabled is False
    assert written("cursor", local("x", enabled=True)) == {"type": "stdio", "command": "x"}
    assert reasons("cursor", local("x", enabled=False)) == ("it has no `enabled` for a server",)


def test_timeouts_have_units_and_limits():
    assert written("claude-code", local("x", timeout=60))["timeout"] == 60_000
    assert written("codex", local("x", timeout=60))["tool_timeout_sec"] == 60
    assert reasons("claude-code", local("x", timeout=0)) == ("a `timeout` of 0 seconds is too short for it",)
    assert reasons("vscode", local("x", timeout=5)) == ("it has no `timeout` for a server",)
    assert decode(ROWS["claude-code"], {"command": "x", "timeout": 999}).entry.timeout is None
    assert decode(ROWS["claude-code"], {"command": "x", "timeout": 1000}).entry.timeout == 1
    assert decode(ROWS["claude-code"], {"command": "x", "timeout": 1500}).entry.timeout == 1.5


def test_sse_is_http_where_the_host_finds_out_by_itself():
    assert written("cursor", remote(transport="sse")) == {"url": "https://x.example/mcp"}
    assert written("vscode", remote(transport="sse"))["type"] == "sse"


def test_a_shell_starts_scripts_on_windows_in_user_scope_only():
    entry = local("npx", "-y", "pkg@1")
    wrapped = {"type": "stdio", "command": "cmd", "args": ["/c", "npx", "-y", "pkg@1"]}
    assert written("claude-code", entry, facts=WINDOWS) == wrapped
    assert written("claude-code", entry, "project", WINDOWS, "C:/app")["command"] == "npx"
    assert written("claude-code", local("uvx", "x"), facts=WINDOWS)["command"] == "uvx"
    assert written("cursor", entry, facts=WINDOWS)["command"] == "npx"
    assert (
        decode(ROWS["claude-code"], wrapped).entry
        == decode(ROWS["claude-code"], {"command": "npx", "args": ["-y", "pkg@1"]}).entry
    )
    shell = decode(ROWS["claude-code"], {"command": "cmd", "args": ["/c", "dir"]})
    assert field_value(shell.entry, "launch") == ["cmd", "/c", "dir"]


def test_a_missing_switch_may_mean_off():
    raw = {"type": "stdio", "cmd": "x", "args": []}
    assert decode(ROWS["goose"], raw).entry.enabled is False
    assert written("goose", local("x")) == {**raw, "enabled": True}
    assert written("goose", local("x", enabled=False)) == {**raw, "enabled": False}


def test_variables_that_the_host_drops_are_refused_by_name():
    assert reasons("goose", local("x", env={"Path": text("/x")})) == ("it does not hand `Path` to a server",)
    decoded = decode(ROWS["goose"], {"type": "stdio", "cmd": "x", "args": [], "envs": {"PATH": "/x", "A": "b"}})
    assert (decoded.entry.env, decoded.foreign) == ({"A": text("b")}, ("envs.PATH",))


def test_far_away_only_variables_of_the_entry_are_replaced():
    entry = remote("https://x.example/${env:PART}", headers={"X": text("Key ${secret:T}")})
    expected = {"uri": "https://x.example/${PART}", "headers": {"X": "Key ${T}"}, "env_keys": ["PART", "T"]}
    assert written("goose", entry) == {"type": "streamable_http", "enabled": True, **expected}
    raw = {"type": "streamable_http", "uri": "https://x", "enabled": True, "envs": {"A": "1"}, "env_keys": ["B"]}
    headers = decode(ROWS["goose"], {**raw, "headers": {"X": "$A ${B} ${C}"}}).entry.headers
    assert headers == {"X": Value(("1 ", Reference("env", "B"), " ${C}"))}


def test_a_token_has_a_key_of_its_own_and_is_written_as_a_header():
    raw = {"type": "sse", "url": "https://x", "apiKey": "${{ secrets.T }}"}
    entry = decode(ROWS["continue"], raw).entry
    assert entry.headers == {"Authorization": Value(("Bearer ", Reference("env", "T")))}
    encoded = encode(ROWS["continue"], entry, LINUX, "user")
    assert encoded.value["requestOptions"] == {"headers": {"Authorization": "Bearer ${{ secrets.T }}"}}
    assert Edit(("apiKey",), ABSENT) in encoded.parts["headers"]


def test_a_file_may_have_to_say_more_than_its_servers():
    declares = encode(ROWS["continue"], local("x"), LINUX, "user").declares
    assert declares == (Edit(("name",), "Local Config"), Edit(("version",), "1.0.0"))


def test_a_timeout_may_have_to_be_whole():
    assert written("zed", local("x", timeout=60))["timeout"] == 60
    assert reasons("zed", local("x", timeout=2.5)) == ("a `timeout` of 2.5 seconds is no whole number for it",)
    assert decode(ROWS["zed"], {"command": "x", "timeout": 2.5}).problem is not None


@pytest.mark.parametrize(
    ("host", "raw", "transport", "problem"),
    [
        ("cline", {"url": "https://x"}, "sse", None),
        ("cline", {"type": "http", "url": "https://x"}, "unknown", "the host has no type `http`"),
        ("cline", {"type": "streamable-http", "url": "https://x"}, "unknown", "the host has no type"),
        ("cline", {"transport": {"type": "stdio", "command": "x"}, "command": "y"}, "stdio", None),
        ("cline", {"transport": {"type": "stdio"}}, "unknown", "`stdio` needs a `command`"),
        ("cline", {"command": "x", "args": None}, "unknown", "`args` has a value of a wrong type"),
        ("roo", {"url": "https://x"}, "sse", None),
        ("roo", {"type": "streamableHttp", "url": "https://x"}, "unknown", "the host has no type `streamableHttp`"),
        ("roo", {"command": "x", "url": "https://x"}, "unknown", "both a command and an address"),
        ("windsurf", {"url": "https://x"}, "http", None),
        ("windsurf", {"serverUrl": "https://x", "type": "sse"}, "http", None),
        ("kiro", {"type": "sse", "url": "https://x"}, "http", None),
    ],
)
def test_what_an_odd_entry_means_to_an_editors_agent(host, raw, transport, problem):
    decoded = decode(ROWS[host], raw)
    assert decoded.entry.transport == transport
    assert (decoded.problem.message if decoded.problem else None) == problem or problem in decoded.problem.message


def test_the_word_for_streamable_http_differs():
    words = {"cline": "streamableHttp", "roo": "streamable-http", "claude-code": "http", "vscode": "http"}
    assert {host: written(host, remote())["type"] for host in words} == words


def test_a_nest_that_no_field_replaces_goes_with_the_first_of_its_fields():
    raw = {"transport": {"type": "stdio", "command": "x", "args": ["y"]}, "disabled": True}
    decoded = decode(ROWS["cline"], raw)
    assert (decoded.entry, decoded.foreign) == (local("x", "y", enabled=False), ())
    assert {*decoded.nested} >= {"transport", "launch", "url", "headers"}
    parts = encode(ROWS["cline"], local("x", "z"), LINUX, "user").parts
    assert parts["transport"][0] == Edit(("transport",), ABSENT)


def test_a_timeout_may_be_too_long():
    assert written("roo", local("x", timeout=3600))["timeout"] == 3600
    assert reasons("roo", local("x", timeout=3601)) == ("a `timeout` of 3601 seconds is too long for it",)


@pytest.mark.parametrize(
    ("host", "lost"),
    [("cline", "no server of this file"), ("codex", "nothing of its configuration"), ("claude-code", None)],
)
def test_what_a_bad_entry_takes_with_it(host, lost):
    problem = decode_in_file(ROWS[host], {"command": 1}).problem
    assert problem is not None
    assert problem.message.partition("; because of it the host reads ")[2] == (lost or "")


@pytest.mark.parametrize(
    ("host", "key", "means"),
    [
        ("codex", "enabled_tools", ()),
        ("copilot-cli", "tools", ()),
        ("kimi", "enabledTools", ()),
        ("factory-droid", "enabledTools", ()),
        ("qwen-code", "includeTools", ()),
        ("crush", "enabled_tools", None),
        ("goose", "available_tools", None),
    ],
)
def test_an_empty_list_of_tools_means_none_here_and_all_there(host, key, means):
    row = ROWS[host]
    raw = {**encode(row, local("x"), LINUX, "user").value, key: []}
    assert decode(row, raw).entry.call == means


@pytest.mark.parametrize(
    ("host", "key", "value"),
    [
        ("junie", "disabled", True),
        ("antigravity", "enabled", False),
        ("kimi", "disabled", True),
        ("grok-build", "disabled", True),
        ("copilot-cli", "disabled", True),
        ("cline", "enabled", False),
    ],
)
def test_a_switch_of_another_host_switches_nothing_off(host, key, value):
    row = ROWS[host]
    decoded = decode(row, {**encode(row, local("x"), LINUX, "user").value, key: value})
    assert decoded.entry.enabled is not False
    assert key in decoded.foreign


@pytest.mark.parametrize(
    ("host", "raw", "transport", "problem"),
    [
        ("qwen-code", {"url": "https://x", "type": "http"}, "sse", None),
        ("qwen-code", {"httpUrl": "https://x", "command": "y"}, "http", None),
        ("amazon-q", {"url": "https://x"}, "unknown", "an address without a `type`"),
        ("amazon-q", {"type": "stdio", "url": "", "command": "x", "env": None}, "stdio", None),
        ("copilot-cli", {"type": "local", "command": "x"}, "stdio", None),
        ("copilot-cli", {"type": "streamable-http", "url": "https://x"}, "unknown", "the host has no type"),
        ("crush", {"type": "stdio", "command": "x", "args": "y"}, "unknown", "`args` has a value of a wrong type"),
        ("antigravity", {"serverUrl": "https://x", "url": "https://y"}, "http", None),
        ("antigravity", {"command": "x", "env": {"PORT": 1}}, "unknown", "`env` has a value of a wrong type"),
        ("kilo", {"type": "local", "command": "npx x"}, "unknown", "`command` has a value of a wrong type"),
        ("kilo-old", {"url": "https://x"}, "unknown", "an address without a `type`"),
        ("kimi", {"transport": "sse", "url": "https://x"}, "sse", None),
        ("factory-droid", {"type": "ws", "url": "https://x"}, "unknown", "the host has no type `ws`"),
        ("visual-studio", {"type": "sse", "url": "https://x"}, "sse", None),
    ],
)
def test_what_an_odd_entry_means_to_an_agent_of_the_command_line(host, raw, transport, problem):
    decoded = decode(ROWS[host], raw)
    assert decoded.entry.transport == transport
    assert (decoded.problem.message if decoded.problem else None) == problem or problem in decoded.problem.message


@pytest.mark.parametrize("text", ["$(id)", "`id`", "${A?}", "$A"])
def test_text_that_a_host_would_run_as_a_shell_does_is_refused(text):
    entry = Entry("stdio", Value(("x",)), (Value((text,)),))
    assert reasons("crush", entry) == ("it would replace a part of the text in `args`",)
    assert reasons("junie", entry) == ()


def test_every_tool_may_have_a_name_of_its_own():
    auto = {host: decode(ROWS[host], {"command": "x", key: ["*"]}).entry.auto for host, key in EVERY_TOOL.items()}
    assert auto == {"roo": ("*",), "kiro": ("*",), "cline": ("* (a name)",)}


EVERY_TOOL = {"roo": "alwaysAllow", "kiro": "autoApprove", "cline": "autoApprove"}


def test_a_folder_is_refused_where_the_host_starts_servers_in_its_own():
    """Run 2026-11-26: kilo 7.7.9 drops the key, and opencode 1.18.33, which it comes from, obeys it."""
    entry = local("x", cwd=text("/srv"))
    assert written("opencode", entry)["cwd"] == "/srv"
    assert reasons("kilo", entry) == ("it has no `cwd` for a server",)


def test_a_command_line_and_an_address_are_plain_text_where_only_variables_and_headers_are_replaced():
    """Run 2026-11-26: droid 0.225.2 starts the server with the text itself, and asks at an address that has it."""
    row = "factory-droid"
    assert written(row, local("x", "$${A}"))["args"] == ["${A}"]
    assert reasons(row, local("x", "${env:A}")) == ("it has no form for `${env:A}` in `args`",)
    assert reasons(row, remote("https://${env:A}/mcp")) == ("it has no form for `${env:A}` in `url`",)
    assert written(row, local("x", env={"B": text("${env:A:-c}")}))["env"] == {"B": "${A:-c}"}
    assert written(row, remote(headers={"X": text("${env:A}")}))["headers"] == {"X": "${A}"}
