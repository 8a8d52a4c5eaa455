"""Servers that a project's dev container brings (`devcontainer.json`, https://containers.dev/implementors/spec, 2026-11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.documents import Document, Found, Told, launches, named_in
from mcpconf.residue.looking import MOST, Looked, Surroundings

_FILE = "devcontainer.json"


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    return named_in(around, gone, _documents(around), launches, _told)


def _told(found: Found) -> Told:
    message = f"`{found.gone.identity}` is started in the dev container of this project"
    return Told(message, f"take it out of {found.where}, and rebuild the container", "high")


def _documents(around: Surroundings) -> Iterator[Document]:
    """`.devcontainer.json`, and in `.devcontainer/` one, or one in each of its folders."""
    for folder in around.observed.projects:
        names = around.names(folder)
        if f".{_FILE}" in names:
            yield Document(f"{folder}/.{_FILE}", folder, "jsonc")
        if ".devcontainer" in names:
            yield Document(f"{folder}/.devcontainer/{_FILE}", folder, "jsonc")
            inner = around.machine.files.folders(f"{folder}/.devcontainer")
            for name in () if isinstance(inner, Problem) else inner[:MOST]:
                yield Document(f"{folder}/.devcontainer/{name}/{_FILE}", folder, "jsonc")
