"""Versions that name none. They are refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.documents.checking import select
from mcpconf.model.asked import UNPINNED
from mcpconf.model.base import Json
from mcpconf.model.package import Ecosystem
from mcpconf.model.written import Fault, shown
from mcpconf.packages import is_exact, is_range

_SAYS = f"write an exact version, a range that the lock resolves, or `{UNPINNED}`"
_RANGED: tuple[Ecosystem, ...] = ("npm", "pypi")


def no_versions(value: Json) -> Iterator[Fault]:
    """A word that moves by itself, such as a tag, is neither a version nor a range."""
    for path, server in select(value, ("servers", "*")):
        package, version = (server.get("package"), server.get("version")) if isinstance(server, dict) else ("", "")
        if not isinstance(package, str) or not isinstance(version, str) or version in ("", "latest", UNPINNED):
            continue
        ecosystem = next((known for known in _RANGED if package.startswith(f"{known}:")), None)
        if ecosystem is not None and not is_exact(ecosystem, version) and not is_range(ecosystem, version):
            yield Fault(f"is neither a version nor a range: {shown(version)}", _SAYS, (*path, "version"))
