"""What is easily got wrong about how each host spells an entry, one test per trap."""

from pathlib import Path

import pytest

from mcpconf.hosts.dialect import cannot_say, decode, decode_in_file, encode
from mcpconf.hosts.rows import load_row
from mcpconf.model.base import ABSENT, Element
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry, Reference, Value, field_value
from mcpconf.ports import Facts

DATA = Path(__file__).parents[2] / "mcpconf" / "hosts" / "data"
ROWS = {row.id: row for row in (load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml")))}
LINUX = Facts("linux", "/home/dev", "dev", "1")
WINDOWS = Facts("windows", "C:/Users/dev", "dev", "1")


def text(notation):
    return Value.parse(notation)


def local(*argv, **more):
    command, *args = map(text, argv)
    return Entry("stdio", command, tuple(args), **more)


def remote(url="https://x.example/mcp", transport="http", **more):
    return Entry(transport, url=text(url), **more)


def written(host, entry, scope="user", facts=LINUX, project=""):
    assert cannot_say(ROWS[host], entry, facts, scope, project) == ()
    return encode(ROWS[host], entry, facts, scope, project).value


def reasons(host, entry, scope="user", project=""):
    return cannot_say(ROWS[host], entry, LINUX, scope, project)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("claude-code", {"type": "stdio", "command": "x", "args": ["/home/dev/a"]}),
        ("codex", {"command": "x", "args": ["/home/dev/a"]}),
        ("cursor", {"type": "stdio", "command": "x", "args": ["${userHome}/a"]}),
        ("vscode", {"type": "stdio", "command": "x", "args": ["${userHome}/a"]}),
    ],
)
def test_home_is_the_hosts_word_or_the_absolute_folder(host, expected):
    assert written(host, local("x", "${home}/a")) == expected


@pytest.mark.parametrize(
    ("host", "inside", "user"),
    [
        ("claude-code", "/home/dev/app", None),
        ("codex", "/home/dev/app", None),
        ("cursor", "${workspaceFolder}", "${workspaceFolder}"),
        ("vscode", "${workspaceFolder}", "${workspaceFolder}"),
    ],
)
def test_the_workspace_has_a_path_in_a_project_only(host, inside, user):
    entry = local("x", "${workspace}")
    assert written(host, entry, "project", project="~/app")["args"] == [inside]
    if user is None:
        assert reasons(host, entry) == ("it has no form for `${workspace}` in `args`",)
    else:
        assert written(host, entry)["args"] == [user]


def test_the_user_scope_has_no_folder_even_if_one_is_known():
    assert reasons("codex", local("x", "${workspace}"), project="~/app") != ()


SECRET = {"Authorization": text("Bearer ${secret:T}"), "X-Key": text("${secret:K}")}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("claude-code", {"type": "http", "headers": {"Authorization": "Bearer ${T}", "X-Key": "${K}"}}),
        ("codex", {"bearer_token_env_var": "T", "env_http_headers": {"X-Key": "K"}}),
        ("cursor", {"headers": {"Authorization": "Bearer ${env:T}", "X-Key": "${env:K}"}}),
        ("vscode", {"type": "http", "headers": {"Authorization": "Bearer ${input:T}", "X-Key": "${input:K}"}}),
    ],
)
def test_a_secret_takes_the_first_form_that_fits(host, expected):
    value = written(host, remote(headers=SECRET))
    assert value == {"url": "https://x.example/mcp", **expected}
    headers = decode(ROWS[host], value).entry.headers
    assert {name: header.references[0].name for name, header in headers.items()} == {"Authorization": "T", "X-Key": "K"}


def test_prompted_secrets_are_declared_once_and_only_where_the_host_has_them():
    entry = local("x", env={"A": text("${secret:T}"), "B": text("${secret:T}"), "C": text("${env:H}")})
    declaration = {"type": "promptString", "id": "T", "description": "T", "password": True}
    encoded = encode(ROWS["vscode"], entry, LINUX, "user")
    assert encoded.declares == (Edit(("inputs", Element("T", "id")), declaration),)
    assert encoded.value["env"] == {"A": "${input:T}", "B": "${input:T}", "C": "${env:H}"}
    assert encode(ROWS["cursor"], entry, LINUX, "user").declares == ()


def test_variables_of_the_same_name_are_handed_through_where_nothing_is_replaced():
    entry = local("x", env={"TOKEN": text("${secret:TOKEN}"), "LEVEL": text("info")})
    assert written("codex", entry) == {"command": "x", "env": {"LEVEL": "info"}, "env_vars": ["TOKEN"]}
    parts = encode(ROWS["codex"], local("x"), LINUX, "user").parts
    assert parts["env"] == (Edit(("env",), ABSENT), Edit(("env_vars",), ABSENT))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (local("x", "${env:A}"), "it has no form for `${env:A}` in `args`"),
        (local("x", "--key=${secret:A}"), "it has no form for `${secret:A}` in `args`"),
        (local("x", env={"B": text("${env:A}")}), "it has no form for `${env:A}` in `env.B`"),
        (local("x", env={"A": text("${env:A:-x}")}), "it has no form for `${env:A:-x}` in `env.A`"),
        (remote("https://${env:HOST}/mcp"), "it has no form for `${env:HOST}` in `url`"),
        (remote(headers={"X": text("Key ${env:A}")}), "it has no form for `${env:A}` in `headers.X`"),
        (remote(transport="sse"), "transport `sse` is unknown to it"),
    ],
)
def test_a_host_without_references_refuses_them_by_name(entry, reason):
    assert reasons("codex", entry) == (reason,)


def test_an_entry_that_runs_nothing_cannot_be_said():
    assert reasons("cursor", Entry("stdio")) == ("`stdio` needs a `command`",)
    assert reasons("cursor", Entry("unknown")) == ("transport `unknown` is unknown to it",)


def test_text_that_looks_like_a_reference_is_plain_where_nothing_is_replaced():
    assert written("codex", local("x", "$${HOME}"))["args"] == ["${HOME}"]
    assert decode(ROWS["codex"], {"command": "x", "args": ["${HOME}"]}).entry.args == (Value(("${HOME}",)),)


@pytest.mark.parametrize(
    ("host", "literal", "sayable"),
    [
        ("claude-code", "${HOME}", False),
        ("claude-code", "${HOME:-/x}", False),
        ("claude-code", "$HOME", True),
        ("claude-code", "${env:HOME}", True),
        ("claude-code", "${a.b}", True),
        ("claude-code", "${", True),
        ("cursor", "${env:HOME}", False),
        ("cursor", "${pathSeparator}", False),
        ("cursor", "$HOME", True),
        ("vscode", "${command:x}", False),
        ("vscode", "${HOME}", False),
    ],
)
def test_literal_text_that_the_host_would_replace_is_refused(host, literal, sayable):
    entry = Entry("stdio", Value(("x",)), (Value((literal,)),))
    expected = () if sayable else ("it would replace a part of the text in `args`",)
    assert reasons(host, entry) == expected


def test_neighbouring_parts_must_not_make_a_new_reference():
    entry = Entry("stdio", Value(("x",)), (Value(("${", Reference("env", "A"), "}")),))
    assert reasons("vscode", entry) == ("it would replace a part of the text in `args`",)
    assert written("claude-code", entry)["args"] == ["${${A}}"]


def test_text_that_we_cannot_say_does_not_hide_what_follows_it():
    found = decode(ROWS["cursor"], {"command": "x", "args": ["${command:x} ${env:A}"]}).entry.args[0]
    assert found.parts == ("${command:x} ", Reference("env", "A"))


def test_a_default_may_hold_the_separator():
    value = written("claude-code", local("x", "${env:A:-a:-b}"))
    assert value["args"] == ["${A:-a:-b}"]
    assert decode(ROWS["claude-code"], value).entry.args[0].parts == (Reference("env", "A", "a:-b"),)


@pytest.mark.parametrize(
    ("host", "raw", "transport", "problem"),
    [
        ("claude-code", {"url": "https://x"}, "unknown", "an address without a `type`: the host skips this entry"),
        ("claude-code", {"type": "streamable-http", "url": "https://x"}, "http", None),
        ("claude-code", {"type": "ws", "url": "https://x"}, "unknown", "the host has no type `ws`"),
        ("claude-code", {"type": "http"}, "unknown", "`http` needs a `url`"),
        ("claude-code", {"command": "x", "url": "https://x"}, "stdio", None),
        ("claude-code", {"command": ["x"]}, "unknown", "`command` has a value of a wrong type"),
        ("claude-code", {"command": "x", "args": None}, "unknown", "`args` has a value of a wrong type"),
        ("claude-code", {"command": "x", "env": []}, "unknown", "`env` has a value of a wrong type"),
        ("claude-code", {"command": "x", "timeout": "5"}, "unknown", "`timeout` has a value of a wrong type"),
        ("claude-code", {}, "unknown", "the entry names neither a command nor an address"),
        ("cursor", {"url": "https://x"}, "http", None),
        ("cursor", {"type": "sse", "url": "https://x"}, "http", None),
        ("cursor", {"type": 7, "command": "x", "args": None, "env": []}, "stdio", None),
        ("cursor", {"command": "x", "env": "A=b"}, "unknown", "`env` has a value of a wrong type"),
        ("vscode", {"url": "https://x"}, "http", None),
        ("vscode", {"type": "sse", "url": "https://x"}, "sse", None),
        ("codex", {"type": "sse", "url": "https://x"}, "http", None),
        ("codex", {"command": "x", "url": "https://x"}, "unknown", "the entry names both a command and an address"),
        ("codex", {"command": "x", "env": {"A": 1}}, "unknown", "`env` has a value of a wrong type"),
        ("codex", {"url": "https://x", "bearer_token_env_var": ""}, "unknown", "must name environment variables"),
        ("codex", {"args": ["x"]}, "unknown", None),
        ("codex", {"command": "x", "enabled": "no"}, "unknown", "`enabled` has a value of a wrong type"),
        ("codex", {"command": "x", "tool_timeout_sec": float("nan")}, "unknown", "`tool_timeout_sec` has a value"),
        ("codex", [], "unknown", "a server entry must be a map"),
        ("zed", {"url": "https://x", "env": {}}, "http", None),
        ("zed", {"command": ["x"], "args": []}, "unknown", "`command` has a value of a wrong type"),
        ("goose", {"cmd": "x", "args": [], "enabled": True}, "unknown", "an entry without a `type`"),
        ("goose", {"type": "stdio", "cmd": "x"}, "unknown", "`args` is missing: the host refuses the entry"),
        ("goose", {"type": "sse", "uri": "https://x"}, "unknown", "the host has no type `sse`"),
        ("continue", {"command": "x", "url": "https://x"}, "stdio", None),
        ("continue", {"type": "http", "url": "https://x"}, "unknown", "the host has no type `http`"),
    ],
)
def test_what_an_odd_entry_means(host, raw, transport, problem):
    decoded = decode(ROWS[host], raw)
    assert decoded.entry.transport == transport
    assert (decoded.problem is None) == (problem is None)
    if decoded.problem is not None and problem is not None:
        assert problem in decoded.problem.message


def test_lenient_hosts_take_numbers_and_empty_lists():
    entry = decode(ROWS["cursor"], {"command": "x", "args": [1, True, 2.5], "env": {"PORT": 80, "NO": None}})
    assert field_value(entry.entry, "launch") == ["x", "1", "true", "2.5"]
    assert field_value(entry.entry, "env") == {"PORT": "80"}
    assert entry.foreign == ("env.NO",)


def test_defaults_equal_their_absence():
    for row in ROWS.values():
        short = decode(row, {"command": "x"}).entry
        assert decode(row, {"command": "x", "args": [], row.dialect.env: {}}).entry == short
    assert decode(ROWS["claude-code"], {"type": "stdio", "command": "x"}).entry == Entry("stdio", Value(("x",)))


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
