"""Servers that the manifest asks for and a host is told elsewhere not to start."""

from __future__ import annotations

from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import Observed
from mcpconf.model.plan import Drift
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.places import place


def switched_off(desired: DesiredEntry, observed: Observed) -> list[Drift]:
    """Told, and respected. It counts where the manifest says `enabled: true`, and nothing runs anywhere."""
    found = () if desired.entry.enabled is False else observed.switched_off(desired.address)
    if not found:
        return []
    first = found[0]
    everywhere, where = first.project in ("", desired.address.project), place(first)
    keys = [str(step) for step in first.key_path if isinstance(step, str) and step != desired.address.server]
    more = len({switch.project for switch in found}) - 1
    limit = "" if everywhere else f" in the project `{first.project}`" + (f" and {more} more" if more else "")
    file = first.file.location.path.rpartition("/")[2]
    message = f"`{keys[-1]}` in `{file}` keeps it off{limit}"
    severity = "medium" if everywhere else "low"
    item = drift("switched_off", str(desired.address), message, severity=severity, where=where)
    asked = (desired.said or desired.entry).enabled
    return [item.model_copy(update={"counted": everywhere and asked is True})]
