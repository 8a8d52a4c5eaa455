"""A bundle on a machine: unpacked, started, and found again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.artifacts import closure_digest, installation, mcpb
from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.model.package import Package
from mcpconf.packages import identity_of_package, recognise
from mcpconf.workshop import Ran
from tests.bundles import (
    ADDRESS,
    NODE,
    Answers,
    Shelf,
    bundle,
    described,
    server,
    signed,
    wish,
    with_programs,
    workshop,
)
from tests.unit.artifacts.test_mcpb import HERE, NOTES, locked, python


def test_a_program_is_chosen_by_the_system(tmp_path: Path):
    manifest = described(
        config={
            "command": "server/notes",
            "args": ["--stdio"],
            "platform_overrides": {"darwin": {"command": f"{HERE}/server/notes-mac", "args": [], "env": {"A": "1"}}},
        },
        kind="binary",
    )
    files = {"server/notes": b"\x7fELF", "server/notes-mac": b"\xfe\xed", "server/notes.exe": b"MZ"}
    found = locked(tmp_path, bundle(manifest, files))
    linux, mac, windows = (
        workshop(tmp_path / system, os=system, home=home).machine
        for system, home in (("linux", "/home/dev"), ("macos", "/Users/dev"), ("windows", "C:/Users/dev"))
    )
    assert mcpb.launch(found, "/t", linux) == ("/t/bundle/server/notes", "--stdio")
    assert mcpb.launch(found, "/t", mac) == ("/t/bundle/server/notes-mac",)
    assert mcpb.launch(found, "C:/t", windows) == ("C:/t/bundle/server/notes.exe", "--stdio")
    assert mcpb.environment(found, "/t", mac) == {"A": "1"}


@pytest.mark.parametrize(
    ("more", "files"),
    [
        ({"compatibility": {"platforms": ["linux", "win32"]}}, {"server/x": b"", "server/x.exe": b"", "m": b""}),
        ({}, {"server/x": b"", "server/x.exe": b"", "server/other": b""}),
    ],
)
def test_a_bundle_without_a_program_for_a_system_is_not_started_there(tmp_path: Path, more: dict, files: dict):
    config = {"command": f"{HERE}/server/x", "platform_overrides": {"darwin": {"command": "server/mac"}}}
    found = locked(tmp_path, bundle(described(config=config, kind="binary", **more), files))
    mac = workshop(tmp_path / "mac", os="macos", home="/Users/dev").machine
    refused = mcpb.launch(found, "/t", mac)
    assert isinstance(refused, Problem)
    assert refused.message == "`notes` is not made for macos"


def test_a_machine_without_the_runtime_is_told_what_to_install(tmp_path: Path):
    shop = workshop(tmp_path)
    with_programs(shop, "/usr/bin/python3")
    found = mcpb.launch(locked(tmp_path, bundle()), "/t", shop.machine)
    assert isinstance(found, Problem)
    assert found.message == "`node` is not on this machine"
    python_bundle = locked(tmp_path, bundle(python(), {"server/main.py": b""}))
    machine = with_programs(workshop(tmp_path / "other"), "/usr/bin/node")
    found = mcpb.launch(python_bundle, "/t", machine)
    assert isinstance(found, Problem)
    assert found.message == "`python3` is not on this machine"


def test_a_script_in_place_of_a_runtime_is_passed_by(tmp_path: Path):
    """Such shims look at files of the current folder to choose a version."""
    shop = workshop(tmp_path)
    machine = with_programs(shop, "/home/dev/.pyenv/versions/python3", "/usr/bin/python3")
    Path(shop.trees.resolver.real("/home/dev/.pyenv/versions/python3")).write_text("#!/bin/sh\nexec pyenv\n")
    found = locked(tmp_path, bundle(python(), {"server/main.py": b""}))
    assert mcpb.launch(found, "/t", machine)[0] == "/usr/bin/python3"
    machine = replace(machine, facts=replace(machine.facts, env={"PATH": "bin:.::usr/bin"}))
    assert isinstance(mcpb.launch(found, "/t", machine), Problem)


@pytest.mark.parametrize(
    ("kind", "wanted", "said", "told"),
    [
        ("node", ">=18", b"v20.20.2\n", ""),
        ("node", ">=22.0.0", b"v20.20.2\n", "needs node `>=22.0.0`, and here is 20.20.2"),
        ("node", "whatever", b"v20.20.2\n", ""),
        ("node", ">=18", b"hello\n", "does not tell its version"),
        ("python", ">=3.8,<4.0", b"Python 3.11.2\n", ""),
        ("python", ">=3.12,<4.0", b"Python 3.11.2\n", "needs python `>=3.12,<4.0`, and here is 3.11.2"),
        ("python", ">=3.13", b"Python 3.14.0rc1+\n", ""),
    ],
)
def test_a_runtime_that_the_bundle_does_not_run_on_is_told(
    tmp_path: Path, kind: str, wanted: str, said: bytes, told: str
):
    base = python() if kind == "python" else NODE
    files = {"server/main.py": b"", "server/index.js": b""}
    data = bundle({**base, "compatibility": {"runtimes": {kind: wanted}}}, files)
    program = "/usr/bin/node" if kind == "node" else "/usr/bin/python3"
    shop = workshop(tmp_path, Shelf({ADDRESS: data}), Answers({(program, "--version"): Ran(0, said, b"")}))
    shop = replace(shop, machine=with_programs(shop, program))
    found = mcpb.lock(wish(NOTES), shop)
    assert isinstance(found, LockedServer)
    refused = mcpb.install(found, "/room/tree", shop)
    assert (refused.message if refused else "").endswith(told)
    assert (refused is None) == (told == "")


def installed(tmp_path: Path, data: bytes, stated: dict | None = None) -> tuple[LockedServer, Path]:
    shop = workshop(tmp_path, Shelf({ADDRESS: data}))
    found = mcpb.lock(wish({**NOTES, **(stated or {})}), shop)
    assert isinstance(found, LockedServer), found
    shop = replace(shop, machine=with_programs(shop, "/usr/bin/node", "/usr/bin/python3"))
    assert mcpb.install(found, "/room/tree", shop) is None
    return found, Path(shop.trees.resolver.real("/room/tree"))


def test_what_is_unpacked_is_what_is_in_the_bundle(tmp_path: Path):
    _, tree = installed(tmp_path, signed(bundle()))
    assert {str(path.relative_to(tree)): path.stat().st_mode & 0o777 for path in tree.rglob("*") if path.is_file()} == {
        "bundle/manifest.json": 0o600,
        "bundle/server/index.js": 0o600,
        "bundle/server/lib/a.py": 0o600,
    }
    assert (tree / "bundle/server/index.js").read_bytes() == b"console.log('notes')\n"


def test_only_the_program_can_be_executed(tmp_path: Path):
    manifest = described(config={"command": f"{HERE}/server/notes"}, kind="binary")
    _, tree = installed(tmp_path, bundle(manifest, {"server/notes": b"\x7fELF", "server/other": b"\x7fELF"}))
    assert os.access(tree / "bundle/server/notes", os.X_OK)
    assert (tree / "bundle/server/other").stat().st_mode & 0o111 == 0


@pytest.mark.parametrize("other", [bundle(files={"server/index.js": b"evil"}), bundle() + b"x", b"", signed(bundle())])
def test_a_bundle_of_other_bytes_is_not_even_opened(tmp_path: Path, other: bytes):
    found = locked(tmp_path, bundle())
    shop = workshop(tmp_path, Shelf({ADDRESS: other}))
    shop = replace(shop, machine=with_programs(shop, "/usr/bin/node"))
    refused = mcpb.install(found, "/room/tree", shop)
    assert isinstance(refused, Problem)
    assert refused.kind == "hash"
    assert digest_bytes(other) in refused.message
    assert not shop.machine.files.exists("/room")


def test_a_bundle_that_is_damaged_though_it_is_the_locked_one_is_told(tmp_path: Path):
    """It was damaged when it was published: what the lock looks at is sound."""
    data = bytearray(bundle())
    data[data.index(b"server/index.js") + len("server/index.js") + 4] ^= 0xFF
    shop = workshop(tmp_path, Shelf({ADDRESS: bytes(data)}))
    found = mcpb.lock(wish(NOTES), shop)
    assert isinstance(found, LockedServer)
    refused = mcpb.install(found, "/room/tree", replace(shop, machine=with_programs(shop, "/usr/bin/node")))
    assert isinstance(refused, Problem)
    assert "`server/index.js` cannot be unpacked" in refused.message


def test_a_bundle_is_not_installed_where_it_cannot_be_started(tmp_path: Path):
    manifest = described(compatibility={"platforms": ["darwin"]})
    shelf = Shelf({ADDRESS: bundle(manifest)})
    found = mcpb.lock(wish(NOTES), workshop(tmp_path, shelf))
    assert isinstance(found, LockedServer)
    shop = workshop(tmp_path, shelf)
    for refused in (mcpb.install(found, "/room/tree", shop), mcpb.launch(found, "/room/tree", shop.machine)):
        assert isinstance(refused, Problem)
        assert refused.message == "`notes` is not made for linux"
    assert [*mcpb.unanswered_by(found, server(NOTES), shop.machine)] == []
    assert len(shelf.asked) == 1


def test_a_lock_that_lost_what_the_bundle_says_is_told(tmp_path: Path):
    found = locked(tmp_path, bundle()).model_copy(update={"closure": {}})
    refused = mcpb.launch(found, "/t", with_programs(workshop(tmp_path), "/usr/bin/node"))
    assert isinstance(refused, Problem)
    assert "`name` in `manifest.json`" in refused.message


def test_an_address_that_is_gone_is_told(tmp_path: Path):
    shop = workshop(tmp_path)
    refused = mcpb.install(
        locked(tmp_path, bundle()), "/t", replace(shop, machine=with_programs(shop, "/usr/bin/node"))
    )
    assert isinstance(refused, Problem)
    assert refused.kind == "missing"


def test_nothing_is_downloaded_offline(tmp_path: Path):
    shelf = Shelf({ADDRESS: bundle()})
    found = locked(tmp_path, bundle())
    shop = workshop(tmp_path, shelf)
    shop = replace(shop, machine=with_programs(shop, "/usr/bin/node"), offline=True)
    refused = mcpb.install(found, "/room/tree", shop)
    assert isinstance(refused, Problem)
    assert refused.kind == "missing"
    assert shelf.asked == []


MAIN = b"""import json, sys
import greeting
print(json.dumps([greeting.WORD, sys.argv[1:], __name__, sys.flags.isolated, sys.dont_write_bytecode]))
exit(3)
"""


LIB = {"server/lib/greeting.py": b"WORD = 'from the bundle'\n", "server/lib/notes/__main__.py": MAIN}


@pytest.mark.parametrize(
    "config", [{}, {"args": ["-u", "-m", "notes"]}, {"args": [f"{HERE}/server/main.py"], "command": "python3"}]
)
def test_a_bundle_in_python_runs_with_its_own_packages_and_no_others(tmp_path: Path, config: dict):
    manifest = python(env={"PYTHONPATH": f"{HERE}/server/lib", "PYTHONUNBUFFERED": "1"}, **config)
    found, tree = installed(tmp_path, bundle(manifest, {"server/main.py": MAIN, **LIB}))
    machine = with_programs(workshop(tmp_path), "/usr/bin/python3")
    program, *words = mcpb.launch(found, str(tree), machine)
    assert program == "/usr/bin/python3"
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "greeting.py").write_text("WORD = 'planted'\n")
    (planted / "json.py").write_text("raise SystemExit('planted')\n")
    environment = {**os.environ, "PYTHONPATH": str(planted)}
    done = subprocess.run(
        [sys.executable, *words, "--x"], cwd=planted, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout) == ["from the bundle", ["--x"], "__main__", 1, True]
    assert not [*tree.rglob("*.pyc")]


def test_a_bundle_in_python_does_not_see_the_packages_of_the_machine(tmp_path: Path):
    main = b"try:\n    import pydantic\nexcept ImportError:\n    print('none')\n"
    found, tree = installed(tmp_path, bundle(python(), {"server/main.py": main}))
    words = mcpb.launch(found, str(tree), with_programs(workshop(tmp_path), "/usr/bin/python3"))[1:]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    assert done.stdout == "none\n"


def test_the_store_tells_which_bundle_a_command_line_starts(tmp_path: Path):
    found = locked(tmp_path, bundle())
    machine = with_programs(workshop(tmp_path), "/usr/bin/node")
    folder = installation(found, machine.facts)
    assert folder == (
        "/home/dev/.local/share/mcpconf/store/mcpb/example.org+dl+notes-1.2.mcpb@1.2.0/"
        + closure_digest(found).removeprefix("sha256:")[:32]
    )
    launched = recognise([*mcpb.launch(found, f"{folder}/tree", machine), "/data"])
    assert launched.identity == identity_of_package(Package("mcpb", ADDRESS)) == f"mcpb:{ADDRESS}"
    assert (launched.version, launched.floating, launched.arguments) == ("1.2.0", False, ("/data",))


def test_no_copies_of_a_bundle_are_known(tmp_path: Path):
    assert [*mcpb.copies(locked(tmp_path, bundle()), workshop(tmp_path).machine)] == []
