"""Groups: from the manifest of all machines to the manifest of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mcpconf.model.manifest import Addition, Group, HostSelection, Manifest, Project, Removal, When
from mcpconf.ports import Facts

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is left of a manifest on one machine.

    `groups` are those that match, in the order of the manifest. `reasons` tells for each server and host, as
    `("servers", "time")` or `("hosts", "codex")`, which key of the manifest brought it to this machine.
    """

    manifest: Manifest
    groups: tuple[str, ...] = ()
    reasons: Mapping[Path, Path] = field(default_factory=dict)


def of_machine(manifest: Manifest, facts: Facts) -> Selection:
    """Apply every group that matches, in the order of the manifest: first what it adds, then what it drops.

    A server that some group adds, matching or not, is on no machine but for its groups. A host that is selected twice
    gets the servers of both. What one group drops a later one may add again.
    """
    return of_groups(manifest, (name for name, group in manifest.groups.items() if matches(group.when, facts)))


def of_groups(manifest: Manifest, names: Iterable[str]) -> Selection:
    """What a machine has that matches these groups and no others."""
    machine, matching = _Machine(manifest), tuple(names)
    for name in matching:
        machine.join(name, manifest.groups[name])
    return Selection(machine.manifest() if manifest.groups else manifest, matching, machine.reasons)


def matches(when: When, facts: Facts) -> bool:
    """Every key must hold; of its values one is enough."""
    labels = when.labels is None or not set(when.labels).isdisjoint(facts.labels)
    return labels and (when.os is None or facts.os in when.os)


class _Machine:
    """The servers and hosts that one machine has so far."""

    def __init__(self, manifest: Manifest) -> None:
        self._whole = manifest
        added = {name for group in manifest.groups.values() if group.add for name in group.add.servers}
        self._hosts = dict(manifest.hosts)
        self._dropped: set[str] = set()
        self.reasons: dict[Path, Path] = {("servers", name): ("servers", name) for name in manifest.servers}
        self.reasons |= {("hosts", name): ("hosts", name) for name in manifest.hosts}
        for name in added:
            self.reasons.pop(("servers", name), None)

    def join(self, name: str, group: Group) -> None:
        if group.add is not None:
            self._add(("groups", name, "add"), group.add)
        if group.drop is not None:
            self._drop(group.drop)

    def _add(self, path: Path, addition: Addition) -> None:
        for index, server in enumerate(addition.servers):
            self.reasons.setdefault(("servers", server), (*path, "servers", index))
        for host, more in addition.hosts.items():
            known = self._hosts.get(host)
            self._hosts[host] = _both(known, more) if known is not None else more
            self._dropped.discard(host)
            self.reasons.setdefault(("hosts", host), (*path, "hosts", host))

    def _drop(self, removal: Removal) -> None:
        for server in removal.servers:
            self.reasons.pop(("servers", server), None)
        for host in removal.hosts:
            self._hosts.pop(host, None)
            self._dropped.add(host)
            self.reasons.pop(("hosts", host), None)

    def manifest(self) -> Manifest:
        """Selections name only what is left. Projects stay in their places, so that their lines are still found."""
        whole = self._whole
        return whole.model_copy(
            update={
                "servers": {name: server for name, server in whole.servers.items() if self._has(name)},
                "hosts": {name: self._host(selection) for name, selection in self._hosts.items()},
                "projects": tuple(self._project(project) for project in whole.projects),
            }
        )

    def _has(self, server: str) -> bool:
        return ("servers", server) in self.reasons

    def _left(self, servers: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if servers is None else tuple(filter(self._has, servers))

    def _host(self, selection: HostSelection) -> HostSelection:
        return selection.model_copy(update={"servers": self._left(selection.servers)})

    def _project(self, project: Project) -> Project:
        hosts = None if project.hosts is None else tuple(self._not_dropped(project.hosts))
        return project.model_copy(update={"hosts": hosts, "servers": self._left(project.servers)})

    def _not_dropped(self, hosts: tuple[str, ...]) -> Iterator[str]:
        return (host for host in hosts if host not in self._dropped)


def _both(one: HostSelection, other: HostSelection) -> HostSelection:
    servers = None
    if one.servers is not None and other.servers is not None:
        servers = tuple(dict.fromkeys((*one.servers, *other.servers)))
    managed = one.managed or other.managed
    return HostSelection(servers=servers, create=one.create or other.create, managed=managed)
