"""Whether a manifest asks for exactly what is there: resolved for this machine, and compared entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mcpconf.compare import differing
from mcpconf.importer.found import Found, LeftOut
from mcpconf.model.address import Address
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.reconcile.references import replaced_texts


def unproven(founds: Sequence[Found], desired: Desired) -> list[LeftOut]:
    """Entries that the manifest would change, or cannot ask their host for; but for secrets that become references."""
    asked = {entry.address: entry for entry in desired.entries}
    refused = {finding.address: finding.message for finding in desired.findings}
    answers = (_obstacle(found, asked, refused) for found in founds)
    return [answer for answer in answers if answer is not None]


def _obstacle(found: Found, asked: Mapping[Address, DesiredEntry], refused: Mapping[str, str]) -> LeftOut | None:
    observed = found.observed
    wanted = asked.get(observed.address)
    if wanted is None:
        message = refused.get(str(observed.address), "its host would not be asked for it")
        if found.moved:
            places = ", ".join(dict.fromkeys(f"`{item.place}`" for item in found.moved))
            message = f"a secret in clear in {places}: {message}"
            return LeftOut(observed, "literal-secret", message, "keep it out of the file, then import again")
        return LeftOut(observed, "cannot-be-said", message)
    names = differing(wanted.entry, observed.entry, wanted.stated)
    if not names or replaced_texts(wanted.entry, observed.entry, names):
        return None
    told = ", ".join(f"`{name}`" for name in names)
    return LeftOut(observed, "cannot-be-said", f"a manifest would change {told} of it")
