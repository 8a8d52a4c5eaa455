"""Places that several hosts read: what is wanted there must be spelled the same for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcpconf.canonical import same
from mcpconf.model.base import KeyPath
from mcpconf.model.commands import followed
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.finding import Finding


def agreed(entries: Iterable[DesiredEntry], rule: str) -> tuple[tuple[DesiredEntry, ...], tuple[Finding, ...]]:
    """Entries that no other contradicts; the others become findings under `rule`, each naming all that disagree."""
    places: dict[tuple[str, KeyPath], list[DesiredEntry]] = {}
    for entry in entries:
        places.setdefault((entry.location.path, entry.key_path), []).append(entry)
    disputed = [found for found in places.values() if not all(_alike(found[0], other) for other in found)]
    lost = {entry.address for found in disputed for entry in found}
    kept = tuple(entry for found in places.values() for entry in found if entry.address not in lost)
    return kept, tuple(finding for found in disputed for finding in _findings(found, rule))


def _alike(one: DesiredEntry, other: DesiredEntry) -> bool:
    return one.server == other.server and same(one.encoded, other.encoded) and one.declares == other.declares


def _findings(disputed: Sequence[DesiredEntry], rule: str) -> Iterator[Finding]:
    addresses = " and ".join(f"`{entry.address}`" for entry in disputed)
    for entry in disputed:
        host, server = entry.address.host, entry.server
        yield Finding(
            rule=rule,
            severity="error",
            subject="desired",
            address=str(entry.address),
            message=f"{addresses} are one place in {entry.location.path}, and would be spelled differently there",
            hint=followed(f"give `{server}` another name in one host, with `servers.{server}.hosts.{host}.name`"),
            where=entry.where,
        )
