"""What goes when mcpconf leaves a machine, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from mcpconf.errors import ExitCode
from mcpconf.model.base import Json
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.report.backups import Kept, backups_data, listed
from mcpconf.report.data import outcome_data, plan_data
from mcpconf.report.layout import hang
from mcpconf.report.outcome import render_outcome
from mcpconf.report.style import Style, plural
from mcpconf.report.text import quiet, render_plan

_LISTED = 12


class Leaving(Protocol):
    """`made` are files of ours, `spared` addresses that stay, `stock` are installed servers and the like, `folder` is our own or ""."""

    @property
    def made(self) -> Sequence[str]: ...

    @property
    def spared(self) -> Sequence[str]: ...

    @property
    def revoked(self) -> Sequence[str]: ...

    @property
    def backups(self) -> Sequence[Kept]: ...

    @property
    def stock(self) -> Sequence[str]: ...

    @property
    def installed(self) -> int: ...

    @property
    def folder(self) -> str: ...


def render_destruction(plan: Plan, found: Leaving, style: Style, code: int = 0) -> str:
    """The plan, and what goes once it is made."""
    if not (found.folder or found.stock):
        return "Nothing of mcpconf's is on this machine.\n"
    plain = "" if quiet(plan) else render_plan(plan, style, code=code) + "\n"
    return plain + "".join(f"{line}\n" for line in _also(found, style))


def _also(found: Leaving, style: Style) -> Iterator[str]:
    yield style.paint("ALSO REMOVED", "bold") + "   once nothing of mcpconf's is in any file"
    if found.folder:
        text = f"{style.path(found.folder)}, with the state, its key, generations and the log"
        yield from hang("  own folder: ", text, style.width)
    if found.stock:
        text = f"{_some(found.stock, style)}, with {plural(found.installed, 'installed server')}"
        yield from hang("  store: ", text, style.width)
    if found.made:
        text = f"{_some(found.made, style)}; each if nothing else is in it"
        yield from hang("  files that mcpconf made: ", text, style.width)
    if found.backups:
        yield f"  {plural(len(found.backups), 'backup')}; copy what you want to keep"
        yield from listed(found.backups, style)
    if found.revoked:
        text = f"that {_some(found.revoked, style)} must not be on this machine"
        yield from hang("  forgotten: ", text, style.width)
    if found.spared:
        text = f"{_some(found.spared, style)}, which mcpconf found and never wrote to"
        yield from hang("  stay: ", text, style.width)


def _some(texts: Sequence[str], style: Style) -> str:
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(style.path(text) for text in texts[:_LISTED]) + more


def destruction_data(plan: Plan, found: Leaving) -> dict[str, Json]:
    return {
        **plan_data(plan),
        "made": list(found.made),
        "spared": list(found.spared),
        "revoked": list(found.revoked),
        "backups": backups_data(found.backups),
        "stock": list(found.stock),
        "folder": found.folder or None,
    }


def render_destroyed(outcome: Outcome, removed: Sequence[str], left: Sequence[str], style: Style) -> str:
    if outcome.end == "declined":
        return render_outcome(outcome, style)
    text = render_outcome(outcome, style) if outcome.applied or outcome.exit_code else ""
    return text + "".join(f"{line}\n" for line in _ended(outcome, removed, left, style))


def _ended(outcome: Outcome, removed: Sequence[str], left: Sequence[str], style: Style) -> Iterator[str]:
    if outcome.exit_code != ExitCode.SUCCESS:
        text = "Not all of it is gone, so mcpconf still remembers what was; "
        yield from hang("", text + "put right what is named, then `mcpconf destroy` again.", style.width)
        return
    if removed:
        yield from hang("", style.paint(f"Removed {_some(removed, style)}.", "green"), style.width)
        yield "Nothing of mcpconf's is on this machine any more."
    for path in left:
        yield from hang("left: ", f"{style.path(path)}, which is not mcpconf's", style.width)


def destroyed_data(outcome: Outcome, removed: Sequence[str], left: Sequence[str]) -> dict[str, Json]:
    return {**outcome_data(outcome), "removed": list(removed), "left": list(left)}
