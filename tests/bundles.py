"""Bundles made by tests, and a workshop that downloads them from a dictionary."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mcpconf.artifacts import Wish
from mcpconf.errors import Problem
from mcpconf.model.manifest import Manifest, Server
from mcpconf.ports import Machine
from mcpconf.system.facts import rooted_machine
from mcpconf.system.paths import Resolver
from mcpconf.system.trees import SystemTrees
from mcpconf.workshop import Call, Ran, Workshop
from tests.world import World

ADDRESS = "https://example.org/dl/notes-1.2.mcpb"


@dataclass
class Shelf:
    """A web of a few files; everything else is not there."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, limit: int, *_headers: object, **_more: object) -> bytes | Problem:
        self.asked.append(url)
        found = self.files.get(url)
        if found is None:
            return Problem("missing", f"`{url}` answered 404 Not Found")
        return found if len(found) <= limit else Problem("oversized", "too much")


@dataclass
class Answers:
    """Programs that answer by the words they are called with: the longest beginning that is known decides."""

    known: dict[tuple[str, ...], Ran | Problem] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, call: Call) -> Ran | Problem:
        self.calls.append(call.argv)
        for length in range(len(call.argv), 0, -1):
            if call.argv[:length] in self.known:
                return self.known[call.argv[:length]]
        return Problem("missing", f"`{call.argv[0]}` cannot be started (No such file or directory)")


def workshop(folder: Path, web: Shelf | None = None, programs: Answers | None = None, **facts) -> Workshop:
    """Of a machine in a folder; what `facts` says is written into its `machine.yaml`."""
    world = World(folder, {"os": "linux", "home": "/home/dev", "user": "dev", **facts})
    machine = rooted_machine(str(world.root))
    trees = SystemTrees(Resolver(str(world.root)), f"{machine.facts.data_folder}/building")
    return Workshop(machine, programs or Answers(), web or Shelf(), trees)


def with_programs(shop: Workshop, *paths: str) -> Machine:
    """The machine with these programs on it and their folders on its PATH."""
    for path in paths:
        real = Path(shop.trees.resolver.real(path))
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_bytes(b"\x7fELF")
        real.chmod(0o755)
    folders = ":".join(dict.fromkeys(path.rpartition("/")[0] for path in paths))
    return replace(shop.machine, facts=replace(shop.machine.facts, env={"PATH": folders}))


def server(text: dict) -> Server:
    stated = {"mcpconf": 1, "launch": "locked", "servers": {"notes": text}}
    return Manifest.model_validate(stated).servers["notes"]


def wish(text: dict, **more) -> Wish:
    return Wish("notes", server(text), **more)


NODE = {
    "manifest_version": "0.3",
    "name": "notes",
    "version": "1.2.0",
    "server": {
        "type": "node",
        "entry_point": "server/index.js",
        "mcp_config": {"command": "node", "args": ["${__dirname}/server/index.js"]},
    },
}


def described(base: dict = NODE, config: dict | None = None, kind: str = "", **more) -> dict:
    """A bundle's manifest with other ways to start it."""
    started = {**base["server"], "type": kind or base["server"]["type"]}
    if config is not None:
        started["mcp_config"] = config
    return {**base, "server": started, **more}


def bundle(manifest: dict | bytes = NODE, files: Mapping[str, bytes] | None = None) -> bytes:
    """A zip as a packer makes it."""
    if files is None:
        files = {"server/index.js": b"console.log('notes')\n", "server/lib/a.py": b"A = 1\n"}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", manifest if isinstance(manifest, bytes) else json.dumps(manifest))
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def signed(data: bytes, *, counted: bool = False, signature: bytes = b"\x30\x03\x02\x01\x01") -> bytes:
    """With a signature behind it, which newer signers count as the comment of the zip."""
    block = b"MCPB_SIG_V1" + struct.pack("<L", len(signature)) + signature + b"MCPB_SIG_END"
    if counted:
        data = data[:-2] + struct.pack("<H", len(block))
    return data + block
