"""A home, a manifest of npm servers and their lock, whose packages are built by a kind that only pretends."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mcpconf.artifacts import input_digest, installation
from mcpconf.artifacts.records import state_of
from mcpconf.documents.lock import render_lock
from mcpconf.documents.store import Store
from mcpconf.model.installed import Installation
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.operations import manifest
from mcpconf.system.facts import real_machine
from tests.stored import locked
from tests.world import Ran, World

PROJECT = Path(__file__).resolve().parents[1]


@dataclass
class Supplied:
    """`HOME` is the folder `home` below `folder` while it is used. `servers` maps names to versions and programs."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def data(self) -> Path:
        return self.home / ".local/share/mcpconf"

    @property
    def manifest(self) -> Path:
        return self.folder / "mcpconf.yaml"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.home), "PRETENDED": str(self.folder / "built")}

    @property
    def builds(self) -> list[str]:
        """What was built, as often as it was."""
        log = self.folder / "built"
        return log.read_text().split() if log.exists() else []

    def say(self, *, launch: str = "locked", **programs: str) -> None:
        """A server for each name, and the lock of them."""
        self.home.mkdir(exist_ok=True)
        servers = "".join(f'  {name}: {{package: "npm:{name}", version: "1.0.0"}}\n' for name in programs)
        self.manifest.write_text(f"mcpconf: 1\nlaunch: {launch}\nservers:\n{servers}hosts: {{}}\n")
        asked = manifest(str(self.manifest)).manifest.servers
        servers = {
            name: locked(name, program=program, input_digest=input_digest(asked[name]))
            for name, program in programs.items()
        }
        (self.folder / "mcpconf.lock").write_bytes(render_lock(Lock(servers=servers)))
        self.locked = servers

    locked: dict[str, LockedServer] = None  # type: ignore[assignment]

    def run(self, *words: str) -> Ran:
        return World.run(self, *words)

    def _placed(self, words: tuple[str, ...]) -> list[str]:
        return [*words, "-m", str(self.manifest)]

    def start(self, *words: str, **more) -> subprocess.Popen[str]:
        """In a process of its own."""
        command = [sys.executable, "-m", "tests.pretended", *self._placed(words)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=PROJECT, env=self.environment, text=True, **pipes, **more)

    def place(self, name: str) -> Path:
        return Path(installation(self.locked[name], real_machine().facts))

    def state(self, name: str) -> Installation:
        machine = real_machine()
        return state_of(self.locked[name], machine, Store.of(machine).key())

    def left(self) -> list[str]:
        """What lies in the folder of rooms, but for its gate."""
        rooms = self.data / "building"
        return sorted(path.name for path in rooms.iterdir() if path.name != "gate") if rooms.is_dir() else []
