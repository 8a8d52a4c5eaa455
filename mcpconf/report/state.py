"""What mcpconf remembers of a machine, as a person reads it."""

from __future__ import annotations

from mcpconf.model.state import State
from mcpconf.report.style import Style, columns
from mcpconf.secrets.escape import escape


def render_state(state: State, style: Style) -> str:
    if state.baseline is None:
        return "Nothing was applied here yet.\n"
    commit = f" at {state.commit[:7]}" if state.commit else ""
    count = f"{len(state.entries)} {'entry' if len(state.entries) == 1 else 'entries'}"
    lines = [style.paint(f"Applied{commit}, serial {state.serial}: {count}", "bold")]
    rows = [(escape(address), escape(item.identity)) for address, item in sorted(state.entries.items())]
    lines += [f"  {line}" for line in columns(rows)]
    if state.tombstones:
        lines.append(style.paint("Revoked, not yet verified absent everywhere", "bold"))
        lines += [f"  {escape(mark.address)}   {escape(mark.identity)}" for mark in state.tombstones]
    if state.seen:
        lines.append(style.paint(f"Seen and left alone: {len(state.seen)}", "bold"))
        lines += [f"  {escape(address)}" for address in sorted(state.seen)]
    return "".join(f"{line}\n" for line in lines)
