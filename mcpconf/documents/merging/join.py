"""Two layers that become one, and what is written down on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mcpconf.errors import Where
from mcpconf.model.manifest import Manifest
from mcpconf.model.written import Fault

Path = tuple[str | int, ...]
Origin = tuple[int, Path]
"""The number of a layer, and a key in it."""


@dataclass(frozen=True, slots=True)
class Join:
    """`above` is layer `number`; `below` is what the earlier ones have become, of which `origin` and `where` tell the places.

    `origins` gets the place of each key that is taken from above; `faults` are at keys of the layer above.
    """

    below: Manifest
    above: Manifest
    number: int
    where: Callable[..., Where]
    origin: Callable[[Path], Origin]
    origins: dict[Path, Origin]
    faults: list[Fault] = field(default_factory=list)

    def take(self, path: Path, at: Path | None = None) -> None:
        """What the merged manifest has at `path` is from above, where it is at `at`."""
        self.origins[path] = (self.number, path if at is None else at)

    def refuse(self, at: Path, message: str, hint: str = "", against: Path | None = None) -> None:
        """The layer above may not say this at `at`, because of what the layers below have at `against`, if not at the same key."""
        place = self.where(*(at if against is None else against))
        self.faults.append(Fault(f"{message} ({place})", hint, at))

    def appended(self, section: str, accepted: Sequence[int]) -> tuple[object, ...]:
        """A list of both layers: that from below, then the accepted items from above."""
        items: list[object] = list(getattr(self.below, section))
        for index in accepted:
            self.take((section, len(items)), (section, index))
            items.append(getattr(self.above, section)[index])
        return tuple(items)
