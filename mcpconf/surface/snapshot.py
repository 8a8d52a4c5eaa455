"""From what a server answered to its surface, or to what of it cannot be locked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mcpconf.model.base import Json
from mcpconf.model.manifest import Server
from mcpconf.model.probe import Clients, Transcript
from mcpconf.model.surface import Context, Item, ItemKind, Listing, Surface
from mcpconf.model.surface_wish import SurfaceWish
from mcpconf.surface.digests import item_digest_of, jcs, pointer_to, surface_digest
from mcpconf.surface.reading import MAXIMUM_ITEM, MAXIMUM_ITEMS, Violation, parsed, violations
from mcpconf.surface.spelling import without_nulls
from mcpconf.surface.templating import templated

HANDSHAKES = {"initialize": "initialize", "discover": "server/discover"}
"""The method that begins a conversation, by era."""

LISTS: Mapping[str, tuple[ItemKind, str, str]] = {
    "tools/list": ("tool", "tools", "name"),
    "prompts/list": ("prompt", "prompts", "name"),
    "resources/templates/list": ("template", "resourceTemplates", "uriTemplate"),
    "resources/list": ("resource", "resources", "uri"),
}
"""Of each method that lists: what, under which key, and by which key of an item it is named."""

_SERVER_INFO = "io.modelcontextprotocol/serverInfo"
_PASSING = frozenset({"capabilities", "instructions", "protocolVersion", "ttlMs", "cacheScope", "resultType", "_meta"})
"""What of an answer to a handshake is an item of its own, or of the one answer alone."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,63}(?=:)")


@dataclass(frozen=True, slots=True)
class Asking:
    """How a server was asked, see `Context`.

    `places` are texts of this machine and this run with the word for each: the folder that was its home, and `${home}`.
    """

    transport: Literal["stdio", "http", "sse"]
    arguments: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    identity: str = "anonymous"
    places: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, server: Server, places: Mapping[str, str]) -> Asking:
        """As the manifest says now, by nobody that the server would know."""
        transport = server.effective_transport
        return cls(
            transport if transport != "unknown" else "stdio",
            tuple(map(str, server.args)),
            tuple(sorted(server.env)),
            places=places,
        )


@dataclass(slots=True)
class _Shown:
    """What one client was shown: items, each with its digest, and what is beside them."""

    items: dict[tuple[ItemKind, str], Item] = field(default_factory=dict)
    schemes: set[str] = field(default_factory=set)
    about: dict[str, Json] = field(default_factory=dict)
    faults: list[Violation] = field(default_factory=list)


def surface_of(transcripts: Sequence[Transcript], asking: Asking, wish: SurfaceWish) -> Surface | tuple[Violation, ...]:
    """What the client `bare` saw; what `able` saw more, or otherwise, is `gated`."""
    shown: dict[Clients, _Shown] = {item.client: _shown(item, asking, wish) for item in transcripts}
    first = next((item for item in transcripts if item.client == "bare"), None)
    if first is None:
        return (Violation("", "was not answered to a client that offers nothing"),)
    faults: tuple[Violation, ...] = tuple(dict.fromkeys(fault for found in shown.values() for fault in found.faults))
    if faults:
        return faults
    bare, able = shown["bare"], shown.get("able", _Shown())
    gated = {key: item for key, item in able.items.items() if bare.items.get(key) != item}
    context = Context(
        era=first.era,
        protocol=first.protocol,
        transport=asking.transport,
        arguments=[*asking.arguments],
        variables=sorted(asking.variables),
        identity=asking.identity,
    )
    schemes = sorted(bare.schemes | able.schemes)
    parts = _parts(bare.items)
    found = Surface(
        digest=_UNKNOWN, context=context, about=bare.about, schemes=schemes, gated=Listing(**_parts(gated)), **parts
    )
    if len(json.dumps(found.model_dump(mode="json"), indent=2)) > MAXIMUM_SURFACE:
        return (Violation("", f"takes more than {MAXIMUM_SURFACE // (1024 * 1024)} MiB in a lock"),)
    return found.model_copy(update={"digest": surface_digest(found.named())})


MAXIMUM_SURFACE = 2 * 1024 * 1024
"""Characters of one surface, written as in a lock: of which nobody reads one that is larger than all of it may be."""

_UNKNOWN = "sha256:" + "0" * 64


def _parts(items: Mapping[tuple[ItemKind, str], Item]) -> dict[str, Json]:
    parts: dict[str, Json] = {}
    for (kind, name), item in sorted(items.items()):
        if kind in ("instructions", "capabilities"):
            parts[kind] = item
        else:
            parts.setdefault(f"{kind}s", {})[name] = item
    return parts


def _shown(transcript: Transcript, asking: Asking, wish: SurfaceWish) -> _Shown:
    shown = _Shown()
    _handshake(transcript, shown, asking, wish)
    for method in LISTS:
        _list(transcript, method, shown, asking, wish)
    return shown


def _handshake(transcript: Transcript, shown: _Shown, asking: Asking, wish: SurfaceWish) -> None:
    method = HANDSHAKES[transcript.era]
    results = [*_results(transcript, method, shown)]
    if not results:
        if not shown.faults:
            shown.faults.append(Violation("", f"has no answer to `{method}`"))
        return
    result = results[-1]
    told = {key: value for key, value in result.items() if key not in _PASSING}
    meta = result.get("_meta")
    if isinstance(meta, dict) and _SERVER_INFO in meta:
        told["serverInfo"] = meta[_SERVER_INFO]
    faults = [fault for key, value in told.items() for fault in violations(value, f"/about/{key}")]
    shown.faults += faults
    shown.about = {} if faults else {key: _placed(value, asking.places) for key, value in sorted(told.items())}
    _add(
        shown,
        ("capabilities", ""),
        result["capabilities"] if result.get("capabilities") is not None else {},
        asking,
        wish,
    )
    if result.get("instructions") is not None:
        _add(shown, ("instructions", ""), result["instructions"], asking, wish)


def _results(transcript: Transcript, method: str, shown: _Shown) -> Iterator[dict[str, Json]]:
    for answer in transcript.answers:
        if answer.method == method:
            result = parsed(answer.result, f"/{method}")
            if isinstance(result, Violation):
                shown.faults.append(result)
            elif not isinstance(result, dict):
                reason = next((fault.reason for fault in violations(result, "")), "is no map")
                shown.faults.append(Violation(f"/{method}", reason))
            else:
                yield result


def _list(transcript: Transcript, method: str, shown: _Shown, asking: Asking, wish: SurfaceWish) -> None:
    kind, key, named_by = LISTS[method]
    found: list[Json] = []
    for result in _results(transcript, method, shown):
        page = result.get(key)
        if not isinstance(page, list):
            shown.faults.append(Violation(f"/{key}", "is no list"))
            return
        found += page
    if kind == "resource":
        shown.schemes |= {_scheme(item) for item in found}
        if not wish.resources:
            return
    if len(found) > MAXIMUM_ITEMS:
        shown.faults.append(Violation(f"/{key}", f"has more than {MAXIMUM_ITEMS:,} items"))
        return
    for index, item in enumerate(found):
        name = item.get(named_by) if isinstance(item, dict) else None
        if not isinstance(name, str) or not name:
            reason = next((fault.reason for fault in violations(item, "")), f"has no `{named_by}`")
            shown.faults.append(Violation(f"/{key}/{index}", reason))
        elif (kind, name) in shown.items:
            shown.faults.append(Violation(pointer_to(kind, name), f"is there twice: a second time at {index}"))
        else:
            _add(shown, (kind, name), item, asking, wish)


def _scheme(resource: Json) -> str:
    """In lower case; "" if it has none."""
    uri = resource.get("uri") if isinstance(resource, dict) else None
    found = _SCHEME.match(uri) if isinstance(uri, str) else None
    return found[0].lower() if found else ""


def _add(shown: _Shown, key: tuple[ItemKind, str], value: Json, asking: Asking, wish: SurfaceWish) -> None:
    """One item, in the form that its digest is of. `value` is looked through first."""
    kind, name = key
    pointer = pointer_to(kind, name)
    faults = [*violations(value, pointer)]
    if not faults and not isinstance(value, str if kind == "instructions" else dict):
        faults = [Violation(pointer, "is no text" if kind == "instructions" else "is no map")]
    if not faults:
        value = templated(_placed(without_nulls(kind, value), asking.places), pointer, wish.templated)
        form = jcs(value)
        if len(form) <= MAXIMUM_ITEM:
            shown.items[key] = Item(digest=item_digest_of(kind, name, form), value=value)
            return
        faults = [Violation(pointer, f"is longer than {MAXIMUM_ITEM // 1024} KiB")]
    shown.faults += faults


def _placed(value: Json, places: Mapping[str, str]) -> Json:
    """With a word for each text of this machine, the longest first."""
    if not places:
        return value
    if isinstance(value, str):
        for place in sorted(places, key=len, reverse=True):
            value = value.replace(place, places[place])
        return value
    if isinstance(value, dict):
        return {key: _placed(inner, places) for key, inner in value.items()}
    return [_placed(inner, places) for inner in value] if isinstance(value, list) else value
