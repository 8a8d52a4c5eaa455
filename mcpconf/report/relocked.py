"""What became of a lock, server by server: what a person must look at first, then versions, then all that came with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcpconf.artifacts.changes import AlarmKind, LockChange, Moved, has_install_script
from mcpconf.artifacts.metadata import METADATA, identity_of, scopes_of
from mcpconf.model.base import Json
from mcpconf.model.lock import LockedServer
from mcpconf.model.surface import Surface
from mcpconf.report.layout import hang, table
from mcpconf.report.style import SYMBOLS, Style, plural
from mcpconf.report.surfaces import asked, shows, surface_changes_data, surface_lines, suspicion_lines, suspicions_data
from mcpconf.report.surfaces import counted as surface_counted

ALARMS: dict[AlarmKind, str] = {
    "other_server": "another server under this name",
    "downgrade": "older than before",
    "other_bytes": "other bytes than before",
    "republished": "the same version with other bytes",
    "publisher_changed": "publisher changed",
    "provenance_lost": "provenance absent where it was present",
    "provenance_invalid": "provenance does not verify",
    "provenance_changed": "built elsewhere than before",
    "identity_changed": "who gives out tokens changed",
    "scopes_added": "scopes that the manifest does not ask for",
    "install_script": "new install script",
}

_INDENT = "    "
_MOST = 12
"""Dependencies that text names; JSON has all."""


class Line(NamedTuple):
    """A fact of a server before and after; one of them may be empty."""

    label: str
    old: str
    new: str


def render_lock_changes(changes: Sequence[LockChange], style: Style) -> str:
    """Empty if nothing changed."""
    return "".join(f"{line}\n" for change in changes for line in _change(change, style))


def _change(change: LockChange, style: Style) -> Iterator[str]:
    action = action_of(change)
    locked = change.new or change.old
    assert locked is not None
    version = moved(*(style.text(item.version) if item is not None else "" for item in (change.old, change.new)))
    words = [f"{SYMBOLS[action]} {style.text(change.name)}", style.text(what(locked)), version]
    yield style.paint("   ".join(word for word in words if word), "bold")
    for alarm in change.alarms:
        lines = hang(f"{_INDENT}! ", f"{ALARMS[alarm.kind]}: {style.text(alarm.text)}", style.width)
        yield from (style.paint(line, "red") for line in lines)
    if action == "create" and (locked.closure or locked.artifacts):
        yield f"{_INDENT}{size(locked)}"
    if action == "create" and locked.surface is not None:
        yield f"{_INDENT}shows: {shows(locked.surface)}"
    for line in facts(change) if action == "update" else ():
        yield from hang(f"{_INDENT}{line.label}: ", arrow(style.text(line.old), style.text(line.new)), style.width)
    if change.surface:
        yield f"{_INDENT}surface: {surface_counted(change.surface)}"
        yield from surface_lines(change.surface, style, 2 * len(_INDENT))
    if (shown := _new_surface(change)) is not None:
        yield from suspicion_lines(shown, style, len(_INDENT))
    yield from _dependencies(change.dependencies, style)


def _new_surface(change: LockChange) -> Surface | None:
    """What the server shows, if that was not in the lock before."""
    is_new = bool(change.surface) or change.old is None
    return change.new.surface if change.new is not None and is_new else None


def _dependencies(items: Sequence[Moved], style: Style) -> Iterator[str]:
    if not items:
        return
    yield f"{_INDENT}dependencies: {counted(items)}"
    rows = [(f"{sign(item)} {style.text(item.name)}", style.text(versions(item))) for item in items[:_MOST]]
    for lines in table(rows, style.width, indent=2 * len(_INDENT)):
        yield from lines
    if len(items) > _MOST:
        yield f"{2 * _INDENT}and {plural(len(items) - _MOST, 'other package')}: `--format json` has all"


def action_of(change: LockChange) -> str:
    return "create" if change.old is None else "delete" if change.new is None else "update"


def what(locked: LockedServer) -> str:
    return locked.package or str(locked.endpoint.get("url", "")) or "program"


def arrow(old: str, new: str) -> str:
    return f"{old or 'none'}  ->  {new or 'none'}"


def moved(old: str, new: str) -> str:
    """Of what may have come, gone, or stayed: only what there is."""
    return arrow(old, new) if old and new and old != new else new or old


def size(locked: LockedServer) -> str:
    """How much is locked."""
    scripts = sum(map(has_install_script, locked.closure.values()))
    some = plural(len(locked.closure) or len(locked.artifacts), "package" if locked.closure else "file")
    return f"{some}, {plural(scripts, 'install script')} never run" if scripts else some


def counted(items: Sequence[Moved]) -> str:
    added, removed = sum(not item.old for item in items), sum(not item.new for item in items)
    counts = {"added": added, "removed": removed, "changed": len(items) - added - removed}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def sign(item: Moved) -> str:
    return "+" if not item.old else "-" if not item.new else "~"


def versions(item: Moved) -> str:
    return moved(", ".join(item.old), ", ".join(item.new))


def facts(change: LockChange) -> Iterator[Line]:
    """What differs between both, but versions, bytes and dependencies."""
    if change.old is None or change.new is None:
        return
    old, new = change.old, change.new
    told = [Line(label, read(old), read(new)) for label, read in _FACTS.items()]
    before, after = _pinned(old), _pinned(new)
    told += [Line(key, before.get(key, ""), after.get(key, "")) for key in sorted(before.keys() | after.keys())]
    yield from (line for line in told if line.old != line.new)


def bytes_of(change: LockChange) -> Iterator[Line]:
    """The digest of each file of the server's own package that came, went or has other bytes."""
    if change.old is None or change.new is None:
        return
    for file in sorted(change.old.artifacts.keys() | change.new.artifacts.keys()):
        old, new = (item.artifacts.get(file) for item in (change.old, change.new))
        line = Line(file, old.digest if old else "", new.digest if new else "")
        if line.old != line.new:
            yield line


def _pinned(locked: LockedServer) -> dict[str, str]:
    """Of an address: what the manifest says, and what the address tells of itself."""
    stated = {key: _words(value) for key, value in locked.endpoint.items() if key != METADATA}
    told = {f"its {key}": text for key, text in identity_of(locked.endpoint).items()}
    return {**stated, **told, "its scopes": " ".join(sorted(scopes_of(locked.endpoint)))}


def _package(locked: LockedServer) -> str:
    return locked.package


def _started(locked: LockedServer) -> str:
    return locked.program


def _interpreter(locked: LockedServer) -> str:
    return ", ".join(f"{name} {versions}".strip() for name, versions in sorted(locked.requires.items()))


def _shows(locked: LockedServer) -> str:
    return shows(locked.surface) or "not asked"


def _asked(locked: LockedServer) -> str:
    return asked(locked.surface)


def _words(value: Json) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _publisher(locked: LockedServer) -> str:
    return ", ".join(locked.publisher.owners)


def _repository(locked: LockedServer) -> str:
    publisher = locked.publisher
    return " ".join(word for word in (publisher.repository, publisher.repository_id) if word)


def provenance(locked: LockedServer) -> str:
    attested = locked.provenance
    return f"{attested.state} ({attested.identity})" if attested.identity else attested.state


_FACTS = {
    "package": _package,
    "starts": _started,
    "requires": _interpreter,
    "publisher": _publisher,
    "repository": _repository,
    "provenance": provenance,
    "shows": _shows,
    "asked with": _asked,
}


def lock_changes_data(changes: Sequence[LockChange]) -> list[Json]:
    return [_data(change) for change in changes]


def _data(change: LockChange) -> dict[str, Json]:
    return {
        "server": change.name,
        "action": action_of(change),
        "package": what(change.new or change.old or LockedServer.model_construct()),
        "old": _locked(change.old),
        "new": _locked(change.new),
        "dependencies": [
            {"name": item.name, "old": list(item.old), "new": list(item.new)} for item in change.dependencies
        ],
        "surface": surface_changes_data(change.surface),
        "texts": suspicions_data(_new_surface(change)),
        "alarms": [{"kind": alarm.kind, "title": ALARMS[alarm.kind], "message": alarm.text} for alarm in change.alarms],
    }


def _locked(locked: LockedServer | None) -> Json:
    if locked is None:
        return None
    kept = {"package", "version", "artifacts", "program", "requires", "publisher", "provenance", "endpoint"}
    surface = locked.surface.digest if locked.surface is not None else None
    return {**locked.model_dump(mode="json", include=kept), "packages": len(locked.closure), "surface": surface}
