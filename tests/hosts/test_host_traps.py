"""What is easily got wrong about each host, one assertion per trap."""

from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.hosts.dialect import cannot_say, decode, encode
from mcpconf.hosts.effective import left_over, shadowed
from mcpconf.hosts.grants import grants
from mcpconf.hosts.names import cannot_name, collisions
from mcpconf.hosts.places import absolute, destination, locations, spelled
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.servers import entries, projects
from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT, Element
from mcpconf.model.desired import Edit
from mcpconf.model.entry import Entry, Reference, Value, field_value
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile
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


def test_names():
    assert cannot_name(ROWS["claude-code"], "workspace") == ("the name `workspace` is reserved by it",)
    assert cannot_name(ROWS["claude-code"], "a b") == ("it takes no server named `a b`",)
    assert cannot_name(ROWS["codex"], "a@b/c") == ()
    assert collisions(ROWS["claude-code"], ["u.dot x", "u dot.x", "other"]) == (("u dot.x", "u.dot x"),)
    assert collisions(ROWS["codex"], ["u.dot x", "u dot.x"]) == ()


def test_folders_have_one_spelling():
    assert absolute("c:\\work\\app\\", WINDOWS) == "C:/work/app"
    assert absolute("~/app/", LINUX) == "/home/dev/app"
    assert absolute("/", LINUX) == "/"
    assert [spelled(path, LINUX) for path in ("/home/dev", "/home/dev/a", "/home/devil")] == ["~", "~/a", "/home/devil"]


def test_a_fixed_path_wins_over_one_of_a_project():
    found = locations(ROWS["cursor"], LINUX, ["/home/dev"], lambda _folder: ())
    assert [item.scope for item in found if item.path == "/home/dev/.cursor/mcp.json"] == ["user"]


def test_new_servers_go_to_the_writable_file_of_the_scope():
    for host, user, project in (
        ("claude-code", "/home/dev/.claude.json", "/home/dev/app/.mcp.json"),
        ("codex", "/home/dev/.codex/config.toml", "/home/dev/app/.codex/config.toml"),
        ("cursor", "/home/dev/.cursor/mcp.json", "/home/dev/app/.cursor/mcp.json"),
        ("vscode", "/home/dev/.config/Code/User/mcp.json", "/home/dev/app/.vscode/mcp.json"),
    ):
        row = ROWS[host]
        targets = [
            destination(row, LINUX, *scope, lambda _path: False) for scope in (("user", ""), ("project", "~/app"))
        ]
        assert [target.location.path for target in targets if target] == [user, project]
        assert [target.key_path("x")[-1] for target in targets if target] == ["x", "x"]
        assert destination(row, LINUX, "managed", "", lambda _path: True) is None


def observed(host, where, server, raw, rank):
    file, scope, project = where
    decoded = decode(ROWS[host], raw)
    place = Location(host, file, scope, project, f"/{file}", "json", write=True)
    address, seen = Address(host, scope, project, server), ObservedFile(place)
    return ObservedEntry(address, decoded.entry, raw, "", seen, (server,), rank, problem=decoded.problem)


def test_deleting_one_of_two_merged_entries_may_leave_too_little():
    user = observed("codex", ("user", "user", ""), "a", {"command": "x"}, 3)
    inside = observed("codex", ("project", "project", "~/app"), "a", {"args": ["y"]}, 1)
    other = observed("codex", ("user", "user", ""), "b", {"args": ["y"]}, 3)
    assert left_over(ROWS["codex"], [user, inside, other], user.address) == (inside.address,)
    assert left_over(ROWS["codex"], [user, inside, other], inside.address) == ()
    assert left_over(ROWS["cursor"], [user, inside], user.address) == ()


def test_an_untrusted_project_file_is_in_nobodys_way():
    user = observed("codex", ("user", "user", ""), "a", {"command": "x"}, 3)
    inside = observed("codex", ("project", "project", "~/app"), "a", {"command": "y"}, 1)
    assert shadowed(ROWS["codex"], [user, inside]) == {}


def test_an_entry_that_the_host_drops_is_in_nobodys_way():
    user = observed("claude-code", ("state", "user", ""), "a", {"command": "x"}, 5)
    managed = [
        observed("claude-code", ("managed", "managed", ""), "a", {"type": "http", "url": url}, 2)
        for url in ("http://a.example", "https://a.example")
    ]
    assert shadowed(ROWS["claude-code"], [user, managed[0]]) == {}
    assert shadowed(ROWS["claude-code"], [user, managed[1]]) == {user.address: managed[1].address}
    broken = observed("claude-code", ("mcp", "project", "~/app"), "a", {"url": "https://a.example"}, 4)
    assert shadowed(ROWS["claude-code"], [user, broken]) == {}


def test_an_equal_entry_is_in_nobodys_way():
    pair = [
        observed("cursor", ("project", "project", "~/a"), "a", {"command": "x"}, 0),
        observed("cursor", ("user", "user", ""), "a", {"type": "stdio", "command": "x", "args": []}, 1),
    ]
    assert shadowed(ROWS["cursor"], pair) == {}


def test_entries_of_profiles_are_apart():
    user = observed("codex", ("user", "user", ""), "a", {"command": "x"}, 3)
    profile = observed("codex", ("profile", "profile", "work"), "a", {"command": "y"}, 2)
    managed = observed("codex", ("managed", "managed", ""), "a", {"enabled": False}, 0)
    assert shadowed(ROWS["codex"], [user, profile]) == {}
    assert shadowed(ROWS["codex"], [user, profile, managed]) == {user.address: managed.address}


def test_an_entry_that_is_no_map_replaces_what_it_meets():
    user = observed("codex", ("user", "user", ""), "a", [], 3)
    inside = observed("codex", ("managed", "managed", ""), "a", {"command": "x"}, 0)
    assert shadowed(ROWS["codex"], [user, inside]) == {user.address: inside.address}


def test_an_empty_file_holds_nothing():
    place = Location("cursor", "allow", "user", "", "/m", "jsonc", write=True)
    assert grants(ROWS["cursor"], LINUX, ObservedFile(place), ABSENT, ["a"]) == ()
    assert projects(ROWS["codex"], LINUX, replace(place, file="user"), ABSENT) == ()


def test_servers_with_one_normal_name_are_all_readings():
    place = Location("claude-code", "settings", "user", "", "/m", "json", write=True)
    allow = {"permissions": {"allow": ["mcp__u_dot__x", 5, "mcp__a__b__c"]}}
    found = grants(ROWS["claude-code"], LINUX, ObservedFile(place), allow, ["u.dot", "u dot", "a", "a__b", "c"])
    assert [(grant.server, grant.tool, grant.readings) for grant in found] == [
        ("u.dot", "x", ("u dot",)),
        ("a", "b__c", ("a__b",)),
    ]


def test_a_rule_in_an_odd_entry_grants_nothing():
    place = Location("codex", "user", "user", "", "/m", "toml", write=True)
    parsed = {"mcp_servers": {"a": {"tools": []}, "b": [], "c": {"default_tools_approval_mode": ["approve"]}}}
    assert grants(ROWS["codex"], LINUX, ObservedFile(place), parsed, []) == ()


def test_a_switch_must_have_its_exact_value():
    place = Location("vscode", "settings", "user", "", "/m", "jsonc", write=True)
    for value, count in ((True, 1), (1, 0), ("true", 0), (False, 0), (None, 0)):
        settings = {"chat.tools.global.autoApprove": value}
        assert len(grants(ROWS["vscode"], LINUX, ObservedFile(place), settings, [])) == count


def test_projects_side_by_side_do_not_shadow_each_other():
    pair = [observed("cursor", ("project", "project", name), "a", {"command": name}, 0) for name in ("~/a", "~/ab")]
    assert shadowed(ROWS["cursor"], pair) == {}


def test_a_container_of_a_wrong_type_is_no_empty_container():
    place = Location("cursor", "user", "user", "", "/m", "json", write=True)
    for parsed, pointer in (
        ([], ""),
        ({"mcpServers": []}, "mcpServers"),
        ({"mcpServers": None}, "mcpServers"),
        (None, ""),
    ):
        found = entries(ROWS["cursor"], LINUX, place, parsed)
        assert [(problem.kind, problem.where.pointer) for problem in found.problems] == [("container", pointer)]
        assert found.found == ()
    assert entries(ROWS["cursor"], LINUX, place, ABSENT).problems == ()
    assert entries(ROWS["cursor"], LINUX, place, {"mcpServers": {}}).containers == (("mcpServers",),)
