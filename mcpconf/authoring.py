"""The use cases that write a manifest: one server more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.editing import Revised, Revision, with_server, without_server
from mcpconf.documents.manifest import LoadedManifest, load_manifest
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.base import Json
from mcpconf.model.written import shown
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber, find
from mcpconf.system.includes import IncludedFiles
from mcpconf.system.sources import bundled_rows, read_document, replace_document


def add(path: str, name: str, server: Mapping[str, Json], hosts: Sequence[str], *, write: bool = True) -> Revised:
    """Add a server to the manifest. What results must load, or nothing is written.

    Raises McpconfError: exit 64 for what cannot be added, exit 1 for a manifest that cannot be used.
    """
    data, before = _read(path)
    if name in before.manifest.servers:
        hint = f"pick another name, or `mcpconf remove {name}` first"
        raise _usage(f"there is a server {shown(name)} already", before.where("servers", name), hint)
    revision = with_server(data, path, name, server, _own_hosts(before, hosts))
    after = _settle(path, data, revision, write=write)
    selections = after.manifest.hosts.items()
    without = tuple(host for host, own in selections if own.servers is not None and name not in own.servers)
    getting = tuple(host for host, _ in selections if host not in without)
    return Revised(
        file=path,
        action="add",
        server=name,
        changed=revision.changed,
        before=data,
        after=revision.text.encode(),
        written=write,
        scrubber=_scrubber(before, after),
        hosts=getting,
        without=without,
    )


def remove(path: str, name: str, *, write: bool = True) -> Revised:
    """Remove a server from the manifest, and from every selection in it. Raises McpconfError, as `add` does."""
    data, before = _read(path)
    known = before.manifest.servers
    if name not in known:
        hint = did_you_mean(name, known) or "`servers` lists the names"
        raise _usage(f"there is no server {shown(name)} in this manifest", Where(path), hint)
    _refuse_foreign(before, ("servers", name), f"the server {shown(name)}")
    revision = without_server(data, path, name)
    _settle(path, data, revision, write=write)
    return Revised(
        file=path,
        action="remove",
        server=name,
        changed=revision.changed,
        before=data,
        after=revision.text.encode(),
        written=write,
        scrubber=_scrubber(before),
    )


def _read(path: str) -> tuple[bytes, LoadedManifest]:
    data = read_document(path, "manifest", "`mcpconf init` writes one; `-m PATH` names another")
    return data, _loaded(data, path)


def _loaded(data: bytes, path: str) -> LoadedManifest:
    return load_manifest(data, path, known_hosts=bundled_rows(), included=IncludedFiles())


def _own_hosts(before: LoadedManifest, hosts: Sequence[str]) -> list[str]:
    """The hosts to name in this file: not those of an included file, which have every server.

    One with a list of its own can only be widened there.
    """
    own: list[str] = []
    for host in hosts:
        known = before.manifest.hosts.get(host)
        if known is not None and known.servers is not None:
            _refuse_foreign(before, ("hosts", host, "servers"), f"the list of {shown(host)}")
        if known is None or before.where("hosts", host).file == before.file:
            own.append(host)
    return own


def _refuse_foreign(before: LoadedManifest, path: tuple[str, ...], what: str) -> None:
    where = before.where(*path)
    if where.file != before.file:
        raise _usage(
            f"{what} is in another file, which this one includes", where, f"change it there: `-m {where.file}`"
        )


def _settle(path: str, data: bytes, revision: Revision, *, write: bool) -> LoadedManifest:
    """Load what was made of the manifest, and write it. It was fine before, so what is wrong now was asked for, and has no line."""
    after = revision.text.encode()
    try:
        loaded = _loaded(after, path)
    except McpconfError as error:
        told = [Problem(item.kind, item.message, None, item.hint) for item in error.problems]
        raise McpconfError(ExitCode.USAGE, *told) from None
    if write:
        replace_document(path, data, after)
    return loaded


def _scrubber(*manifests: LoadedManifest) -> Scrubber:
    entries = [neutral(server) for loaded in manifests for server in loaded.manifest.servers.values()]
    return Scrubber(item.value for entry in entries for item in find(entry))


def _usage(message: str, where: Where, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, where, hint))
