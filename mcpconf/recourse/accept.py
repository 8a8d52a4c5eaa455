"""What a person has looked at and lets be."""

from __future__ import annotations

from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.operations import LOCK_SECONDS, plan
from mcpconf.ports import Machine
from mcpconf.premises import settled


def accept(machine: Machine, path: str, addresses: tuple[str, ...], lock_seconds: float = LOCK_SECONDS) -> list[str]:
    """Mark unmanaged entries and approvals as seen, so that they are not new any more."""
    store = Store.of(machine)
    store.prepare()
    with machine.locks.exclusive(store.lock, lock_seconds):
        settled(store)
        listed = {item.address: item.digest for item in plan(machine, path).plan.unmanaged}
        missing = [address for address in addresses if address not in listed]
        if missing:
            hint = "`mcpconf status` lists the addresses"
            raise McpconfError(
                ExitCode.USAGE, Problem("usage", f"`{missing[0]}` is no unmanaged entry here", None, hint)
            )
        state, _ = store.load()
        seen = {**state.seen, **{address: listed[address] for address in addresses}}
        if seen != state.seen:
            store.save(state.model_copy(update={"seen": seen, "serial": state.serial + 1}))
        return list(addresses)
