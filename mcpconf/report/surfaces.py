"""What a server shows otherwise than before, as a person reads it, and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mcpconf.model.base import Json
from mcpconf.model.surface import ItemKind, Surface
from mcpconf.report.layout import hang, table
from mcpconf.report.style import SEVERITY_COLOURS, Style, plural
from mcpconf.rules import RULES
from mcpconf.surface.change import SurfaceChange
from mcpconf.surface.suspicions import Suspicion, suspicions

NOT_PROBED = "not probed"
SAME = "as before"

_MOST = 24
"""Changes that text names, the gravest; JSON has all."""

_COLOURS = {"wider": "red", "unclear": "yellow", "text": "yellow", "narrower": "green", "cosmetic": "dim"}


def counted(changes: Sequence[SurfaceChange]) -> str:
    """`2 wider, 1 text`, the gravest first; a rule's own is counted with its like."""
    counts = Counter(change.label for change in changes)
    return ", ".join(f"{count} {label}" for label, count in counts.items())


def surface_lines(changes: Sequence[SurfaceChange], style: Style, indent: int) -> Iterator[str]:
    """A table: in one word what to think of it, and what it is."""
    shown = changes[:_MOST]
    rows = [(change.label, f"{style.line(change.line)}{marked(change)}") for change in shown]
    for change, lines in zip(shown, table(rows, style.width, indent), strict=True):
        first, *rest = lines
        yield first.replace(change.label, style.paint(change.label, _COLOURS.get(change.label, "")), 1)
        yield from rest
    if len(changes) > _MOST:
        yield f"{' ' * indent}{len(changes) - _MOST} more"


def suspicion_lines(surface: Surface, style: Style, indent: int) -> Iterator[str]:
    """What rules say of its texts, as grave as they are without any policy."""
    found = [*suspicions(surface)]
    for item in found[:_MOST]:
        severity = _severity(item)
        head, *rest = hang(f"{' ' * indent}{severity} {item.rule}: ", style.text(item.words), style.width)
        yield head.replace(severity, style.paint(severity, SEVERITY_COLOURS[severity]), 1)
        yield from rest
    if len(found) > _MOST:
        yield f"{' ' * indent}and {len(found) - _MOST} more of such texts"


def _severity(item: Suspicion) -> str:
    return item.severity or RULES[item.rule].severity


def suspicions_data(surface: Surface | None) -> list[Json]:
    found = () if surface is None else suspicions(surface)
    return [
        {"rule": item.rule, "severity": _severity(item), "pointer": item.pointer, "message": item.words}
        for item in found
    ]


def marked(change: SurfaceChange) -> str:
    return f" [{change.rule}]" if change.rule else ""


def shows(surface: Surface | None) -> str:
    """How much of each kind: `14 tools, 2 prompts`; "" if nobody asked."""
    if surface is None:
        return ""
    counts = Counter(kind for kind, _, _ in surface.items())
    told = [plural(counts[kind], word) for kind, word in _KINDS if counts[kind]]
    gated = sum(1 for _ in surface.gated.items())
    return ", ".join(told + ([f"{gated} gated"] if gated else [])) or "no tools"


_KINDS: tuple[tuple[ItemKind, str], ...] = (
    ("tool", "tool"),
    ("prompt", "prompt"),
    ("template", "resource template"),
    ("resource", "resource"),
)


def asked(surface: Surface | None) -> str:
    """How it was asked; "" if nobody did."""
    if surface is None:
        return ""
    context = surface.context
    words = [context.protocol, context.transport, *context.arguments, *(f"${name}" for name in context.variables)]
    return " ".join([*words, *([] if context.identity == "anonymous" else [context.identity])])


def surface_changes_data(changes: Sequence[SurfaceChange]) -> list[Json]:
    return [
        {
            "kind": change.kind,
            "name": change.name,
            "change": change.change,
            "direction": change.direction,
            "pointer": change.pointer,
            "gated": change.gated,
            "message": change.line,
            "rule": change.rule or None,
        }
        for change in changes
    ]
