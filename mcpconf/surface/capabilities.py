"""What a server says it can do beside its lists, and what it means that it says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.model.base import ABSENT, Json
from mcpconf.permissions.change import Verdict
from mcpconf.surface.change import Place, Said
from mcpconf.surface.digests import jcs
from mcpconf.surface.parameters import shown

_MEANS: Mapping[tuple[str, ...], str] = {
    ("tools",): "it has tools",
    ("tools", "listChanged"): "it may change its tools while it runs",
    ("prompts",): "it has prompts",
    ("prompts", "listChanged"): "it may change its prompts while it runs",
    ("resources",): "it has resources",
    ("resources", "listChanged"): "it may change its resources while it runs",
    ("resources", "subscribe"): "it can send what it reads without being asked again",
    ("completions",): "it is told what is typed while it is typed",
    ("logging",): "it can write to the log of the host",
    ("tasks",): "it can go on with a call after it was answered",
    ("extensions",): "it has extensions",
    ("extensions", "io.modelcontextprotocol/ui"): "it can show pages of its own in the host",
    ("extensions", "io.modelcontextprotocol/tasks"): "it can go on with a call after it was answered",
}
"""Of revisions to 2026-07-28."""

_FOREIGN = frozenset({"experimental", "extensions"})
"""What lies below is not of the protocol, and shown as it is."""

_DIRECTIONS: Mapping[str, Verdict] = {"+": "wider", "-": "narrower", "~": "both"}


def capability_changes(old: Json, new: Json) -> Iterator[Said]:
    """At least one for values that are not the same."""
    yield from _changes(old, new, ())


def _changes(old: Json, new: Json, path: tuple[str, ...]) -> Iterator[Said]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            before, after = old.get(key, ABSENT), new.get(key, ABSENT)
            if before is ABSENT or after is ABSENT or jcs(before) != jcs(after):
                yield from _changes(before, after, (*path, key))
    elif old is ABSENT and isinstance(new, dict) and path[0] not in _FOREIGN:
        yield _said(path, "+", "")
        yield from _changes({}, new, path)
    elif (old is ABSENT or old is False) and (new is ABSENT or new is False):
        yield _said(path, "=", " is said not to be there, or is not said any more")
    elif new is ABSENT or new is False:
        yield _said(path, "-", "")
    elif old is ABSENT or old is False:
        yield _said(path, "+", "" if new in (True, {}) else f" {shown(new)}")
    else:
        yield _said(path, "~", f" {shown(old)}  ->  {shown(new)}")


def _said(path: tuple[str, ...], sign: str, value: str) -> Said:
    named = ".".join(step[:80] for step in path) or "capabilities"
    means = _MEANS.get(path, "")
    pointer = Place("").at(*path).pointer
    if sign == "=":
        return Said(pointer, "cosmetic", "same", f"{named}{value}")
    words = f"{sign} {named}{value}" + (f": {means}" if means and sign == "+" else "")
    return Said(pointer, "capability", _DIRECTIONS[sign], words)
