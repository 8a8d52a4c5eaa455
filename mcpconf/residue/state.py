"""What a server kept of its own, where the manifest said so: settings, memories, tokens. Its content is not looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcpconf.hosts.places import absolute
from mcpconf.ports import Facts
from mcpconf.reconcile.gone import Gone
from mcpconf.reconcile.situation import Situation
from mcpconf.residue.looking import Leftover, Looked, Surroundings


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    return Looked(tuple(_left(around, gone)))


def _left(around: Surroundings, gone: Sequence[Gone]) -> Iterator[Leftover]:
    for item in gone:
        for path in sorted({absolute(path, around.machine.facts) for path in item.state_paths}):
            if not _overlaps(path, around.kept) and around.machine.files.exists(path):
                message = f"`{path}` is there, where `{item.title}` kept what is its own"
                yield Leftover(item, path, message, f"look into it, then delete `{path}`", "medium")


def _overlaps(path: str, others: Iterable[str]) -> bool:
    return any(f"{path}/".startswith(f"{other}/") or f"{other}/".startswith(f"{path}/") for other in others)


def kept(situation: Situation, gone: Sequence[Gone], facts: Facts) -> frozenset[str]:
    """What servers that stay keep of their own."""
    left = {item.identity for item in gone}
    entries = (entry for entry in situation.desired.entries if entry.identity not in left)
    return frozenset(absolute(path, facts) for entry in entries for path in entry.state_paths)
