"""A plan of four times as many files is four times the work, and each file is parsed once."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from mcpconf import operations
from mcpconf.hosts.places import locations
from mcpconf.hosts.rows import load_row
from mcpconf.ports import Facts
from mcpconf.system.facts import rooted_machine
from tests.world import World

DATA = Path(__file__).parents[2] / "mcpconf" / "hosts" / "data"
LINUX = Facts("linux", "/home/dev", "dev", "1")
MANIFEST = """
mcpconf: 1
servers: {s0: {package: "npm:pkg0", version: "1.0.0"}}
hosts: {claude-code: {}, codex: {create: true}}
policy: {unmanaged: remove}
absent: [{package: "npm:pkg1", reason: bad}]
"""


def _world(folder: Path, projects: int) -> World:
    """Projects that share names of servers, all trusted by their hosts, with approvals in the same two files."""
    world = World(folder)
    state, trust = {}, []
    for number in range(projects):
        place = f"/home/dev/src/p{number}"
        state[place] = {"hasTrustDialogAccepted": True, "allowedTools": ["mcp__s1__x"]}
        trust.append(f'[projects."{place}"]\ntrust_level = "trusted"\n')
        servers = {f"s{k}": {"type": "stdio", "command": "npx", "args": [f"pkg{k}@1.0.{number}"]} for k in range(5)}
        world.write(f"{place}/.mcp.json", json.dumps({"mcpServers": servers}, indent=2))
        world.write(f"{place}/.codex/config.toml", f'[mcp_servers.s2]\ncommand = "x{number}"\n')
    world.write("~/.claude.json", json.dumps({"projects": state}))
    world.write("~/.codex/config.toml", "".join(trust))
    world.say(MANIFEST)
    return world


def _calls(projects: int) -> Counter[str]:
    """How often each function is called while planning."""
    with TemporaryDirectory() as folder:
        world = _world(Path(folder), projects)
        machine = rooted_machine(str(world.root))
        calls: Counter[str] = Counter()

        def count(frame, event, _):
            if event == "call":
                code = frame.f_code
                calls[f"{code.co_filename}:{code.co_qualname}"] += 1

        operations.plan(machine, str(world.manifest))
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            planned = operations.plan(machine, str(world.manifest))
        finally:
            sys.setprofile(before)
        assert planned.plan.summary.unmanaged >= projects * 5
        assert planned.plan.summary.delete == projects
        return calls


def test_planning_is_linear_in_files():
    small, large = _calls(20), _calls(80)
    total = sum(large.values()) / sum(small.values())
    assert total < 5, total
    steep = {name: (small[name], count) for name, count in large.items() if count > 6 * max(small[name], 40)}
    assert steep == {}


def test_each_file_is_parsed_once():
    small, large = (
        sum(count for name, count in _calls(projects).items() if name.endswith(":_Observer._load"))
        for projects in (5, 10)
    )
    rows = [load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml"))]
    one, two = (
        sum(len(locations(row, LINUX, projects, lambda _folder: ())) for row in rows)
        for projects in (["/home/dev/a"], ["/home/dev/a", "/home/dev/b"])
    )
    assert large - small == 5 * (two - one)
