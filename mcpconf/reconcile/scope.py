"""What of a plan the command line asked for: targets and excludes."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.address import matches
from mcpconf.model.change import Change
from mcpconf.reconcile.situation import Situation


class Scope:
    """Targets and excludes are address patterns, names of servers, or numbers of changes.

    Raises McpconfError (exit 64) for one that names nothing.
    """

    def __init__(self, situation: Situation, changes: Sequence[Change]) -> None:
        self._targets = situation.choices.targets
        self._excludes = situation.choices.excludes
        self._numbers = {address: change.index for change in changes for address in change.addresses}
        self._names = {address: change.server for change in changes for address in change.addresses}
        self._check(situation, changes)

    def chooses(self, change: Change) -> bool:
        """Whether a change is made: one of several addresses is enough to ask for it, and to keep it out."""
        wanted = not self._targets or any(
            self._is_named(text, change.index, self._targets) for text in change.addresses
        )
        return wanted and not any(self._is_named(text, change.index, self._excludes) for text in change.addresses)

    def covers(self, address: str, index: int | None = None) -> bool:
        number = self._numbers.get(address) if index is None else index
        wanted = not self._targets or self._is_named(address, number, self._targets)
        return wanted and not self._is_named(address, number, self._excludes)

    def _is_named(self, address: str, number: int | None, patterns: Sequence[str]) -> bool:
        name = self._names.get(address, "")
        return any(
            int(pattern) == number if pattern.isdecimal() else pattern == name or matches(pattern, address)
            for pattern in patterns
        )

    def _check(self, situation: Situation, changes: Sequence[Change]) -> None:
        if not self._targets and not self._excludes:
            return
        known = {str(entry.address) for entry in situation.observed.entries}
        known |= {str(entry.address) for entry in situation.desired.entries} | set(self._names)
        for pattern in (*self._targets, *self._excludes):
            if pattern.isdecimal():
                named = len(pattern) < 10 and 1 <= int(pattern) <= len(changes)
            else:
                named = pattern in self._names.values() or any(matches(pattern, address) for address in known)
            if not named:
                hint = "`mcpconf plan` shows the numbers and addresses"
                raise McpconfError(
                    ExitCode.USAGE, Problem("usage", f"`{pattern}` names nothing in this plan", None, hint)
                )
