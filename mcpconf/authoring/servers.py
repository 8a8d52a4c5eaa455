"""The use cases that write a manifest: one server more or less, or given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mcpconf.authoring.drafting import read, refuse_foreign, scrubber, settle, usage
from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.editing import Draft, Revised, enter, without_server
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.releasing import entangled, give_back, give_back_on, hosts_with, not_released, selections
from mcpconf.documents.renaming import give_name, unclear
from mcpconf.errors import Where
from mcpconf.model.base import Json
from mcpconf.model.written import shown

_MOST_NAMED = 10


def add(path: str, name: str, server: Mapping[str, Json], hosts: Sequence[str], *, write: bool = True) -> Revised:
    """Add a server to the manifest. What results must load, or nothing is written.

    Raises McpconfError: exit 64 for what cannot be added, exit 1 for a manifest that cannot be used.
    """
    data, before = read(path)
    if name in before.manifest.servers:
        hint = f"pick another name, or `mcpconf remove {name}` first"
        raise usage(f"there is a server {shown(name)} already", before.where("servers", name), hint)
    draft = Draft(data, path)
    enter(draft, name, server, _own_hosts(before, hosts))
    not_released(draft, name, {host for host, own in before.manifest.hosts.items() if own.servers is None} | {*hosts})
    revision = draft.revision
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
    known_server(before, name)
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
        notes=("apply takes it off the machines that got it from this manifest",),
    )


def forget(path: str, name: str, hosts: Sequence[str] = (), reason: str = "", *, write: bool = True) -> Revised:
    """Stop managing a server, on all hosts or on some, and leave what is on machines to their users.

    Raises McpconfError, as `add` does.
    """
    data, before = read(path)
    known_server(before, name)
    why, draft = reason or "given back to its users", Draft(data, path)
    notes = ["apply leaves it where it is, and does not look after it any more"]
    if hosts:
        _separable(before, name, hosts)
        wide = [at[-1] for at, own in selections(before.manifest) if at[-1] in hosts and own.servers is None]
        notes += (
            f"{shown(host)} had every server, and has a list now: a new server needs `mcpconf add --host {host}`"
            for host in dict.fromkeys(wide)
        )
        give_back_on(draft, before.manifest, name, tuple(dict.fromkeys(hosts)), why)
    else:
        give_back(draft, before.manifest, name, why)
    revision = draft.revision
    settle(path, data, revision, write=write)
    return Revised(
        file=path,
        action="forget",
        server=name,
        changed=revision.changed,
        before=data,
        after=revision.text.encode(),
        written=write,
        scrubber=scrubber(before),
        hosts=tuple(dict.fromkeys(hosts)),
        notes=tuple(notes),
    )


def rename(path: str, old: str, new: str, *, write: bool = True) -> Revised:
    """Give a server another name wherever the manifest mentions it, so that machines keep its entries and approvals.

    Raises McpconfError, as `add` does.
    """
    data, before = read(path)
    known_server(before, old)
    if new in before.manifest.servers:
        raise usage(f"there is a server {shown(new)} already", before.where("servers", new), "pick another name")
    server, draft = before.manifest.servers[old], Draft(data, path)
    notes = ["apply gives the entries on machines the new name, with the approvals that go by it"]
    notes += (
        f"the target {shown(target)} of `{section}` may be about it by the old name: look at it"
        for section, target in unclear(draft, old)
    )
    give_name(draft, server, old, new)
    revision = draft.revision
    settle(path, data, revision, write=write)
    return Revised(
        file=path,
        action="rename",
        server=new,
        changed=revision.changed,
        before=data,
        after=revision.text.encode(),
        written=write,
        scrubber=scrubber(before),
        previous=old,
        notes=tuple(notes),
    )


def known_server(before: LoadedManifest, name: str) -> None:
    """Raises McpconfError (exit 64) unless the manifest has the server, and in the file that was named."""
    known = before.manifest.servers
    if name not in known:
        hint = did_you_mean(name, known) or _names(known)
        raise usage(f"there is no server {shown(name)} in this manifest", Where(before.file), hint)
    refuse_foreign(before, ("servers", name), f"the server {shown(name)}")


def _names(known: Iterable[str]) -> str:
    names = sorted(known)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"it has {', '.join(map(shown, names[:_MOST_NAMED])) or 'no server'}{more}"


def _separable(before: LoadedManifest, name: str, hosts: Sequence[str]) -> None:
    """Whether the manifest can stop asking for the server on these hosts alone, in this file."""
    manifest = before.manifest
    having = hosts_with(manifest, name)
    for host in hosts:
        if host not in having:
            hint = did_you_mean(host, having) or f"it has {', '.join(map(shown, sorted(having))) or 'no host'}"
            raise usage(f"{shown(name)} is not asked for on {shown(host)}", before.where("servers", name), hint)
    for at, selection in selections(manifest):
        if at[-1] in hosts and (selection.servers is None or name in selection.servers):
            refuse_foreign(before, at, f"the selection of {shown(at[-1])}")
    for index in entangled(manifest, name, hosts):
        hint = "split it in two, one with these hosts, then run the command again"
        raise usage("this project asks for it on other hosts too", before.where("projects", index), hint)


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
