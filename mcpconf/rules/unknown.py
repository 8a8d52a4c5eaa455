"""The rule about what is not known: where nothing is found, somebody must have looked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mcpconf.errors import Problem
from mcpconf.model.commands import command
from mcpconf.model.moment import day_after
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.rules.vulnerable import Launch, launches, own

if TYPE_CHECKING:
    from mcpconf.advisories import Advisories

_NAMED = 5
_TOLD_OF = ("npm", "pypi")


def _listing(names: Iterable[str]) -> str:
    shown = [f"`{name}`" for name in dict.fromkeys(names)]
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    return ", ".join(shown[:_NAMED]) + more


def _unknown(evidence: Evidence) -> Iterator[Hit]:
    found = [*launches(evidence)]
    if not found:
        return
    for message, hint in _reasons(evidence, found):
        yield Hit("observed", "advisories", message, hint)


def _reasons(evidence: Evidence, found: Sequence[Launch]) -> Iterator[tuple[str, str]]:
    """One for each reason, however many servers it is about."""
    advisories = evidence.situation.supplied.advisories
    again = f"{command('vulndb', 'update')} gets them"
    if advisories is None:
        yield "there are no advisories here: which versions are vulnerable is unknown", again
    elif isinstance(advisories, Problem):
        message = f"which versions are vulnerable is unknown: {advisories.message}"
        yield message, advisories.hint or again
    else:
        if reason := _too_old(evidence, advisories):
            yield f"{reason}: what was found since then is unknown", again
        yield from _gaps(found, advisories)


def _too_old(evidence: Evidence, advisories: Advisories) -> str:
    from mcpconf.advisories import OLD_DAYS

    end = day_after(advisories.newest, OLD_DAYS)
    if not end:
        return "the advisories do not say of which day they are"
    day = advisories.newest[:10]
    return f"the newest advisory is of {day}, more than {OLD_DAYS} days ago" if evidence.situation.past(end) else ""


def _gaps(found: Sequence[Launch], advisories: Advisories) -> Iterator[tuple[str, str]]:
    day = f"(advisories up to {advisories.newest[:10] or 'no stated day'})"
    for kind in sorted({launch.package.ecosystem for launch in found} - advisories.ecosystems):
        names = _listing(launch.case.name for launch in found if launch.package.ecosystem == kind)
        hint = f"{command('vulndb', 'update')} gets them" if kind in _TOLD_OF else "ask whoever publishes them"
        yield f"no advisory is about {kind} packages: whether {names} is vulnerable is unknown {day}", hint
    known = [launch for launch in found if launch.package.ecosystem in advisories.ecosystems]
    floating = [launch.case.name for launch in known if not launch.version and not own(launch, advisories)]
    if floating:
        message = f"which version of {_listing(floating)} runs is not told: whether it is vulnerable is unknown {day}"
        yield message, "write the exact version, or lock it"
    if undecided := [launch.case.name for launch in known if launch.version and _is_undecided(launch, advisories)]:
        message = f"the version of {_listing(undecided)} cannot be held against every advisory of its package {day}"
        yield message, "look at the advisories of that package yourself"
    unlocked = [launch.case.name for launch in known if launch.locked is None and launch.case.subject == "desired"]
    if unlocked:
        message = f"what {_listing(unlocked)} brings along is not locked: whether that is vulnerable is unknown {day}"
        yield message, f"{command('lock')}, and commit that"


def _is_undecided(launch: Launch, advisories: Advisories) -> bool:
    from mcpconf.advisories.closure import judged

    kind, name = launch.package.ecosystem, launch.package.name
    verdict = advisories.judge(kind, name, launch.version or "")
    brought = judged(launch.locked, advisories) if launch.locked is not None else None
    return verdict is None or bool(verdict.undecided) or (brought is not None and bool(brought.undecided))


RULES = (
    Rule(
        id="MCP705",
        title="what is vulnerable is unknown",
        severity="info",
        threat="vulnerable versions (re-deployment)",
        owasp="MCP04:2025",
        check=_unknown,
        what="Advisories that are not here, cannot be read, or are older than 30 days; servers whose packages no advisory is about, whose version is not told, or whose closure is not locked. Each reason is told once, with all its servers and with the day of the newest advisory.",
        why="That nothing is found means something only where somebody looked, and in what is known today.",
        example="the newest advisory is of 2026-09-30, more than 30 days ago",
        fix="`mcpconf vulndb update` gets newer ones",
    ),
)
