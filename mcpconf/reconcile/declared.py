"""What the manifest says of its servers that approvals are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mcpconf.hosts.signins import Owner, owner_of_identity
from mcpconf.model.address import Address
from mcpconf.model.manifest import Manifest
from mcpconf.model.past import Bygone
from mcpconf.model.state import State
from mcpconf.packages import title_of, url_identity
from mcpconf.resolve.servers import asked, variants

Name = tuple[str, str]
"""A host, and the name of a server there."""


@dataclass(frozen=True, slots=True)
class Declared:
    """`called`: the manifest's server by its name on each host of the manifest, whether or not it is put there.

    `auto`: what may act without asking, of the servers whose tools are stated. `identities`: what each server is. `beside`:
    addresses of the approvals that may be written beside entries; None where that is all of `auto`.
    """

    called: Mapping[Name, str] = field(default_factory=dict)
    auto: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    beside: frozenset[str] | None = None


def declared(manifest: Manifest, hosts: Iterable[str]) -> Declared:
    servers = manifest.servers.items()
    return Declared(
        called=dict(_called(manifest, hosts)),
        auto={name: server.tools.auto for name, server in servers if server.tools is not None},
        identities={
            name: frozenset(asked(own).identity for _, own in variants(server)) - {""} for name, server in servers
        },
    )


def names_of_servers(manifest: Manifest, state: State, hosts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Per host, the names that servers of the manifest have or had there, or that were revoked: what approvals may be about."""
    found: dict[str, set[str]] = {}
    for (host, name), _ in _called(manifest, hosts):
        found.setdefault(host, set()).add(name)
    for host in hosts:
        found.setdefault(host, set()).update(name for server in manifest.servers.values() for name in server.was)
    marks = [*state.ended, *(mark for item in state.revoked for mark in item.marks)]
    for address in map(Address.parse, (*state.entries, *(mark.address for mark in marks))):
        found.setdefault(address.host, set()).add(address.server)
    for host in hosts:
        found.setdefault(host, set()).update(item.server for item in state.revoked if item.server)
    return {host: frozenset(names) for host, names in found.items()}


def owners_of_sign_ins(manifest: Manifest, state: State, bygone: Iterable[Bygone] = ()) -> tuple[Owner, ...]:
    """Servers with an address that the manifest has, or that were on this machine and may still be signed in to.

    `bygone` are those that earlier commits tell of.
    """
    marks = [*state.ended, *(mark for item in state.revoked for mark in item.marks)]
    known = [(Address.parse(text), applied.server, applied.identity) for text, applied in state.entries.items()]
    known += [(Address.parse(mark.address), mark.called, mark.identity) for mark in marks]
    known += [(Address.parse(item.mark.address), item.server, item.mark.identity) for item in bygone]
    found = [(address.host, server, identity) for address, server, identity in known]
    found += [
        ("", name, asked(own).identity) for name, server in manifest.servers.items() for _, own in variants(server)
    ]
    found += [("", name, identity) for name, identity in _forbidden(manifest)]
    owners = (owner_of_identity(*item) for item in dict.fromkeys(found))
    return tuple(owner for owner in owners if owner is not None)


def _forbidden(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Addresses that must not be anywhere, by their hosts."""
    for item in manifest.absent:
        if item.url is not None:
            identity = url_identity(str(item.url))
            yield title_of(identity), identity


def _called(manifest: Manifest, hosts: Iterable[str]) -> Iterator[tuple[Name, str]]:
    for host in sorted(set(hosts)):
        for name, server in manifest.servers.items():
            override = server.hosts.get(host)
            yield (host, (override.name if override else None) or name), name
