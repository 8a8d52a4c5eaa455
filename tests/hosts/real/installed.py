"""Hosts of npm in exactly the versions of `pins.toml`: installed once into a cache, and held to their hashes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

RUNTIME = "node"


class Pin(NamedTuple):
    """`variant`: what npm's version has behind the one that the host tells. `program`: a path inside the package."""

    package: str
    version: str
    integrity: str
    program: str
    variant: str = ""
    script: bool = False


PINS = {
    name: Pin(**pin) for name, pin in tomllib.loads((Path(__file__).parent / "pins.toml").read_text("utf-8")).items()
}


@cache
def store() -> Path:
    """Where hosts are kept. Taken from the environment on import: tests run without such variables."""
    folder = Path(_KEPT or tempfile.mkdtemp(prefix="mcpconf-hosts-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


_KEPT = os.environ.get("MCPCONF_HOSTS_CACHE")


def program(host: str) -> list[str]:
    """The command line that starts a host, which is installed if it is not yet."""
    pin = PINS[host]
    start = [*program(RUNTIME)] if pin.script else []
    return [*start, str(_package(host) / pin.program)]


def _package(name: str) -> Path:
    pin = PINS[name]
    folder = store() / f"{name}-{pin.version}"
    if not folder.is_dir():
        _install(pin, folder)
    listed = json.loads((folder / "node_modules/.package-lock.json").read_text("utf-8"))
    found = listed["packages"][f"node_modules/{pin.package}"]["integrity"]
    assert found == pin.integrity, f"{pin.package}@{pin.version} has the hash {found}"
    return folder / "node_modules" / pin.package


def _install(pin: Pin, folder: Path) -> None:
    """Without any script of a package: what is downloaded here runs behind walls only."""
    with tempfile.TemporaryDirectory(dir=store()) as name:
        room = Path(name)
        (room / "tree").mkdir()
        (room / "tree/package.json").write_text('{"private": true}')
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--cache", str(room / "cache")]
        wanted = f"{pin.package}@{pin.version}{pin.variant}"
        done = subprocess.run(
            ["npm", "install", *quiet, "--save-exact", wanted],
            cwd=room / "tree",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        shutil.move(room / "tree", folder)
