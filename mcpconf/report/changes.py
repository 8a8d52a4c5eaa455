"""One change, or the same change in several places, in lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from mcpconf.compare import details
from mcpconf.model.base import Json
from mcpconf.model.change import Change
from mcpconf.model.entry import FIELDS_OF_TOOLS
from mcpconf.report.layout import hang, table
from mcpconf.report.style import ACTION_COLOURS, SYMBOLS, Style

_FIELDS = (
    "launch",
    "url",
    "cwd",
    "env",
    "headers",
    "timeout",
    "enabled",
    "oauth",
    "client_id",
    *FIELDS_OF_TOOLS,
    "approval",
    "limit",
)
_WORDS = {"without": "except"}
"""Fields whose name in the manifest is another."""

_SAME = {
    "server",
    "action",
    "reason",
    "fields",
    "before",
    "after",
    "hold",
    "hint",
    "moved_secrets",
    "foreign",
    "also_read_by",
    "revoked_by",
}
_INDENT = " " * 8


def grouped(changes: Sequence[Change]) -> list[list[Change]]:
    """Changes that differ only in their host or folder, together; of a file that could not be read, all."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        same = change.model_dump(include={"action", "file"} if change.action == "unknown" else _SAME)
        groups.setdefault(json.dumps(same, sort_keys=True), []).append(change)
    return list(groups.values())


def change_lines(group: Sequence[Change], style: Style) -> Iterator[str]:
    change = group[0]
    numbers = ",".join(str(item.index) for item in group)
    word = f"HELD {change.hold.action}".rstrip() if change.hold else change.action
    from mcpconf.reconcile.reasons import REASONS

    known = REASONS.get(change.reason)
    reason = known.title if known is not None else style.text(change.reason)
    rows = [row for item in group for row in _rows(item, style)]
    places = f"   ({len(rows)} places)" if len(rows) > 1 else ""
    servers = ", ".join(dict.fromkeys(style.text(item.server) for item in group))
    sides = "   (machine -> manifest)" if change.action == "conflict" and change.fields else ""
    by = f", by {style.text(change.revoked_by.words)}" if change.revoked_by is not None else ""
    title = f"[{numbers}] {SYMBOLS[change.action]} {servers}   {word}: {reason}{by}{places}{sides}"
    yield from (style.paint(line, ACTION_COLOURS[change.action]) for line in hang("  ", title, style.width))
    for lines in table(rows, style.width, len(_INDENT)):
        yield from lines
    yield from _body(change, style)
    yield from _notes(change, style)


def _rows(change: Change, style: Style) -> Iterator[tuple[str, str]]:
    """All addresses of one operation, and the file, which is the same for all."""
    line = f":{change.line}" if change.line is not None else ""
    new = " (new file, not ignored by git)" if change.not_ignored else " (new file)" if change.new_file else ""
    where = f"{style.path(change.file)}{line}{new}"
    yield from ((style.path(address), where) for address in change.addresses)


def _body(change: Change, style: Style) -> Iterator[str]:
    if change.fields:
        for field in change.fields:
            found = details(field.name, field.before, field.after)
            for detail in sorted(found, key=lambda item: item.name != "command"):
                yield from _difference(
                    style.text(_WORDS.get(detail.name, detail.name)), detail.before, detail.after, style
                )
        return
    entry = change.after if change.action in ("create", "held") else change.before
    for name in _FIELDS:
        if isinstance(entry, dict) and name in entry:
            yield from hang(f"{_INDENT}{_WORDS.get(name, name):<8} ", _short(entry[name], name, style), style.width)
    if change.kind == "grant" and change.action == "revoke" and isinstance(change.after, dict):
        yield from hang(f"{_INDENT}instead  ", style.text(", ".join(change.after["approval"])), style.width)


def _difference(name: str, before: Json, after: Json, style: Style) -> Iterator[str]:
    old, new = _text(before, style), _text(after, style)
    if before is None or after is None:
        yield from hang(f"{_INDENT}{name}:  ", f"+ {new}" if before is None else f"- {old}", style.width)
        return
    line = f"{_INDENT}{name}:  {old}  ->  {new}"
    if len(line) <= style.width:
        yield line
        return
    yield f"{_INDENT}{name}:"
    yield from hang(f"{_INDENT}    ", old, style.width)
    yield from hang(f"{_INDENT}->  ", new, style.width)


def _notes(change: Change, style: Style) -> Iterator[str]:
    if change.also_read_by:
        yield from hang(_INDENT, f"also read by {', '.join(map(style.text, change.also_read_by))}", style.width)
    if change.foreign:
        names = ", ".join(f"`{style.text(name)}`" for name in change.foreign)
        yield from hang(_INDENT, f"also removes {names}, which mcpconf does not know", style.width)
    if change.moved_secrets and change.writes:
        names = ", ".join(style.text(name) for name in change.moved_secrets)
        text = f"the old literal stays in the pre-image for 7 days; rotate it ({names})"
        yield from (style.paint(line, "yellow") for line in hang(_INDENT, text, style.width))
    if change.hold is not None:
        text = f"{style.text(change.hold.by)}: {style.text(change.hold.message)}"
        yield from (style.paint(line, "red") for line in hang(f"{_INDENT}held by ", text, style.width))
    for hint in (change.hold.hint if change.hold else "", change.hint):
        if hint:
            yield from hang(f"{_INDENT}hint: ", style.text(hint), style.width)


def _short(value: Json, name: str, style: Style) -> str:
    if name in ("approval", "limit"):
        return style.text(value)
    if name in FIELDS_OF_TOOLS and isinstance(value, list):
        return style.text(", ".join(value) or "no tool")
    if name == "launch" and isinstance(value, list):
        return style.text(" ".join(_word(str(item)) for item in value))
    if isinstance(value, dict):
        return style.text(", ".join(f"{key}={item}" for key, item in value.items()))
    return _text(value, style)


def _word(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if not text or " " in text else text


def _text(value: Json, style: Style) -> str:
    return f'"{style.text(value)}"' if isinstance(value, str) else style.text(json.dumps(value, ensure_ascii=False))
