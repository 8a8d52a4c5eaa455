"""The sections of a plan beside its changes. Each gives its title and lines, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mcpconf.model.change import Change
from mcpconf.model.plan import Drift, Plan, PlanFinding
from mcpconf.report.layout import hang, table
from mcpconf.report.residue import left_over
from mcpconf.report.style import SEVERITY_COLOURS, Style, listing, plural

LISTED = 12
"""Lines of one section that nobody has to act on."""

_PLACES = 8
"""Of one finding."""

_ARROWS = {"critical": "^^", "high": "^", "medium": "^", "low": "^"}
_ORDER = {"CRITICAL": 0, "HIGH": 1, "MEDIUM": 2, "LOW": 3, "LOWER": 4}
_WILL = {"revert": "will be undone", "held": "held", "nothing": "stays"}
_OF_CHANGES = frozenset({"MCP202"})
_OF_STRAYS = frozenset({"MCP001", "MCP602", "MCP608"})
_SUBJECTS = ("document", "desired", "observed", "repaired", "waived")
_HINT = "hint: "
_HELD = " (held)"


def privileges(plan: Plan, style: Style) -> Iterator[str]:
    rows: dict[tuple[str, str, str, str, str], list[str]] = {}
    for change in plan.changes:
        for item in change.privilege:
            key = (
                *_weighed(item.direction, item.severity),
                style.text(change.server),
                item.dimension,
                style.text(item.text),
            )
            rows.setdefault(key, []).extend(_hosts(change, style))
    for own in plan.declared:
        weight = _weighed(own.direction, own.severity)
        rows[*weight, style.text(own.server), own.dimension, style.text(own.text)] = ["declared"]
    if not rows:
        return
    signs = [sign for sign, *_ in rows]
    counts = [(len(signs) - signs.count("v") - signs.count("<>"), "wider"), (signs.count("<>"), "mixed")]
    counts.append((signs.count("v"), "narrower"))
    yield style.paint("PRIVILEGE CHANGES", "bold") + f"   {listing([f'{n} {word}' if n else '' for n, word in counts])}"
    ranked = sorted(rows.items(), key=lambda row: (_ORDER[row[0][1]], row[0]))
    cells = [
        (sign, word, server, _places(places), text if dimension == "server" else f"{style.text(dimension)}  {text}")
        for (sign, word, server, dimension, text), places in ranked
    ]
    colours = [SEVERITY_COLOURS.get(word.lower(), "green") for _, word, *_ in cells]
    yield from _painted(cells, colours, style)


def _weighed(direction: str, severity: str) -> tuple[str, str]:
    """The sign and the word of a change; what is narrower has no weight."""
    if direction == "narrower":
        return "v", "LOWER"
    return "<>" if direction == "both" else _ARROWS[severity], severity.upper()


def _hosts(change: Change, style: Style) -> Iterator[str]:
    held = _HELD if change.hold else ""
    for address in change.addresses if change.kind == "server" else ():
        host, _, rest = address.rpartition("/")[0].partition("/")
        yield style.text(host if rest == "user" else f"{host}/{rest}") + held
    if change.kind == "grant":
        yield style.text(change.host) + held


def _places(places: list[str]) -> str:
    names = list(dict.fromkeys(places))
    if len(names) < 3:
        return ", ".join(names)
    held = sum(name.endswith(_HELD) for name in names)
    return f"{len(names)} places" + (_HELD if held == len(names) else f" ({held} held)" if held else "")


def drift(plan: Plan, style: Style) -> Iterator[str]:
    counted = [item for item in plan.drift if item.counted]
    items = [*counted, *(item for item in plan.drift if not item.counted)]
    if not items:
        return
    since = "DRIFT since last apply" if plan.state.applied else "DRIFT"
    yield style.paint(since, "bold") + f"   {drift_counts(items)}"
    colours = [SEVERITY_COLOURS[item.severity] if item.counted else "dim" for item in items]
    yield from _painted([drift_row(item, style) for item in items], colours, style)
    if any(item.kind == "unmanaged" and item.will == "nothing" for item in counted):
        text = "put it into the manifest, remove it, or `mcpconf accept ADDRESS` what may stay"
        yield from hang(f"  {_HINT}", text, style.width)
    for hint in _unanswered(plan, items):
        yield from hang(f"  {_HINT}", style.text(hint), style.width)


def store(plan: Plan, style: Style) -> Iterator[str]:
    """What apply would have to build first. What was changed there is drift, and what could not be read is told as such."""
    rows = [item for item in plan.artifacts if item.state == "missing"]
    if not rows:
        return
    saved = any(change.hold is not None and change.hold.by == "not-installed" for change in plan.changes)
    how = "`mcpconf install` builds them" if saved else "apply builds them first"
    yield style.paint("STORE", "bold") + f"   {len(rows)} to install; {how}"
    cells = [("+", style.text(item.server), style.text(f"{item.package} {item.version}")) for item in rows]
    yield from _painted(cells, ["green" for _ in rows], style)


def drift_counts(items: Sequence[Drift]) -> str:
    """`5 will be undone, 1 warning`."""
    counted = [item for item in items if item.counted]
    ends = [(sum(item.will == will for item in counted), words) for will, words in _WILL.items()]
    counts = [
        f"{count} {words if count == 1 or words != 'stays' else 'stay'}" if count else "" for count, words in ends
    ]
    counts.append(plural(len(items) - len(counted), "warning") if len(items) > len(counted) else "")
    return listing(counts)


def _unanswered(plan: Plan, items: Iterable[Drift]) -> list[str]:
    """What to do about drift that stays and that no change below speaks of."""
    told = {change.address for change in plan.changes}
    left = (item for item in items if item.will == "nothing" and item.kind != "unmanaged" and item.address not in told)
    return list(dict.fromkeys(item.hint for item in left if item.hint))[:LISTED]


def drift_row(item: Drift, style: Style) -> tuple[str, ...]:
    """A sign, the severity, the address, where it lies unless that is the address, and what it is."""
    sign = "?" if item.kind == "unmanaged" else "!" if item.counted else ""
    word = item.severity.upper() if item.counted else "WARNING"
    where = style.path(item.where) if item.where != item.address else ""
    end = "" if item.will == "revert" or not item.counted else f" ({_WILL[item.will]})"
    return sign, word, style.path(item.address), where, style.text(item.message) + end


def warnings(plan: Plan, style: Style) -> Iterator[str]:
    """Drift that moves no exit code, where nothing else has drifted."""
    for item in plan.drift:
        text = f"{style.path(item.address)}: {style.text(item.message)}"
        yield from (style.paint(line, "yellow") for line in hang("warning: ", text, style.width))
        if item.hint:
            yield from hang(f"  {_HINT}", style.text(item.hint), style.width)


def unmanaged(plan: Plan, style: Style) -> Iterator[str]:
    """What the manifest does not list and this plan leaves alone, but for what is drift, and for approvals that are findings."""
    told = {item.address for item in plan.findings if item.subject == "observed" and item.waived is None}
    left = [item for item in plan.unmanaged if not item.removed and not item.new and not item.kept]
    left = [item for item in left if item.kind == "server" or item.address not in told]
    if not left:
        return
    yield style.paint("UNMANAGED", "bold") + f"   {len(left)} left alone; not in the manifest"
    rows = [
        (style.path(item.address), style.path(item.where), style.text(item.identity or item.reason)) for item in left
    ]
    yield from _painted(rows[:LISTED], [""] * LISTED, style)
    if len(rows) > LISTED:
        yield f"  and {len(rows) - LISTED} more: `mcpconf status` lists all"


def residue(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.residue:
        return
    yield style.paint("RESIDUE", "bold") + f"   {len(plan.residue)} revoked, still effective"
    for number, item in enumerate(plan.residue, 1):
        yield from left_over(number, item, item.address, style)


def verified(plan: Plan, style: Style) -> Iterator[str]:
    """What was looked for until now, and was found to be nowhere; from the next apply on it is not looked for any more."""
    gone = [mark for mark in plan.records.lifted if mark not in plan.records.tombstones]
    if not gone:
        return
    yield style.paint("GONE", "bold") + f"   {len(gone)} revoked, verified absent everywhere"
    rows = [(style.path(mark.address), style.text(mark.identity)) for mark in gone]
    yield from _painted(rows[:LISTED], [""] * LISTED, style)
    if len(rows) > LISTED:
        yield f"  and {len(rows) - LISTED} more"


def history(plan: Plan, style: Style) -> Iterator[str]:
    """What was revoked before this machine was known cannot be told apart from what somebody wants."""
    if plan.history_unknown and (plan.residue or any(not item.kept for item in plan.unmanaged)):
        yield from hang("history: unknown, for ", style.text(plan.history_unknown), style.width)


def findings(plan: Plan, style: Style) -> Iterator[str]:
    """What blocks first, then what stays, then what this plan repairs and nobody has to act on, then what is let be."""
    groups: dict[_Alike, list[PlanFinding]] = {}
    elsewhere, left_out = told_elsewhere(plan), _left_out(plan)
    for item in plan.findings:
        if item.fingerprint not in elsewhere | left_out:
            groups.setdefault(_alike(item), []).append(item)
    if not groups:
        return
    repaired = sum(key.subject == "repaired" for key in groups)
    waived = sum(key.subject == "waived" for key in groups)
    end = listing([f"{repaired} repaired by this plan" if repaired else "", f"{waived} waived" if waived else ""])
    counts = _severities([key.severity for key in groups if key.subject != "waived"])
    title = "; ".join(text for text in (counts, end) if text)
    head, *rest = hang("FINDINGS   ", title, style.width)
    yield style.paint("FINDINGS", "bold") + head.removeprefix("FINDINGS")
    yield from rest
    ranked = sorted(groups.items(), key=lambda group: _SUBJECTS.index(group[0].subject))
    for key, items in ranked[:LISTED]:
        yield from _finding(key, items, style)
    if len(ranked) > LISTED:
        yield f"  and {len(ranked) - LISTED} more: `mcpconf plan --format json` has all"


def told_elsewhere(plan: Plan) -> set[str]:
    """Fingerprints of findings that another section tells: as drift, as left over, as not checked, as unmanaged, as a change."""
    said = {(item.address, item.message) for item in plan.drift}
    said |= {(left.address, left.message) for left in plan.residue}
    said |= {(item.subject, item.reason) for item in plan.unknowns}
    listed = {item.address for item in plan.unmanaged if item.kind == "server"}
    ended = {address for change in plan.changes if change.writes for address in change.addresses}
    return {
        item.fingerprint
        for item in plan.findings
        if item.waived is None
        and (
            (item.address, item.message) in said
            or (item.rule in _OF_STRAYS and item.address in listed)
            or (item.rule in _OF_CHANGES and item.subject == "repaired" and item.address in ended)
        )
    }


class _Alike(NamedTuple):
    """Findings that are told once, with all their places."""

    subject: str
    severity: str
    rule: str
    message: str
    end: str


def _alike(item: PlanFinding) -> _Alike:
    if item.waived is not None:
        return _Alike("waived", "waived", item.rule, item.message, f"until {item.waived.expires}: {item.waived.reason}")
    subject = item.subject if item.subject in _SUBJECTS else _SUBJECTS[0]
    hint = f"{_HINT}{item.hint}" if item.hint and subject != "repaired" else ""
    return _Alike(subject, item.severity, item.rule, item.message, hint)


def _left_out(plan: Plan) -> set[str]:
    """What the whole plan would repair, where only a part of it is asked for."""
    changed = {change.address for change in plan.changes}
    chosen = bool(plan.targets or plan.excludes)
    return {
        item.fingerprint
        for item in plan.findings
        if chosen and item.subject == "repaired" and item.address not in changed
    }


def _severities(found: list[str]) -> str:
    words = [("error", "error"), ("warning", "warning"), ("info", "note")]
    return listing([plural(found.count(name), word) if name in found else "" for name, word in words])


def _finding(key: _Alike, items: list[PlanFinding], style: Style) -> Iterator[str]:
    quietly = key.subject in ("repaired", "waived")
    lines = hang(f"  {key.severity:<7}  {style.text(key.rule)}  ", style.text(key.message), style.width)
    colour = "dim" if quietly else SEVERITY_COLOURS.get(key.severity, "")
    yield from (style.paint(line, colour) for line in lines)
    places = dict.fromkeys(
        style.path(item.address) + (f" ({style.path(item.where)})" if item.where not in ("", item.address) else "")
        for item in items
    )
    done = "; repaired by this plan" if key.subject == "repaired" else ""
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    yield from hang("    at ", f"{', '.join(list(places)[:_PLACES])}{more}{done}", style.width)
    if key.end:
        first, _, text = key.end.partition(": ")
        yield from hang(f"    {first}: ", style.text(text), style.width)


def unknowns(plan: Plan, style: Style) -> Iterator[str]:
    if not plan.unknowns:
        return
    yield style.paint("NOT CHECKED", "bold") + "   unknown is not the same as unchanged"
    for item in plan.unknowns:
        where = style.path(item.where) + (f"   {style.text(item.address)}" if item.address else "")
        yield from (style.paint(line, "yellow") for line in hang("  ? ", where, style.width))
        yield from hang("    ", style.text(item.reason), style.width)
        if item.hint:
            yield from hang(f"    {_HINT}", style.text(item.hint), style.width)


def _painted(rows: Sequence[Sequence[str]], colours: Sequence[str], style: Style) -> Iterator[str]:
    for lines, colour in zip(table(rows, style.width), colours, strict=False):
        yield from (style.paint(line, colour) for line in lines)
