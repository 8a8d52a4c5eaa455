"""What no look at a machine can tell, and a person has to think of."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import Looked, Surroundings

_URL = "url:"


def providers(around: Surroundings, gone: Sequence[Gone]) -> Looked:  # noqa: ARG001
    """Tokens that a provider gave out hold until they are taken back there."""
    known = sorted({_access(item) for item in gone if item.secrets or item.identity.startswith(_URL)})
    if not known:
        return Looked(skipped="nothing that is gone was given a secret or an address")
    names = ", ".join(known)
    return Looked(skipped=f"take back what {names} had access to where that was granted; it cannot be seen from here")


def _access(item: Gone) -> str:
    """With its address, where it has one: that is where to go."""
    where = f" (`{item.identity.removeprefix(_URL)}`)" if item.identity.startswith(_URL) else ""
    return f"`{item.title}`{where}"


def sessions(around: Surroundings, gone: Sequence[Gone]) -> Looked:  # noqa: ARG001
    """A host tells its model of tools once."""
    names = ", ".join(f"`{name}`" for name in sorted({item.title for item in gone}))
    return Looked(skipped=f"conversations that were open while {names} was there still know its tools: end them")
