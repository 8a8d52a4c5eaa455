"""What an apply did, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.errors import ExitCode
from mcpconf.model.outcome import Outcome
from mcpconf.report.layout import hang
from mcpconf.report.style import Style, plural

_ENDS = {
    "applied": ("green", "Applied"),
    "nothing": ("green", "Nothing to apply"),
    "held": ("yellow", "Applied, but for what is held"),
    "findings": ("yellow", "Applied"),
    "declined": ("yellow", "Answered no: nothing was written"),
    "stale": ("red", "Nothing was written"),
    "narrowed": ("yellow", "Only what takes away was applied"),
    "recover": ("red", "Stopped half-way"),
    "blocked": ("red", "Blocked: nothing was written"),
}
_MISTAKEN = {
    "held": "Nothing was applied: all of it is held",
    "findings": "Nothing to apply",
    "narrowed": "Nothing was applied",
}
"""Words for the ends that say `Applied`, where there was nothing to apply."""

_REST = {"findings": "; the policy does not let pass what else was found"}
_NEXT = {
    "findings": "`mcpconf plan` shows it",
    "blocked": "`mcpconf plan` shows the finding that blocks",
    "held": "`mcpconf plan` says why, and what to do",
    "narrowed": "`mcpconf plan` shows what is left to do, and what is in the way",
    "recover": "run `mcpconf recover`",
    "stale": "settle the conflicts that `mcpconf plan` shows",
}


def render_outcome(outcome: Outcome, style: Style) -> str:
    return "".join(f"{line}\n" for line in _lines(outcome, style))


def _lines(outcome: Outcome, style: Style) -> Iterator[str]:
    colour, words = _ENDS[outcome.end]
    if outcome.applied:
        done = f"{plural(len(outcome.applied), 'change')} in {plural(len(outcome.files), 'file')}"
        words = f"{words}: {done}{', verified' if outcome.end in ('applied', 'held', 'findings') else ''}"
    else:
        words = _MISTAKEN.get(outcome.end, words)
    yield style.paint(f"{words}{_REST.get(outcome.end, '')}.", colour)
    yield from failures(outcome, style)
    lists = [("not attempted", outcome.not_attempted), ("put back", outcome.rolled_back), ("left out", outcome.held)]
    for title, addresses in lists:
        if addresses:
            yield from hang(f"{title}: ", ", ".join(style.path(address) for address in addresses), style.width)
    for path in outcome.backups:
        text = f"the old content stays in {style.path(path)} until {outcome.expires}; rotate the secret in it"
        yield from (style.paint(line, "yellow") for line in hang("", text, style.width))
    for pids, told in ((outcome.ended, "ended"), (outcome.running, "asked to end, and still running")):
        if pids:
            yield f"{plural(len(pids), 'process')} {told}: {', '.join(map(str, pids))}."
    if outcome.restart:
        text = f"{', '.join(map(style.text, outcome.restart))} for this to take effect."
        yield from hang("Restart ", text, style.width)
    if outcome.exit_code == ExitCode.INCOMPLETE:
        text = "Some files could not be checked, and were left alone; `mcpconf plan` names them."
        yield from (style.paint(line, "yellow") for line in hang("", text, style.width))
    if outcome.end in _NEXT and not (outcome.end == "stale" and outcome.failures):
        yield f"hint: {_NEXT[outcome.end]}"


def failures(outcome: Outcome, style: Style) -> Iterator[str]:
    for failure in outcome.failures:
        lines = hang("error: ", style.text(failure.message), style.width)
        yield from (style.paint(line, "red") for line in lines)
        yield f"  --> {style.path(failure.file)}"
        if failure.hint:
            yield from hang("  hint: ", style.text(failure.hint), style.width)


def render_recovery(outcome: Outcome, style: Style) -> str:
    if outcome.end == "nothing":
        return "Nothing to recover.\n"
    if outcome.exit_code:
        return render_outcome(outcome, style)
    told = (
        "what was to be taken away is gone, the rest is as it was before"
        if outcome.rolled_back
        else "what is written stays"
    )
    lines = [style.paint(f"Recovered: {told}.", "green")]
    lines += [f"  {style.path(path)}" for path in outcome.rolled_back]
    return "".join(f"{line}\n" for line in [*lines, "hint: `mcpconf plan` shows what is left to do"])
