"""Parts of the manifest's contract that do not act in this version. They are refused, never ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mcpconf.documents.checking import select
from mcpconf.model.asked import UNPINNED
from mcpconf.model.base import Json
from mcpconf.model.written import Fault, shown
from mcpconf.packages import npm, pypi

_KEYS: tuple[tuple[str, ...], ...] = (
    ("servers", "*", "permissions", "fs"),
    ("servers", "*", "permissions", "net"),
    ("servers", "*", "permissions", "env"),
    ("policy", "privilege"),
    ("policy", "schemas"),
)

_VALUES: tuple[tuple[tuple[str, ...], Callable[[str], bool], str], ...] = (
    (("launch",), lambda text: text == "locked", "write `pinned`"),
    (("servers", "*", "launch"), lambda text: text == "locked", "write `pinned`"),
    (("policy", "require", "*"), lambda text: text == "provenance", "leave it out"),
    (("servers", "*", "package"), lambda text: text.startswith("mcpb:"), "name an npm, PyPI or OCI package"),
    (("absent", "*", "package"), lambda text: text.startswith("mcpb:"), "name an npm, PyPI or OCI package"),
)
"""Where, which texts, and what to write instead."""

_EXACT: dict[str, Callable[[str], bool]] = {"npm": npm.is_exact, "pypi": pypi.is_exact}
_BY_THIS_VERSION = "is not supported by this version"


def unsupported(value: Json) -> Iterator[Fault]:
    """One fault for each such part of a tree, whatever else is wrong with it."""
    for pattern in _KEYS:
        for path, _ in select(value, pattern):
            yield Fault(_BY_THIS_VERSION, "leave it out", path, "not-supported")
    for pattern, is_refused, hint in _VALUES:
        for path, text in select(value, pattern):
            if isinstance(text, str) and is_refused(text):
                yield Fault(f"with {shown(text)} {_BY_THIS_VERSION}", hint, path, "not-supported")
    yield from _ranges(value)


def _ranges(value: Json) -> Iterator[Fault]:
    for path, server in select(value, ("servers", "*")):
        if not isinstance(server, dict):
            continue
        package, version = server.get("package"), server.get("version")
        if not isinstance(package, str) or not isinstance(version, str) or version in ("", "latest", UNPINNED):
            continue
        is_exact = _EXACT.get(package.partition(":")[0])
        if is_exact is not None and not (is_exact(version) and version == version.strip()):
            hint = f"write one exact version, or `{UNPINNED}`"
            yield Fault(
                f"with the range or tag {shown(version)} {_BY_THIS_VERSION}", hint, (*path, "version"), "not-supported"
            )
