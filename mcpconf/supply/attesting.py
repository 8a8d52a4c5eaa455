"""Ask registries who vouches for what is locked. A registry that does not tell leaves it unknown, never absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

from mcpconf.artifacts.attestations import (
    MAXIMUM_BYTES,
    Verifier,
    npm_bundles,
    npm_subject,
    provenance_addresses,
    pypi_attestations,
    together,
    vouched,
)
from mcpconf.artifacts.npm_client import NpmError, explained, view
from mcpconf.artifacts.pypi_offers import index_of
from mcpconf.errors import Problem
from mcpconf.model.lock import Attested, LockedServer
from mcpconf.workshop import Workshop

_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
_UNTOLD = ("missing", "invalid")
"""Nothing is there, or it is an address that is not asked."""

_SIMPLE_BYTES = 64 * 1024 * 1024


def attested_by(workshop: Workshop) -> Callable[[LockedServer], Attested | Problem]:
    """Raises McpconfError (exit 1) where signatures cannot be verified."""
    from mcpconf.system.sigstore import verifier

    signatures = verifier()
    return lambda locked: attest(locked, workshop, signatures)


def attest(locked: LockedServer, workshop: Workshop, verifier: Verifier) -> Attested | Problem:
    """Only npm and PyPI packages are vouched for; of others it stays unknown."""
    ecosystem, _, name = locked.package.partition(":")
    if not locked.version or not locked.artifacts or workshop.offline:
        return locked.provenance
    match ecosystem:
        case "npm":
            return _npm(name, locked, workshop, verifier)
        case "pypi":
            return _pypi(name, locked, workshop, verifier)
    return locked.provenance


def _npm(name: str, locked: LockedServer, workshop: Workshop, verifier: Verifier) -> Attested | Problem:
    """A registry that signs what it gives, and names no attestation, says that there is none."""
    asked = f"{name}@{locked.version}"
    with workshop.trees.room() as room:
        try:
            told = view(asked, room, workshop)
        except NpmError as error:
            return explained(error, asked)
    if isinstance(told, Problem):
        return told
    dist = told.get("dist")
    attestations = dist.get("attestations") if isinstance(dist, dict) else None
    if not isinstance(attestations, dict) or not isinstance(attestations.get("url"), str):
        signed = isinstance(dist, dict) and bool(dist.get("signatures"))
        return Attested(state="absent" if signed and attestations is None else "unknown")
    answer = workshop.web.get(attestations["url"], MAXIMUM_BYTES, outside=True)
    if isinstance(answer, Problem):
        return Attested() if answer.kind in _UNTOLD else answer
    bundles = npm_bundles(answer)
    digest = next(iter(locked.artifacts.values())).digest
    about = npm_subject(name, locked.version), digest
    return vouched(map(verifier.bundle, bundles), *about) if bundles else Attested(state="absent")


def _pypi(name: str, locked: LockedServer, workshop: Workshop, verifier: Verifier) -> Attested | Problem:
    """What the index attests that uv takes the package from. An address with a user's name in it is not asked."""
    index = index_of(name, locked.version, workshop)
    if isinstance(index, Problem):
        return index
    answer = workshop.web.get(f"{index.rstrip('/')}/{quote(name)}/", _SIMPLE_BYTES, _JSON)
    if isinstance(answer, Problem):
        return Attested() if answer.kind in _UNTOLD else answer
    addresses = provenance_addresses(answer)
    chosen = urlsplit(index).netloc
    files: list[Attested] = []
    for found in _files(locked, (chosen, addresses), workshop, verifier):
        if isinstance(found, Problem):
            return found
        files.append(found)
    return together(files)


def _files(
    locked: LockedServer, named: tuple[str, dict[str, str | None]], workshop: Workshop, verifier: Verifier
) -> Iterator[Attested | Problem]:
    """Only the server that the user chose as an index may name itself where it lies inside."""
    chosen, addresses = named
    for file, artifact in sorted(locked.artifacts.items()):
        address = addresses.get(file)
        if address is None:
            yield Attested(state="absent" if file in addresses else "unknown")
            continue
        answer = workshop.web.get(address, MAXIMUM_BYTES, outside=not _is_of(address, chosen))
        if isinstance(answer, Problem):
            yield Attested() if answer.kind in _UNTOLD else answer
        else:
            yield vouched(map(verifier.attestation, pypi_attestations(answer)), file, artifact.digest)


def _is_of(address: str, server: str) -> bool:
    try:
        return urlsplit(address).netloc == server
    except ValueError:
        return False
