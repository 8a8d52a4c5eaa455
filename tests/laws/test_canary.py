"""The law of secrets: one that stands anywhere in any document or file of a host is in no output of any command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import tomlkit
import yaml
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.laws.canaries import AFTER, BEFORE, MEETING, OF_A_FORM, SECRETS, check, hiding, keep
from tests.laws.loop_worlds import everything
from tests.world import World

MACHINES = {
    path.stem: next(machine for machine in yaml.safe_load(path.read_text()) if machine["os"] == "linux")
    for path in sorted((Path(__file__).parents[1] / "hosts").glob("*.yaml"))
}
"""One machine for each host, with its entries, settings, approvals and sign-ins."""

LOOKING = (
    "plan --diff --out KEPT",
    "show KEPT --format sarif",
    "show KEPT --format markdown",
    "status",
    "drift",
    "hosts --effective",
    "hosts",
    "residue",
    "residue mine",
    "import --stdout",
    "doctor",
    "permissions show mine",
    "render",
)
DOING = (
    "apply --yes --on-conflict keep",
    "status",
    "revoke mine --yes",
    "log",
    "log --format ndjson",
    "history",
    "backups",
    "show state",
)
READING = (
    "validate",
    "lock --check",
    "plan",
    "status",
    "drift",
    "render",
    "hosts",
    "permissions show files",
    "export --sdk mcp",
    "residue",
)
COMPARING = (
    "check --base HEAD~1 --out-format json=KEPT",
    "show KEPT",
    "show KEPT --format github",
    "check --base HEAD~1 --merge",
    "check --base HEAD",
    "diff HEAD~1..HEAD",
    "diff HEAD~1",
    "permissions diff HEAD~1 HEAD",
)


def written(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if name.endswith(".toml"):
        return tomlkit.dumps(value)
    return yaml.safe_dump(value) if name.endswith((".yaml", ".yml")) else json.dumps(value, indent=2)


@contextmanager
def machine(host: str) -> Iterator[World]:
    known = MACHINES[host]
    with TemporaryDirectory() as folder:
        world = World(Path(folder), {key: known[key] for key in ("os", "home", "env") if key in known})
        for path in known["expect"]["present"]:
            if not world.path(path).exists() and path not in known.get("files", {}):
                world.path(path).mkdir(parents=True, exist_ok=True)
        for name, value in known.get("files", {}).items():
            world.write(name, written(name, value))
        world.say(f"mcpconf: 1\nservers: {{mine: {{command: [/opt/mine]}}}}\nhosts: {{{host}: {{}}}}\n")
        yield world


@settings(max_examples=40, phases=[Phase.generate])
@given(st.sampled_from(sorted(MACHINES)), st.integers(0, 400), st.integers(0, 10), SECRETS, MEETING)
def test_in_a_file_of_a_host(host: str, at: int, number: int, secret: tuple[str, str], how: str):
    hidden, said = secret
    names = sorted(MACHINES[host].get("files", {}))
    with machine(host) as world:
        name = names[number % len(names)]
        world.write(name, hiding(world.read(name), at, said, how))
        event(f"{how} in {name.rpartition('.')[2]}")
        check(world, hidden, (*LOOKING, *DOING))
        for path, data in everything(world).items():
            if "/mcpconf/" in path and "/generations/" not in path and "/backups/" not in path:
                assert hidden.encode() not in data, path


@settings(max_examples=40, phases=[Phase.generate])
@given(st.sampled_from(sorted(AFTER)), st.integers(0, 400), OF_A_FORM, MEETING)
def test_in_a_document(name: str, at: int, secret: tuple[str, str], how: str):
    hidden, said = secret
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.path("~/src/api/.git").mkdir(parents=True)
        keep(world, AFTER | {name: hiding(AFTER[name], at, said, how)})
        check(world, hidden, READING)


@settings(max_examples=40, phases=[Phase.generate])
@given(st.sampled_from(sorted(AFTER)), st.sets(st.booleans(), min_size=1), st.integers(0, 400), SECRETS, MEETING)
def test_in_a_change_of_documents(name: str, sides: set[bool], at: int, secret: tuple[str, str], how: str):
    """In what it was, in what it becomes, or in both."""
    hidden, said = secret
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        for changed, documents in ((False, BEFORE), (True, AFTER)):
            inside = {name: hiding(documents[name], at, said, how)} if changed in sides else {}
            keep(world, documents | inside)
            world.commit("Ada", "2026-11-01")
        event(f"{how} in {name}")
        check(world, hidden, COMPARING)
