"""A machine with everything an apply can do, and the contents with which each of its files may end."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from mcpconf import operations
from mcpconf.documents.store import Store
from mcpconf.model.plan import Plan
from mcpconf.ports import TEMPORARY
from mcpconf.transaction.prepare import prepare_all, works
from tests.faults import FaultyFiles, apply, machine
from tests.world import World

FILES = ("~/.cursor/mcp.json", "~/.claude.json", "~/.codex/config.toml", "~/.config/Code/User/mcp.json")

OLD = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  slack: {package: "npm:@modelcontextprotocol/server-slack", version: "2025.4.25"}
  time: {package: "pypi:mcp-server-time", version: "2026.1.1"}
hosts: {cursor: {create: true}, claude-code: {}, codex: {create: true}}
"""
WANTED = """
mcpconf: 1
servers:
  files: {package: "npm:@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["${home}/work"]}
  docs: {package: "npm:@upstash/context7-mcp", version: "4.1.1"}
  time: {package: "pypi:mcp-server-time", version: "2026.10.19"}
hosts: {cursor: {create: true}, claude-code: {}, codex: {create: true}, vscode: {create: true}}
"""
LATER = """
mcpconf: 1
servers:
  time: {package: "pypi:mcp-server-time", version: "2026.11.1"}
hosts: {cursor: {create: true}, claude-code: {}, codex: {create: true}, vscode: {create: true}}
"""


@dataclass(frozen=True)
class Legal:
    """The contents that a file may end with; None for no file."""

    before: bytes | None
    narrowed: bytes | None
    after: bytes | None


def build(folder: Path) -> World:
    """Deletes and something put back by hand to undo first; updates, creates and a new file to write then."""
    world = World(folder)
    world.write("~/.claude.json", '{\n  "theme": "dark", // mine\n  "theme2": 1.50\n}\n'.replace(" // mine", ""))
    world.say(OLD)
    assert world.run("apply", "--yes").code == 0
    cursor = world.read("~/.cursor/mcp.json")
    world.write("~/.cursor/mcp.json", cursor.replace("/work", "").replace("{", '{\n  "mine": [1.0, 2],', 1))
    world.write("~/.codex/config.toml", "# mine\nmodel = 'x'\n\n" + world.read("~/.codex/config.toml"))
    world.say(WANTED)
    return world


def legal_contents(template: World, after: Path) -> tuple[dict[str, Legal], int, Plan]:
    """Per file; and how many writing operations the plan takes, and the plan. `after` is where an undisturbed apply is made."""
    before = {name: held(template, name) for name in FILES}
    here = machine(template.root)
    plan = operations.plan(here, str(template.manifest)).plan
    prepared = prepare_all(here.files, works(plan.changes, here.facts), Store.of(here).key())
    narrowed = {item.work.path: item.narrowed if item.before is not None else None for item in prepared}
    other = copied(template.folder, after)
    files = FaultyFiles(here.files)
    assert apply(machine(other.root, files), other.manifest).end == "applied"
    legal = {name: Legal(before[name], narrowed[name.replace("~", "/home/dev")], held(other, name)) for name in FILES}
    return legal, sum(not path.endswith("/verdict") for _, path in files.done), plan


def copied(source: Path, target: Path) -> World:
    shutil.copytree(source, target, symlinks=True)
    return World(target)


def held(world: World, name: str) -> bytes | None:
    return world.path(name).read_bytes() if world.path(name).exists() else None


def no_leftovers(world: World) -> None:
    left = [path.name for path in world.root.rglob("*") if TEMPORARY.fullmatch(path.name)]
    assert not left


def states(world: World, legal: dict[str, Legal]) -> set[str]:
    """Which of their legal contents the files hold."""
    found = set()
    for name in FILES:
        now = held(world, name)
        names = [word for word in ("before", "narrowed", "after") if getattr(legal[name], word) == now]
        assert names, f"{name} holds\n{(now or b'').decode()}"
        found.add(names[0])
    return found


def converges(world: World, legal: dict[str, Legal]) -> None:
    here = machine(world.root)
    outcome = apply(here, world.manifest)
    assert outcome.exit_code == 0, outcome
    assert states(world, legal) == {"after"}
    assert operations.plan(here, str(world.manifest)).plan.detailed_exit_code == 0
    assert sorted(Store.of(here).load()[0].entries) == sorted(
        f"{host}/user/{name}"
        for host in ("claude-code", "codex", "cursor", "vscode")
        for name in ("docs", "files", "time")
    )
    assert not world.path("~/.local/state/mcpconf/journal.json").exists()
    no_leftovers(world)
