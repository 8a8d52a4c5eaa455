"""What a public log has of a bundle, in the form that npm uses, held against the bundle."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from mcpconf.artifacts.logged import as_dsse, is_intoto, records

PEM = b"-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n"
PAYLOAD = b'{"subject": []}'
KIND = "application/vnd.in-toto+json"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


SIG = b64(b"signature")
ENVELOPE = {"payload": b64(PAYLOAD), "payloadType": KIND, "signatures": [{"sig": SIG, "keyid": ""}]}


def entry(*path_and_value: object) -> bytes:
    """As Rekor writes it, with one value changed."""
    signature = {"publicKey": b64(PEM.strip()), "sig": b64(SIG.encode())}
    content = {
        "envelope": {"payloadType": KIND, "signatures": [signature]},
        "hash": {"algorithm": "sha256", "value": "00"},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(PAYLOAD).hexdigest()},
    }
    body: dict = {"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}}
    *path, value = path_and_value or ("kind", "intoto")
    step: dict = body
    for key in path[:-1]:
        step = step[key]
    step[path[-1]] = value
    return json.dumps(body).encode()


CONTENT = ("spec", "content")
FIRST = (*CONTENT, "envelope", "signatures", 0)


def test_an_entry_of_just_this_is_one_however_its_certificate_is_wrapped():
    assert records(entry(), ENVELOPE, PEM)
    assert records(entry(*FIRST, "publicKey", b64(PEM.replace(b"\nBBBB", b"BBBB"))), ENVELOPE, PEM)
    assert records(entry(*CONTENT, "envelope", "payload", b64(PAYLOAD)), ENVELOPE, PEM)


@pytest.mark.parametrize(
    "changed",
    [
        ("kind", "dsse"),
        ("apiVersion", "0.0.1"),
        ("spec", {}),
        (*CONTENT, "payloadHash", "value", "00"),
        (*CONTENT, "payloadHash", "algorithm", "sha1"),
        (*CONTENT, "envelope", "payloadType", "text/plain"),
        (*CONTENT, "envelope", "signatures", []),
        (*FIRST, "sig", b64(b"another")),
        (*FIRST, "sig", SIG),
        (*FIRST, "sig", "not base64!"),
        (*FIRST, "sig", 3),
        (*FIRST, "publicKey", b64(PEM.replace(b"AAAA", b"AAAC"))),
    ],
)
def test_an_entry_of_anything_else_is_none(changed: tuple):
    assert not records(entry(*changed), ENVELOPE, PEM)


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b"{", b"[" * 100_000])
def test_what_is_no_entry_is_none(body: bytes):
    assert not records(body, ENVELOPE, PEM)


def test_only_the_word_for_its_form_is_exchanged():
    logged = {"kindVersion": {"kind": "intoto", "version": "0.0.2"}, "canonicalizedBody": "AAAA"}
    bundle = {"mediaType": "x", "verificationMaterial": {"tlogEntries": [logged], "certificate": 1}}
    other = as_dsse(bundle)
    assert is_intoto(bundle)
    assert not is_intoto(other)
    logged["kindVersion"] = {"kind": "dsse", "version": "0.0.1"}
    assert other == bundle
