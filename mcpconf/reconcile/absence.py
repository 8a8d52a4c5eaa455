"""What an entry is or brings along, held against what must be absent."""

from __future__ import annotations

from collections.abc import Container

from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import ObservedEntry
from mcpconf.packages import brought


def forbidden(entry: DesiredEntry | ObservedEntry, identities: Container[str]) -> str:
    """Which of the identities the entry has, or has a package of; "" if none.

    A package is forbidden wherever it is installed: beside the one that is launched, or as a bridge to an address.
    """
    if entry.identity in identities:
        return entry.identity
    return next((package for package in sorted(brought(entry.entry)) if package in identities), "")
