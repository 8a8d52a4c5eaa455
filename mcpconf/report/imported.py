"""What an import found: first where the same server differs, then what stayed out, then what is worth knowing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.importer.disagreements import Disagreement, Variant
from mcpconf.importer.found import LeftOut, Moved
from mcpconf.importer.imported import Imported
from mcpconf.model.base import Json
from mcpconf.model.observed import Grant
from mcpconf.ports import Facts
from mcpconf.reconcile.places import place
from mcpconf.reconcile.takeback import grant_words
from mcpconf.report.data import problem_data
from mcpconf.report.layout import hang, table
from mcpconf.report.sections import LISTED
from mcpconf.report.style import Style, plural


def render_imported(imported: Imported, written: str, style: Style) -> str:
    """`written` is the file that holds the manifest now, "" if there is none."""
    sections = [
        _disagreements(imported.disagreements, style),
        _left_out(imported.left_out, style),
        _secrets(imported, style),
        _pins(imported, style),
        _notes(imported, style),
        _approvals(imported.approvals, style),
        _unread(imported, style),
        _end(imported, written, style),
    ]
    told = [lines for section in sections if (lines := list(section))]
    return "\n".join("".join(f"{line}\n" for line in lines) for lines in told)


def _disagreements(found: Sequence[Disagreement], style: Style) -> Iterator[str]:
    if not found:
        return
    title = f"   {plural(len(found), 'server')} configured differently in several places"
    yield style.paint("DISAGREEMENTS", "bold") + title
    for item in found:
        where = f"   in {style.path(item.folder)}" if item.folder else ""
        yield "  " + style.paint(style.text(item.server), "bold") + where
        rows = [
            (difference.field if not number else "", style.text(variant.value), _places(variant, item.folder, style))
            for difference in item.differences
            for number, variant in enumerate(difference.variants)
        ]
        for lines in table(rows, style.width, 4):
            yield from lines


def _places(variant: Variant, folder: str, style: Style) -> str:
    return ", ".join(style.path(place.removeprefix(f"{folder}/") if folder else place) for place in variant.places)


def _left_out(found: Sequence[LeftOut], style: Style) -> Iterator[str]:
    if not found:
        return
    yield (style.paint("LEFT OUT", "bold") + f"   {len(found)} found, and not in the manifest")
    rows = [
        (style.path(str(item.entry.address)), style.path(place(item.entry)), _reason(item, style)) for item in found
    ]
    for lines in table(rows, style.width):
        yield from lines


def _reason(item: LeftOut, style: Style) -> str:
    told = f"{item.message}; {item.hint}" if item.hint else item.message
    return style.text(told.replace(f"{style.home}/", "~/") if style.home else told)


def _secrets(imported: Imported, style: Style) -> Iterator[str]:
    if not imported.secrets:
        return
    names: dict[str, list[str]] = {}
    for moved in imported.secrets:
        names.setdefault(moved.name, []).append(f"{moved.entry.address}#{moved.place}")
    yield (
        style.paint("SECRETS", "bold") + f"   {plural(len(names), 'literal')} in host files, references in the manifest"
    )
    rows = [(name, ", ".join(map(style.path, places))) for name, places in names.items()]
    for lines in table(rows, style.width):
        yield from lines
    yield from hang(
        "  hint: ", "set each where the hosts start, then `mcpconf apply` writes the references", style.width
    )


def _pins(imported: Imported, style: Style) -> Iterator[str]:
    if imported.pins:
        yield style.paint("PINNED", "bold") + f"   {plural(len(imported.pins), 'version')} the next apply writes"
        for pin in imported.pins:
            yield f"  {style.text(pin.server)}"
            yield from hang("    - ", style.text(pin.before), style.width)
            yield from hang("    + ", style.text(pin.after), style.width)
            yield from hang("      in ", ", ".join(map(style.path, pin.places)), style.width)
        yield from hang(
            "  hint: ", "`mcpconf apply --on-conflict overwrite` writes them over what is there", style.width
        )
    left = imported.floating
    if left:
        known = (
            f"; a cache tells {imported.cached} of them: `mcpconf import --pin` would write {'it' if imported.cached == 1 else 'them'}"
            if imported.cached
            else ""
        )
        yield from hang("UNPINNED   ", f"{plural(left, 'server')} without an exact version{known}", style.width)


def _notes(imported: Imported, style: Style) -> Iterator[str]:
    if not imported.notes:
        return
    yield style.paint("NOTES", "bold") + "   imported as it is, and worth a look"
    rows = [(style.path(str(item.found.observed.address)), style.text(item.message)) for item in imported.notes]
    for lines in table(rows, style.width):
        yield from lines


def _approvals(found: Sequence[Grant], style: Style) -> Iterator[str]:
    if not found:
        return
    yield style.paint("APPROVALS", "bold") + f"   {len(found)} on this machine; they are not in the manifest"
    rows = [(style.path(place(item)), style.text(grant_words(item))) for item in found[:LISTED]]
    for lines in table(rows, style.width):
        yield from lines
    if len(found) > LISTED:
        yield f"  and {len(found) - LISTED} more: `mcpconf status` lists all"


def _unread(imported: Imported, style: Style) -> Iterator[str]:
    if not imported.unread:
        return
    yield (
        style.paint("NOT READ", "bold")
        + f"   {plural(len(imported.unread), 'file')}; nothing in {'it' if len(imported.unread) == 1 else 'them'} is known"
    )
    for file in imported.unread:
        assert file.problem is not None
        yield "  " + style.paint(style.path(str(file.problem.where or file.location.path)), "yellow")
        yield from hang("    ", style.text(file.problem.message), style.width)


def _end(imported: Imported, written: str, style: Style) -> Iterator[str]:
    founds = [found for item in imported.groups for found in item.founds]
    hosts = len({found.host for found in founds})
    files = len({found.observed.file.location.path for found in founds})
    what = f"{plural(len(imported.groups), 'server')} from {plural(files, 'file')} of {plural(hosts, 'host')}"
    waived = f"; {plural(len(imported.waived), 'finding')} waived for 90 days" if imported.waived else ""
    yield style.paint(f"Imported {what}{waived}.", "bold")
    if written:
        yield f"wrote {style.text(written)}; next: read it, then `mcpconf plan`"


def imported_data(imported: Imported, written: str, facts: Facts, code: int) -> dict[str, Json]:
    """`manifest` is the text where no file was written."""
    return {
        "wrote": written or None,
        "manifest": None if written else imported.text,
        "servers": [
            {"name": item.name, "addresses": [str(found.observed.address) for found in item.founds]}
            for item in imported.groups
        ],
        "disagreements": [_disagreement_data(item) for item in imported.disagreements],
        "left_out": [_left_out_data(item) for item in imported.left_out],
        "secrets": [_secret_data(item, facts) for item in imported.secrets],
        "pins": [
            {"server": item.server, "before": item.before, "after": item.after, "places": list(item.places)}
            for item in imported.pins
        ],
        "unpinned": {"servers": imported.floating, "cached": imported.cached},
        "notes": [
            {"address": str(item.found.observed.address), "kind": item.kind, "message": item.message}
            for item in imported.notes
        ],
        "approvals": [
            {"address": str(item.address), "where": place(item), "message": grant_words(item)}
            for item in imported.approvals
        ],
        "waived": [{"rule": item.rule, "target": item.address, "message": item.message} for item in imported.waived],
        "unread": [problem_data(file.problem) for file in imported.unread if file.problem is not None],
        "exit_code": code,
    }


def _disagreement_data(item: Disagreement) -> dict[str, Json]:
    return {
        "server": item.server,
        "folder": item.folder or None,
        "differences": [
            {
                "field": difference.field,
                "variants": [{"value": each.value, "places": list(each.places)} for each in difference.variants],
            }
            for difference in item.differences
        ],
    }


def _left_out_data(item: LeftOut) -> dict[str, Json]:
    return {
        "address": str(item.entry.address),
        "where": place(item.entry),
        "obstacle": item.obstacle,
        "message": item.message,
        "hint": item.hint,
    }


def _secret_data(item: Moved, facts: Facts) -> dict[str, Json]:
    return {
        "name": item.name,
        "address": str(item.entry.address),
        "place": item.place,
        "where": place(item.entry),
        "set": item.name in facts.env,
    }
