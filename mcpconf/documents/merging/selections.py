"""`hosts`, `projects` and `groups`: a layer above may add its own, and narrow those below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mcpconf.documents.merging.join import Join, Path
from mcpconf.model.manifest import Group, HostSelection, Project

_OWN = "a later layer may leave servers out, and add only its own"


def hosts(join: Join) -> dict[str, HostSelection]:
    merged = dict(join.below.hosts)
    added = dict(_added_by_groups(join))
    for host, above in join.above.hosts.items():
        path = ("hosts", host)
        below = merged.get(host)
        if below is None:
            if host in added:
                _check_own(join, path, above, added[host])
            join.take(path)
            merged[host] = above
            continue
        said: dict[str, Any] = {}
        if above.servers is not None:
            said["servers"] = _narrowed(join, (*path, "servers"), below.servers, above.servers)
        if "create" in above.model_fields_set and above.create != below.create:
            said["create"] = _created(join, (*path, "create"), below, above)
        if above.managed and not below.managed:
            join.take((*path, "managed"))
            said["managed"] = True
        merged[host] = below.model_copy(update=said)
    return merged


def _created(join: Join, at: Path, below: HostSelection, above: HostSelection) -> bool:
    if "create" in below.model_fields_set:
        join.refuse(at, f"is `{str(below.create).lower()}` in an earlier layer", "leave it out")
        return below.create
    join.take(at)
    return above.create


def _narrowed(join: Join, at: Path, below: tuple[str, ...] | None, above: tuple[str, ...]) -> tuple[str, ...]:
    """The selection from above, without what the one below does not have. None below means every server."""
    join.take(at)
    kept: list[str] = []
    for index, server in enumerate(above):
        if below is None or server in below or server not in join.below.servers:
            join.take((*at, len(kept)), (*at, index))
            kept.append(server)
        else:
            join.refuse((*at, index), f"adds `{server}`, which an earlier layer has and leaves out here", _OWN, at)
    return tuple(kept)


def projects(join: Join) -> tuple[Project, ...]:
    """A project of the same path and hosts is the same one; any other is one more, after those below."""
    merged = list(join.below.projects)
    known = {(project.path, project.hosts): index for index, project in enumerate(merged)}
    for index, above in enumerate(join.above.projects):
        at = ("projects", index)
        same = known.get((above.path, above.hosts))
        if same is None:
            join.take(("projects", len(merged)), at)
            merged.append(above)
        else:
            merged[same] = _project(join, same, index)
    return tuple(merged)


def _project(join: Join, same: int, index: int) -> Project:
    below, above = join.below.projects[same], join.above.projects[index]
    said: dict[str, Any] = {}
    for name, order in (("unmanaged", ("keep", "warn", "remove")), ("tracked", ("write", "report"))):
        old, new = getattr(below, name) or join.below.policy.unmanaged, getattr(above, name)
        if name not in above.model_fields_set or old == new:
            continue
        if order.index(new) < order.index(old):
            at, against = ("projects", index, name), ("projects", same)
            join.refuse(at, f"is looser than `{old}` of an earlier layer", "leave it out", against)
        else:
            join.take(("projects", same, name), ("projects", index, name))
            said[name] = new
    if above.servers is not None and above.servers != below.servers:
        said["servers"] = _project_servers(join, same, index)
    return below.model_copy(update=said)


def _project_servers(join: Join, same: int, index: int) -> tuple[str, ...]:
    below, above = join.below.projects[same].servers, join.above.projects[index].servers
    path, at = ("projects", same, "servers"), ("projects", index, "servers")
    join.take(path, at)
    kept: list[str] = []
    for number, server in enumerate(above or ()):
        if below is None or server in below or server not in join.below.servers:
            join.take((*path, len(kept)), (*at, number))
            kept.append(server)
        else:
            message = f"adds `{server}`, which an earlier layer has and leaves out here"
            join.refuse((*at, number), message, _OWN, ("projects", same))
    return tuple(kept)


def groups(join: Join) -> dict[str, Group]:
    merged = dict(join.below.groups)
    known: dict[str, Path] = {**dict(_dropped_by_groups(join)), **dict(_added_by_groups(join))}
    known |= {host: ("hosts", host) for host in join.below.hosts}
    for name, above in join.above.groups.items():
        path = ("groups", name)
        if name not in merged:
            _check_group(join, path, above, known)
            join.take(path)
            merged[name] = above
        elif merged[name] != above:
            join.refuse(
                path, "is a group of an earlier layer", "give yours another name; it may drop what that one adds"
            )
    return merged


def _check_group(join: Join, path: Path, group: Group, known: Mapping[str, Path]) -> None:
    """What a group adds must be of its own layer, or a group could take back what a lower one drops."""
    if group.add is None:
        return
    for index, server in enumerate(group.add.servers):
        if server in join.below.servers:
            at = (*path, "add", "servers", index)
            join.refuse(at, f"adds `{server}`, which is of an earlier layer", _OWN, ("servers", server))
    for host, selection in group.add.hosts.items():
        if host in known:
            _check_own(join, (*path, "add", "hosts", host), selection, known[host])


def _check_own(join: Join, at: Path, selection: HostSelection, place: Path) -> None:
    """What is selected for a host of an earlier layer, beside what that layer selects."""
    if selection.servers is None:
        join.refuse(at, "adds every server, also to what an earlier layer says of this host", _OWN, place)
    for index, server in enumerate(selection.servers or ()):
        if server in join.below.servers:
            message = f"adds `{server}`, which is of an earlier layer"
            join.refuse((*at, "servers", index), message, _OWN, ("servers", server))


def _added_by_groups(join: Join) -> Iterator[tuple[str, Path]]:
    for name, group in join.below.groups.items():
        for host in group.add.hosts if group.add else ():
            yield host, ("groups", name, "add", "hosts", host)


def _dropped_by_groups(join: Join) -> Iterator[tuple[str, Path]]:
    for name, group in join.below.groups.items():
        for index, host in enumerate(group.drop.hosts if group.drop else ()):
            yield host, ("groups", name, "drop", "hosts", index)
