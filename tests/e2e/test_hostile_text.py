"""Whatever text stands in a host file or manifest, nothing that is printed moves the cursor, hides or turns around."""

from __future__ import annotations

import json
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcpconf.cli.reporting import PlanFormat
from tests.world import World

NASTY = (
    "\x1b[31mred",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b2J",
    "\u202egnp.exe",
    "a\u200bb",
    "\u2066x\u2069",
    "line\nbreak",
    "carriage\rreturn",
    "back\b\b\bspace",
    "\ud800",
    "\udfff\ud800",
    "\u2028\u2029",
    "\U000e0041\U000e0042",
    "\u3164",
    "\x00",
    "\x7f\x85",
    "tab\tbed",
)
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

nasty = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(categories=("Cc", "Cf", "Cs", "Lo", "Zs", "Zl", "Zp", "Mn")), max_size=12),
    st.tuples(st.text(max_size=6), st.sampled_from(NASTY), st.text(max_size=6)).map("".join),
)

MANIFEST = """\
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  tidy: {command: [/opt/tidy, %s], env: {%s: %s}, reason: %s, owner: %s}
hosts: {cursor: {create: true}, codex: {create: true}, vscode: {create: true}, claude-code: {create: true}}
policy: {unmanaged: remove}
absent: [{package: "npm:postmark-mcp", reason: %s}]
"""


def unsafe(text: str) -> list[str]:
    return sorted({repr(char) for char in text if char != "\n" and unicodedata.category(char) in HIDDEN})


def check(world: World, *arguments: str) -> None:
    ran = world.run(*arguments)
    assert ran.code in (0, 1, 2, 3, 4, 5, 8), (arguments, ran.stderr)
    if "json" in arguments:
        assert ran.stdout.isascii(), arguments
    assert not unsafe(ran.stdout), (arguments, unsafe(ran.stdout))
    assert not unsafe(ran.stderr), (arguments, unsafe(ran.stderr))


def every_command(world: World) -> None:
    check(world, "validate", "-m", str(world.manifest))
    check(world, "plan", "--diff", "--color", "never")
    check(world, "plan", "--diff", "--format", "json")
    check(world, "status")
    check(world, "verify")
    check(world, "drift")
    check(world, "drift", "--format", "json")
    check(world, "hosts")
    check(world, "apply", "--yes", "--on-conflict", "overwrite")
    check(world, "plan")
    check(world, "show", "state")


def put_into_hosts(world: World, one: str, two: str) -> None:
    entry = {"command": one, "args": [two], "env": {one: two}, "cwd": two, one: two, "url": f"https://{two}/{one}"}
    servers = {f"a{one}": entry, f"b{two}": {"url": one, "headers": {one: two}}, "files": entry}
    document = {one: two, "mcpServers": servers}
    world.write("~/.cursor/mcp.json", json.dumps(document))
    claude = {**document, "projects": {f"/home/dev/{one}": {"mcpServers": servers, "enabledMcpjsonServers": [two]}}}
    world.write("~/.claude.json", json.dumps(claude, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace"))
    grants = [f"mcp__{one}__{two}", f"mcp__github__{two}"]
    world.write("~/.claude/settings.json", json.dumps({"permissions": {"allow": grants}}))
    world.write("~/.config/Code/User/mcp.json", json.dumps({"servers": servers, "inputs": [{"id": one}]}))
    spelled = json.dumps(one.encode("utf-8", "replace").decode())
    world.write("~/.codex/config.toml", f"[mcp_servers.{spelled}]\ncommand = {spelled}\n{spelled} = {spelled}\n")


@settings(max_examples=8)
@given(nasty, nasty)
@example("\x1b]8;;https://evil.example\x1b\\", "\u202e")
@example("a\nb", "\r")
@example("\ud800", "\udc00")
def test_no_text_of_a_host_file_acts_on_the_terminal(one: str, two: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.say(MANIFEST % (("x",) * 6))
        put_into_hosts(world, one, two)
        every_command(world)


@settings(max_examples=8)
@given(nasty, nasty)
@example("\x1b[2J", "\u2066")
def test_no_text_of_a_manifest_acts_on_the_terminal(one: str, two: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        spelled = [json.dumps(text) for text in (one, "A" + two, one, one, two, two)]
        world.manifest.write_text(MANIFEST % tuple(spelled))
        every_command(world)


@settings(max_examples=12)
@given(nasty, st.binary(max_size=20))
def test_no_error_about_a_file_acts_on_the_terminal(text: str, noise: bytes) -> None:
    """Hostile text as an unknown key, in a broken document, as a doubled key, as a file's name."""
    spelled = json.dumps(text)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.say(f"mcpconf: 1\n{spelled}: {spelled}\nhosts: {{{spelled}: {{}}}}\n")
        check(world, "plan")
        check(world, "validate", "-m", str(world.manifest), "--format", "json")
        world.manifest.write_bytes(b"mcpconf: 1\nservers: {" + text.encode("utf-8", "replace") + noise)
        check(world, "plan")
        world.say("mcpconf: 1\nhosts: {cursor: {create: true}, codex: {create: true}}\n")
        world.write("~/.cursor/mcp.json", f'{{"mcpServers": {{{spelled}: {{}}, {spelled}: {{}}}}}}')
        world.write("~/.codex/config.toml", b"[mcp_servers." + text.encode("utf-8", "replace") + noise)
        check(world, "plan")
        check(world, "status")
        check(world, "hosts")


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "--target", "{}"),
        ("plan", "--exclude", "{}"),
        ("plan", "--format", "{}"),
        ("{}",),
        ("plan", "--{}"),
        ("show", "{}"),
        ("schema", "{}"),
        ("validate", "-m", "{}"),
        ("accept", "{}"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("text", NASTY[::3], ids=ascii)
def test_no_argument_acts_on_the_terminal(text: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say("mcpconf: 1\n")
    ran = world.run(*(word.replace("{}", text) for word in arguments))
    assert ran.code in (1, 64), ran.stderr
    assert not unsafe(ran.stdout + ran.stderr)


@settings(max_examples=8)
@given(nasty)
@example("\x1b[31m")
def test_no_saved_plan_acts_on_the_terminal(text: str) -> None:
    """Every text of a plan is replaced, as somebody who sends one may do."""
    with tempfile.TemporaryDirectory() as folder:
        world = World.example(Path(folder), Path(__file__).parents[2] / "examples" / "workstation")
        plan = world.plan()
        world.write("/plan", json.dumps(_replaced(plan, "x" + text)))
        for form in PlanFormat.__args__:
            ran = world.run("show", str(world.path("/plan")), "--format", form)
            assert ran.code in (0, 1), ran.stderr
            assert not unsafe(ran.stdout + ran.stderr)
        assert world.run("apply", str(world.path("/plan"))).code in (1, 4)


_WORDS = {"action", "kind", "will", "severity", "direction", "format_version", "container", "code", "actions"}


def _replaced(value: object, text: str) -> object:
    if isinstance(value, dict):
        return {key: item if key in _WORDS else _replaced(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, text) for item in value]
    return f"{value}{text}" if isinstance(value, str) else value


@pytest.mark.parametrize("place", ["name", "key", "command", "argument", "value", "foreign"])
def test_ten_megabytes_are_told_in_a_few_lines(place: str, tmp_path: Path) -> None:
    huge = "x" * (2_000_000 if place == "command" else 10_000_000) + "\x1b"
    entry = {"command": "run", "args": ["a"], "env": {"NAME": "value"}}
    entry |= {"key": {"env": {huge: "v"}}, "command": {"command": huge}, "argument": {"args": [huge]}}.get(place, {})
    entry |= {"value": {"env": {"NAME": huge}}, "foreign": {huge: 1}}.get(place, {})
    world = World(tmp_path)
    world.say("mcpconf: 1\nservers: {}\nhosts: {cursor: {}}\npolicy: {unmanaged: remove}\n")
    name = huge if place == "name" else "server"
    world.write("~/.cursor/mcp.json", json.dumps({"mcpServers": {name: entry}}))
    for command in (("plan", "--diff"), ("status",)):
        ran = world.run(*command)
        assert ran.code in (0, 2), ran.stderr
        assert len(ran.stdout) < 20_000
        assert not unsafe(ran.stdout)
