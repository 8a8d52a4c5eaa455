"""Whether a package has passed into other hands, as far as its registry tells who those are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mcpconf.model.lock import Publisher


class Handover(NamedTuple):
    """`wholly`: nobody of before is among those of now. `text` holds text of others."""

    text: str
    wholly: bool


def handovers(before: Publisher, after: Publisher) -> Iterator[Handover]:
    """What one of the two does not tell has not changed."""
    stayed = {*before.owners} & {*after.owners}
    if before.owners and after.owners and {*before.owners} != {*after.owners}:
        yield Handover(f"{', '.join(before.owners)}  ->  {', '.join(after.owners)}", not stayed)
    if before.repository and after.repository and before.repository != after.repository:
        moved = _account(before.repository) != _account(after.repository)
        yield Handover(f"{before.repository}  ->  {after.repository}", moved and not stayed)
    elif before.repository_id and after.repository_id and before.repository_id != after.repository_id:
        text = f"{after.repository} was made anew: {before.repository_id}  ->  {after.repository_id}"
        yield Handover(text.strip(), wholly=True)


def _account(repository: str) -> str:
    """`https://host/owner` of `https://host/owner/name`."""
    return repository.rpartition("/")[0].casefold()
