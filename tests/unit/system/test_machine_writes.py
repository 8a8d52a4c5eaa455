"""Writing real files: at once or not at all, with mode, owner and access list, and never outside the machine."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import struct
from pathlib import Path

import pytest

from mcpconf.ports import TEMPORARY, Snapshot
from mcpconf.system.files import MachineFiles
from mcpconf.system.paths import Resolver


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "home").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def files(root: Path) -> MachineFiles:
    return MachineFiles(Resolver(str(root)), {})


def replace(files: MachineFiles, path: str, data: bytes, mode: int = 0o600) -> None:
    now = files.read(path)
    like = now if isinstance(now, Snapshot) else None
    files.commit(files.stage(like.resolved if like else path, data, like.mode if like else mode, like))


def leftovers(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if TEMPORARY.fullmatch(path.name)]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o400, 0o664])
def test_a_file_keeps_its_mode_and_owner(files: MachineFiles, root: Path, mode: int):
    path = root / "home/file"
    path.write_bytes(b"old")
    path.chmod(mode)
    owner = (1234, 4321) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    os.chown(path, *owner)
    kept = os.umask(0o077)
    try:
        replace(files, "/home/file", b"new")
    finally:
        os.umask(kept)
    info = path.stat()
    assert (path.read_bytes(), stat.S_IMODE(info.st_mode), (info.st_uid, info.st_gid)) == (b"new", mode, owner)
    assert not leftovers(root)


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_new_file_has_the_mode_that_was_asked_for(files: MachineFiles, root: Path, mode: int):
    kept = os.umask(0o077)
    try:
        files.make_folder("/home/a/b", 0o700)
        replace(files, "/home/a/b/file", b"new", mode)
    finally:
        os.umask(kept)
    assert stat.S_IMODE((root / "home/a/b/file").stat().st_mode) == mode
    assert {stat.S_IMODE((root / name).stat().st_mode) for name in ("home/a", "home/a/b")} == {0o700}


ACCESS = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", *entry)
    for entry in ((1, 6, 0xFFFFFFFF), (2, 4, 12345), (4, 0, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF))
)
"""user::rw-, user:12345:r--, group::---, mask::r--, other::--- (linux/posix_acl_xattr.h)."""


def attributed(path: Path, name: str, value: bytes) -> bool:
    """Whether this file system and system can do that."""
    try:
        os.setxattr(path, name, value)
    except (OSError, AttributeError):
        print(f"{name}: not supported here")
        return False
    return True


def test_an_access_list_and_other_attributes_are_kept(files: MachineFiles, root: Path):
    path = root / "home/file"
    path.write_bytes(b"old")
    supported = [
        name
        for name, value in (("system.posix_acl_access", ACCESS), ("user.origin", b"x"))
        if attributed(path, name, value)
    ]
    before = {name: os.getxattr(path, name) for name in supported}, path.stat().st_mode
    replace(files, "/home/file", b"new")
    assert ({name: os.getxattr(path, name) for name in supported}, path.stat().st_mode) == before
    assert path.read_bytes() == b"new"


def test_the_access_list_of_a_folder_does_not_widen_a_file(files: MachineFiles, root: Path):
    path = root / "home/file"
    path.write_bytes(b"old")
    path.chmod(0o640)
    inherited = attributed(root / "home", "system.posix_acl_default", ACCESS)
    replace(files, "/home/file", b"new")
    assert "system.posix_acl_access" not in os.listxattr(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    (root / "home/other").write_bytes(b"")
    assert ("system.posix_acl_access" in os.listxattr(root / "home/other")) is inherited


def test_a_file_that_vanishes_while_it_is_replaced_is_told(files: MachineFiles, root: Path):
    (root / "home/file").write_bytes(b"old")
    now = files.read("/home/file")
    (root / "home/file").unlink()
    with pytest.raises(FileNotFoundError):
        files.stage("/home/file", b"new", 0o600, now)
    assert list((root / "home").iterdir()) == []


def test_a_link_stays_and_its_target_is_written(files: MachineFiles, root: Path):
    (root / "home/dotfiles").mkdir()
    (root / "home/dotfiles/real.json").write_text("old")
    (root / "home/link.json").symlink_to("dotfiles/real.json")
    replace(files, "/home/link.json", b"new")
    assert (root / "home/link.json").is_symlink()
    assert (root / "home/dotfiles/real.json").read_bytes() == b"new"
    assert str((root / "home/link.json").readlink()) == "dotfiles/real.json"


def test_of_two_hard_links_only_this_one_is_written(files: MachineFiles, root: Path):
    """Replacing by a rename parts them; writing in place would not be atomic."""
    (root / "home/one").write_text("old")
    os.link(root / "home/one", root / "home/two")
    replace(files, "/home/one", b"new")
    assert ((root / "home/one").read_bytes(), (root / "home/two").read_bytes()) == (b"new", b"old")


def test_what_is_staged_and_not_wanted_is_removed(files: MachineFiles, root: Path):
    staged = files.stage("/home/file", b"x", 0o600, None)
    assert len(leftovers(root)) == 1
    assert stat.S_IMODE(leftovers(root)[0].stat().st_mode) == 0o600
    files.discard(staged)
    files.discard(staged)
    assert not leftovers(root)
    assert not files.exists("/home/file")


def test_a_full_disk_leaves_nothing_staged(files: MachineFiles, root: Path):
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, kept[1]))
    try:
        files.append("/home/log", b"first\n")
        with pytest.raises(OSError):
            files.stage("/home/file", b"x" * 2000, 0o600, None)
        with pytest.raises(OSError):
            files.append("/home/log", b"y" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
        signal.signal(signal.SIGXFSZ, handler)
    assert not leftovers(root)
    assert (root / "home/log").read_bytes() == b"first\n", "half a line is taken back"


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "a.json"])
def test_long_names_can_be_replaced(files: MachineFiles, root: Path, name: str):
    (root / "home" / name).write_text("old")
    replace(files, f"/home/{name}", b"new")
    assert (root / "home" / name).read_bytes() == b"new"


def test_renaming_over_a_folder_fails_and_changes_nothing(files: MachineFiles, root: Path):
    (root / "home/folder").mkdir()
    staged = files.stage("/home/folder", b"x", 0o600, None)
    with pytest.raises(OSError):
        files.commit(staged)
    files.discard(staged)
    assert (root / "home/folder").is_dir()
    assert not leftovers(root)


def test_folders_are_made_once_and_removed_only_if_empty(files: MachineFiles, root: Path):
    for _ in range(2):
        files.make_folder("/home/a/b", 0o755)
    (root / "home/a/b/file").write_text("x")
    files.remove_folder("/home/a/b")
    files.remove("/home/a/b/file")
    files.remove("/home/a/b/file")
    files.remove_folder("/home/a/b")
    files.remove_folder("/home/a/b")
    assert files.names("/home/a") == ()
    (root / "home/file").write_text("x")
    with pytest.raises(NotADirectoryError):
        files.make_folder("/home/file/below", 0o700)
    with pytest.raises(OSError):
        files.remove("/home/a")


def test_a_log_begins_each_record_on_its_own_line(files: MachineFiles, root: Path):
    files.append("/home/log", b"one\n")
    (root / "home/log").write_bytes(b"one\ncut")
    files.append("/home/log", b"two\n")
    assert (root / "home/log").read_bytes() == b"one\ncut\ntwo\n"
    assert stat.S_IMODE((root / "home/log").stat().st_mode) == 0o600


def test_a_log_that_is_a_link_is_not_followed(files: MachineFiles, root: Path):
    (root / "home/log").symlink_to("other")
    with pytest.raises(OSError) as caught:
        files.append("/home/log", b"x")
    assert caught.value.errno == errno.ELOOP


def test_no_write_leaves_the_machine_through_a_linked_folder(files: MachineFiles, root: Path, tmp_path: Path):
    """The system would follow the link out of the folder that stands for the machine; here `/outside` lies in it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("safe")
    (root / "home/state").symlink_to("/outside")
    files.make_folder("/home/state", 0o700)
    replace(files, "/home/state/file", b"x")
    files.append("/home/state/log", b"x")
    files.remove("/home/state/victim")
    files.remove_folder("/home/state/folder")
    assert (root / "outside/file").read_bytes() == b"x"
    assert sorted(path.name for path in outside.iterdir()) == ["victim"]
    (root / "home/real").symlink_to(outside)
    for act in (
        lambda: files.stage("/home/real/../../../outside/file", b"x", 0o600, None),
        lambda: files.make_folder("/../../outside/new", 0o700),
        lambda: files.remove("/../outside/victim"),
    ):
        with pytest.raises(OSError):
            act()
    assert (outside / "victim").read_text() == "safe"
