"""What of the locked bytes is on a machine: the installations of the store, and the copies that others keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from mcpconf.artifacts import Copy, artifacts, installation, kind_of
from mcpconf.artifacts.command import Program, another, program
from mcpconf.artifacts.command import differs as differing
from mcpconf.artifacts.confining import started
from mcpconf.artifacts.elsewhere import elsewhere
from mcpconf.artifacts.found import open_to_all
from mcpconf.artifacts.pinning import from_store
from mcpconf.artifacts.records import TREE, state_of
from mcpconf.artifacts.supplied import Application, Supplied
from mcpconf.errors import Problem
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.installed import Installation
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Manifest, Server
from mcpconf.packages.mcpb import BUNDLE
from mcpconf.permissions.commandline import program as starter
from mcpconf.ports import AdvisoryIndex, Machine

if TYPE_CHECKING:
    from mcpconf.advisories import Advisories
    from mcpconf.artifacts.redirects import Redirect
    from mcpconf.packages.settings import Client

WITHOUT_TREE = frozenset({"oci", "command", "url"})
"""Kinds of which the store has nothing."""


def observed(
    manifest: Manifest,
    supplied: Supplied,
    machine: Machine,
    key: bytes | None,
    rows: Mapping[str, HostRow] = MappingProxyType({}),
) -> Supplied:
    """With what is on the machine. `manifest` has the servers that the machine gets. Without a lock, only programs whose hash it has."""
    known = known_versions(machine.advisories)
    supplied = replace(supplied, advisories=known, redirects=partial(_redirects, machine))
    supplied = _with_applications(rows.values(), supplied, machine)
    if supplied.lock is None:
        return replace(supplied, programs=dict(_programs(manifest, supplied, machine)))
    found = _installations(manifest, supplied, machine, key)
    folders = {name: installation(supplied.lock.servers[name], machine.facts) for name in found}
    programs = dict(_programs(manifest, supplied, machine))
    loaded = {name: _elsewhere(manifest.servers[name], folder, machine) for name, folder in folders.items()}
    supplied = _with_copies(supplied, _copies(manifest, supplied, machine))
    exposed = {name: place for name, folder in folders.items() if (place := open_to_all(f"{folder}/{TREE}", machine))}
    return replace(supplied, installations=found, folders=folders, elsewhere=loaded, programs=programs, exposed=exposed)


def _redirects(machine: Machine, clients: Iterable[Client], folders: Sequence[str]) -> Iterator[Redirect]:
    from mcpconf.artifacts.redirects import redirects

    yield from redirects(machine, clients, folders)


def _installations(
    manifest: Manifest, supplied: Supplied, machine: Machine, key: bytes | None
) -> dict[str, Installation]:
    """Of every server that is started from the store, every byte of it is read."""
    return {
        name: state_of(locked, machine, key)
        for name, locked in _locked(manifest, supplied)
        if from_store(manifest, name) and kind_of(manifest.servers[name]) not in WITHOUT_TREE and _to_the_byte(locked)
    }


def _to_the_byte(locked: LockedServer) -> bool:
    """Of a server without a version, no bytes are locked: nothing can be installed."""
    return bool(locked.artifacts or locked.closure)


def _elsewhere(server: Server, folder: str, machine: Machine) -> tuple[str, ...]:
    """What Node looks into for a package that is not in the installation, which optional ones need not be.

    https://nodejs.org/api/modules.html, 2026-11: every `node_modules` up to the root, then two folders of the user.
    The nearest `package.json` above a script can name further files; npm's packages each have their own.
    """
    if not server.command or starter(server.command[0].text or "") != "node":
        return ()
    try:
        above = machine.files.resolve(folder)
    except OSError:
        return ()
    bare = kind_of(server) == "mcpb" and not machine.files.exists(f"{folder}/{TREE}/{BUNDLE}/package.json")
    found = []
    while "/" in above:
        above = above.rpartition("/")[0]
        found += [f"{above}/node_modules", *([f"{above}/package.json"] if bare else [])]
    found += [f"{machine.facts.home}/{name}" for name in (".node_modules", ".node_libraries")]
    return tuple(path for path in found if machine.files.exists(path))


def _copies(manifest: Manifest, supplied: Supplied, machine: Machine) -> dict[str, tuple[Copy, ...]]:
    """What would run if a locked package were started by its name."""
    found = {
        name: tuple(artifacts(kind_of(manifest.servers[name])).copies(locked, machine))
        for name, locked in _locked(manifest, supplied)
        if kind_of(manifest.servers[name]) not in WITHOUT_TREE
    }
    return {name: items for name, items in found.items() if items}


def known_versions(index: AdvisoryIndex) -> Advisories | Problem | None:
    """What an index says; what reads it is loaded only where there is one."""
    about = index.about()
    if about is None or isinstance(about, Problem):
        return about
    from mcpconf.advisories.indexed import indexed

    return indexed(index)


def _with_applications(rows: Iterable[HostRow], supplied: Supplied, machine: Machine) -> Supplied:
    """With the hosts themselves, as far as npm installed them for all: only of those versions something can be known."""
    found = supplied.advisories
    if found is None or isinstance(found, Problem) or "npm" not in found.ecosystems:
        return supplied
    from mcpconf.artifacts.npm_places import installed

    here = {
        row.id: Application(row.title, row.version.npm, copies)
        for row in rows
        if row.version.npm and (copies := tuple(installed(row.version.npm, machine)))
    }
    return replace(supplied, applications=here)


def _with_copies(supplied: Supplied, copies: Mapping[str, tuple[Copy, ...]]) -> Supplied:
    found = supplied.advisories
    judge = None if found is None or isinstance(found, Problem) else found.judge
    held = {
        name: elsewhere(items, locked, judge)
        for name, items in copies.items()
        if (locked := supplied.locked(name)) is not None
    }
    return replace(supplied, copies=held)


def _programs(manifest: Manifest, supplied: Supplied, machine: Machine) -> Iterator[tuple[str, Program | Problem]]:
    """Each as it is on this machine, or why it is not what was asked for or locked.

    The hash in the manifest holds whatever the lock says. One that is not there starts nothing, and is no news.
    """
    for name, server in manifest.servers.items():
        locked = supplied.locked(name)
        if kind_of(server) != "command" or not (locked or server.hash):
            continue
        found = program(started(server), machine)
        if isinstance(found, Program):
            differs = another(server.hash, found)
            if differs is None and locked is not None and locked.artifacts:
                differs = differing(locked, found, machine)
            yield name, differs or found
        elif locked is not None and found.kind != "missing":
            yield name, found


def _locked(manifest: Manifest, supplied: Supplied) -> Iterator[tuple[str, LockedServer]]:
    for name in manifest.servers:
        locked = supplied.locked(name)
        if locked is not None:
            yield name, locked
