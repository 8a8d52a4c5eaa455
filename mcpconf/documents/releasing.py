"""A server given back in the text of a manifest: it leaves what the manifest asks for, and `released` says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from mcpconf.documents.editing import Draft, leave
from mcpconf.model.base import ABSENT, APPEND, Json
from mcpconf.model.manifest import HostSelection, Manifest, Project, Server


def called(server: Server, host: str, name: str) -> str:
    """What a host calls a server of the manifest."""
    override = server.hosts.get(host)
    return (override.name if override is not None else None) or name


def give_back(draft: Draft, manifest: Manifest, name: str, reason: str) -> None:
    """The server is in no list any more, and given back on every host, under each name that it has there."""
    names: dict[str, list[str]] = {name: []}
    for host, override in manifest.servers[name].hosts.items():
        if override.name is not None and override.name != name:
            names.setdefault(override.name, []).append(host)
    leave(draft, name)
    _release(draft, names, reason)


def give_back_on(draft: Draft, manifest: Manifest, name: str, hosts: Sequence[str], reason: str) -> None:
    """The same for some hosts: one that had every server gets a list of all others.

    The caller has made sure that the manifest can say so: see `entangled`.
    """
    wanted = set(hosts)
    others = [other for other in manifest.offered if other != name]
    for path, selection in selections(manifest):
        if path[-1] in wanted and selection.servers is None:
            draft.put((*path, "servers"), others)
            draft.tell(*path, "servers")
    for index, project in enumerate(manifest.projects):
        if project.servers is None and _hosts(manifest, project) & wanted:
            draft.reshape("projects", lambda typed, _, index=index: typed[index].update(servers=others))  # type: ignore[misc]
            draft.tell("projects", index, "servers")
    lists = [path for path in draft.lists_with(name) if _of_hosts(manifest, path, wanted)]
    draft.drop(lists, name)
    names: dict[str, list[str]] = {}
    for host in hosts:
        names.setdefault(name, []).append(host)
        own = called(manifest.servers[name], host, name)
        if own != name:
            names.setdefault(own, []).append(host)
    _release(draft, names, reason)


def entangled(manifest: Manifest, name: str, hosts: Collection[str]) -> Iterator[int]:
    """Projects that ask for a server on some of the hosts and on others in one breath."""
    for index, project in enumerate(manifest.projects):
        found = _hosts(manifest, project)
        if (project.servers is None or name in project.servers) and found & set(hosts) and found - set(hosts):
            yield index


def selections(manifest: Manifest) -> Iterator[tuple[tuple[str, ...], HostSelection]]:
    """What hosts are asked to have, of every machine and of groups."""
    for host, selection in manifest.hosts.items():
        yield ("hosts", host), selection
    for group, item in manifest.groups.items():
        for host, selection in item.add.hosts.items() if item.add is not None else ():
            yield ("groups", group, "add", "hosts", host), selection


def hosts_with(manifest: Manifest, name: str) -> set[str]:
    """The hosts that some machine has a server on."""
    found = {
        path[-1]
        for path, selection in selections(manifest)
        if name in (manifest.offered if selection.servers is None else selection.servers)
    }
    for project in manifest.projects:
        if name in (manifest.offered if project.servers is None else project.servers):
            found |= _hosts(manifest, project)
    return found


def not_released(draft: Draft, name: str, hosts: Collection[str]) -> None:
    """A server that is asked for again is not given back there."""
    items = draft.written.get("released") or []
    kept = [_still(item, name, hosts) for item in items]
    if kept == items:
        return

    def change(typed: Json, written: Json) -> None:
        left = [_still(item, name, hosts) for item in written]
        typed[:] = [
            here if after == item else after
            for here, item, after in zip(typed, written, left, strict=True)
            if after is not None
        ]

    draft.tell("released")
    if any(kept):
        draft.reshape("released", change)
    else:
        draft.put(("released",), ABSENT)


def _still(item: Json, name: str, hosts: Collection[str]) -> Json:
    """What a line of `released` says but for these hosts; None if that is nothing."""
    if item["server"] != name:
        return item
    left = [host for host in item.get("hosts", ()) if host not in hosts]
    return {**item, "hosts": left} if left else None


def _hosts(manifest: Manifest, project: Project) -> set[str]:
    return set(manifest.hosts if project.hosts is None else project.hosts)


def _of_hosts(manifest: Manifest, path: Sequence[str | int], hosts: Collection[str]) -> bool:
    """Whether a list of servers is about nothing but these hosts. What a group adds or drops is about all."""
    match path:
        case ("hosts", host, "servers") | ("groups", _, "add", "hosts", host, "servers"):
            return host in hosts
        case ("projects", int(index), "servers"):
            return bool(_hosts(manifest, manifest.projects[index]) & set(hosts))
    return False


def _release(draft: Draft, names: Mapping[str, Sequence[str]], reason: str) -> None:
    for name, hosts in names.items():
        item = {"server": name, **({"hosts": list(hosts)} if hosts else {}), "reason": reason}
        draft.put(("released", APPEND), item)
    draft.tell("released")
