"""The law of secrets: one that stands anywhere in any document or file of a host is in no output of any command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import tomlkit
import yaml
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.laws.loop_worlds import CANARY, everything
from tests.world import World

MACHINES = {
    path.stem: next(machine for machine in yaml.safe_load(path.read_text()) if machine["os"] == "linux")
    for path in sorted((Path(__file__).parents[1] / "hosts").glob("*.yaml"))
}
"""One machine for each host, with its entries, settings, approvals and sign-ins."""

PASSWORD = "q7Zr2LxW9vBn4KtY6m"
HIDDEN = {
    CANARY: ("{}", "{} ", "--token={}", "Bearer {}", "TOKEN={} serve", "/opt/{}/x", "https://a.example/mcp?key={}"),
    PASSWORD: ("postgres://app:{}@db.example/prod", "https://app:{}@mcp.example/mcp"),
}
TOKEN = re.compile(r"[A-Za-z0-9_@./:~-]{2,}")
SECRETS = st.sampled_from(sorted(HIDDEN)).flatmap(
    lambda secret: st.tuples(st.just(secret), st.sampled_from(HIDDEN[secret]))
)
MEETING = st.sampled_from(["instead", "behind", "broken"])

LOOKING = (
    "plan",
    "plan --format json",
    "plan --diff",
    "plan --format sarif",
    "status",
    "drift --format json",
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
    "status --format json",
    "revoke mine --yes",
    "log",
    "history",
    "backups",
    "show",
)
READING = (
    "validate",
    "validate --format json",
    "lock --check",
    "plan",
    "plan --format json",
    "render",
    "hosts",
    "permissions show files",
    "export --sdk mcp",
    "residue",
)

MANIFEST = """mcpconf: 1
servers:
  files:
    package: npm:@acme/files
    version: "1.2.0"
    args: ["--root", "${home}/work"]
    env: {LEVEL: info, TOKEN: {secret: FILES_TOKEN}}
    permissions: {tools: {call: [read, write], auto: [read]}}
    hosts: {cursor: {args: ["--plain"]}}
    owner: web@acme.example
    reason: to read the notes
    expires: 2027-01-31
  far:
    url: https://mcp.acme.example/mcp
    headers: {X-Team: web}
    oauth: {scopes: [read], issuer: "https://login.acme.example"}
hosts:
  cursor: {create: true}
  claude-code: {servers: [files], create: true}
projects: [{path: ~/src/api, hosts: [cursor], servers: [far]}]
groups: {data: {when: {labels: [data]}, add: {servers: [far]}}}
policy: {require: [owner], packages: {allow: ["npm:@acme/**"]}, rules: {MCP203: error}}
waivers: [{rule: MCP101, target: "server:files", reason: as agreed, expires: 2027-01-31}]
ignore: [{target: cursor/user/files, reason: as agreed, expires: 2027-01-31}]
absent: [{package: "npm:rogue", reason: malware}]
released: [{server: old, reason: handed over}]
"""


def written(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if name.endswith(".toml"):
        return tomlkit.dumps(value)
    return yaml.safe_dump(value) if name.endswith((".yaml", ".yml")) else json.dumps(value, indent=2)


def hiding(text: str, at: int, said: str, how: str) -> str:
    """The text with something in it that holds a secret; `broken` also ends what is there in the middle."""
    tokens = [*TOKEN.finditer(text)]
    if not tokens:
        return f"{text}{said}"
    token = tokens[at % len(tokens)]
    if how == "behind":
        return f"{text[: token.end()]} {said}{text[token.end() :]}"
    rest = text[token.end() :] if how == "instead" else '"]\n'
    return f"{text[: token.start()]}{said}{rest}"


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


def check(world: World, secret: str, commands: tuple[str, ...]) -> None:
    for line in commands:
        ran = world.run(*line.split())
        assert ran.code != 70, (line, ran.stderr)
        assert secret not in ran.stdout + ran.stderr, (line, ran.stdout + ran.stderr)


@settings(max_examples=40, phases=[Phase.generate])
@given(st.sampled_from(sorted(MACHINES)), st.integers(0, 400), st.integers(0, 10), SECRETS, MEETING)
def test_in_a_file_of_a_host(host: str, at: int, number: int, secret: tuple[str, str], how: str):
    hidden, form = secret
    names = sorted(MACHINES[host].get("files", {}))
    with machine(host) as world:
        name = names[number % len(names)]
        world.write(name, hiding(world.read(name), at, form.format(hidden), how))
        event(f"{how} in {name.rpartition('.')[2]}")
        check(world, hidden, (*LOOKING, *DOING))
        for path, data in everything(world).items():
            if "/mcpconf/" in path and "/generations/" not in path and "/backups/" not in path:
                assert hidden.encode() not in data, path


@settings(max_examples=60, phases=[Phase.generate])
@given(st.integers(0, 400), SECRETS, MEETING)
def test_in_a_manifest(at: int, secret: tuple[str, str], how: str):
    hidden, form = secret
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.path("~/src/api/.git").mkdir(parents=True)
        world.say(hiding(MANIFEST, at, form.format(hidden), how))
        check(world, hidden, READING)
