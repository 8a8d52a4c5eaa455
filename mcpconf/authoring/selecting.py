"""What of a manifest's lists makes one host, in one place, have a server or not."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.documents.editing import Draft
from mcpconf.hosts.places import absolute
from mcpconf.model.address import Address
from mcpconf.model.base import Element, Json
from mcpconf.model.glob import fits
from mcpconf.model.manifest import Manifest, Project
from mcpconf.ports import Facts


def choose(draft: Draft, manifest: Manifest, name: str, address: Address, facts: Facts) -> None:
    """Name the server in the list that is about the place; a place without a list has every server."""
    if address.scope == "user":
        selection = manifest.hosts.get(address.host)
        if selection is None:
            draft.put(("hosts", address.host), {"servers": [name]})
            draft.tell("hosts", address.host)
        elif selection.servers is not None:
            draft.put(("hosts", address.host, "servers", Element(name)), name)
            draft.tell("hosts", address.host, "servers")
        return
    index = _project(manifest, address, facts)
    if index is None:
        more = {"path": address.project, "hosts": [address.host], "servers": [name]}
        projects = [*manifest.projects]
        if projects:
            draft.reshape("projects", lambda typed, _: typed.append(more))
        else:
            draft.put(("projects",), [more])
        draft.tell("projects", len(projects))
    elif manifest.projects[index].servers is not None:
        _list(draft, index, [*(manifest.projects[index].servers or ()), name])


def leave_out(draft: Draft, manifest: Manifest, name: str, address: Address, facts: Facts) -> bool:
    """Take the server off the list that is about the place, which is all others where it has none.

    False where the manifest has no words for this place alone.
    """
    others = [other for other in manifest.offered if other != name]
    if address.scope == "user":
        selection = manifest.hosts.get(address.host)
        if selection is None:
            return False
        if selection.servers is None:
            draft.put(("hosts", address.host, "servers"), others)
            draft.tell("hosts", address.host, "servers")
        else:
            draft.drop([("hosts", address.host, "servers")], name)
        return True
    index = _project(manifest, address, facts)
    if index is None or _is_wide(manifest, index, address):
        return False
    servers = manifest.projects[index].servers
    _list(draft, index, others if servers is None else [other for other in servers if other != name])
    return True


def is_wide(manifest: Manifest, address: Address, facts: Facts) -> bool:
    """Whether the list that is about the place is about other hosts or folders, too."""
    index = None if address.scope == "user" else _project(manifest, address, facts)
    return index is not None and _is_wide(manifest, index, address)


def place(manifest: Manifest, address: Address, facts: Facts) -> tuple[str | int, ...]:
    """The key of the list that is about the place; of the host or project where it has none yet."""
    if address.scope == "user":
        return ("hosts", address.host)
    index = _project(manifest, address, facts)
    return ("projects",) if index is None else ("projects", index)


def _project(manifest: Manifest, address: Address, facts: Facts) -> int | None:
    """The first project that matches counts."""
    folder = absolute(address.project, facts)
    for index, project in enumerate(manifest.projects):
        if address.host in _hosts(manifest, project) and fits(absolute(project.path, facts), folder):
            return index
    return None


def _hosts(manifest: Manifest, project: Project) -> Sequence[str]:
    return tuple(manifest.hosts) if project.hosts is None else project.hosts


def _is_wide(manifest: Manifest, index: int, address: Address) -> bool:
    project = manifest.projects[index]
    return project.path != address.project or set(_hosts(manifest, project)) != {address.host}


def _list(draft: Draft, index: int, names: Sequence[str]) -> None:
    def change(typed: Json, _written: Json) -> None:
        typed[index]["servers"] = list(names)

    draft.reshape("projects", change)
    draft.tell("projects", index, "servers")
