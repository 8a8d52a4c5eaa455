"""Servers made for tests: small, without the SDK, and mostly ill-behaved."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from mcpconf.model.probe import Limits, Probe
from tests.world import Ran, World

SERVER = Path(__file__).with_name("server.py")
PYTHON = os.path.realpath(sys.executable)
"""Without the environment that tests run in: toys need nothing but the standard library."""

SOON = Limits(seconds=3.0)
"""For toys that never answer."""


def argv(behaviour: str, *words: str) -> tuple[str, ...]:
    return (PYTHON, "-I", "-S", str(SERVER), behaviour, *words)


def probe(behaviour: str, folder: Path | str, *words: str, limits: Limits | None = None, **more) -> Probe:
    """Named like its behaviour."""
    env = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    given = {"name": behaviour, "transport": "stdio", "argv": argv(behaviour, *words), "env": env}
    given |= {"folder": str(folder), "limits": limits or Limits()}
    return Probe(**{**given, **more})


@dataclass
class Toys:
    """A manifest of toys in a folder, and a home of its own for mcpconf, which locks and asks them."""

    folder: Path
    name: str = "home"

    @property
    def home(self) -> Path:
        return self.folder / self.name

    @property
    def manifest(self) -> Path:
        return self.folder / "mcpconf.yaml"

    @property
    def lock(self) -> bytes:
        return (self.folder / "mcpconf.lock").read_bytes()

    def say(self, more: str = "", **servers: str | dict) -> None:
        """A server for each name: the words behind the interpreter, or all that the manifest says of it."""
        self.home.mkdir(parents=True, exist_ok=True)
        told = {
            name: given if isinstance(given, dict) else {"command": [PYTHON, "-I", "-S", str(SERVER), *given.split()]}
            for name, given in servers.items()
        }
        document = {"mcpconf": 1, "servers": told, "hosts": {"cursor": {}}}
        self.manifest.write_text(json.dumps(document) + more)

    def run(self, *words: str) -> Ran:
        """In this process, and as on a machine whose home is ours."""
        kept = os.environ["HOME"]
        os.environ["HOME"] = str(self.home)
        try:
            return World.run(self, *words, "-m", str(self.manifest))
        finally:
            os.environ["HOME"] = kept

    def _placed(self, words: tuple[str, ...]) -> list[str]:
        return [*words]

    def surface(self, name: str) -> dict:
        return json.loads(self.lock)["servers"][name]["surface"]

    def left(self) -> list[str]:
        """What is left of the rooms in which servers ran."""
        rooms = self.home / ".local/share/mcpconf/building"
        return sorted(path.name for path in rooms.iterdir() if path.name != "gate") if rooms.is_dir() else []
