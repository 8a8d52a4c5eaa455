"""What is to be approved, in words: all that a server shows, or what of it differs from what was approved before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.model.base import Json
from mcpconf.model.surface import Item, Surface
from mcpconf.report.findings import finding_lines, findings_data
from mcpconf.report.layout import hang, table
from mcpconf.report.relocked import what
from mcpconf.report.style import Style, plural
from mcpconf.surface.approval import Judged
from mcpconf.surface.comparing import surface_changes

_SENTENCE = re.compile(r"[.!?](?=\s|\Z)")
_INDENT = "  "
_LONGEST = 4000
"""Characters of instructions."""

_MORE = " [...]"
"""Behind the first sentence of what has more."""

_SORTS = (("tools", "tool"), ("prompts", "prompt"), ("templates", "template"), ("resources", "resource"))


def render_open(judged: Sequence[Judged], style: Style) -> str:
    """What nobody has approved yet, server by server."""
    text = "".join(f"{line}\n" for item in judged for line in (*_open(item, style), ""))
    note = f"Of what ends in `{_MORE.strip()}`, `mcpconf.lock` has the rest: read it too.\n\n"
    return text + (note if _MORE in text else "")


def _open(item: Judged, style: Style) -> Iterator[str]:
    yield style.paint(_head(item, style), "bold")
    yield from _shows(item, style)
    for found in item.findings:
        yield from (f"{_INDENT}{line}" for line in finding_lines(found, style))


def _shows(item: Judged, style: Style) -> Iterator[str]:
    assert item.unapproved is not None
    if item.last is None:
        yield from whole(item.surface, style)
        return
    if item.before is not None:
        for change in surface_changes(item.before, item.surface):
            named = f"{change.kind} {change.name}".strip()
            yield from hang(f"{_INDENT}{style.text(named)}: ", style.text(change.words), style.width)
        return
    for sign, names in (
        ("+", item.unapproved.added),
        ("~", item.unapproved.changed),
        ("-", item.unapproved.removed),
    ):
        yield from (f"{_INDENT}{sign} {style.text(name)}" for name in names)


def _head(item: Judged, style: Style) -> str:
    named = " ".join(style.text(word) for word in (what(item.locked), item.locked.version) if word)
    return f"{style.text(item.name)}   {named}   {_state(item, style)}"


def _state(item: Judged, style: Style) -> str:
    last = item.last
    if last is None:
        return "never approved"
    given = f"approved {style.text(last.on)} by {style.text(last.by)}"
    return f"{given}, and different now" if item.unapproved is not None else given


def whole(surface: Surface, style: Style) -> Iterator[str]:
    """All that it shows, a line for each item."""
    if surface.instructions is not None:
        yield from hang(f"{_INDENT}instructions: ", _instructions(str(surface.instructions.value), style), style.width)
    if surface.capabilities is not None and isinstance(surface.capabilities.value, dict):
        yield from hang(f"{_INDENT}capabilities: ", _names(sorted(surface.capabilities.value), style), style.width)
    for key, word in _SORTS:
        yield from _items(getattr(surface, key), word, style)
    for key, word in _SORTS:
        yield from _items(getattr(surface.gated, key), f"gated {word}", style)


def _instructions(text: str, style: Style) -> str:
    """All of them, as far as anybody reads: a model does."""
    more = f" ({len(text) - _LONGEST} characters more in the lock)" if len(text) > _LONGEST else ""
    return style.line(text[:_LONGEST]) + more


def _names(names: Sequence[str], style: Style) -> str:
    return ", ".join(map(style.text, names))


def _items(items: dict[str, Item], word: str, style: Style) -> Iterator[str]:
    if not items:
        return
    yield f"{_INDENT}{plural(len(items), word)}"
    rows = [
        (style.text(name), _claim(item.value), style.text(_sentence(item.value)))
        for name, item in sorted(items.items())
    ]
    for lines in table(rows, style.width, indent=2 * len(_INDENT)):
        yield from lines


def _sentence(value: Json) -> str:
    """The first of a description; the lock has all of it."""
    text = value.get("description") if isinstance(value, dict) else None
    if not isinstance(text, str):
        return ""
    end = _SENTENCE.search(text)
    first = text[: end.end()] if end is not None else text
    return first + _MORE if len(first) < len(text.rstrip()) else first


def _claim(value: Json) -> str:
    """What a tool says of itself, which nobody has checked; where it says nothing, the worst is meant (protocol 2025-03-26)."""
    if not isinstance(value, dict) or "inputSchema" not in value:
        return ""
    said = value.get("annotations")
    hints = said if isinstance(said, dict) else {}
    if hints.get("readOnlyHint") is True:
        return "says it only reads"
    return "says it destroys nothing" if hints.get("destructiveHint") is False else "may destroy"


def render_approved(done: Sequence[Judged], file: str, style: Style) -> str:
    if not done:
        return "Nothing to approve: all of it is approved.\n"
    names = ", ".join(style.text(item.name) for item in done)
    return f"Approved {names} in {style.path(file)}; commit it.\n"


def render_approvals(judged: Sequence[Judged], silent: Sequence[str], style: Style) -> str:
    """One line for each server."""
    rows = [(style.text(item.name), _state(item, style), _why(item, style)) for item in judged]
    rows += [(style.text(name), "no surface in the lock", "") for name in silent]
    return "".join(f"{line}\n" for lines in table(sorted(rows), style.width, indent=0) for line in lines)


def _why(item: Judged, style: Style) -> str:
    return style.text(item.last.reason) if item.last is not None and item.unapproved is None else ""


def approvals_data(judged: Sequence[Judged], silent: Sequence[str]) -> list[Json]:
    return [_data(item) for item in judged] + [{"server": name, "state": "no surface"} for name in silent]


def _data(item: Judged) -> dict[str, Json]:
    found, last = item.unapproved, item.last
    state = "approved" if found is None else "never approved" if last is None else "changed"
    return {
        "server": item.name,
        "identity": item.identity,
        "version": item.locked.version,
        "surface": item.surface.digest,
        "state": state,
        "approval": None if last is None else last.model_dump(mode="json", include={"by", "on", "reason", "surface"}),
        "added": list(found.added) if found is not None else [],
        "changed": list(found.changed) if found is not None else [],
        "removed": list(found.removed) if found is not None else [],
        "findings": findings_data(item.findings),
    }
