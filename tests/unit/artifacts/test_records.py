"""Whether an installation still is what was built: each way in which it can be another one, and what is said of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mcpconf.artifacts import installation
from mcpconf.artifacts.records import Changed, Installed, Missing, Record, parse_record, state_of, write_record
from mcpconf.canonical import seal
from mcpconf.documents.store import Store
from mcpconf.errors import Problem
from mcpconf.system.facts import rooted_machine
from tests.stored import FILES, install, locked
from tests.world import World

SERVER = locked()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def state(world: World, server=SERVER, *, key: bytes | None = b""):
    machine = rooted_machine(str(world.root))
    return state_of(server, machine, Store.of(machine).key() if key == b"" else key)


def test_untouched_it_is_installed(world: World):
    install(world, SERVER)
    assert state(world) == Installed(len(FILES))


def test_of_another_version_closure_or_program_nothing_is_there(world: World):
    install(world, SERVER)
    for other in (locked(version="1.0.1"), locked(program="other.js"), locked(closure={}), locked("else")):
        assert state(world, other) == Missing()


def test_what_does_not_change_what_runs_needs_no_other_installation(world: World):
    install(world, SERVER)
    assert isinstance(state(world, locked(input_digest="sha256:" + "1" * 64)), Installed)


def _edit(tree: Path) -> None:
    (tree / "lib/a.js").write_bytes(b"A")


def _edit_and_back_in_time(tree: Path) -> None:
    before = (tree / "lib/a.js").stat()
    _edit(tree)
    os.utime(tree / "lib/a.js", ns=(before.st_atime_ns, before.st_mtime_ns))


def _link_to_itself_elsewhere(tree: Path) -> None:
    (tree / "bin.js").rename(tree.parent / "moved")
    (tree / "bin.js").symlink_to("../moved")


@pytest.mark.parametrize(
    ("meddle", "expected"),
    [
        (_edit, Changed(("lib/a.js",))),
        (_edit_and_back_in_time, Changed(("lib/a.js",))),
        (lambda tree: (tree / "bin.js").chmod(0o700), Changed(("bin.js",))),
        (lambda tree: (tree / "lib/evil.pth").write_text("import os"), Changed((), ("lib/evil.pth",))),
        (lambda tree: (tree / "lib/__pycache__").mkdir(), Installed(len(FILES))),
        (lambda tree: (tree / "lib/out").symlink_to("/etc"), Changed((), ("lib/out",))),
        (lambda tree: os.mkfifo(tree / "pipe"), Changed((), ("pipe",))),
        (lambda tree: (tree / "lib/b.js").unlink(), Changed((), (), ("lib/b.js",))),
        (_link_to_itself_elsewhere, Changed(("bin.js",))),
        (
            lambda tree: (tree / "lib").rename(tree / "LIB"),
            Changed((), ("LIB/a.js", "LIB/b.js"), ("lib/a.js", "lib/b.js")),
        ),
    ],
)
def test_what_is_another_file_is_named(meddle: Callable[[Path], object], expected: object, world: World):
    meddle(install(world, SERVER) / "tree")
    assert state(world) == expected


def test_an_emptied_tree_and_a_tree_that_is_gone_miss_every_file(world: World):
    folder = install(world, SERVER)
    (folder / "tree").rename(folder / "else")
    assert state(world) == Changed((), (), tuple(sorted(FILES)))
    (folder / "tree").mkdir()
    assert state(world) == Changed((), (), tuple(sorted(FILES)))


def edited(folder: Path, change: Callable[[dict], None]) -> None:
    record = json.loads((folder / "record.json").read_text())
    change(record)
    (folder / "record.json").write_text(json.dumps(record))


def test_a_record_that_was_edited_with_the_file_is_not_believed(world: World):
    folder = install(world, SERVER)
    _edit(folder / "tree")
    mark = rooted_machine(str(world.root)).files.tree(f"{installation(SERVER, _facts(world))}/tree")["lib/a.js"]
    edited(folder, lambda record: record["files"].update({"lib/a.js": mark}))
    found = state(world)
    assert isinstance(found, Changed)
    assert found.reason == "its record was edited, or sealed with another key"


def _facts(world: World):
    return rooted_machine(str(world.root)).facts


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.pop("seal"),
        lambda record: record.update(seal=""),
        lambda record: record.update(seal="keyed:" + "0" * 64),
        lambda record: record.update(version="9"),
        lambda record: record.update(package="npm:other"),
        lambda record: record["files"].pop("bin.js"),
    ],
)
def test_no_part_of_a_record_can_be_edited(change: Callable[[dict], None], world: World):
    edited(install(world, SERVER), change)
    found = state(world)
    assert isinstance(found, Changed)
    assert "edited" in found.reason


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"format": 2}', b"null"])
def test_what_is_no_record_counts_as_none(data: bytes, world: World):
    folder = install(world, SERVER)
    (folder / "record.json").write_bytes(data)
    assert state(world) == Changed(reason="its record is missing or cannot be read")
    (folder / "record.json").unlink()
    assert state(world) == Changed(reason="its record is missing or cannot be read")


def test_a_record_of_another_machine_or_of_no_key_is_not_believed(world: World):
    install(world, SERVER)
    lost = Changed(reason="the key that its record was sealed with is lost", keyless=True)
    assert state(world, key=b"k" * 32) == lost
    assert state(world, key=None) == lost
    assert state(world, locked(version="2"), key=None) == Missing()


def test_a_record_from_before_keys_had_names_still_holds(world: World):
    folder = install(world, SERVER)
    old = json.loads((folder / "record.json").read_text())
    unsealed = {name: value for name, value in old.items() if name not in ("key", "seal")}
    key = Store.of(rooted_machine(str(world.root))).key()
    edited(folder, lambda record: (record.pop("key"), record.update(seal=seal(key, "installation", unsealed))))
    assert isinstance(state(world), Installed)
    edited(folder, lambda record: record.update(version="9"))
    assert isinstance(state(world), Changed)


def test_an_honest_installation_of_something_else_is_not_believed_here(world: World):
    """Its record is sealed with the right key, and its bytes agree with it: only the place is wrong."""
    other = install(world, locked("evil"), {"bin.js": b"evil"})
    place = world.path(installation(SERVER, _facts(world)))
    place.parent.mkdir(parents=True)
    other.rename(place)
    assert state(world) == Changed(reason="its record is that of another installation")


@pytest.mark.parametrize("level", range(4))
def test_what_is_reached_by_a_link_is_not_looked_at(level: int, world: World):
    """It could lead elsewhere as soon as it was looked at."""
    folder = install(world, SERVER) / "tree"
    linked = (folder, *folder.parents)[level]
    elsewhere = linked.with_name("elsewhere")
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere.name)
    found = state(world)
    assert isinstance(found, Problem)
    assert (found.kind, found.hint) == ("symlink", "remove the link")


def test_links_in_a_circle_are_told(world: World):
    folder = install(world, SERVER)
    (folder / "tree").rename(folder / "else")
    (folder / "tree").symlink_to("tree")
    found = state(world)
    assert isinstance(found, Problem)
    assert "lead in a circle" in found.message


def test_the_store_itself_may_be_a_link(world: World):
    store = install(world, SERVER).parents[2]
    assert store.name == "store"
    store.rename(store.with_name("on-another-disk"))
    store.symlink_to("on-another-disk")
    assert isinstance(state(world), Installed)


def test_a_record_that_cannot_be_read_is_a_problem_and_not_a_change(world: World):
    folder = install(world, SERVER)
    (folder / "record.json").unlink()
    (folder / "record.json").mkdir()
    found = state(world)
    assert isinstance(found, Problem)
    assert found.kind == "not-a-file"


@pytest.mark.parametrize(
    ("name", "mark", "says"),
    [
        ("lib/link", "l /etc/passwd", "leaves its folder, to `/etc/passwd`"),
        ("lib/link", "l ../../x", "leaves its folder"),
        ("lib/link", "l a/../../../x", "leaves its folder"),
        ("link", "l C:\\Windows", "leaves its folder"),
        ("link", "l ..\\x", "leaves its folder"),
        ("lib/bin/python", "l /usr/bin/python3", "leaves its folder"),
        ("pipe", "?", "neither a file nor a link"),
        ("a\x1b[2J", "- sha256:" + "0" * 64, "cannot be shown"),
        ("a\udc80", "- sha256:" + "0" * 64, "cannot be shown"),
    ],
)
def test_what_may_not_be_installed_gets_no_record(name: str, mark: str, says: str):
    found = write_record(SERVER, {name: mark}, b"k" * 32)
    assert isinstance(found, Problem)
    assert says in found.message


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("node_modules/.bin/x", "../x/bin.js"),
        ("a/b/link", "../../x"),
        ("lib64", "lib"),
        ("bin/python3.11", "python"),
        ("bin/python", "/usr/bin/python3.11"),
    ],
)
def test_links_within_a_tree_and_to_its_interpreter_are_recorded(name: str, target: str):
    data = write_record(SERVER, {name: f"l {target}"}, b"k" * 32)
    assert isinstance(data, bytes)
    record = parse_record(data)
    assert isinstance(record, Record)
    assert record.holds(b"k" * 32)
    assert record.files == {name: f"l {target}"}


@pytest.mark.parametrize("text", ["../../../../home/dev/.ssh", "a/b", "..", "1.0\n", "é", "C:\\x"])
def test_no_name_or_version_leads_out_of_the_store(text: str, world: World):
    facts = _facts(world)
    base = installation(locked(), facts).rsplit("/", 2)[0]
    for server in (locked().model_copy(update={"version": text}), SERVER.model_copy(update={"package": f"npm:{text}"})):
        folder = installation(server, facts)
        assert folder.startswith(f"{base}/")
        assert len(folder.removeprefix(base).split("/")) == 3
        assert not {"..", ".", ""} & set(folder.removeprefix(f"{base}/").split("/"))


def test_without_the_python_that_it_was_installed_with_it_is_not_whole(world: World):
    """An environment links to it; `mcpconf install` must not take it for there already."""
    python = world.write("/usr/bin/python3.11", b"\x7fELF")
    folder = install(world, SERVER, {})
    (folder / "tree/bin").mkdir()
    (folder / "tree/bin/python").symlink_to("/usr/bin/python3.11")
    machine = rooted_machine(str(world.root))
    marks = machine.files.tree(f"{installation(SERVER, machine.facts)}/tree")
    (folder / "record.json").chmod(0o600)
    (folder / "record.json").write_bytes(write_record(SERVER, marks, Store.of(machine).key()))
    assert state(world) == Installed(1)
    python.unlink()
    assert state(world) == Changed(reason="`/usr/bin/python3.11` is gone, with which it was installed")
