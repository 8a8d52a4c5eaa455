"""What the log of a machine tells of an address."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from mcpconf.documents.store import Store
from mcpconf.model.state import State
from mcpconf.ports import Snapshot
from mcpconf.reconcile.draft import Draft

_LEAVING = "destroy"


def returned(store: Store, state: State, draft: Draft) -> Mapping[str, str]:
    """Of entries that are there and unknown: when mcpconf took them away, by address. The log is read only for these.

    Not what a person has seen again since, nor what went because mcpconf did.
    """
    wanted = {item.address for item in draft.unmanaged if item.kind == "server" and (item.new or item.removed)}
    wanted |= {item.address for item in draft.changes if item.action == "delete"} - state.entries.keys()
    return _taken(store, wanted) if wanted else {}


def _taken(store: Store, wanted: Collection[str]) -> dict[str, str]:
    """A line that cannot be read tells nothing."""
    found = store.machine.files.read(store.log)
    taken: dict[str, str] = {}
    spelled = [json.dumps(address).encode() for address in wanted]
    for line in found.data.splitlines() if isinstance(found, Snapshot) else ():
        if not any(address in line for address in spelled):
            continue
        try:
            told = json.loads(line)
            for item in told["operations"]:
                taken.pop(item["address"], None)
                if item["action"] == "delete" and item["address"] in wanted and told["purpose"] != _LEAVING:
                    taken[item["address"]] = str(told["time"])
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            continue
    return taken
