"""`absent`, `released`, `ignore` and `waivers`: a layer above may forbid more, and let be only what is its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mcpconf.documents.merging.join import Join, Path
from mcpconf.model.address import GRANT
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
    """Drift of what an earlier layer asks for must not be passed over, so a pattern of servers is not taken."""
    own, called = [], _names_below(join)
    for index, item in enumerate(join.above.ignore):
        hidden = _hidden(join, item.target, called)
        if hidden is None:
            own.append(index)
        else:
            message, against = hidden
            join.refuse(("ignore", index, "target"), message, "name servers of this layer", against)
    return join.appended("ignore", own)


def _names_below(join: Join) -> dict[str, str]:
    """The servers of the layers below, by every name that some host has for them."""
    called = {name: name for name in join.below.servers}
    for name, server in join.below.servers.items():
        called |= {override.name: name for override in server.hosts.values() if override.name}
    return called


def _hidden(join: Join, target: str, called: Mapping[str, str]) -> tuple[str, Path] | None:
    """What a target would pass over, and where that is written."""
    if target.startswith(GRANT):
        stated = "policy" in join.below.model_fields_set
        return ("passes over approvals, which an earlier layer has a `policy` for", ("policy",)) if stated else None
    server = target.partition("#")[0].rpartition("/")[2]
    if called and {"*", "?"} & set(server):
        return "may pass over drift of what an earlier layer asks for", ("servers", next(iter(called.values())))
    if server not in called:
        return None
    return f"passes over drift of `{called[server]}`, which is of an earlier layer", ("servers", called[server])


def waivers(join: Join) -> Any:
    """What an earlier layer asks for by name is not waived by a later one."""
    own = []
    for index, waiver in enumerate(join.above.waivers):
        against = next(_demanded(join, waiver), None)
        if against is None:
            own.append(index)
        else:
            message = f"waives {waiver.rule}, which the `policy` of an earlier layer asks for"
            join.refuse(("waivers", index, "rule"), message, "ask for the waiver in that layer", against)
    return join.appended("waivers", own)


_BY_REQUIREMENT = {"exact-version": "MCP101"}
"""The rule that checks a word of `policy.require`, where it is not that of all others."""
_OF_POLICY = "MCP801"


def _demanded(join: Join, waiver: Waiver) -> Iterator[Path]:
    policy = join.below.policy
    for name in ("rules", "observed"):
        if getattr(policy, name).get(waiver.rule, "none") != "none":
            yield ("policy", name, waiver.rule)
    for index, word in enumerate(policy.require):
        if _BY_REQUIREMENT.get(word, _OF_POLICY) == waiver.rule:
            yield ("policy", "require", index)
    if policy.packages is not None and waiver.rule == _OF_POLICY:
        yield ("policy", "packages")
