"""`absent`, `released`, `ignore` and `waivers`: a layer above may forbid more, and let be only what is its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcpconf.documents.merging.join import Join, Path
from mcpconf.hosts.limits import NOT_ENFORCED
from mcpconf.model.address import GRANT, SERVER
from mcpconf.model.manifest import Server
from mcpconf.model.policy import Waiver


def absent(join: Join) -> Any:
    return join.appended("absent", range(len(join.above.absent)))


def released(join: Join) -> Any:
    """A server of an earlier layer is not the later one's to give back."""
    own = []
    for index, item in enumerate(join.above.released):
        if item.server in join.below.servers:
            message = f"gives back `{item.server}`, which an earlier layer asks for"
            join.refuse(("released", index), message, "leave it out", ("servers", item.server))
        else:
            own.append(index)
    return join.appended("released", own)


def ignored(join: Join) -> Any:
    """What an earlier layer asks for, or has a policy for, must not be passed over: only this layer's servers may be."""
    own, reach = [], _Reach.of(join)
    for index, item in enumerate(join.above.ignore):
        beyond = reach.beyond(item.target, item.field)
        if beyond is None:
            own.append(index)
        else:
            join.refuse(("ignore", index, "target"), beyond[0], _OWN, beyond[1])
    return join.appended("ignore", own)


_OWN = "name servers of this layer"


@dataclass(frozen=True, slots=True)
class _Reach:
    """What a target of the layer above may be about. `below` and `own` are servers, by every name that some host has for them.

    `stated`: there is a policy below; `watching`: it lets no entry be that the manifest does not list.
    """

    below: Mapping[str, str]
    own: Mapping[str, str]
    stated: bool
    watching: bool

    @classmethod
    def of(cls, join: Join) -> _Reach:
        stated = "policy" in join.below.model_fields_set
        watching = stated and join.below.policy.unmanaged != "keep"
        return cls(_names(join.below.servers), _names(join.above.servers), stated, watching)

    def others(self, target: str) -> tuple[str, Path] | None:
        """The servers of the layers below that a target is about, and where they are written."""
        server = target.rpartition("/")[2].removeprefix(SERVER)
        if self.below and not {"*", "?"}.isdisjoint(server):
            return "may let be what rules find of servers of an earlier layer", self._first
        if server in self.below:
            known = self.below[server]
            return f"lets be what rules find of `{known}`, which is of an earlier layer", ("servers", known)
        return None

    def beyond(self, target: str, field: str | None = None) -> tuple[str, Path] | None:
        """What of the layers below a target would pass over, and where that is written."""
        if target.startswith(GRANT) or "#" in target:
            return self._approvals()
        server = target.rpartition("/")[2]
        several = not {"*", "?"}.isdisjoint(server)
        if self.below and several:
            return "may pass over drift of what an earlier layer asks for", self._first
        if server in self.below:
            known = self.below[server]
            return f"passes over drift of `{known}`, which is of an earlier layer", ("servers", known)
        unlisted = self.stated if several else self.watching and server not in self.own
        if unlisted and field is None:
            return "passes over what no layer lists, which an earlier one has a `policy` for", _POLICY
        return None

    def _approvals(self) -> tuple[str, Path] | None:
        if self.stated:
            return "passes over approvals, which an earlier layer has a `policy` for", _POLICY
        return ("may pass over approvals of what an earlier layer asks for", self._first) if self.below else None

    @property
    def _first(self) -> Path:
        return ("servers", next(iter(self.below.values())))


_POLICY = ("policy",)


def _names(servers: Mapping[str, Server]) -> dict[str, str]:
    called = {name: name for name in servers}
    for name, server in servers.items():
        called |= {override.name: name for override in server.hosts.values() if override.name}
    return called


def waivers(join: Join) -> Any:
    """A later layer waives no rule that an earlier one asks for by name, and none for that layer's servers.

    Drift it waives no more than it ignores it.
    """
    own, reach = [], _Reach.of(join)
    for index, waiver in enumerate(join.above.waivers):
        against = next(_demanded(join, waiver), None)
        beyond = reach.beyond(waiver.target) if waiver.rule in _OF_DRIFT else reach.others(waiver.target)
        if against is not None:
            message = f"waives {waiver.rule}, which `{against[0]}` of an earlier layer asks for"
            join.refuse(("waivers", index, "rule"), message, "ask for the waiver in that layer", against)
        elif beyond is not None:
            join.refuse(("waivers", index, "target"), beyond[0], _OWN, beyond[1])
        else:
            own.append(index)
    return join.appended("waivers", own)


_OF_DRIFT = frozenset({"MCP001", "MCP601", "MCP603"})
"""Rules about what is on the machine beside or against the manifest: to waive them is to ignore it."""
_BY_REQUIREMENT = {"exact-version": ("MCP101", "MCP104"), "enforced-tools": (NOT_ENFORCED,)}
"""The rules that check a word of `policy.require`, where it is not that of all others."""
_OF_POLICY = "MCP801"


def _demanded(join: Join, waiver: Waiver) -> Iterator[Path]:
    policy = join.below.policy
    for name in ("rules", "observed"):
        if getattr(policy, name).get(waiver.rule, "none") != "none":
            yield ("policy", name, waiver.rule)
    for index, word in enumerate(policy.require):
        if waiver.rule in _BY_REQUIREMENT.get(word, (_OF_POLICY,)):
            yield ("policy", "require", index)
    for name in ("schemas", "rego"):
        if waiver.rule in getattr(policy, name):
            yield ("policy", name, waiver.rule)
    if policy.packages is not None and waiver.rule == _OF_POLICY:
        yield ("policy", "packages")
    if join.below.absent and waiver.rule == _OF_POLICY:
        yield ("absent", 0)
