"""A manifest on trial: what a machine would be asked for by it, beside what it is asked for now."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcpconf import operations
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.model.change import Change
from mcpconf.ports import Machine
from mcpconf.reconcile.situation import Situation


@dataclass(frozen=True, slots=True)
class Look:
    """A machine as a manifest sees it. `rows` tells for each address what its plan says of it."""

    situation: Situation
    rows: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)


def look(machine: Machine, manifest: LoadedManifest) -> Look:
    """Raises McpconfError if no plan can be made."""
    seen: list[Situation] = []

    def keep(situation: Situation) -> Situation:
        seen.append(situation)
        return situation

    plan = operations.plan(machine, manifest, aim=operations.Aim(keep)).plan
    changes = {address: change for change in plan.changes for address in change.touches}
    rows = {address: _row(change) for address, change in changes.items()}
    rows |= {item.address: f"unmanaged {item.removed}" for item in plan.unmanaged}
    rows |= {item.address: f"left over {item.message}" for item in plan.residue}
    rows |= {f"not checked: {item.where}": item.reason for item in plan.unknowns}
    rows |= {item.address: f"drift {item.kind}" for item in plan.drift if item.address not in rows}
    return Look(seen[0], rows, changes)


def _row(change: Change) -> str:
    fields = ", ".join(f"{item.name}={item.after}" for item in change.fields)
    return f"{change.action} {change.reason} {fields} {change.after}"


def others(before: Look, after: Look, address: str) -> list[str]:
    """Addresses beside this one of which the plan would say something else."""
    known = before.rows.keys() | after.rows.keys()
    return sorted(text for text in known - {address} if before.rows.get(text) != after.rows.get(text))


def settled(after: Look, address: str) -> bool:
    """Whether the machine is as the manifest says there, but for secrets in clear that become references."""
    change = after.changes.get(address)
    if change is None:
        return not after.rows.get(address, "").startswith(("unmanaged", "left over", "drift"))
    return bool(change.moved_secrets)
