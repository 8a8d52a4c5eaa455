"""How a manifest, a machine and its memory become one situation."""

from __future__ import annotations

import pytest

from mcpconf.documents.manifest import load_manifest
from mcpconf.errors import Problem, Where
from mcpconf.model.entry import Entry, Value
from mcpconf.model.state import Applied, State
from mcpconf.observe import observe
from mcpconf.reconcile.absence import without_absent
from mcpconf.reconcile.situate import Memory, Seen, situate, texts_of
from mcpconf.reconcile.situation import Absent, Choices, Ignored, Policy, Released
from mcpconf.system.facts import rooted_machine
from mcpconf.system.sources import bundled_rows
from tests.world import World

ROWS = bundled_rows()
MANIFEST = """\
mcpconf: 1
servers:
  files: {package: "npm:files", version: "1.0.0", was: [disk], hosts: {cursor: {name: own}}}
  far: {url: "https://example.org/mcp", permissions: {tools: {auto: [look]}}}
  plain: {command: [/opt/plain], env: {LEVEL: low}}
  old: {command: [/opt/old], expires: 2001-01-01}
hosts: {cursor: {create: true}, codex: {create: true}}
projects:
  - {path: ~/a, tracked: write}
  - {path: ~/b, hosts: [vscode, cursor], unmanaged: keep}
  - {path: ~/c, hosts: []}
absent:
  - {package: "npm:bad", reason: it leaks}
  - {url: "https://bad.example.org/mcp", reason: it is gone}
  - {command: [npx, -y, worse@1.0.0], reason: it is worse}
released: [{server: lent, reason: theirs}, {server: own, hosts: [cursor], reason: theirs}]
ignore:
  - {target: cursor/user/far, field: env, reason: theirs, expires: 2999-01-01}
  - {target: "codex/**", reason: all of it, expires: 2999-01-01}
  - {target: cursor/user/plain, reason: over, expires: 2001-01-01}
policy:
  unmanaged: remove
  grants: keep
  fail_on: warning
  expired: remove
  observed: {MCP101: error}
  on_conflict: {not_ours: keep, both_changed: overwrite}
"""


def situated(world, text=MANIFEST, state=None, choices=None, **memory):
    machine = rooted_machine(str(world.root))
    loaded = load_manifest(text, "m", known_hosts=ROWS)
    observed = observe(machine, ROWS, [project.path for project in loaded.manifest.projects])
    return situate(
        machine, loaded, ROWS, Seen(observed, Memory(state or State(), b"k" * 32, **memory), choices or Choices())
    )


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    for folder in "abc":
        made.write(f"~/{folder}/.cursor/mcp.json", "{}")
    return made


@pytest.fixture
def whole(world):
    return situated(world)


def test_what_the_manifest_says_beside_its_servers(whole):
    assert whole.policy == Policy(
        unmanaged="remove",
        projects={("vscode", "~/b"): "keep", ("cursor", "~/b"): "keep"},
        not_ours="keep",
        both_changed="overwrite",
        grants="keep",
        fail_on="warning",
        observed=frozenset({"MCP101"}),
    )
    assert whole.absent == (
        Absent("npm:bad", "it leaks", "m:13:5"),
        Absent("url:https://bad.example.org/mcp", "it is gone", "m:14:5"),
        Absent("npm:worse", "it is worse", "m:15:5", ("npx", "-y", "worse@1.0.0")),
    )
    assert whole.released == (Released("lent", ()), Released("own", ("cursor",)))
    assert whole.ignored == (
        Ignored("cursor/user/far", "env", "theirs", "2999-01-01"),
        Ignored("codex/**", "", "all of it", "2999-01-01"),
    )


def test_where_servers_may_go(whole):
    both = {("cursor", "~/a"), ("codex", "~/a"), ("vscode", "~/b"), ("cursor", "~/b")}
    assert whole.reach == {("cursor", ""), ("codex", ""), *both}
    assert whole.projects == {place: place[1] == "~/a" for place in both}


def test_what_servers_are_and_were(whole):
    assert whole.was == {"files": ("disk",)}
    assert whole.asked == {"npm:files", "url:https://example.org/mcp", "command:plain"}
    assert whole.expired == {"old"}
    assert whole.declared.called[("cursor", "own")] == "files"
    assert whole.declared.called[("codex", "files")] == "files"
    assert ("vscode", "files") in whole.declared.called
    assert whole.declared.auto == {"far": ("look",)}
    assert {str(entry.address) for entry in whole.desired.entries if entry.address.scope == "user"} == {
        "cursor/user/own",
        "cursor/user/far",
        "cursor/user/plain",
        "codex/user/files",
        "codex/user/far",
        "codex/user/plain",
    }
    assert "low" in whole.literals


def test_what_the_machine_is_and_remembers(world):
    lost = Problem("stale", "m", Where("state.json"))
    state = State(serial=4)
    made = situated(world, state=state, choices=Choices(unpin=True), warnings=(lost,))
    assert (made.home, made.os, made.key, made.state) == ("/home/dev", "linux", b"k" * 32, state)
    assert (made.choices, made.warnings, made.purpose) == (Choices(unpin=True), (lost,), "apply")
    assert (made.past("2001-01-01"), made.past("2999-01-01")) == (True, False)
    world.track("~/a", ".cursor/mcp.json")
    again = situated(world)
    assert again.tracked("/home/dev/a/.cursor/mcp.json") is True
    assert again.tracked("/home/dev/b/.cursor/mcp.json") is False
    assert again.passed_over("/home/dev/a/.cursor/new.json") is False


def test_a_server_that_must_be_absent_is_not_asked_for(world):
    text = 'mcpconf: 1\nservers: {x: {package: "npm:bad", version: "1.0.0"}, y: {command: [/y]}}\n'
    text += 'hosts: {cursor: {create: true}}\nabsent: [{package: "npm:bad", reason: it leaks}]\n'
    made = situated(world, text)
    assert [str(entry.address) for entry in made.desired.entries] == ["cursor/user/y"]
    (item,) = made.desired.findings
    assert (item.rule, item.severity, item.subject, item.address) == ("MCP801", "error", "desired", "cursor/user/x")
    assert item.message == "`x` is wanted, but `absent` forbids npm:bad"
    assert item.hint == "remove the server, or its line under `absent`"
    assert item.where is not None
    assert item.where.line == 2
    assert without_absent(made.desired, ()) == (made.desired, ())
    assert without_absent(made.desired, (Absent("", "unclear", "m"),)) == (made.desired, ())


def test_a_server_stays_in_the_file_that_it_stands_in(world):
    strong, weak = "~/.config/opencode/opencode.jsonc", "~/.config/opencode/opencode.json"
    world.write(strong, '{"mcp": {"both": {"type": "local", "command": ["/x"]}}}')
    world.write(
        weak, '{"mcp": {"both": {"type": "local", "command": ["/x"]}, "x": {"type": "local", "command": ["/x"]}}}'
    )
    servers = "{x: {command: [/x]}, both: {command: [/x]}, fresh: {command: [/x]}}"
    made = situated(world, f"mcpconf: 1\nservers: {servers}\nhosts: {{opencode: {{}}}}\n")
    assert {entry.server: (entry.location.path, entry.key_path) for entry in made.desired.entries} == {
        "x": (f"/home/dev{weak[1:]}", ("mcp", "x")),
        "both": (f"/home/dev{strong[1:]}", ("mcp", "both")),
        "fresh": (f"/home/dev{strong[1:]}", ("mcp", "fresh")),
    }


@pytest.mark.parametrize(
    ("address", "there", "severity"),
    [
        ("codex/user/near", True, "error"),
        ("codex/user/old", True, "error"),
        ("codex/user/near", False, "warning"),
        ("codex/user/other", True, "warning"),
    ],
)
def test_what_a_host_cannot_say_any_more_is_an_error_where_it_was_written(world, address, there, severity):
    name = address.rpartition("/")[2]
    world.write("~/.codex/config.toml", f'[mcp_servers.{name}]\ncommand = "/near"\n' if there else "")
    text = (
        'mcpconf: 1\nservers: {near: {command: [/near, "${workspace}"], was: [old]}}\nhosts: {codex: {create: true}}\n'
    )
    state = State(entries={address: Applied(server="near", identity="", fields={}, file="")})
    (item,) = situated(world, text, state).desired.findings
    assert (item.rule, item.severity, item.address) == ("cannot-say", severity, "codex/user/near")
    assert item.message.endswith("; what was written before is still there") is (severity == "error")
    assert item.hint.endswith(", which removes it, or give the host what it can say") is (severity == "error")
    assert [found.severity for found in situated(world, text).desired.findings] == ["warning"]


def test_texts_of_entries_but_their_secrets():
    secret = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"
    entry = Entry(
        "stdio",
        Value.literal("/opt/x"),
        (Value.literal("--level"), Value.parse("${env:A}tail")),
        {"B": Value.literal("plain"), "C": Value.literal(secret), "D": Value.literal(f"pre{secret}")},
        url=Value.literal("https://example.org"),
        headers={"X": Value.literal("core")},
    )
    found = texts_of([entry])
    assert {"/opt/x", "--level", "tail", "plain", "https://example.org", "core"} <= found
    assert not any(secret in text for text in found)
    assert texts_of([]) == frozenset()
