"""Bundles that a desktop application installed for itself, which no file of servers names.

https://github.com/modelcontextprotocol/mcpb, `MANIFEST.md`, 2026-11. An application keeps them in a folder of its own,
`NAME/NAME Extensions`, one folder each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.package import Package
from mcpconf.packages import identity_of_package
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.documents import Document, Found, Said, Told, launches, named_in
from mcpconf.residue.looking import MOST, Looked, Surroundings, own_configuration

_SAYS = ("manifest.json", "package.json")
"""How it is started, and the package that was packed into it."""


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    return named_in(around, gone, _documents(around), _said, _told)


def _said(value: Json) -> Iterator[Said]:
    yield from launches(value)
    name = value.get("name") if isinstance(value, dict) else None
    if isinstance(name, str) and "manifest_version" not in value and "dxt_version" not in value:
        yield Said((), identity_of_package(Package("npm", name)))


def _told(found: Found) -> Told:
    folder = found.document.path.rpartition("/")[0]
    message = f"`{found.gone.identity}` is installed as an extension of a desktop application, and starts with it"
    return Told(message, f"remove the extension in the application's settings; its folder is `{folder}`", "high")


def _documents(around: Surroundings) -> Iterator[Document]:
    top = own_configuration(around.machine.facts)
    for name in around.names(top):
        folder = f"{top}/{name}/{name} Extensions"
        inner = around.machine.files.folders(folder) if f"{name} Extensions" in around.names(f"{top}/{name}") else ()
        for extension in () if isinstance(inner, Problem) else inner[:MOST]:
            yield from (Document(f"{folder}/{extension}/{says}", folder) for says in _SAYS)
