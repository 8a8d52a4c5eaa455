"""What was asked for once, spelled again the way its host reads it now."""

from __future__ import annotations

from mcpconf.errors import Where
from mcpconf.hosts.dialect import furnished
from mcpconf.hosts.names import cannot_name
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import Address
from mcpconf.model.change import PlannedEdit
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.finding import Finding
from mcpconf.model.observed import Location
from mcpconf.model.owned import Owned
from mcpconf.ports import Facts
from mcpconf.resolve import CANNOT_SAY
from mcpconf.resolve.wish import wished


def spelled_again(
    address: Address, owned: Owned, row: HostRow, place: tuple[Location, Where], facts: Facts
) -> DesiredEntry | Finding:
    """`place` is where it was written, and where its values are kept. Raises ValueError for values that are none of ours."""
    location, where = place
    wish = wished(row, owned.entry, facts, address.scope, address.project)
    reasons = (*cannot_name(row, address.server), *wish.said.refused, *wish.words.losses)
    if reasons:
        message = f"{row.title} cannot take `{owned.server}` any more: {'; '.join(reasons)}"
        return not_asked(str(address), message, where)
    encoded = wish.words.encoded
    return DesiredEntry(
        address=address,
        server=owned.server,
        entry=wish.words.entry,
        encoded=furnished(row, encoded.value, address.server),
        identity=wish.identity,
        location=location,
        key_path=PlannedEdit(at=owned.key_path).path,
        parts=encoded.parts,
        declares=encoded.declares,
        stated=frozenset(owned.stated),
        protect=owned.protect,
        said=wish.neutral,
        denied=wish.said.denied,
        state_paths=tuple(owned.state_paths),
        where=where,
    )


def not_asked(address: str, message: str, where: Where) -> Finding:
    """An entry that was there and cannot be asked for again: it stays as it is, in plain sight."""
    return Finding(
        rule=CANNOT_SAY,
        severity="error",
        subject="desired",
        address=address,
        message=message,
        hint="put the server into the manifest as it should be, then `mcpconf apply --unpin`",
        where=where,
    )
