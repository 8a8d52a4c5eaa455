"""`store verify` and `store gc` on a machine that a folder stands for."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from mcpconf.artifacts import input_digest
from mcpconf.errors import Problem, Where
from mcpconf.operations import manifest
from mcpconf.ports import Files
from mcpconf.supply.keeping import collect, verify
from mcpconf.system.facts import rooted_machine
from mcpconf.system.processes import told_of_processes
from mcpconf.system.trees import SystemTrees
from tests.stored import FILES, install, lock, locked, trees_of
from tests.world import World

DATA = "~/.local/share/mcpconf"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two servers in the lock, both installed."""
    made = World(tmp_path)
    made.say(
        "mcpconf: 1\nlaunch: locked\nservers:\n"
        '  files: {package: "npm:files", version: "1.0.0"}\n  time: {package: "npm:time", version: "1.0.0"}\n'
        "hosts: {cursor: {}}\n"
    )
    asked = manifest(str(made.manifest)).manifest.servers
    servers = {name: locked(name, input_digest=input_digest(asked[name])) for name in ("files", "time")}
    lock(made, servers)
    for server in servers.values():
        install(made, server)
    return made


def place(world: World, name: str) -> Path:
    (folder,) = (world.path(DATA) / "store/npm").glob(f"{name}@*/*")
    return folder


def states(world: World, *words: str) -> dict[str, str]:
    data = world.run("store", "verify", "--format", "json", *words).json
    return {", ".join(item["servers"]): item["state"] for item in data["installations"]}


def test_intact_all_is_well(world: World):
    ran = world.run("store", "verify")
    assert ran.code == 0, ran
    assert f"=  files  intact, {len(FILES)} files" in ran.stdout
    assert "2 installations: 2 intact." in ran.stdout


def test_a_changed_file_is_named(world: World):
    (place(world, "files") / "tree/lib/a.js").write_bytes(b"b")
    (place(world, "files") / "tree/lib/new.js").write_bytes(b"b")
    ran = world.run("store", "verify")
    assert ran.code == 3
    assert "!  files  changed, 2 files" in ran.stdout
    assert "changed lib/a.js" in ran.stdout
    assert "added   lib/new.js" in ran.stdout
    assert "mcpconf install" in ran.stdout
    assert world.run("store", "verify", "time").code == 0, "only what is named is looked at"
    assert states(world) == {"files": "changed", "time": "intact"}
    found = world.run("store", "verify", "files", "--format", "json").json["installations"][0]["changed"]
    assert found == {"reason": "", "changed": ["lib/a.js"], "added": ["lib/new.js"], "missing": []}


def test_many_changed_files_are_counted_on_the_screen_and_named_in_json(world: World):
    for number in range(40):
        (place(world, "files") / f"tree/{number:02}.js").write_bytes(b"b")
    ran = world.run("store", "verify", "files")
    assert ran.stdout.count("added") == 10
    assert "and 30 more files" in ran.stdout
    data = world.run("store", "verify", "files", "--format", "json").json
    assert len(data["installations"][0]["changed"]["added"]) == 40


def test_a_hostile_file_name_does_nothing_to_the_terminal(world: World):
    (place(world, "files") / "tree/\x1b[2J\u202e.js").write_bytes(b"")
    ran = world.run("store", "verify", "files")
    assert "\x1b" not in ran.stdout
    assert "added   \\x1b[2J\\u202e.js" in ran.stdout


def test_what_is_missing_is_2_and_what_cannot_be_read_8(world: World):
    place(world, "files").rename(world.path("~/elsewhere"))
    assert world.run("store", "verify").code == 2
    assert states(world) == {"files": "missing", "time": "intact"}
    record = place(world, "time") / "record.json"
    record.unlink()
    record.mkdir()
    ran = world.run("store", "verify")
    assert ran.code == 8
    assert "a folder lies where a file is expected" in ran.stdout


def test_what_no_server_names_is_hashed_too(world: World):
    other = install(world, locked("other"))
    assert states(world) == {"files": "intact", "time": "intact", "": "intact"}
    (other / "tree/bin.js").write_bytes(b"evil")
    ran = world.run("store", "verify")
    assert ran.code == 3
    assert "named by no server" in ran.stdout


def test_a_stale_lock_is_refused(world: World):
    world.say(world.manifest.read_text().replace('"npm:time", version: "1.0.0"', '"npm:time", version: "2.0.0"'))
    ran = world.run("store", "verify")
    assert ran.code == 3
    assert "`time` has changed in the manifest since it was locked" in ran.stdout


def gc(world: World, *words: str) -> dict[str, str]:
    """What was removed: why, by the name of its folder."""
    ran = world.run("store", "gc", "--format", "json", *words)
    assert ran.code == 0, ran
    names = {"aside": "aside", "abandoned": "room"}
    return {
        item["folder"].split("/")[-2] if item["why"] == "unused" else names[item["why"]]: item["why"]
        for item in ran.json["removed"]
    }


def test_what_nothing_names_is_removed_and_what_the_lock_names_stays(world: World):
    install(world, locked("files", "0.9.0"))
    install(world, locked("gone"))
    before = world.snapshot()
    assert gc(world, "--dry-run") == {"files@0.9.0": "unused", "gone@1.0.0": "unused"}
    assert world.snapshot() == before, "a dry run removes nothing"
    ran = world.run("store", "gc")
    assert "Removed 2 folders of " in ran.stdout
    assert "2 installations kept." in ran.stdout
    assert sorted(path.name for path in (world.path(DATA) / "store/npm").iterdir()) == ["files@1.0.0", "time@1.0.0"]
    assert world.run("store", "verify").code == 0
    assert "Nothing to remove; 2 installations kept." in world.run("store", "gc").stdout


@pytest.mark.parametrize("file", ["~/.cursor/mcp.json", "~/.codex/config.toml", "~/src/shop/.cursor/mcp.json"])
def test_what_a_file_of_a_host_names_stays(file: str, world: World):
    old = install(world, locked("files", "0.9.0"))
    (world.path("~/src/shop") / ".git").mkdir(parents=True)
    world.say(world.manifest.read_text() + "projects: [{path: ~/src/*, hosts: [cursor]}]\n")
    path = f"/{old.relative_to(world.root)}/tree/bin.js"
    if file.endswith("toml"):
        world.write(file, f"[mcp_servers.old]\ncommand = 'node'\nargs = ['{path}']\n")
    else:
        world.write(file, json.dumps({"mcpServers": {"old": {"command": "node", "args": [path]}}}))
    assert gc(world) == {}
    world.path(file).unlink()
    assert gc(world) == {"files@0.9.0": "unused"}


def test_what_a_generation_would_bring_back_stays(world: World):
    old = install(world, locked("files", "0.9.0"))
    kept = {"generation": 1, "time": "2026-11-01T00:00:00Z", "user": "dev", "entries": {}, "end": old.name}
    world.write("~/.local/state/mcpconf/generations/1/owned.json", json.dumps(kept))
    assert gc(world) == {}


def test_what_a_process_runs_stays(world: World):
    old = install(world, locked("files", "0.9.0"))
    script = "import sys; print('up', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(old / "tree/bin.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.readline()
    machine = rooted_machine(str(world.root))
    if Path("/proc/self/cmdline").exists():
        found = collect(str(world.manifest), machine, trees_of(world), told_of_processes(), dry_run=False)
        assert (found.removed, found.kept) == ((), 3)
    process.communicate(b"")
    found = collect(str(world.manifest), machine, trees_of(world), told_of_processes(), dry_run=False)
    assert [item.why for item in found.removed] == ["unused"]


def test_where_a_host_file_cannot_be_read_nothing_counts_as_unused(world: World):
    install(world, locked("files", "0.9.0"))
    world.write("~/.cursor/mcp.json", "{")
    ran = world.run("store", "gc")
    assert ran.code == 8
    assert "may name an installation" in ran.stdout
    assert len([*(world.path(DATA) / "store/npm").iterdir()]) == 3


def test_what_was_put_aside_stays_for_a_month(world: World):
    """Days are told by names: nothing that is done to an installation makes it younger."""
    today = datetime.now(UTC).date()
    young, old = (today - timedelta(days=days) for days in (29, 30))
    for day in (young, old, "2026-99-99"):
        world.write(f"{DATA}/aside/npm+files@1.0.0+x.{day}.12345678/tree/bin.js", "evil")
    assert gc(world) == {"aside": "aside"}
    ran = world.run("store", "gc")
    assert "1 changed installation put aside less than 30 days ago stay to be looked at." in ran.stdout
    assert [path.name for path in (world.path(DATA) / "aside").iterdir()] == [f"npm+files@1.0.0+x.{young}.12345678"]


def test_what_was_put_aside_or_left_by_a_killed_run_is_removed(world: World):
    world.write(f"{DATA}/aside/npm+files@1.0.0+x.12345678/tree/bin.js", "evil")
    world.write(f"{DATA}/building/0123456789abcdef/tree/bin.js", "half")
    world.write(f"{DATA}/building/notes.txt", "of somebody else")
    with trees_of(world).room() as room:
        assert gc(world) == {"aside": "aside", "room": "abandoned"}
        assert world.path(room).is_dir(), "what is being built stays"
    assert not (world.path(DATA) / "aside").exists()
    assert world.path(f"{DATA}/building/notes.txt").exists()


def test_links_in_the_store_are_neither_followed_nor_removed(world: World):
    outside = world.write("~/documents/letter/of/mine", "dear").parents[1]
    store = world.path(DATA) / "store"
    (store / "pypi").symlink_to(outside)
    (store / "npm/link@1").symlink_to(outside)
    old = install(world, locked("old"))
    (old / "tree/documents").symlink_to(outside)
    (old / "tree").chmod(0o500)
    assert gc(world) == {"old@1.0.0": "unused"}
    assert world.read("~/documents/letter/of/mine") == "dear"
    assert (store / "pypi").is_symlink()


def test_a_generation_that_cannot_be_read_may_name_anything(world: World):
    install(world, locked("files", "0.9.0"))
    world.path("~/.local/state/mcpconf/generations/3/owned.json").mkdir(parents=True)
    ran = world.run("store", "gc")
    assert ran.code == 8
    assert "a folder lies where a file is expected" in ran.stdout
    assert "Nothing to remove; 3 installations kept." in ran.stdout


@dataclass(frozen=True)
class Stuck:
    """Trees of which one thing fails."""

    trees: SystemTrees
    what: str

    def __getattr__(self, name: str):
        def fail(*_words: str) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        return fail if name == self.what else getattr(self.trees, name)


@pytest.mark.parametrize("what", ["size", "move", "remove"])
def test_what_cannot_be_removed_is_told_and_still_there(what: str, world: World):
    install(world, locked("files", "0.9.0"))
    world.write(f"{DATA}/building/0123456789abcdef/tree/bin.js", "half")
    machine = rooted_machine(str(world.root))
    found = collect(str(world.manifest), machine, Stuck(trees_of(world), what), (), dry_run=False)
    assert found.exit_code == 8
    assert {problem.kind for problem in found.problems} == {"write"}
    assert "Permission denied" in found.problems[0].message
    again = collect(str(world.manifest), machine, trees_of(world), (), dry_run=False)
    assert len(found.removed) + len(again.removed) == 2


@dataclass(frozen=True)
class Unlisted:
    """Files of which one folder cannot be listed."""

    files: Files
    folder: str

    def __getattr__(self, name: str):
        return getattr(self.files, name)

    def folders(self, folder: str):
        if folder.endswith(self.folder):
            return Problem("unreadable", f"`{folder}` may not be read", Where(folder), "allow it")
        return self.files.folders(folder)


def test_a_store_that_cannot_be_listed_is_told(world: World):
    install(world, locked("files", "0.9.0"))
    machine = rooted_machine(str(world.root))
    machine = replace(machine, files=Unlisted(machine.files, "store/npm"))
    found = verify(str(world.manifest), machine)
    assert (found.exit_code, [problem.kind for problem in found.problems]) == (8, ["unreadable"])
    assert len(found.seen) == 2, "what the lock names is looked at all the same"
    collected = collect(str(world.manifest), machine, trees_of(world), (), dry_run=False)
    assert (collected.exit_code, collected.removed) == (8, ())


def test_a_dry_run_writes_nothing(world: World):
    world.write(f"{DATA}/building/0123456789abcdef.lock", "")
    world.write(f"{DATA}/building/1123456789abcdef/tree/bin.js", "half")
    (world.path(DATA) / "building/gate").unlink(missing_ok=True)
    before = sorted(world.root.rglob("*"))
    assert gc(world, "--dry-run") == {"room": "abandoned"}
    assert sorted(world.root.rglob("*")) == before


@dataclass(frozen=True)
class Watched:
    """Trees that tell which locks are held when a folder is moved away."""

    trees: SystemTrees
    locks: tuple[Path, ...]
    held: list[bool]

    def __getattr__(self, name: str):
        return getattr(self.trees, name)

    def move(self, source: str, target: str) -> bool:
        for path in self.locks:
            try:
                FileLock(path, timeout=0).acquire().lock.release()
                self.held.append(False)
            except Timeout:
                self.held.append(True)
        return self.trees.move(source, target)


def test_nobody_applies_or_puts_aside_while_something_is_removed(world: World):
    install(world, locked("files", "0.9.0"))
    locks = (world.path("~/.local/state/mcpconf/lock"), world.path(f"{DATA}/store/lock"))
    trees = Watched(trees_of(world), locks, [])
    found = collect(str(world.manifest), rooted_machine(str(world.root)), trees, (), dry_run=False)
    assert (len(found.removed), trees.held) == (1, [True, True])


def test_where_processes_cannot_be_seen_what_is_young_stays(world: World):
    old = install(world, locked("files", "0.9.0"))
    machine = rooted_machine(str(world.root))
    assert collect(str(world.manifest), machine, trees_of(world), None, dry_run=False).removed == ()
    yesterday = time.time() - 25 * 60 * 60
    os.utime(old / "record.json", (yesterday, yesterday))
    found = collect(str(world.manifest), machine, trees_of(world), None, dry_run=False)
    assert [item.why for item in found.removed] == ["unused"]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no processes can be seen here")
def test_a_process_is_known_by_its_folder_its_program_and_its_variables(tmp_path: Path):
    folder = tmp_path / "in-this-folder"
    folder.mkdir()
    environment = {**os.environ, "STORED": "in-this-variable"}
    script = "print('up', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", script], cwd=folder, env=environment, **pipes)
    assert process.stdout
    process.stdout.readline()
    told = [text for text in told_of_processes() or () if "in-this-folder" in text]
    assert any("in-this-variable" in text and os.path.realpath(sys.executable) in text for text in told)
    process.communicate(b"\n")
