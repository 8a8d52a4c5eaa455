"""`servers`: a layer above may add servers, and say of those below what nobody has said yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mcpconf.documents.merging.join import Join, Path
from mcpconf.model.alone import server_faults
from mcpconf.model.entry import Value
from mcpconf.model.limits import Permissions, Tools
from mcpconf.model.manifest import Override, Server
from mcpconf.model.tools import covers, meet
from mcpconf.packages import brought
from mcpconf.resolve.servers import neutral, variants

_MAY = "a later layer may set `args`, `env` and `headers` where no earlier one does, and shrink `permissions.tools`"


def servers(join: Join) -> dict[str, Server]:
    merged = dict(join.below.servers)
    for name, server in join.above.servers.items():
        path = ("servers", name)
        if name in merged:
            complete = _completed(join, path, merged[name], server)
        else:
            join.take(path)
            _own_names(join, path, server)
            complete = Server.model_construct(server.model_fields_set, **dict(server))
        faults = [replace(fault, at=(*path, *fault.at)) for fault in server_faults(complete)]
        join.faults.extend(faults)
        if not faults:
            merged[name] = complete
            _admit(join, path, complete)
    return merged


def _own_names(join: Join, path: Path, server: Server) -> None:
    """A server of an earlier layer keeps its name, also where it had one before."""
    former = {name: below for below, item in join.below.servers.items() for name in (below, *item.was)}
    for index, name in enumerate(server.was):
        if name in former:
            message = f"renames `{former[name]}`, which is of an earlier layer"
            join.refuse((*path, "was", index), message, "rename it in that layer", ("servers", former[name]))


def _admit(join: Join, path: Path, server: Server) -> None:
    """Every layer below must let the packages in that the layer above brings."""
    policy, known = join.below.policy.packages, join.below.servers.get(str(path[-1]))
    if policy is None:
        return
    for package in sorted(_packages(server) - (_packages(known) if known else set())):
        reason = policy.refuses(package)
        if reason:
            message = f"launches `{package}`, which `policy.packages` of an earlier layer does not admit"
            join.refuse(path, message, "ask for it in that layer", ("policy", "packages", *reason))


def _packages(server: Server) -> set[str]:
    """What it launches, in whatever form some host gets it, with what is installed beside it."""
    return {package for _, own in variants(server) for package in brought(neutral(own))}


def _completed(join: Join, path: Path, below: Server, above: Server) -> Server:
    said: dict[str, Any] = {}
    for name in sorted(above.model_fields_set):
        old, new = getattr(below, name), getattr(above, name)
        at = (*path, name)
        if old == new:
            continue
        if name == "args" and name not in below.model_fields_set:
            join.take(at)
            said[name] = new
        elif name in ("env", "headers"):
            said[name] = _added(join, at, old, new)
        elif name == "hosts":
            said[name] = _overrides(join, at, below, new)
        elif name == "permissions":
            said[name] = _permissions(join, at, old, new)
        else:
            join.refuse(at, "is said differently in an earlier layer, or left out there", _MAY, _said(below, at))
    return below.model_copy(update=said)


def _said(below: Server, at: Path) -> Path:
    """The key itself if the server below has it, else the server."""
    return at if at[-1] in below.model_fields_set else at[:-1]


def _added(join: Join, at: Path, below: Mapping[str, Value], above: Mapping[str, Value]) -> dict[str, Value]:
    """Variables or headers of both. Upper and lower case make no difference in headers."""
    merged = dict(below)
    known = {name.lower() if at[-1] == "headers" else name: name for name in below}
    for name, value in above.items():
        same = known.get(name.lower() if at[-1] == "headers" else name)
        if same is None:
            join.take((*at, name))
            merged[name] = value
        elif below[same] != value:
            join.refuse((*at, name), "has another value in an earlier layer", _MAY, (*at, same))
    return merged


def _overrides(join: Join, at: Path, below: Server, above: Mapping[str, Override]) -> dict[str, Override]:
    merged = dict(below.hosts)
    for host, override in above.items():
        merged[host] = _override(join, (*at, host), below, override)
    return merged


def _override(join: Join, at: Path, below: Server, above: Override) -> Override:
    known = below.hosts.get(str(at[-1]), Override())
    said: dict[str, Any] = {}
    if above.args is not None and above.args != known.args:
        if known.args is not None or "args" in below.model_fields_set:
            against = (*at, "args") if known.args is not None else (*at[:2], "args")
            join.refuse((*at, "args"), "stands in place of what an earlier layer says", _MAY, against)
        else:
            join.take((*at, "args"))
            said["args"] = above.args
    if above.name is not None and above.name != known.name:
        join.refuse((*at, "name"), "renames a server of an earlier layer", _MAY, at[:2])
    if above.env is not None:
        said["env"] = _variables(join, (*at, "env"), below, known, above.env)
    return known.model_copy(update=said)


def _variables(join: Join, at: Path, below: Server, known: Override, above: Mapping[str, Value]) -> dict[str, Value]:
    merged = dict(known.env or {})
    for name, value in above.items():
        place = (*at, name) if name in merged else (*at[:2], "env", name)
        if merged.get(name, below.env.get(name, value)) != value:
            join.refuse((*at, name), "has another value in an earlier layer", _MAY, place)
        elif name not in merged:
            join.take((*at, name))
            merged[name] = value
    return merged


def _permissions(join: Join, at: Path, below: Permissions | None, above: Permissions) -> Permissions:
    known = below or Permissions()
    for name in sorted(above.model_fields_set - {"tools"}):
        if getattr(above, name) != getattr(known, name):
            against = at if below is not None else at[:-1]
            join.refuse((*at, name), "is not as an earlier layer has it", _MAY, against)
    if above.tools is None:
        return known
    tools = _tools(join, (*at, "tools"), known.tools, above.tools)
    return known.model_copy(update={"tools": tools})


def _tools(join: Join, at: Path, below: Tools | None, above: Tools) -> Tools:
    known = below or Tools()
    said: dict[str, Any] = {}
    for name in sorted(above.model_fields_set & {"call", "auto"}):
        said[name] = getattr(above, name)
        join.take((*at, name))
        _shrunk(join, (*at, name), getattr(known, name), said[name])
    denied = list(known.without)
    for index, tool in enumerate(above.without):
        if tool not in denied:
            join.take((*at, "except", len(denied)), (*at, "except", index))
            denied.append(tool)
    merged = known.model_copy(update={**said, "without": tuple(denied)})
    return merged if "auto" in said else merged.model_copy(update={"auto": _still(join, at, merged)})


def _still(join: Join, at: Path, tools: Tools) -> tuple[str, ...]:
    """What acts without asking, of the layers below, and may still be called."""
    kept: list[str] = []
    for index, tool in enumerate(tools.auto):
        callable_ = tools.call is None or any(covers(item, tool) for item in tools.call)
        if callable_ and not any(meet(item, tool) for item in tools.without):
            join.origins[*at, "auto", len(kept)] = join.origin((*at, "auto", index))
            kept.append(tool)
    return tuple(kept)


def _shrunk(join: Join, at: Path, below: tuple[str, ...] | None, above: tuple[str, ...] | None) -> None:
    """Every pattern above must lie within one below. None below means every tool."""
    place = _list_or_server(join, at)
    for index, tool in enumerate(above or ()):
        if below is not None and not any(covers(pattern, tool) for pattern in below):
            join.refuse((*at, index), f"lets in `{tool}`, which an earlier layer does not", _MAY, place)


def _list_or_server(join: Join, at: Path) -> Path:
    permissions = join.below.servers[str(at[1])].permissions
    return at if permissions is not None and permissions.tools is not None else at[:2]
