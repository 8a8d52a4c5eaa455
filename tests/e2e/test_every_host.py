"""A machine on which every host is, each with a setting, a server of somebody's own and a comment where it takes one.

The manifest asks for one server everywhere: planned, applied, converged, and taken back; nothing else in any file changes.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpconf.hosts.dialect import encode, furnished
from mcpconf.hosts.places import Disk, absolute, destination, present
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.entry import Entry, Value
from mcpconf.ports import Facts
from mcpconf.system.sources import bundled_rows
from tests.world import World

HOMES = {"linux": "/home/dev", "macos": "/Users/dev", "windows": "C:/Users/dev"}
ROWS = bundled_rows()
READ_ONLY = {"jetbrains"}
"""Hosts whose files are looked at and never written."""

THEIRS = Entry("stdio", Value.literal("/opt/theirs"), (Value.literal("--mine"),))
NOWHERE = Disk(lambda _path: False, lambda _folder: ())


def facts(system: str) -> Facts:
    return Facts(system, HOMES[system], "dev", "1")  # type: ignore[arg-type]


def place(row: HostRow, system: str):
    return destination(row, facts(system), "user", "", NOWHERE)


def written(system: str) -> dict[str, HostRow]:
    return {row.id: row for row in ROWS.values() if place(row, system) is not None}


@pytest.mark.parametrize("system", HOMES)
def test_every_host_has_a_file_of_the_user(system: str) -> None:
    windows_only = set() if system == "windows" else {"visual-studio"}
    assert ROWS.keys() - written(system).keys() == READ_ONLY | windows_only


@pytest.fixture(params=HOMES)
def world(request, tmp_path: Path) -> World:
    made = World(tmp_path, {"os": request.param, "home": HOMES[request.param], "user": "dev"})
    for row in written(request.param).values():
        target = place(row, request.param)
        *container, _ = target.key_path("theirs")
        entry = furnished(row, encode(row, THEIRS, facts(request.param), "user").value, "theirs")
        made.write(target.location.path, document(target.location.format, tuple(map(str, container)), row, entry))
        signs = present(row, facts(request.param))
        if not any(made.path(sign).exists() for sign in signs):
            made.path(signs[0]).mkdir(parents=True)
    return made


def document(notation: str, container: tuple[str, ...], row: HostRow, entry: Json) -> str:
    """The server under its keys, beside a setting; with a comment in notations that have one."""
    if notation == "toml":
        lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
        return "# mine\nmodel = 'x'   # spaced\n\n" + "\n".join([f"[{'.'.join(container)}.theirs]", *lines, ""])
    if notation == "yaml":
        listed = row.dialect.fixed.get("name") == "{server}" and container[-1] == "mcpServers"
        head = "".join(f"{key}: {json.dumps(value)}\n" for key, value in row.document.items())
        inner = f"  - {json.dumps(entry)}\n" if listed else f"  theirs: {json.dumps(entry)}\n"
        return f"# mine\n{head}model: x   # spaced\n{container[0]}:\n{inner}"
    comment = "  // mine\n" if notation == "jsonc" else ""
    value: Json = {"theirs": entry}
    for key in reversed(container[1:]):
        value = {key: value}
    return f'{{\n{comment}  "model" :  "x",\n  {json.dumps(container[0])}: {json.dumps(value)}\n}}\n'


def manifest(hosts: dict[str, HostRow], servers: str) -> str:
    listed = ", ".join(f"{host}: {{}}" for host in hosts)
    return f"mcpconf: 1\nservers: {servers}\nhosts: {{{listed}}}\n"


def test_one_server_for_every_host(world: World) -> None:
    hosts = written(world.facts["os"])
    before = world.snapshot()
    world.say(manifest(hosts, '{ours: {command: ["/opt/ours", "--fast"]}}'))
    plan = world.plan()
    assert {change["address"]: change["action"] for change in plan["changes"]} == {
        f"{host}/user/ours": "create" for host in hosts
    }
    assert {item["address"] for item in plan["unmanaged"]} == {f"{host}/user/theirs" for host in hosts}
    assert plan["summary"]["not_installed"] == 0
    assert world.run("apply", "--yes").code == 0
    assert world.run("plan", "--detailed-exitcode").stdout.startswith("No changes.")
    after = world.snapshot()
    for name, text in before.items():
        lines = iter(bare(after[name]))
        assert [line for line in bare(text) if line not in lines] == [], name
    world.say(manifest(hosts, "{}"))
    assert world.run("apply", "--yes").code == 0
    back = world.snapshot()
    assert {name: text for name, text in back.items() if name in before} == before


APPROVING = {"linux": 13, "macos": 13, "windows": 13}
"""Files of hosts that keep approvals of single tools, in the entry or beside it."""

WITH_APPROVAL = '{vanished: {command: ["/opt/vanished"], permissions: {tools: {auto: [peek]}}}}'


def test_a_stale_approval_on_every_host(world: World) -> None:
    """What a server was let do goes with it wherever a host keeps it, and nothing beside it moves."""
    hosts = written(world.facts["os"])
    before = world.snapshot()
    world.say(manifest(hosts, WITH_APPROVAL))
    assert world.run("apply", "--yes").code == 0
    assert len([name for name, data in world.snapshot().items() if b"peek" in data]) >= APPROVING[world.facts["os"]]
    world.say(manifest(hosts, '{ours: {command: ["/opt/ours"]}}'))
    plan = world.plan()
    servers = {change["address"]: change["action"] for change in plan["changes"] if change["kind"] == "server"}
    assert servers == {
        **{f"{host}/user/ours": "create" for host in hosts},
        **{f"{host}/user/vanished": "delete" for host in hosts},
    }
    grants = [change for change in plan["changes"] if change["kind"] == "grant"]
    assert {(change["action"], change["reason"], change["server"]) for change in grants} <= {
        ("revoke", "revoked", "vanished")
    }
    assert {item["address"] for item in plan["unmanaged"]} == {f"{host}/user/theirs" for host in hosts}
    assert world.run("apply", "--yes").code == 0
    assert world.run("plan", "--detailed-exitcode").stdout.startswith("No changes.")
    left = {name: data for name, data in world.snapshot().items() if "/mcpconf/" not in name}
    assert [name for name, data in left.items() if b"vanished" in data or b"peek" in data] == []
    world.say(manifest(hosts, "{}"))
    assert world.run("apply", "--yes").code == 0
    back = world.snapshot()
    assert {name: back[name] for name in before} == before


def bare(data: bytes) -> list[str]:
    """The words of a file; commas and brackets move when something is added beside them."""
    return data.decode().replace(",", " ").replace("}", " ").replace("]", " ").split()


def test_paths_are_below_the_home() -> None:
    for system, home in HOMES.items():
        for row in written(system).values():
            assert absolute(place(row, system).location.path, facts(system)).startswith(home)
