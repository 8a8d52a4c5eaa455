"""What moving a server to another version changed, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.advisories.closure import Hit
from mcpconf.artifacts.standing import Side, Updated
from mcpconf.model.base import Json
from mcpconf.report.layout import hang
from mcpconf.report.outdated import NO_DATA, hit_data, hit_text, judged_data
from mcpconf.report.relocked import Line, arrow, lock_changes_data, render_lock_changes
from mcpconf.report.style import Style, plural
from mcpconf.report.surfaces import NOT_PROBED, SAME


def probed(updated: Updated) -> str:
    """Whether it is known what the server shows now."""
    change = updated.change
    if change is None or change.new is None or change.new.surface is None:
        return NOT_PROBED
    return "changed" if change.surface else SAME


def render_updated(updated: Updated, style: Style) -> str:
    """What moved, then what is known of both versions."""
    if updated.change is None:
        return f"{style.text(updated.name)} stays as it is: {style.text(updated.new.release.version if updated.new.release is not None else 'not locked')}.\n"
    lines = [render_lock_changes([updated.change], style).rstrip("\n")]
    for line in told_of(updated):
        lines += hang(f"    {line.label}: ", arrow(style.text(line.old), style.text(line.new)), style.width)
    for label, hits in advisories_of(updated).items():
        for hit in hits:
            lines += hang(f"    advisory {label}: ", style.text(hit_text(hit)), style.width)
    lines += [f"    {text}" for text in unknown_of(updated)]
    if not updated.change.surface:
        lines.append(f"    tools: {probed(updated)}")
    places = [f"{style.text(updated.manifest)} ({', '.join(updated.changed)})"] if updated.changed else []
    lines.append(f"changed: {', '.join([*places, style.text(updated.lock)])}")
    return "".join(f"{line}\n" for line in lines)


def told_of(updated: Updated) -> Iterator[Line]:
    yield Line("published", _published(updated.old), _published(updated.new))
    if updated.new.release is not None and updated.new.release.withdrawn:
        yield Line(
            "withdrawn", updated.old.release.withdrawn if updated.old.release else "", updated.new.release.withdrawn
        )


def _published(side: Side) -> str:
    if side.release is None:
        return ""
    day = side.release.published[:10] or "on an unknown day"
    return day if side.age is None else f"{day} ({plural(side.age, 'day')} old)"


def advisories_of(updated: Updated) -> dict[str, Sequence[Hit]]:
    old, new = (side.judged.hits if side.judged is not None else () for side in (updated.old, updated.new))
    ids = {hit.known.id for hit in old}, {hit.known.id for hit in new}
    return {
        "fixed": [hit for hit in old if hit.known.id not in ids[1]],
        "introduced": [hit for hit in new if hit.known.id not in ids[0]],
        "still there": [hit for hit in new if hit.known.id in ids[0]],
    }


def unknown_of(updated: Updated) -> Iterator[str]:
    judged = updated.new.judged
    if judged is None:
        yield NO_DATA
    elif judged.undecided:
        yield f"advisories that could not be held against it: {', '.join(judged.undecided)}"


def updated_data(updated: Updated) -> dict[str, Json]:
    return {
        "format_version": "1.0",
        "server": updated.name,
        "manifest": updated.manifest,
        "lock": updated.lock,
        "changed": list(updated.changed),
        "change": lock_changes_data([updated.change])[0] if updated.change is not None else None,
        "old": _side_data(updated.old),
        "new": _side_data(updated.new),
        "advisories": {
            label.replace(" ", "_"): [hit_data(hit) for hit in hits] for label, hits in advisories_of(updated).items()
        },
        "tools": probed(updated),
        "exit_code": 0,
    }


def _side_data(side: Side) -> Json:
    if side.release is None:
        return None
    release = side.release
    told = {"version": release.version, "published": release.published or None, "age": side.age}
    return {**told, "withdrawn": release.withdrawn or None, "advisories": judged_data(side.judged)}
