"""Patterns of project folders, on machines too large or too closed to be looked at whole."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.errors import Problem
from mcpconf.model.manifest import Manifest
from mcpconf.ports import Facts
from mcpconf.resolve import projects
from mcpconf.resolve.projects import located
from mcpconf.system.sources import bundled_rows

FACTS = Facts(os="linux", home="/home/dev", user="dev", id="1")


@dataclass
class Wide:
    """Every folder holds `width` repositories; one that is called `closed` cannot be read."""

    width: int

    def folders(self, folder: str):
        closed = Problem("unreadable", f"`{folder}` may not be read")
        return closed if folder.endswith("closed") else tuple(f"p{number:05}" for number in range(self.width))

    def names(self, folder: str):
        return Problem("unreadable", f"`{folder}` may not be read") if folder.endswith("p00001") else (".git",)

    def exists(self, path: str) -> bool:
        raise AssertionError(path)


def search(width: int, *paths: str):
    manifest = Manifest.model_validate(
        {"mcpconf": 1, "hosts": {"cursor": {}}, "projects": [{"path": p} for p in paths]}
    )
    return located(manifest, bundled_rows(), FACTS, Wide(width))


def test_five_thousand_folders_are_looked_at_and_the_others_are_told():
    found = search(5002, "~/src/*", "~/src/p00002", "~/other")
    assert [item.path for item in found.manifest.projects][-1] == "/home/dev/src/p05000"
    assert len(found.manifest.projects) == 5000
    assert [item.message for item in found.problems] == [
        "`/home/dev/src/p00001` may not be read",
        "`projects` matches more than 5,000 folders; the others were not looked at",
        "`projects` matches more than 5,000 folders; the others were not looked at",
    ]


def test_a_pattern_does_not_search_without_end(monkeypatch):
    monkeypatch.setattr(projects, "MAXIMUM_LOOKED_AT", 50)
    found = search(6, "/a/*/*/*", "/b/*")
    assert [item.path.count("/") for item in found.manifest.projects].count(2) == 5
    assert "`/a/*/*/*` leads to more than 50 folders; the others were not looked at" in [
        item.message for item in found.problems
    ]


def test_a_folder_that_cannot_be_read_is_told():
    found = search(3, "~/closed/*")
    assert found.manifest.projects == ()
    assert [item.message for item in found.problems] == ["`/home/dev/closed` may not be read"]
