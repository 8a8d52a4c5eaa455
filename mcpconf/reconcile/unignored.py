"""New project files that the next `git add` would take along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcpconf.model.address import Address
from mcpconf.model.change import Change
from mcpconf.reconcile.situation import Situation

MOST_ASKED = 200
"""Files that git is asked about, one process each; of more, nothing is said."""


def marked(situation: Situation, changes: Iterable[Change]) -> Iterator[Change]:
    """The changes; the first into each new file of a project says whether git ignores the file."""
    asked: set[str] = set()
    for change in changes:
        if not _new(change) or change.file in asked or len(asked) == MOST_ASKED:
            yield change
        else:
            asked.add(change.file)
            shown = situation.passed_over(change.file) is False
            yield change.model_copy(update={"not_ignored": shown})


def _new(change: Change) -> bool:
    return change.new_file and change.action == "create" and Address.parse(change.address).scope == "project"
