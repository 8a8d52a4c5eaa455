"""Parts of the manifest's contract that do not act in this version, and versions that name none. They are refused, never ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mcpconf.documents.checking import select
from mcpconf.model.asked import UNPINNED
from mcpconf.model.base import Json
from mcpconf.model.package import Ecosystem
from mcpconf.model.written import Fault, shown
from mcpconf.packages import is_exact, is_range

_VALUES: tuple[tuple[tuple[str, ...], Callable[[str], bool], str], ...] = (
    (("absent", "*", "package"), lambda text: text.startswith("mcpb:"), "name an npm, PyPI or OCI package"),
)
"""Where, which texts, and what to write instead."""

_SAYS = f"write an exact version, a range that the lock resolves, or `{UNPINNED}`"
_RANGED: tuple[Ecosystem, ...] = ("npm", "pypi")
_BY_THIS_VERSION = "is not supported by this version"


def unsupported(value: Json) -> Iterator[Fault]:
    """One fault for each such part of a tree, whatever else is wrong with it."""
    for pattern, is_refused, hint in _VALUES:
        for path, text in select(value, pattern):
            if isinstance(text, str) and is_refused(text):
                yield Fault(f"with {shown(text)} {_BY_THIS_VERSION}", hint, path, "not-supported")
    yield from _versions(value)


def _versions(value: Json) -> Iterator[Fault]:
    """A word that moves by itself, such as a tag, is neither a version nor a range."""
    for path, server in select(value, ("servers", "*")):
        package, version = (server.get("package"), server.get("version")) if isinstance(server, dict) else ("", "")
        if not isinstance(package, str) or not isinstance(version, str) or version in ("", "latest", UNPINNED):
            continue
        ecosystem = next((known for known in _RANGED if package.startswith(f"{known}:")), None)
        if ecosystem is not None and not is_exact(ecosystem, version) and not is_range(ecosystem, version):
            yield Fault(f"is neither a version nor a range: {shown(version)}", _SAYS, (*path, "version"))
