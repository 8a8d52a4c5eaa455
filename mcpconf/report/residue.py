"""Whether something is really gone, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.residue import Answer, PlaceAnswer, Residue, ResidueReport
from mcpconf.report.layout import hang
from mcpconf.report.style import SEVERITY_COLOURS, Style, plural

_WORDS: dict[Answer, tuple[str, str]] = {
    "found": ("found", "red"),
    "clean": ("clean", ""),
    "not_readable": ("not readable", "yellow"),
    "not_looked_at": ("not looked at", "dim"),
}


def render_residue(report: ResidueReport, style: Style) -> str:
    lines = ["PLACES", *_places(report, style)]
    if report.pending:
        lines += ["", style.paint("PENDING", "bold") + f"   {len(report.pending)} that `mcpconf apply` takes away"]
        for change in report.pending:
            lines.append(f"  {change.action} {style.path(change.address)}   {style.path(change.where)}")
    if report.residue:
        lines += ["", style.paint("RESIDUE", "bold") + f"   {len(report.residue)} for a person to end"]
        for number, item in enumerate(report.residue, 1):
            lines += left_over(number, item, item.server if item.place else item.address, style)
    if report.history_unknown:
        lines += ["", *hang("history: unknown, for ", style.text(report.history_unknown), style.width)]
    return "".join(f"{line}\n" for line in [*lines, "", *hang("", _verdict(report, style), style.width)])


def _places(report: ResidueReport, style: Style) -> Iterator[str]:
    width = max(len(place.title) for place in report.places)
    for place in report.places:
        word, colour = _WORDS[place.answer]
        told = f"{place.found} {word}" if place.found else word
        yield f"  {place.title:<{width}}   " + (style.paint(told, colour) if colour else told)
        for reason in place.reasons:
            yield from hang("    ", style.text(reason), style.width)


def left_over(number: int, item: Residue, what: str, style: Style) -> Iterator[str]:
    head = f"{number}. {item.severity} {style.path(what)}"
    where = f"   {style.path(item.where)}" if item.where else ""
    yield "  " + style.paint(head, SEVERITY_COLOURS[item.severity]) + where
    yield from hang("     ", style.text(item.message), style.width)
    if item.revoked_by is not None:
        yield from hang("     revoked by ", style.text(item.revoked_by.words), style.width)
    if item.instruction:
        yield from hang("     do: ", style.text(item.instruction), style.width)


def _verdict(report: ResidueReport, style: Style) -> str:
    what = f"`{style.text(report.server)}`" if report.server else "what was revoked"
    looked = [place for place in report.places if place.answer != "not_looked_at"]
    unread = [place for place in looked if place.reasons]
    left = len(report.pending) + len(report.residue)
    if left:
        text = f"not gone: {plural(left, 'thing')} of {what} left in {plural(_found(looked), 'place')}"
    elif unread:
        text = f"not known: nothing of {what} was found"
    else:
        text = f"gone: nothing of {what} is left in {plural(len(looked), 'place')}"
    return f"{text}; {plural(len(unread), 'place')} could not be read" if unread else text


def _found(places: list[PlaceAnswer]) -> int:
    return sum(place.answer == "found" for place in places)
