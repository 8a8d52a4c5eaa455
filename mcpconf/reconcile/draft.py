"""A plan before it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcpconf.model.change import Change
from mcpconf.model.plan import Drift, Records, Residue, Unmanaged


@dataclass(slots=True)
class Draft:
    """A plan before it is judged: no rule has spoken, nothing is numbered or held for policy.

    `strays` and `kept` are what rules and the summary need beyond the plan itself; `tracked` maps addresses of differences
    in git-tracked files to the change that was left out.
    """

    changes: list[Change] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    unmanaged: list[Unmanaged] = field(default_factory=list)
    residue: list[Residue] = field(default_factory=list)
    records: Records = field(default_factory=Records)
    tracked: dict[str, Change] = field(default_factory=dict)
    kept: list[Change] = field(default_factory=list)
    recorded: int = 0
