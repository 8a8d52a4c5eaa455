"""Showing a plan and asking a person, before something is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcpconf.cli.progress import progress
from mcpconf.cli.surroundings import attended
from mcpconf.errors import ExitCode, McpconfError, Problem

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.model.plan import Plan
    from mcpconf.operations import Answer
    from mcpconf.secrets import Scrubber


_NAMED = 12
"""Changes that a question names one by one."""


@dataclass(slots=True)
class Asking:
    """Shows the plan, and asks whether to go on where there is something to write."""

    output: Output
    unasked: bool
    silent: bool = False
    scrubber: Scrubber | None = None
    quiet: bool = False

    def confirm(self, plan: Plan, scrubber: Scrubber) -> Answer:
        from mcpconf.cli.streams import emit
        from mcpconf.report.text import quiet, render_plan

        self.scrubber, self.quiet = scrubber, quiet(plan)
        if not (self.output.json or self.silent):
            emit(self.output.rendered(lambda style: render_plan(plan, style), dict, scrubber))
        if self.unasked or plan.blocked or not any(change.writes for change in plan.changes):
            if not self.silent:
                progress.begin("writing")
            return "not asked"
        return answer(_question(plan))


def _question(plan: Plan) -> str:
    approving = [f"[{change.index}]" for change in plan.changes if change.approved]
    named = ", ".join(approving) if len(approving) <= _NAMED else f"{len(approving)} of them"
    return f"Apply these changes, and approve what {named} may do?" if approving else "Apply these changes?"


def answer(question: str) -> Answer:
    return "yes" if answered_yes(question) else "no"


def asked(show: Callable[[], str], question: str) -> bool:
    """Show something, and ask."""
    from mcpconf.cli.streams import emit

    emit(show())
    return answered_yes(question)


def answered_yes(question: str) -> bool:
    """Ask on stderr, for the result is on stdout. Only `yes` is yes."""
    progress.end()
    sys.stderr.write(f"\n{question} Only `yes` goes on: ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    progress.begin("writing")
    return answer == "yes"


def refuse_without_terminal(hint: str, *, json: bool, quiet: bool = False) -> None:
    """Raises McpconfError (exit 64) where nobody can be asked."""
    if quiet:
        raise usage("`--quiet` shows nothing to decide on", hint)
    if json:
        raise usage("there is nowhere to ask where the result is JSON", hint)
    if not attended():
        raise usage("there is no terminal to ask on", hint)


def usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
