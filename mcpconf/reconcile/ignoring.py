"""What the manifest says not to compare. It narrows what is looked at, never what is taken away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mcpconf.compare import differing
from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.targets import Targets
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Ignored

_ATTRIBUTES = {"launch": ("command", "args")}
"""Of the fields that are kept in more than one place."""


class Ignoring:
    """Answers what is left out at an address, and notes in the draft where that made a difference."""

    def __init__(self, ignored: Sequence[Ignored], draft: Draft) -> None:
        self._ignored = ignored
        self._targets = Targets(item.target for item in ignored)
        self._draft = draft

    def leaves(self, address: Address | GrantAddress | str) -> bool:
        """Whether the whole address is left alone."""
        found = self._whole(address) is not None
        if found:
            self._draft.untouched.add(str(address))
        return found

    def note(self, address: Address | GrantAddress | str) -> None:
        """The whole address is left alone, although something would be done or told there."""
        found = self._whole(address)
        assert found is not None
        self._draft.ignored.append((found, str(address)))

    def _naming(self, address: Address | GrantAddress | str) -> Iterator[Ignored]:
        return (self._ignored[index] for index in self._targets.naming(address))

    def _whole(self, address: Address | GrantAddress | str) -> Ignored | None:
        return next((item for item in self._naming(address) if not item.field), None)

    def as_found(self, desired: DesiredEntry, observed: ObservedEntry | None) -> DesiredEntry:
        """What is wanted, with the fields that are not compared as the machine has them."""
        if not self._ignored or observed is None or observed.entry.transport == "unknown":
            return desired
        by_field = {item.field: item for item in self._naming(desired.address) if item.field}
        names = [name for name in differing(desired.entry, observed.entry, desired.stated) if name in by_field]
        if not names:
            return desired
        self._draft.ignored += [(by_field[name], str(desired.address)) for name in names]
        attributes = [attribute for name in names for attribute in _ATTRIBUTES.get(name, (name,))]
        entry = replace(desired.entry, **{name: getattr(observed.entry, name) for name in attributes})
        identity = observed.identity if {"launch", "url"} & set(names) else desired.identity
        return replace(desired, entry=entry, identity=identity)
