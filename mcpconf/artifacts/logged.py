"""What an entry of a public log says was signed, of the form `intoto` 0.0.2.

Source: https://github.com/sigstore/rekor, pkg/types/intoto/v0.0.2 (2026-11). The entry has hashes of the text and of the whole
envelope, whose exact bytes nobody keeps; its signatures are base64 twice.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

INTOTO = ("intoto", "0.0.2")


def is_intoto(bundle: dict[str, Any]) -> bool:
    kind = bundle["verificationMaterial"]["tlogEntries"][0]["kindVersion"]
    return (kind.get("kind"), kind.get("version")) == INTOTO


def as_dsse(bundle: dict[str, Any]) -> dict[str, Any]:
    """The same, with a word for the form of its entry that is not part of what the log signs."""
    material = bundle["verificationMaterial"]
    entry = {**material["tlogEntries"][0], "kindVersion": {"kind": "dsse", "version": "0.0.1"}}
    return {**bundle, "verificationMaterial": {**material, "tlogEntries": [entry]}}


def records(body: bytes, envelope: dict[str, Any], certificate: bytes) -> bool:
    """Whether an entry is of just this text, these signatures and this certificate (PEM)."""
    try:
        entry = json.loads(body)
        content = entry["spec"]["content"]
        logged = [
            (_decoded(it["sig"]), _unwrapped(_decoded(it["publicKey"]))) for it in content["envelope"]["signatures"]
        ]
        about = (entry["kind"], entry["apiVersion"], content["envelope"]["payloadType"])
        text = (content["payloadHash"]["algorithm"], content["payloadHash"]["value"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
    signed = [(it["sig"].encode(), _unwrapped(certificate)) for it in envelope["signatures"]]
    payload = base64.b64decode(envelope["payload"])
    return (about, text, logged) == (
        (*INTOTO, envelope["payloadType"]),
        ("sha256", sha256(payload).hexdigest()),
        signed,
    )


def _decoded(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _unwrapped(pem: bytes) -> bytes:
    return b"".join(pem.split())
