"""Paths of what mcpconf installed: they tell the package and its version by themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from mcpconf.model.package import Ecosystem, Package

_STORED = re.compile(
    r"(?P<tree>.+/mcpconf/store/(?P<ecosystem>npm|pypi)/(?P<name>[^/]{1,255})@(?P<version>[^/@]{1,255})"
    r"/[0-9a-f]{32}/tree)/(?P<inner>[^/].*)"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """`tree` is the folder of the installation, `inner` the path of a file from there."""

    package: Package
    version: str
    tree: str
    inner: str


def stored(path: str) -> Stored | None:
    """What a path in the store belongs to; None for any other path."""
    match = _STORED.fullmatch(path.replace("\\", "/"))
    if match is None or "/../" in f"/{match['inner']}/":
        return None
    package = Package(cast("Ecosystem", match["ecosystem"]), match["name"].replace("+", "/"))
    return Stored(package, match["version"], match["tree"], match["inner"])
