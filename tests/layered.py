"""Manifests of several files that exist nowhere but in a test."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.documents.manifest import LoadedManifest, load_manifest
from mcpconf.errors import McpconfError, Problem
from mcpconf.ports import IncludedFile

HOSTS = ("claude-code", "cursor", "vscode", "codex")


@dataclass(frozen=True)
class Files:
    texts: dict[str, str]

    def identity(self, file: str) -> str:
        return file

    def read(self, including: str, path: str) -> IncludedFile | Problem:  # noqa: ARG002
        if path not in self.texts:
            return Problem("missing", "is not there")
        return IncludedFile(path, path, self.texts[path].encode())


def load(top: str, /, **below: str) -> LoadedManifest:
    """`base="..."` is the file `base`. If nothing says `include`, the top includes all of them in this order."""
    if below and not any("include:" in text for text in (top, *below.values())):
        top = f"include: [{', '.join(below)}]\n{top}"
    return load_manifest(whole(top), "top", HOSTS, Files({name: whole(text) for name, text in below.items()}))


def whole(text: str) -> str:
    """A version behind the text, so that its lines keep their numbers."""
    return f"{text.rstrip()}\nmcpconf: 1\n"


def tell(top: str, /, **below: str) -> list[str]:
    """Every problem as one line; nothing for a manifest that loads."""
    try:
        load(top, **below)
    except McpconfError as error:
        return [f"{p.where} {p.message}" + (f" ({p.hint})" if p.hint else "") for p in error.problems]
    return []
