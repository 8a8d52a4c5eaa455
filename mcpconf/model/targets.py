"""Many patterns of addresses at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mcpconf.model.address import SERVER, matches


class Targets:
    """Tells which of its patterns name an address. Those without a star are looked up, however many there are."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._named: dict[str, list[int]] = defaultdict(list)
        self._wild: list[int] = []
        for index, pattern in enumerate(self._patterns):
            if {"*", "?"}.isdisjoint(pattern):
                self._named[pattern].append(index)
            else:
                self._wild.append(index)

    def naming(self, address: object) -> Iterator[int]:
        """The places of the patterns that match, in their order."""
        named = {index for text in _names(str(address)) for index in self._named.get(text, ())}
        return (index for index in sorted([*named, *self._wild]) if matches(self._patterns[index], address))


def _names(address: str) -> set[str]:
    """Every text without a star that may match the address."""
    texts = {address, address.partition("#")[0]}
    return texts | {text.rpartition("/")[2] for text in texts} | {text.removeprefix(SERVER) for text in texts}
