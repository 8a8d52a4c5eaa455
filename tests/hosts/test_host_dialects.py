"""What is easily got wrong about how each host spells an entry, one test per trap."""

from pathlib import Path

import pytest

from mcpconf.hosts.dialect import cannot_say, decode, encode
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
