"""Which hosts a manifest gives which servers, as it says without a machine to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.documents.manifest import LoadedManifest
from mcpconf.model.manifest import Manifest
from mcpconf.permissions.access import AccessChange
from mcpconf.resolve.groups import of_groups

Reach = Mapping[str, frozenset[str]]
"""The places of each server: `cursor`, or `cursor in ~/src/*`."""

_SHOWN = 6


def reach(manifest: Manifest, group: str = "") -> Reach:
    """On machines that match no group, or only this one."""
    mine = of_groups(manifest, [group] if group in manifest.groups else []).manifest
    places = [(host, item.servers) for host, item in mine.hosts.items()]
    for project in mine.projects:
        hosts = mine.hosts if project.hosts is None else project.hosts
        places += [(f"{host} in {project.path}", project.servers) for host in hosts]
    found: dict[str, set[str]] = {name: set() for name in mine.servers}
    for place, servers in places:
        for name in found if servers is None else servers:
            found.get(name, set()).add(place)
    return {name: frozenset(places) for name, places in found.items()}


def reached(before: LoadedManifest, after: LoadedManifest) -> Iterator[AccessChange]:
    """Of servers that were there before: a new one's places are told with it, and one that is gone is nowhere."""
    old, new = before.manifest, after.manifest
    told: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for group in ("", *dict.fromkeys((*old.groups, *new.groups))):
        earlier, later = reach(old, group), reach(new, group)
        for name in filter(old.servers.__contains__, new.servers):
            is_in, was_in = later.get(name, frozenset()), earlier.get(name, frozenset())
            known = told.setdefault(name, (is_in - was_in, was_in - is_in)) if not group else told[name]
            gained, lost = is_in - was_in, was_in - is_in
            if group:
                gained, lost = gained - known[0], lost - known[1]
            where = after.where("servers", name)
            about = f" on machines of the group {group}" if group else ""
            if gained:
                yield AccessChange(f"server:{name}", "hosts", "wider", "medium", f"+ {_listed(gained)}{about}", where)
            if lost:
                yield AccessChange(f"server:{name}", "hosts", "narrower", "low", f"- {_listed(lost)}{about}", where)
    yield from _other_machines(before, after)


def _other_machines(before: LoadedManifest, after: LoadedManifest) -> Iterator[AccessChange]:
    for name, group in after.manifest.groups.items():
        known = before.manifest.groups.get(name)
        if known is not None and known.when != group.when:
            text = f"the group {name} is of other machines than before"
            yield AccessChange(f"group:{name}", "machines", "both", "medium", text, after.where("groups", name, "when"))


def placed(manifest: Manifest, name: str) -> str:
    """All places of one server, whatever machine it is on."""
    groups = ("", *manifest.groups)
    found = frozenset(place for group in groups for place in reach(manifest, group).get(name, frozenset()))
    return _listed(found) if found else "no host"


def _listed(places: frozenset[str]) -> str:
    names = sorted(places)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
