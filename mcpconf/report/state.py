"""What mcpconf remembers of a machine, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.state import State
from mcpconf.report.layout import table
from mcpconf.report.revoked import revoked_lines
from mcpconf.report.style import Style


def render_state(state: State, style: Style) -> str:
    if state.baseline is None:
        revoked = list(revoked_lines(state.revoked, style)) if state.revoked else []
        return "".join(f"{line}\n" for line in ("Nothing was applied here yet.", *revoked))
    return "".join(f"{line}\n" for line in _lines(state, style))


def _lines(state: State, style: Style) -> Iterator[str]:
    commit = f" at {style.text(state.commit[:7])}" if state.commit else ""
    count = f"{len(state.entries)} {'entry' if len(state.entries) == 1 else 'entries'}"
    yield style.paint(f"Applied{commit}, serial {state.serial}: {count}", "bold")
    rows = [(style.path(address), style.text(item.identity)) for address, item in sorted(state.entries.items())]
    for lines in table(rows, style.width):
        yield from lines
    if state.revoked:
        yield from revoked_lines(state.revoked, style)
    if state.tombstones:
        yield style.paint("Revoked, not yet verified absent everywhere", "bold")
        for lines in table([(style.path(m.address), style.text(m.identity)) for m in state.tombstones], style.width):
            yield from lines
    if state.seen:
        yield style.paint(f"Seen and left alone: {len(state.seen)}", "bold")
        yield from (f"  {style.path(address)}" for address in sorted(state.seen))
