"""What servers may do, as a person and as a program reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpconf.model.base import Json
from mcpconf.permissions.change import PrivilegeChange
from mcpconf.permissions.columns import Barrier, Columns, Place, Shown
from mcpconf.permissions.compared import Compared
from mcpconf.permissions.extent import DIMENSIONS, Bound, Comparison, Order, told
from mcpconf.report.layout import hang, table
from mcpconf.report.style import SEVERITY_COLOURS, Style, listing, plural

_BARRIERS: dict[Barrier, str] = {
    "none": "started as it is: on this machine it can do what its user can",
    "sandbox": "shut in by bubblewrap",
    "container": "in a container",
    "elsewhere": "on another machine: nothing of this one is within its reach",
}
_SIGNS: dict[Order, str] = {"wider": "^", "incomparable": "<>", "narrower": "v", "same": "="}
_STATES = {"added": "new", "removed": "removed", "there": ""}
_UNKNOWN = "not known"
_UNSAID = "-"


def render_shown(shown: Shown, style: Style) -> str:
    """One table for each way in which hosts have the server."""
    lines = [style.paint(style.text(shown.name), "bold") + f"   {style.path(str(shown.where))}"]
    if not shown.locked and shown.server.tools is not None:
        lines += hang("", "Its tools are not in the lock, so what a pattern stands for is not known.", style.width)
    if not shown.places:
        lines += ["No host of this machine has it.", "", *_table(Columns(shown.declared, {}, {}, "none"), style)]
    for places in _alike(shown.places):
        columns = places[0].columns
        lines += ["", *(f"{style.path(place.address)}   {style.path(str(place.where))}" for place in places)]
        lines += [style.paint(_BARRIERS[columns.barrier], "dim"), *_table(columns, style)]
    return "".join(f"{line}\n" for line in lines)


def _alike(places: Sequence[Place]) -> Iterator[list[Place]]:
    left = list(places)
    while left:
        first = left[0]
        yield [place for place in left if place.columns == first.columns]
        left = [place for place in left if place.columns != first.columns]


def _table(columns: Columns, style: Style) -> Iterator[str]:
    loose = columns.unenforced()
    rows = [["dimension", "declared", "granted", "effective"]]
    for name in filter(lambda name: _is_said(columns, name), DIMENSIONS):
        cells = (_declared(columns.declared[name]), _granted(columns.granted.get(name)), _effective(columns, name))
        rows.append([name, *map(style.text, cells)])
    found = [line for lines in table(rows, style.width) for line in lines]
    yield style.paint(found[0], "dim")
    yield from found[1:]
    for name in DIMENSIONS:
        bound = columns.effective.get(name)
        if bound is not None and bound.note:
            yield from hang(f"  {name}: ", style.text(bound.note), style.width)
    beyond = columns.granted_beyond()
    if beyond:
        text = "; ".join(f"{name} {bound}" for name, bound in beyond.items())
        yield from hang("  granted beyond declared: ", style.text(text), style.width)
    if loose:
        yield from hang("  declared, not enforced: ", ", ".join(loose), style.width)


def _is_said(columns: Columns, name: str) -> bool:
    """Whether any column has something to say."""
    return name in columns.granted or name in columns.effective or not columns.declared[name].is_everything


def _declared(bound: Bound) -> str:
    return "not limited" if bound.is_everything else str(bound)


def _granted(bound: Bound | None) -> str:
    return _UNSAID if bound is None else str(bound)


def _effective(columns: Columns, name: str) -> str:
    bound = columns.effective.get(name)
    if bound is None:
        return _UNKNOWN
    return f"{bound}   (declared, not enforced)" if name in columns.unenforced() else str(bound)


def shown_data(shown: Shown) -> dict[str, Json]:
    return {
        "server": shown.name,
        "where": str(shown.where),
        "tools_locked": shown.locked,
        "declared": _extent_data(shown.declared),
        "places": [
            {
                "address": place.address,
                "where": str(place.where),
                "barrier": place.columns.barrier,
                "declared": _extent_data(place.columns.declared),
                "granted": _extent_data(place.columns.granted),
                "effective": _extent_data(place.columns.effective),
                "granted_beyond_declared": _extent_data(place.columns.granted_beyond()),
                "declared_not_enforced": list(place.columns.unenforced()),
            }
            for place in shown.places
        ],
    }


def _extent_data(bounds: Mapping[str, Bound]) -> dict[str, Json]:
    return {name: _bound_data(bounds[name]) for name in DIMENSIONS if name in bounds}


def _bound_data(bound: Bound) -> Json:
    """`any`, or what is let in."""
    return "any" if bound.allowed is None else sorted(map(str, bound.allowed))


def render_compared(found: Sequence[Compared], before: str, after: str, style: Style) -> str:
    """What became wider comes first; that nothing did is said before all."""
    title = f"mcpconf permissions diff   {style.text(before)}  ->  {style.text(after)}"
    lines = [style.paint(title, "bold"), _count(found, style)]
    for item in sorted(found, key=lambda item: (list(_SIGNS).index(item.order), item.name)):
        if item.order != "same":
            lines += ["", *_compared(item, style)]
    return "".join(f"{line}\n" for line in lines)


def _count(found: Sequence[Compared], style: Style) -> str:
    counts = {order: sum(item.order == order for item in found) for order in _SIGNS}
    wider, other, narrower = counts["wider"], counts["incomparable"], counts["narrower"]
    if not (wider or other or narrower):
        return style.paint(f"The same: {plural(len(found), 'server')} may do what they could before.", "green")
    if not (wider or other):
        return style.paint(
            f"Only narrower: {plural(narrower, 'server')}, and nothing may do more than before.", "green"
        )
    parts = [(wider, "wider"), (other, "incomparable"), (narrower, "narrower"), (counts["same"], "the same")]
    return f"{listing([f'{count} {word}' if count else '' for count, word in parts])}."


def _compared(item: Compared, style: Style) -> Iterator[str]:
    state = f" ({_STATES[item.state]})" if _STATES[item.state] else ""
    yield style.paint(style.text(item.name), "bold") + f"{state}   {item.order}"
    rows, colours = [], []
    for order, severity, cells in _rows(item):
        narrower = order == "narrower"
        rows.append((_SIGNS[order], "LOWER" if narrower else severity.upper(), *map(style.text, cells)))
        colours.append("green" if narrower else SEVERITY_COLOURS[severity])
    for lines, colour in zip(table(rows, style.width), colours, strict=True):
        yield from (style.paint(line, colour) for line in lines)
    if item.state == "added":
        unlimited = [one.dimension for one in item.declared if one.everything]
        yield from hang("  not limited: ", ", ".join(unlimited), style.width) if unlimited else ()


def _rows(item: Compared) -> Iterator[tuple[Order, str, tuple[str, str, str]]]:
    """The launch of a server that is new or gone tells its weight, and its bounds only what they are."""
    for one in told(item.declared):
        if item.state == "there" or not one.everything:
            yield one.order, one.severity, ("declared", one.dimension, one.text)
    for change in item.launch:
        yield _order(change), change.severity, ("launch", change.dimension, change.text)


def _order(change: PrivilegeChange) -> Order:
    return "incomparable" if change.direction == "both" else change.direction


def compared_data(found: Sequence[Compared], before: str, after: str) -> dict[str, Json]:
    return {
        "before": before,
        "after": after,
        "servers": [
            {
                "server": item.name,
                "state": item.state,
                "verdict": item.order,
                "declared": [_comparison_data(one) for one in item.declared],
                "launch": [
                    {
                        "dimension": change.dimension,
                        "verdict": _order(change),
                        "severity": change.severity,
                        "text": change.text,
                    }
                    for change in item.launch
                ],
            }
            for item in found
        ],
    }


def _comparison_data(one: Comparison) -> dict[str, Json]:
    return {"dimension": one.dimension, "verdict": one.order, "severity": one.severity, "text": one.text}
