"""What moving a server to another version changed, as the text of a pull request.

Every text of others stands in a code span: nothing in it is a link, a mention or markup.
"""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts.changes import LockChange
from mcpconf.artifacts.standing import Updated
from mcpconf.report.markup import fitted, span
from mcpconf.report.outdated import hit_text
from mcpconf.report.relocked import ALARMS, Line, bytes_of, counted, facts, provenance
from mcpconf.report.style import Style
from mcpconf.report.surfaces import counted as surface_counted
from mcpconf.report.surfaces import marked
from mcpconf.report.updated import advisories_of, probed, told_of, unknown_of


def render_pull_request(updated: Updated, style: Style) -> str:
    change = updated.change
    if change is None or change.new is None:
        return f"### {span(style.text(updated.name))} stays as it is\n"
    old, new = (side.release.version if side.release is not None else "" for side in (updated.old, updated.new))
    title = f"### {span(style.text(updated.name))}: {_sides(Line('', old, new), style)}"
    head = [title, "", f"{span(style.text(change.new.package))}"]
    body = [*_alarms(change, style), *_facts(updated, change, style), *_known(updated, style)]
    body += [*_surface(updated, change, style), *_dependencies(change, style), *_files(change, style)]
    return fitted(head, body, [])


def _section(title: str) -> list[str]:
    return ["", f"#### {title}", ""]


def _sides(line: Line, style: Style) -> str:
    old, new = (span(style.text(text)) if text else "nothing" for text in (line.old, line.new))
    return new if line.old == line.new else f"{old} → {new}"


def _alarms(change: LockChange, style: Style) -> Iterator[str]:
    if change.alarms:
        yield from _section("Look at this first")
        for alarm in change.alarms:
            yield f"- **{ALARMS[alarm.kind]}**: {span(style.text(alarm.text))}"


def _facts(updated: Updated, change: LockChange, style: Style) -> Iterator[str]:
    """Provenance also where it is as it was: a reader must see that there is none."""
    told = [*told_of(updated), *facts(change)]
    if change.new is not None and all(line.label != "provenance" for line in told):
        told.append(Line("provenance", provenance(change.new), provenance(change.new)))
    yield from _section("What changed")
    for line in told:
        yield f"- {line.label}: {_sides(line, style)}"


def _known(updated: Updated, style: Style) -> Iterator[str]:
    yield from _section("Advisories")
    found = [(label, hit) for label, hits in advisories_of(updated).items() for hit in hits]
    for label, hit in found:
        yield f"- **{label}**: {span(style.text(hit_text(hit)))}"
    unknown = [*unknown_of(updated)]
    for text in unknown:
        yield f"- {span(style.text(text))}"
    if not found and not unknown:
        yield "- none known"


def _surface(updated: Updated, change: LockChange, style: Style) -> Iterator[str]:
    if change.surface:
        yield from _section(f"Tools and what else it shows: {surface_counted(change.surface)}")
        for item in change.surface:
            yield f"- **{item.label}**{marked(item)} {span(style.line(item.line))}"
    else:
        yield from _section("Tools")
        yield probed(updated)


def _dependencies(change: LockChange, style: Style) -> Iterator[str]:
    if change.dependencies:
        yield from _section(f"Dependencies: {counted(change.dependencies)}")
        for item in change.dependencies:
            old, new = (", ".join(versions) for versions in (item.old, item.new))
            word = "changed" if old and new else "added" if new else "removed"
            yield f"- {word} {span(style.text(item.name))}: {_sides(Line('', old or new, new or old), style)}"


def _files(change: LockChange, style: Style) -> Iterator[str]:
    lines = [*bytes_of(change)]
    if lines:
        yield from _section("Bytes")
        for line in lines:
            yield f"- {span(style.text(line.label))}: {_sides(line, style)}"
