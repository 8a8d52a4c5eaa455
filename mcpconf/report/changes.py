"""One change, or the same change on several hosts, in lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from mcpconf.compare import details
from mcpconf.model.base import Json
from mcpconf.model.change import Change
from mcpconf.report.style import ACTION_COLOURS, SYMBOLS, Style
from mcpconf.secrets.escape import escape

REASONS = {
    "new": "not on this machine yet",
    "removed_by_hand": "removed by hand since the last apply",
    "manifest_changed": "the manifest changed",
    "drifted": "changed by hand since the last apply",
    "both_changed": "the manifest and the machine both changed",
    "not_ours": "it was there before mcpconf, with other values",
    "name_taken": "the name is taken by something else",
    "revoked": "no longer in the manifest",
    "revoked_and_changed": "no longer in the manifest, and changed by hand",
    "revoked_elsewhere": "revoked at another place",
    "must_be_absent": "must not be on any machine",
    "unmanaged": "not in the manifest",
    "shadowed": "a stronger entry wins over it",
    "unreadable": "its file could not be read",
}
_ORDER = ("transport", "launch", "url", "cwd", "env", "headers", "timeout", "enabled", "oauth")
_WIDTH = 100


def grouped(changes: Sequence[Change]) -> list[list[Change]]:
    """Changes that differ only in their host or folder, together."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        same = change.model_dump(
            include={"server", "action", "reason", "fields", "before", "after", "hold"}, mode="json"
        )
        groups.setdefault(json.dumps(same, sort_keys=True), []).append(change)
    return list(groups.values())


def change_lines(group: Sequence[Change], style: Style) -> Iterator[str]:
    change = group[0]
    numbers = ",".join(str(item.index) for item in group)
    places = ", ".join(escape(item.address.rpartition("/")[0]) for item in group)
    hosts = f"   ({len(group)} hosts)" if len(group) > 1 else ""
    head = f"[{numbers}] {SYMBOLS[change.action]} {escape(change.server)}"
    word = change.hold.action if change.hold and change.hold.action else change.action
    title = f"{head}   {word.upper() if change.hold else word}: {REASONS.get(change.reason, change.reason)}"
    yield "  " + style.paint(f"{title}   {places}{hosts}", ACTION_COLOURS[change.action])
    for item in group:
        line = f":{item.line}" if item.line is not None else ""
        new = "   (new file)" if item.new_file else ""
        yield f"        {style.path(item.file)}{line}{new}"
    for text in _body(change):
        yield f"        {text}"
    yield from (f"        {text}" for text in _notes(change, style))


def _body(change: Change) -> Iterator[str]:
    if change.fields:
        for field in change.fields:
            for detail in details(field.name, field.before, field.after):
                yield _difference(detail.name, detail.before, detail.after)
        return
    entry = change.after if change.action in ("create", "held") else change.before
    for name in _ORDER:
        if isinstance(entry, dict) and name in entry and name != "transport":
            yield f"{name:<8} {_short(entry[name], name)}"


def _difference(name: str, before: Json, after: Json) -> str:
    if before is None:
        return f"{escape(name)}:  + {_text(after)}"
    if after is None:
        return f"{escape(name)}:  - {_text(before)}"
    return f"{escape(name)}:  {_text(before)}  ->  {_text(after)}"


def _notes(change: Change, style: Style) -> Iterator[str]:
    if change.foreign:
        yield f"also removes {', '.join(f'`{escape(name)}`' for name in change.foreign)}, which mcpconf does not know"
    if change.moved_secrets and change.writes:
        names = ", ".join(escape(name) for name in change.moved_secrets)
        yield style.paint(f"the old literal stays in the pre-image for 7 days; rotate it ({names})", "yellow")
    if change.hold is not None:
        yield style.paint(f"held by {change.hold.by}: {escape(change.hold.message)}", "red")
        if change.hold.hint:
            yield f"hint: {escape(change.hold.hint)}"
    if change.hint:
        yield f"hint: {escape(change.hint)}"


def _short(value: Json, name: str) -> str:
    if name == "launch" and isinstance(value, list):
        text = " ".join(_word(str(item)) for item in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{escape(key)}={escape(str(item))}" for key, item in value.items())
    else:
        text = _text(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _word(text: str) -> str:
    return json.dumps(escape(text), ensure_ascii=False) if not text or " " in text else escape(text)


def _text(value: Json) -> str:
    return f'"{escape(value)}"' if isinstance(value, str) else escape(json.dumps(value, ensure_ascii=False))
