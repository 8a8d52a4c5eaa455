"""A plan before it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.change import Change
from mcpconf.model.plan import Drift, Records, Unmanaged
from mcpconf.model.residue import Residue
from mcpconf.model.state import Tombstone
from mcpconf.reconcile.situation import Ignored


@dataclass(slots=True)
class Draft:
    """A plan before it is judged: no rule has spoken, nothing is numbered or held for policy.

    `kept` and `tracked` are changes left out: because policy keeps what is there, and because git tracks the file.
    `renamed` leads from the address that an entry had to the one of its server's new name.
    `instead` are deletions that must happen even where a change may not. `unset` holds names of secrets that must be set before a change may be made, by address. `gone` are all servers of ours
    that were taken away and not yet seen to be absent. `ignored` are differences that the manifest lets be, with the address of
    each; `untouched` addresses that it leaves alone altogether. `withheld` are addresses that the manifest asks for although they are revoked here. `converged` counts entries that a person changed to what is
    desired by now. `lingering` are identities of what is gone and left in places beside the files of hosts. `problems` are questions that git could not answer.
    """

    changes: list[Change] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    unmanaged: list[Unmanaged] = field(default_factory=list)
    residue: list[Residue] = field(default_factory=list)
    records: Records = field(default_factory=Records)
    tracked: dict[str, Change] = field(default_factory=dict)
    kept: list[Change] = field(default_factory=list)
    instead: dict[str, Change] = field(default_factory=dict)
    unset: dict[str, list[str]] = field(default_factory=dict)
    ignored: list[tuple[Ignored, str]] = field(default_factory=list)
    untouched: set[str] = field(default_factory=set)
    converged: int = 0
    withheld: set[str] = field(default_factory=set)
    renamed: dict[Address, Address] = field(default_factory=dict)
    gone: list[Tombstone] = field(default_factory=list)
    lingering: set[str] = field(default_factory=set)
    problems: dict[str, Problem] = field(default_factory=dict)

    def bury(self, mark: Tombstone) -> None:
        """What it stands for must be gone from now on."""
        self.records.tombstones.append(mark)
        self.gone.append(mark)
