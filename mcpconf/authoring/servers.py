"""The use cases that write a manifest: one server more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mcpconf.authoring.drafting import read, refuse_foreign, scrubber, settle, usage
from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.editing import Revised, with_server, without_server
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.errors import Where
from mcpconf.model.base import Json
from mcpconf.model.written import shown


def add(path: str, name: str, server: Mapping[str, Json], hosts: Sequence[str], *, write: bool = True) -> Revised:
    """Add a server to the manifest. What results must load, or nothing is written.

    Raises McpconfError: exit 64 for what cannot be added, exit 1 for a manifest that cannot be used.
    """
    data, before = read(path)
    if name in before.manifest.servers:
        hint = f"pick another name, or `mcpconf remove {name}` first"
        raise usage(f"there is a server {shown(name)} already", before.where("servers", name), hint)
    revision = with_server(data, path, name, server, _own_hosts(before, hosts))
    after = settle(path, data, revision, write=write)
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
        scrubber=scrubber(before, after),
        hosts=getting,
        without=without,
    )


def remove(path: str, name: str, *, write: bool = True) -> Revised:
    """Remove a server from the manifest, and from every selection in it. Raises McpconfError, as `add` does."""
    data, before = read(path)
    known = before.manifest.servers
    if name not in known:
        hint = did_you_mean(name, known) or "`servers` lists the names"
        raise usage(f"there is no server {shown(name)} in this manifest", Where(path), hint)
    refuse_foreign(before, ("servers", name), f"the server {shown(name)}")
    revision = without_server(data, path, name)
    settle(path, data, revision, write=write)
    return Revised(
        file=path,
        action="remove",
        server=name,
        changed=revision.changed,
        before=data,
        after=revision.text.encode(),
        written=write,
        scrubber=scrubber(before),
    )


def _own_hosts(before: LoadedManifest, hosts: Sequence[str]) -> list[str]:
    """The hosts to name in this file: not those of an included file, which have every server.

    One with a list of its own can only be widened there.
    """
    own: list[str] = []
    for host in hosts:
        known = before.manifest.hosts.get(host)
        if known is not None and known.servers is not None:
            refuse_foreign(before, ("hosts", host, "servers"), f"the list of {shown(host)}")
        if known is None or before.where("hosts", host).file == before.file:
            own.append(host)
    return own
