"""Whether a change only takes away, so that it is committed first and never undone."""

from __future__ import annotations

from mcpconf.canonical import canonical
from mcpconf.model.entry import FIELDS_OF_TOOLS, Entry
from mcpconf.permissions import overall, tool_changes
from mcpconf.reconcile.table import Verdict


def narrows(wanted: Entry, found: Entry, verdict: Verdict) -> bool:
    """Until every permission has an order, only some count.

    They are: fewer variables or headers, a literal that becomes a reference, the command line or address put back to what
    we wrote, fewer tools or approvals.
    """
    return all(_is_narrower(wanted, found, name, reason) for name, reason in verdict.fields)


def _is_narrower(wanted: Entry, found: Entry, name: str, reason: str) -> bool:
    if name in FIELDS_OF_TOOLS:
        return overall(tool_changes(found, wanted)) == "narrower"
    if name in ("env", "headers"):
        return _fewer(wanted, found, name)
    return name in ("launch", "url") and reason == "drifted"


def _fewer(wanted: Entry, found: Entry, name: str) -> bool:
    """Whether every variable or header that stays is equal, or was a literal and becomes a reference."""
    after, before = (wanted.env, found.env) if name == "env" else (wanted.headers, found.headers)
    if not set(after) <= set(before):
        return False
    return all(
        canonical(str(after[key])) == canonical(str(before[key]))
        or (bool(after[key].references) and not before[key].references)
        for key in after
    )
