"""Paths of what mcpconf installed: they tell the package and its version by themselves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, unquote

from mcpconf.model.package import Ecosystem, Package

_LONGEST = 120
_SCHEME = "https://"
_CUT_ESCAPE = re.compile(r"(?:%[0-9A-F]{2})*(?:%[0-9A-F]?)?\Z")
"""At the end of a name that was cut: the rest of a letter is none, and would be spelled in another way the next time."""

_STORED = re.compile(
    r"(?P<tree>(?:/|[A-Za-z]:/).*/mcpconf/store/(?P<ecosystem>npm|pypi|mcpb)/(?P<name>[^/]{1,255})@(?P<version>[^/@]{1,255})"
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
    ecosystem = cast("Ecosystem", match["ecosystem"])
    package = Package(ecosystem, _named(ecosystem, match["name"]))
    return Stored(package, unquote(match["version"]), match["tree"], match["inner"])


def folder_name(ecosystem: Ecosystem, name: str) -> str:
    """The name in letters that every file system holds: `@scope+name`, `example.org+notes.mcpb` for an address.

    What is too long for a file name ends in a digest, and then stands for no address any more.
    """
    plain = name.removeprefix(_SCHEME) if ecosystem == "mcpb" else name
    text = "+".join(quote(step, safe="~" if number else "@~") for number, step in enumerate(plain.split("/")))
    if len(text) <= _LONGEST:
        return text
    head = _CUT_ESCAPE.sub("", text[: _LONGEST - 17])
    return f"{head}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def version_name(version: str) -> str:
    return quote(version, safe="+!")


def bundle_name(address: str) -> str:
    """The address of a bundle as it can be told from its folder."""
    return _named("mcpb", folder_name("mcpb", address))


def _named(ecosystem: Ecosystem, folder: str) -> str:
    return (_SCHEME if ecosystem == "mcpb" else "") + "/".join(unquote(step) for step in folder.split("+"))
