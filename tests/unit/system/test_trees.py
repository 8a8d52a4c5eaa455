"""Whole folders: rooms, moves, seals and removals, and links in them that nobody follows."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mcpconf.system.marks import marks
from mcpconf.system.paths import Resolver
from mcpconf.system.trees import SystemTrees

WRITING = 0o222


@pytest.fixture
def trees(tmp_path: Path) -> SystemTrees:
    return SystemTrees(Resolver(""), str(tmp_path / "data" / "building"))


def mode(path: Path) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def fill(folder: Path) -> Path:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "file").write_text("bytes")
    (folder / "run").write_text("program")
    (folder / "run").chmod(0o4777)
    return folder


def test_a_room_is_for_this_user_alone_and_gone_at_the_end(trees: SystemTrees, tmp_path: Path):
    old = os.umask(0)
    try:
        with trees.room() as room:
            folder = Path(room)
            assert [mode(path) for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3
            fill(folder)
            trees.seal(room)
    finally:
        os.umask(old)
    assert not folder.exists()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["gate"]


def test_a_room_that_fails_is_gone_too(trees: SystemTrees):
    rooms: list[Path] = []

    def fail() -> None:
        with trees.room() as room:
            rooms.append(fill(Path(room)))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not rooms[0].exists()


def test_only_rooms_whose_owner_is_gone_are_abandoned(trees: SystemTrees, tmp_path: Path):
    assert trees.abandoned() == ()
    script = (
        "import os, signal, sys\nfrom mcpconf.system.paths import Resolver\nfrom mcpconf.system.trees import SystemTrees\n"
        "with SystemTrees(Resolver(''), sys.argv[1]).room() as room:\n"
        "    os.mkdir(room + '/tree'); print(room, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, trees.base], capture_output=True, text=True, check=False)
    left = done.stdout.strip()
    assert Path(left, "tree").is_dir()
    with trees.room() as mine:
        Path(trees.base, "somebody's").mkdir()
        assert trees.abandoned() == (left,)
        assert Path(mine).is_dir()
        trees.remove(left)
        assert trees.abandoned() == ()
    assert sorted(path.name for path in Path(trees.base).iterdir()) == ["gate", "somebody's"]


def test_the_lock_of_a_room_that_never_came_about_is_swept(trees: SystemTrees):
    with trees.room():
        stray = Path(trees.base, "0123456789abcdef.lock")
        stray.touch()
        assert trees.abandoned() == ()
        assert not stray.exists()


def test_sealed_nothing_can_be_written_or_run_as_somebody_else(trees: SystemTrees, tmp_path: Path):
    folder = fill(tmp_path / "tree")
    before = marks(str(folder))
    trees.seal(str(folder))
    for path in (folder, *folder.rglob("*")):
        assert not mode(path) & WRITING, path
    assert mode(folder / "run") == 0o555
    assert marks(str(folder)) == before
    trees.remove(str(folder))
    assert not folder.exists()


def test_a_sealed_folder_is_moved_as_it_is(trees: SystemTrees, tmp_path: Path):
    folder = fill(tmp_path / "tree")
    before = marks(str(folder))
    trees.seal(str(folder))
    target = tmp_path / "store" / "npm" / "there"
    assert trees.move(str(folder), str(target))
    assert not folder.exists()
    assert (marks(str(target)), mode(target)) == (before, 0o555)
    trees.remove(str(tmp_path / "store"))


@pytest.mark.parametrize("taken", ["empty", "full", "file", "link", "dangling"])
def test_nothing_that_is_there_is_moved_over(taken: str, trees: SystemTrees, tmp_path: Path):
    folder, target = fill(tmp_path / "tree"), tmp_path / "there"
    match taken:
        case "empty":
            target.mkdir()
        case "full":
            fill(target)
        case "file":
            target.write_text("")
        case "link":
            target.symlink_to(tmp_path)
        case _:
            target.symlink_to("/nowhere")
    assert not trees.move(str(folder), str(target))
    assert marks(str(folder))


def test_a_file_with_another_name_cannot_be_sealed(trees: SystemTrees, tmp_path: Path):
    folder = fill(tmp_path / "tree")
    os.link(folder / "run", tmp_path / "other")
    with pytest.raises(OSError, match="another name"):
        trees.seal(str(folder))


def test_no_link_in_a_tree_is_followed(trees: SystemTrees, tmp_path: Path):
    outside = fill(tmp_path / "outside")
    (outside / "file").write_text("mine")
    folder = fill(tmp_path / "tree")
    (folder / "to-folder").symlink_to(outside)
    (folder / "to-file").symlink_to(outside / "file")
    (folder / "deep" / "up").symlink_to("../../outside")
    before = {path: mode(path) for path in (outside, *outside.rglob("*"))}
    assert {name: mark for name, mark in marks(str(folder)).items() if mark.startswith("l ")} == {
        "to-folder": f"l {outside}",
        "to-file": f"l {outside / 'file'}",
        "deep/up": "l ../../outside",
    }
    assert trees.size(str(folder)) < 500
    trees.seal(str(folder))
    trees.remove(str(folder))
    assert not folder.exists()
    assert {path: mode(path) for path in (outside, *outside.rglob("*"))} == before


def test_a_link_in_place_of_a_folder_is_removed_and_not_what_it_leads_to(trees: SystemTrees, tmp_path: Path):
    outside = fill(tmp_path / "outside")
    (tmp_path / "tree").symlink_to(outside)
    trees.remove(str(tmp_path / "tree"))
    assert not os.path.lexists(tmp_path / "tree")
    assert len(marks(str(outside))) == 2
    trees.remove(str(tmp_path / "tree"))


def test_removed_though_nobody_may_look_into_it():
    """As an ordinary user, whom the permissions of a folder stop."""
    script = (
        "import os\nfrom mcpconf.system.paths import Resolver\nfrom mcpconf.system.trees import SystemTrees\n"
        "os.getuid() or os.setuid(65534)\n"
        "os.makedirs('tree/shut/deep'); open('tree/shut/deep/f', 'w').close()\n"
        "trees = SystemTrees(Resolver(''), os.getcwd() + '/building')\n"
        "trees.seal(os.getcwd() + '/tree')\n"
        "try:\n    open('tree/new', 'w')\nexcept PermissionError:\n    print('sealed')\n"
        "print(trees.move(os.getcwd() + '/tree', os.getcwd() + '/moved/tree'))\n"
        "os.chmod('moved/tree/shut', 0)\n"
        "trees.remove(os.getcwd() + '/moved/tree'); print(os.listdir('moved'))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3]), "PYTHONDONTWRITEBYTECODE": "1"}
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.split() == ["sealed", "True", "[]"], done.stderr


def test_marks_tell_bytes_links_programs_and_what_is_none_of_these(tmp_path: Path):
    folder = fill(tmp_path / "tree")
    os.mkfifo(folder / "pipe")
    (folder / "large").write_bytes(b"0123456789" * 300_000)
    (folder / "empty").touch()
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    found = marks(str(folder))
    assert found["pipe"] == "?"
    assert found["empty"] == f"- sha256:{empty}"
    assert found["run"].startswith("x sha256:")
    assert found["large"] == f"- sha256:{hashlib.sha256(b'0123456789' * 300_000).hexdigest()}"


def test_files_are_added_below_a_folder_and_nowhere_else(trees: SystemTrees):
    with trees.room() as room:
        trees.add(room, "a/b/text", b"text")
        trees.add(room, "a/run", b"program", executable=True)
        assert marks(room) == {
            "a/b/text": f"- sha256:{hashlib.sha256(b'text').hexdigest()}",
            "a/run": f"x sha256:{hashlib.sha256(b'program').hexdigest()}",
        }
        Path(room, "link").symlink_to("/etc")
        for name in ("../x", "a/../../x", "/x", "a//x", "", "a/b/text", "link"):
            with pytest.raises(OSError, match=r"leads out|File exists"):
                trees.add(room, name, b"evil")
        assert sorted(marks(room)) == ["a/b/text", "a/run", "link"]
    assert not Path(room).exists()


def test_a_dry_look_for_abandoned_rooms_writes_nothing(trees: SystemTrees):
    base = Path(trees.base)
    for name in ("0123456789abcdef", "1123456789abcdef"):
        (base / name).mkdir(parents=True)
    for name in ("1123456789abcdef", "2123456789abcdef"):
        (base / f"{name}.lock").touch()
    before = {path.name: path.lstat().st_mtime_ns for path in base.iterdir()}
    assert trees.abandoned(dry_run=True) == (f"{trees.base}/0123456789abcdef", f"{trees.base}/1123456789abcdef")
    assert {path.name: path.lstat().st_mtime_ns for path in base.iterdir()} == before
    with trees.room() as mine:
        assert mine not in trees.abandoned(dry_run=True)


def test_a_room_that_its_owner_leaves_meanwhile_is_not_abandoned(trees: SystemTrees, monkeypatch: pytest.MonkeyPatch):
    with trees.room() as room:
        listed = [path.name for path in Path(trees.base).iterdir()]
    monkeypatch.setattr("mcpconf.system.trees.os.listdir", lambda _folder: listed)
    assert trees.abandoned() == ()
    assert trees.abandoned(dry_run=True) == ()
    assert trees.size(room) == 0
