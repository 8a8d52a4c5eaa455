"""Who vouches for the bytes of a lock: what registries attest, held against the locked digests.

npm: https://docs.npmjs.com/generating-provenance-statements, PyPI: https://peps.python.org/pep-0740 (2026-11).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Attested

PROVENANCE = "https://slsa.dev/provenance/v1"
"""What npm calls the attestation of where a package was built; its other one only says that npm published it."""

MAXIMUM_BYTES = 8 * 1024 * 1024
_MOST = 20
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody signed. `identity` is the workflow that did, by its address, without the branch or tag it ran on.

    `digests` are of all that it is about, `sha512:HEX`.
    """

    identity: str
    digests: frozenset[str]


class Verifier(Protocol):
    """A Problem says why what was signed does not hold: its signature, its certificate, or its place in the public log."""

    def bundle(self, bundle: Json) -> Statement | Problem:
        """A Sigstore bundle, as npm gives it."""

    def attestation(self, attestation: Json) -> Statement | Problem:
        """An attestation of PEP 740, as a PyPI index gives it."""


def npm_bundles(answer: bytes) -> list[Json]:
    """Of where a package was built. Empty for what is no answer at all."""
    found = _list(_parsed(answer), "attestations")
    return [item.get("bundle") for item in found if isinstance(item, dict) and item.get("predicateType") == PROVENANCE]


def pypi_attestations(answer: bytes) -> list[Json]:
    bundles = _list(_parsed(answer), "attestation_bundles")
    return [attestation for bundle in bundles for attestation in _list(bundle, "attestations")]


def provenance_addresses(answer: bytes) -> dict[str, str | None]:
    """By file name, of an index that tells: None where it says that there is none. A file is left out if nothing is said."""
    files = (item for item in _list(_parsed(answer), "files") if isinstance(item, dict))
    return {
        str(item.get("filename")): item["provenance"]
        for item in files
        if "provenance" in item and (item["provenance"] is None or isinstance(item["provenance"], str))
    }


def vouched(statements: Iterable[Statement | Problem], digest: str) -> Attested:
    """Verified only if all that is there holds and is about these bytes; one that does not is worse than none.

    More than anybody signs is not looked through, and does not hold.
    """
    found = list(islice(statements, _MOST + 1))
    identities = {item.identity for item in found if isinstance(item, Statement)}
    holds = all(isinstance(item, Statement) and _hex(digest) in item.digests for item in found)
    if not 0 < len(found) <= _MOST or not holds or len(identities) != 1:
        return Attested(state="invalid")
    return Attested(state="verified", identity=identities.pop()[:_LONGEST])


def together(files: Iterable[Attested]) -> Attested:
    """Of several files of one version: as good as the worst of them."""
    found = list(files)
    for state in ("invalid", "unknown", "absent"):
        if any(item.state == state for item in found):
            return Attested(state=state)
    identities = {item.identity for item in found}
    return found[0] if len(identities) == 1 else Attested(state="invalid" if found else "unknown")


def read_statement(identity: str, payload: bytes) -> Statement | Problem:
    """From what was signed (https://in-toto.io/Statement/v1), once the signature holds."""
    digests = {*_digests(_parsed(payload))}
    if not digests:
        return Problem("malformed", "what was signed is about nothing", None, "ask its author")
    return Statement(identity.partition("@")[0], frozenset(digests))


def _digests(statement: Json) -> Iterator[str]:
    for subject in _list(statement, "subject"):
        digests = subject.get("digest") if isinstance(subject, dict) else None
        for name, value in digests.items() if isinstance(digests, dict) else ():
            yield f"{name}:{value}"


def _hex(digest: str) -> str:
    """`sha512-BASE64` as attestations write it."""
    kind, dash, encoded = digest.partition("-")
    return f"{kind}:{base64.b64decode(encoded).hex()}" if dash else digest


def _parsed(data: bytes) -> Json:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _list(value: Json, key: str) -> list[Json]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
