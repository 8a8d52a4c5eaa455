"""Who vouches for the bytes of a lock: what registries attest, held against the locked digests.

npm: https://docs.npmjs.com/generating-provenance-statements, PyPI: https://peps.python.org/pep-0740 (2026-11).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol
from urllib.parse import quote, unquote

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Attested

PROVENANCE = "https://slsa.dev/provenance/v1"
_PROVENANCES = ("https://slsa.dev/provenance/v0.2", PROVENANCE)
"""What npm calls the attestation of where a package was built; its other one only says that npm published it."""

_INDEX = ("pypi", "org")
_PUBLISHED = f"https://docs.{'.'.join(_INDEX)}/attestations/publish/v1"
_PREDICATES = (*_PROVENANCES, _PUBLISHED)
_STATEMENTS = ("https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1")
_PAYLOAD = "application/vnd.in-toto+json"

_MEDIA = "application/vnd.dev.sigstore.bundle"
_FORMS = {f"{_MEDIA}.v0.3+json", *(f"{_MEDIA}+json;version=0.{minor}" for minor in (1, 2, 3))}
_OLDEST = f"{_MEDIA}+json;version=0.1"
_ENTRIES = (("dsse", "0.0.1"), ("hashedrekord", "0.0.2"), ("intoto", "0.0.2"))
"""How the public log writes down what was signed."""

MAXIMUM_BYTES = 8 * 1024 * 1024
_MOST = 20
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody signed. `identity` is the workflow that did, by its address, without the branch or tag it ran on.

    `subjects` are all that it is about, by name and digest: (`pkg:npm/NAME@VERSION`, `sha512:HEX`), (FILE, `sha256:HEX`).
    """

    identity: str
    subjects: frozenset[tuple[str, str]]


class Verifier(Protocol):
    """A Problem says why what was signed does not hold: its signature, its certificate, or its place in the public log.

    Its kind is `not-supported` for what can be neither verified nor refuted.
    """

    def bundle(self, bundle: Json) -> Statement | Problem:
        """A Sigstore bundle, as npm gives it."""

    def attestation(self, attestation: Json) -> Statement | Problem:
        """An attestation of PEP 740, as a PyPI index gives it."""


def npm_bundles(answer: bytes) -> list[Json]:
    """Of where a package was built. Empty for what is no answer at all."""
    found = (item for item in _list(_parsed(answer), "attestations") if isinstance(item, dict))
    return [item.get("bundle") for item in found if item.get("predicateType") in _PROVENANCES]


def npm_subject(name: str, version: str) -> str:
    """As npm names a package in what it has signed (https://github.com/package-url/purl-spec)."""
    return f"pkg:npm/{quote(name)}@{version}"


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


def beyond(bundle: Json) -> bool:
    """Whether it is of an older or a newer form than can be verified. Until the middle of 2023 npm gave some without a proof."""
    if not isinstance(bundle, dict):
        return False
    form = bundle.get("mediaType")
    entries = _list(bundle.get("verificationMaterial"), "tlogEntries")
    other = isinstance(form, str) and form.startswith(_MEDIA) and form not in _FORMS
    return other or any(_is_beyond(entry, oldest=form == _OLDEST) for entry in entries)


def _is_beyond(entry: Json, *, oldest: bool) -> bool:
    if not isinstance(entry, dict):
        return False
    kind, proof = entry.get("kindVersion"), entry.get("inclusionProof")
    known = not isinstance(kind, dict) or (kind.get("kind"), kind.get("version")) in _ENTRIES
    proven = isinstance(proof, dict) and bool(proof.get("checkpoint"))
    return not known or (oldest and not proven)


def vouched(statements: Iterable[Statement | Problem], subject: str, digest: str) -> Attested:
    """Verified only if all that is there holds and is about these bytes under this name; one that does not is worse than none.

    More than anybody signs is not looked through, and does not hold.
    """
    found = list(islice(statements, _MOST + 1))
    about = (_name(subject), _hex(digest))
    held = [item for item in found if isinstance(item, Statement)]
    wrong = [item for item in found if isinstance(item, Problem) and item.kind != "not-supported"]
    holds = all(about in ((_name(name), digest) for name, digest in item.subjects) for item in held)
    identities = {item.identity for item in held}
    if wrong or not 0 < len(found) <= _MOST or not holds or len(identities) > 1:
        return Attested(state="invalid")
    if len(held) < len(found):
        return Attested()
    return Attested(state="verified", identity=identities.pop()[:_LONGEST])


def _name(subject: str) -> str:
    """Files of PyPI have names that are spelled in several ways."""
    return unquote(subject) if subject.startswith("pkg:") else re.sub(r"[-_.]+", "-", subject).lower()


def together(files: Iterable[Attested]) -> Attested:
    """Of several files of one version: as good as the worst of them."""
    found = list(files)
    for state in ("invalid", "unknown", "absent"):
        if any(item.state == state for item in found):
            return Attested(state=state)
    identities = {item.identity for item in found}
    return found[0] if len(identities) == 1 else Attested(state="invalid" if found else "unknown")


def read_statement(identity: str, kind: str, payload: bytes) -> Statement | Problem:
    """From what was signed, a payload of that kind (https://in-toto.io/Statement/v1), once the signature holds."""
    said = _parsed(payload)
    known = isinstance(said, dict) and said.get("_type") in _STATEMENTS and said.get("predicateType") in _PREDICATES
    subjects = frozenset(_subjects(said))
    if kind != _PAYLOAD or not known or not subjects or not identity:
        return Problem("malformed", "what was signed says nothing of where bytes were built", None, "ask its author")
    return Statement(identity, subjects)


def read_identity(workflow: str, repository: str) -> str:
    """A workflow of another repository is named with the one that it was run for: many share it."""
    address = workflow.partition("@")[0]
    inside = not repository or address.startswith(f"{repository}/")
    return address if inside or not address else f"{repository} by {address}"


def _subjects(statement: Json) -> Iterator[tuple[str, str]]:
    for subject in _list(statement, "subject"):
        digests = subject.get("digest") if isinstance(subject, dict) else None
        for kind, value in digests.items() if isinstance(digests, dict) else ():
            yield str(subject.get("name")), f"{kind}:{value}"


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
