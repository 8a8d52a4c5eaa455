"""A machine in a folder, and an npm that answers like the real one (outputs of npm 11.19, 2026-11) from what a test gives it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from mcpconf.artifacts import Wish
from mcpconf.errors import Problem
from mcpconf.model.manifest import Server
from mcpconf.system.facts import rooted_machine
from mcpconf.system.paths import Resolver
from mcpconf.system.trees import SystemTrees
from mcpconf.workshop import Call, Ran, Workshop

ANSWERS = Path(__file__).parent
NAME = "@modelcontextprotocol/server-filesystem"
PLACE = f"node_modules/{NAME}"
NODE = "/usr/bin/node"
NPM = "/usr/lib/node_modules/npm/bin/npm-cli.js"


def answer(name: str) -> dict:
    return json.loads((ANSWERS / f"{name}.json").read_bytes())


def sha512(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def failed(code: str, summary: str = "", log: str = "") -> Ran:
    """With `--json` npm prints its error twice."""
    out = json.dumps({"error": {"code": code, "summary": summary, "detail": ""}}, indent=2)
    return Ran(1, out.encode(), f"npm error code {code}\nnpm error {summary}\n{log}".encode())


def npm_lock(packages: dict) -> dict:
    return {"name": "r", "version": "0.0.0", "lockfileVersion": 3, "requires": True, "packages": {"": {}, **packages}}


@dataclass
class FakeNpm:
    """`views` by what is asked for; `lock` is what `npm install --package-lock-only` writes, each time or in turn.

    `npm ci` lays out the lock that it finds, as npm would here, with `laid` (path: content, None for nothing) above it.
    """

    root: Path
    views: dict[str, dict | Ran]
    lock: dict | Ran | list[dict | Ran | None] = field(default_factory=lambda: answer("package-lock"))
    laid: dict[str, bytes | None] = field(default_factory=dict)
    ci: Ran | Problem | None = None
    node: tuple[str, str, str, str] | None = ("linux", "x64", "v24.1.0", "glibc")
    log: str = ""
    version: str = "11.19.1"
    calls: list[Call] = field(default_factory=list)
    seeds: list[dict | None] = field(default_factory=list)
    problem: Problem | None = None

    @property
    def asked(self) -> list[tuple[str, ...]]:
        """The words that npm got; `-e` and a script for what Node was asked itself."""
        return [call.argv[2:] if call.argv[1] == NPM else call.argv[1:] for call in self.calls]

    def run(self, call: Call) -> Ran | Problem:
        self.calls.append(call)
        room = self.root / call.folder.lstrip("/")
        if self.problem is not None:
            return self.problem
        if call.argv[0] == NODE and call.argv[1] == "-e":
            return Ran(0, json.dumps(self.node).encode() if self.node else b"what?", b"")
        assert call.argv[:2] == (NODE, NPM)
        match call.argv[2]:
            case "view":
                told = self.views.get(call.argv[3], failed("E404", f"No match found for {call.argv[3]}"))
                return told if isinstance(told, Ran) else Ran(0, json.dumps(told).encode(), b"")
            case "--version":
                return Ran(0, f"{self.version}\n".encode(), b"")
            case "install":
                return self._install(room)
            case "ci":
                return self._ci(room)
        raise AssertionError(call.argv)

    def end(self) -> None:
        """Nothing is running here."""

    def _install(self, room: Path) -> Ran:
        seed = room / "package-lock.json"
        self.seeds.append(json.loads(seed.read_bytes()) if seed.exists() else None)
        logs = room / "cache" / "_logs"
        logs.mkdir(parents=True, exist_ok=True)
        (logs / "2026-11-26T17_50_09_877Z-debug-0.log").write_text(self.log)
        lock = self.lock.pop(0) if isinstance(self.lock, list) else self.lock
        if isinstance(lock, Ran):
            return lock
        if lock is None:
            return Ran(0, b"{}", b"")
        seed.write_text(json.dumps(lock))
        return Ran(0, b"{}", b"")

    def _ci(self, room: Path) -> Ran | Problem:
        if self.ci is not None:
            return self.ci
        packages = json.loads((room / "package-lock.json").read_bytes())["packages"]
        for place, entry in packages.items():
            if place:
                name = entry.get("name", place.rpartition("node_modules/")[2])
                self._put(
                    room, f"{place}/package.json", json.dumps({"name": name, "version": entry["version"]}).encode()
                )
                for program, path in entry.get("bin", {}).items():
                    self._put(room, f"{place}/{path}", b"#!/usr/bin/env node\n")
                    link = room / "node_modules" / ".bin" / program
                    link.parent.mkdir(parents=True, exist_ok=True)
                    link.symlink_to(f"../{place.removeprefix('node_modules/')}/{path}")
        self._put(room, "node_modules/.package-lock.json", b"{}")
        for path, content in self.laid.items():
            self._put(room, path, content)
        return Ran(0, b"{}", b"")

    def _put(self, room: Path, path: str, content: bytes | None) -> None:
        target = room / path
        if content is None:
            target.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def workshop(folder: Path, npm: FakeNpm | None = None, *, offline: bool = False, **facts) -> Workshop:
    """The machine has a `node` and an `npm`, and its PATH says where."""
    facts = {"os": "linux", "home": "/home/dev", "user": "dev", "env": {"PATH": "/usr/bin:/bin"}, **facts}
    (folder / "usr/bin").mkdir(parents=True, exist_ok=True)
    (folder / "usr/bin/node").write_bytes(b"\x7fELF")
    (folder / "usr/bin/node").chmod(0o755)
    script = folder / NPM[1:]
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_bytes(b"")
    script.chmod(0o755)
    (folder / "usr/bin/npm").unlink(missing_ok=True)
    (folder / "usr/bin/npm").symlink_to(f"..{NPM.removeprefix('/usr')}")
    (folder / "machine.yaml").write_text(yaml.safe_dump(facts))
    machine = rooted_machine(str(folder))
    trees = SystemTrees(Resolver(str(folder), homes=("/home/dev",)), "/home/dev/.local/share/mcpconf/building")
    return Workshop(machine, npm, None, trees, offline)


def wish(version: str, known=None, *, name: str = NAME, upgrade: bool = False, **more) -> Wish:
    asked = {key: more.pop(key) for key in ("hash", "bin") if key in more}
    server = Server.model_validate({"package": f"npm:{name}", "version": version, **asked})
    return Wish("files", server, known, upgrade=upgrade, **more)
