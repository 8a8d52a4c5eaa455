"""What an apply did, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.outcome import Outcome
from mcpconf.report.style import Style, plural
from mcpconf.secrets.escape import escape

_ENDS = {
    "applied": ("green", "Applied"),
    "nothing": ("green", "Nothing to apply."),
    "held": ("yellow", "Applied, but for what is held"),
    "stale": ("red", "Nothing was written"),
    "narrowed": ("yellow", "Only what takes away was applied"),
    "recover": ("red", "Stopped half-way"),
    "blocked": ("red", "Blocked: nothing was written."),
}


def render_outcome(outcome: Outcome, style: Style) -> str:
    return "".join(f"{line}\n" for line in _lines(outcome, style))


def _lines(outcome: Outcome, style: Style) -> Iterator[str]:
    colour, words = _ENDS[outcome.end]
    if outcome.applied:
        words = f"{words}: {plural(len(outcome.applied), 'change')} in {plural(len(outcome.files), 'file')}, verified."
    elif outcome.end not in ("nothing", "blocked"):
        words += "."
    yield style.paint(words, colour)
    for failure in outcome.failures:
        yield style.paint(f"error: {escape(failure.message)}", "red")
        yield f"  --> {style.path(failure.file)}"
        if failure.hint:
            yield f"  hint: {escape(failure.hint)}"
    for title, addresses in (
        ("not attempted", outcome.not_attempted),
        ("put back", outcome.rolled_back),
        ("left out", outcome.held),
    ):
        if addresses:
            yield f"{title}: {', '.join(style.path(address) for address in addresses)}"
    for path in outcome.backups:
        yield f"the old content stays in {style.path(path)} until {outcome.expires}; rotate the secret in it"
    if outcome.restart:
        yield f"Restart {', '.join(map(escape, outcome.restart))} for this to take effect."
    if outcome.end == "recover":
        yield "hint: run `mcpconf recover`"
    if outcome.end == "stale" and not outcome.failures:
        yield "hint: settle the conflicts that `mcpconf plan` shows"


def render_recovery(outcome: Outcome, style: Style) -> str:
    if outcome.end == "nothing":
        return "Nothing to recover.\n"
    if outcome.exit_code:
        return render_outcome(outcome, style)
    lines = [style.paint("Recovered: what was to be taken away is gone, the rest is as it was before.", "green")]
    lines += [f"  {style.path(path)}" for path in outcome.rolled_back]
    return "".join(f"{line}\n" for line in lines)
