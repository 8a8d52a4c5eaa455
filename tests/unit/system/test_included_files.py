"""An included file is read only inside the repository that includes it."""

import os
from pathlib import Path

import pytest

from mcpconf.errors import Problem
from mcpconf.ports import IncludedFile
from mcpconf.system.includes import SystemDocuments


@pytest.fixture
def folder(tmp_path):
    """A repository `repo` with `team/mcpconf.yaml`, and a file beside it."""
    for name in (
        "repo/.git/HEAD",
        "repo/team/mcpconf.yaml",
        "repo/org/base.yaml",
        "repo/sub/.git",
        "repo/sub/x.yaml",
        "outside.yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def read(folder, including, path):
    return SystemDocuments().read(str(folder / including), path)


def test_a_file_anywhere_in_the_repository(folder):
    found = read(folder, "repo/team/mcpconf.yaml", "../org/base.yaml")
    assert found == IncludedFile(
        str(folder / "repo/org/base.yaml"), os.path.realpath(folder / "repo/org/base.yaml"), b"repo/org/base.yaml"
    )


def test_names_stay_relative_to_where_the_user_is(folder, monkeypatch):
    monkeypatch.chdir(folder / "repo")
    found = SystemDocuments().read("team/mcpconf.yaml", "../org/base.yaml")
    assert isinstance(found, IncludedFile)
    assert found.file == str(Path("org", "base.yaml"))


def test_without_a_repository_the_folder_is_the_limit(folder):
    (folder / "repo/.git/HEAD").unlink()
    (folder / "repo/.git").rmdir()
    assert isinstance(read(folder, "repo/mcpconf.yaml", "org/base.yaml"), IncludedFile)
    told = read(folder, "repo/team/mcpconf.yaml", "../org/base.yaml")
    assert isinstance(told, Problem)
    assert told.message == f"leads out of the folder `{os.path.realpath(folder / 'repo/team')}`"


def test_a_repository_within_is_a_limit_of_its_own(folder):
    assert isinstance(read(folder, "repo/team/mcpconf.yaml", "../sub/x.yaml"), IncludedFile)
    assert isinstance(read(folder, "repo/sub/x.yaml", "../org/base.yaml"), Problem)


def test_links_are_followed_first(folder):
    (folder / "repo/team/out.yaml").symlink_to(folder / "outside.yaml")
    (folder / "repo/team/in.yaml").symlink_to("../org/base.yaml")
    (folder / "link").symlink_to("repo/team")
    told = read(folder, "repo/team/mcpconf.yaml", "out.yaml")
    assert isinstance(told, Problem)
    assert (told.kind, told.hint) == ("symlink", "copy the file into it")
    one = read(folder, "repo/team/mcpconf.yaml", "in.yaml")
    other = read(folder, "link/mcpconf.yaml", "../org/base.yaml")
    assert isinstance(one, IncludedFile)
    assert isinstance(other, IncludedFile)
    assert one.identity == other.identity


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "~/x.yaml", "C:/x.yaml", "c:x.yaml", "..\\org\\base.yaml", "a\0b", "../../outside.yaml"]
)
def test_paths_that_are_none(folder, path):
    assert isinstance(read(folder, "repo/team/mcpconf.yaml", path), Problem)


def test_what_cannot_be_read(folder):
    os.mkfifo(folder / "repo/team/pipe.yaml")
    told = {path: read(folder, "repo/team/mcpconf.yaml", path) for path in ("none.yaml", "../org", "pipe.yaml")}
    assert [(item.kind, item.message) for item in told.values() if isinstance(item, Problem)] == [
        ("missing", "cannot be read: there is no layer here"),
        ("unreadable", "cannot be read: layer could not be read (Is a directory)"),
        ("not-a-file", "cannot be read: layer is no regular file"),
    ]
