"""What every change of a manifest has in common: read it, refuse what is another file's, load what results, write it."""

from __future__ import annotations

from collections.abc import Iterable

from mcpconf.documents.editing import Revision
from mcpconf.documents.manifest import LoadedManifest, load_manifest
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber, find
from mcpconf.system.includes import SystemDocuments
from mcpconf.system.sources import bundled_rows, read_document, replace_document


def read(path: str) -> tuple[bytes, LoadedManifest]:
    """The bytes of a manifest, and what they say. Raises McpconfError (exit 1)."""
    data = read_document(path, "manifest", "`mcpconf init` writes one; `-m PATH` names another")
    return data, loaded(data, path)


def loaded(data: bytes, path: str) -> LoadedManifest:
    return load_manifest(data, path, known_hosts=bundled_rows(), included=SystemDocuments())


def refuse_foreign(before: LoadedManifest, path: tuple[str, ...], what: str) -> None:
    where = before.where(*path)
    if where.file != before.file:
        raise usage(f"{what} is in another file, which this one includes", where, f"change it there: `-m {where.file}`")


def settle(path: str, data: bytes, revision: Revision, *, write: bool) -> LoadedManifest:
    """Load what was made of the manifest, and write it. It was fine before, so what is wrong now was asked for, and has no line."""
    after = revision.text.encode()
    try:
        settled = loaded(after, path)
    except McpconfError as error:
        told = [Problem(item.kind, item.message, None, item.hint) for item in error.problems]
        raise McpconfError(ExitCode.USAGE, *told) from None
    if write:
        replace_document(path, data, after)
    return settled


def scrubber(*manifests: LoadedManifest, also: Iterable[str] = ()) -> Scrubber:
    entries = [neutral(server) for manifest in manifests for server in manifest.manifest.servers.values()]
    return Scrubber([*(item.value for entry in entries for item in find(entry)), *also])


def usage(message: str, where: Where, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, where, hint))
