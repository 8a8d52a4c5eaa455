"""Secrets, the places of a text that they are put into, and the outputs that they must not be in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from hypothesis import strategies as st

from mcpconf.cli import reporting, reviewing
from mcpconf.documents.approvals import render_approvals
from mcpconf.model.approvals import Approval, Approvals
from tests.laws.loop_worlds import CANARY
from tests.surfaces import lock, surface, tool
from tests.world import World

PASSWORD = "q7Zr2LxW9vBn4KtY6m"
NAMED = "h4Kx9TqP2sVz7LmBw3"
HIDDEN = {
    CANARY: ("{}", "{} ", "--token={}", "Bearer {}", "TOKEN={} serve", "/opt/{}/x", "https://a.example/mcp?key={}"),
    PASSWORD: ("postgres://app:{}@db.example/prod", "https://app:{}@mcp.example/mcp"),
    NAMED: ("--api-key={}", "DB_PASSWORD={} serve", "https://a.example/mcp?token={}", "info, API_KEY: {}"),
}
"""Secrets by their own form, by their place in an address, by their name."""

TOKEN = re.compile(r"[A-Za-z0-9_@./:~-]{2,}")
PADDING = ("", "", "notes " * 10, "notes " * 29, "notes " * 162)
"""Text before a secret, up to where reports shorten what others wrote."""


def _said(secrets: Collection[str]) -> st.SearchStrategy[tuple[str, str]]:
    """Each with the text around it."""
    said = [
        (secret, before + form.format(secret) + " notes" * 9 * bool(before))
        for secret in secrets
        for before in PADDING
        for form in HIDDEN[secret]
    ]
    return st.sampled_from(said)


SECRETS = _said([*HIDDEN])
OF_A_FORM = _said([CANARY, PASSWORD])
"""A manifest may say in clear what only its name makes a secret: it is in git, and rules tell of it."""

GUESSED = 8
FORMS = {
    "plan": get_args(reporting.PlanFormat),
    "status": get_args(reporting.StateFormat),
    "drift": get_args(reporting.DriftFormat),
    "validate": get_args(reporting.ManifestFormat),
    "check": get_args(reviewing.ReviewFormat),
    "diff": get_args(reviewing.DifferenceFormat),
}
"""By command, what it can be written as."""

MEETING = st.sampled_from(["instead", "behind", "broken"])

_MANIFEST = """mcpconf: 1
include: [team.yaml]
servers:
  files:
    package: npm:@acme/files
    version: "1.2.0"
    args: ["--root", "${home}/work"]
    env: {LEVEL: info, TOKEN: {secret: FILES_TOKEN}}
    permissions: {tools: {call: [read, write], auto: [read]}, fs: [{path: "~/work", mode: ro}], exec: [git]}
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
policy: {require: [owner], rules: {MCP203: error}}
waivers: [{rule: MCP101, target: "server:files", reason: as agreed, expires: 2027-01-31}]
ignore: [{target: cursor/user/files, reason: as agreed, expires: 2027-01-31}]
absent: [{package: "npm:rogue", reason: malware}]
released: [{server: old, reason: handed over}]
"""
_TEAM = """mcpconf: 1
servers:
  notes: {command: [/opt/notes, serve, "--all"], cwd: /srv/notes, env: {MODE: plain}, timeout: 30}
policy:
  packages: {allow: ["npm:@acme/**"], deny: ["npm:@acme/bad"]}
  registries: [npm.acme.example]
  privilege: {critical: block, high: approve}
  approvers: {security: [grace, linus]}
"""
_WIDENED = {
    '"1.2.0"': '"1.3.0"',
    "${home}/work": "${home}",
    "LEVEL: info": "LEVEL: debug, PLACE: here",
    "[read, write]": "[read, write, drop]",
    "mode: ro": "mode: rw",
    "https://mcp.acme": "https://other.acme",
    "X-Team: web": "X-Team: all",
    "scopes: [read]": "scopes: [read, admin]",
    "servers: [files], create": "servers: [files, far], create",
    "require: [owner], ": "",
    "as agreed": "as they said",
    "malware": "no more",
    "/opt/notes, serve": "/opt/notes, all",
    "MODE: plain": "MODE: all",
    "[grace, linus]": "[grace]",
    "npm.acme": "other.acme",
    "npm:@acme/**": "npm:**",
}


def _documents(widened: Mapping[str, str], says: str) -> dict[str, str]:
    """All that lies beside a manifest, by name; `says` is what a server says of its tool."""
    texts = {"mcpconf.yaml": _MANIFEST, "team.yaml": _TEAM}
    for old, new in widened.items():
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            Path(folder, name).write_text(text)
        shown = surface("how to use it", tools={"read": tool(says), "write": tool("to write")})
        lock(Path(folder, "mcpconf.yaml"), {"files": shown, "far": shown})
        texts["mcpconf.lock"] = Path(folder, "mcpconf.lock").read_text()
    given = Approval(identity="npm:@acme/files", surface=shown.digest, by="Grace", on="2026-11-01", reason="looked at")
    return texts | {"mcpconf.approvals": render_approvals(Approvals(servers={"files": [given]})).decode()}


BEFORE = _documents({}, "to read")
AFTER = _documents(_WIDENED, "to read, or to write")
"""The same, with more allowed in every place."""


def keep(world: World, documents: Mapping[str, str]) -> None:
    for name, text in documents.items():
        world.layer(name, text)


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


def check(world: World, secret: str, commands: tuple[str, ...]) -> None:
    """Every command, in each format that it has; `KEPT` in it is a file."""
    told = world.folder / "told"
    told.mkdir(exist_ok=True)
    for line in commands:
        words = line.replace("KEPT", str(world.folder / "kept.json")).split()
        files = {form: told / form for form in FORMS.get(words[0], ())}
        ran = world.run(*words, *(f"--out-format={form}={file}" for form, file in files.items()))
        assert ran.code not in (64, 70), (line, ran.stderr)
        texts = {"on the screen": ran.stdout + ran.stderr}
        texts |= {form: file.read_text() for form, file in files.items() if file.exists()}
        for form, text in texts.items():
            assert not shown(secret, text), (line, form, shown(secret, text), text)
            for file in files.values():
                file.unlink(missing_ok=True)


def shown(secret: str, text: str) -> str:
    """As much of a secret as lets it be guessed, where a text has that."""
    parts = (secret[at : at + GUESSED] for at in range(len(secret) - GUESSED + 1))
    return next((part for part in parts if part in text), "")
