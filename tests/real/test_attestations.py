"""Provenance that npm and PyPI really gave, verified by the real libraries, and refused once one byte of it is another.

`MCPCONF_ATTESTATIONS` names a folder of answers: `*.json` of npm's registry (`/-/npm/v1/attestations/NAME@VERSION`) and
`*.attestation` of PEP 740. Without it only a registry that gives attestations is asked.
"""

from __future__ import annotations

import base64
import copy
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mcpconf.artifacts import UNSET
from mcpconf.artifacts.attestations import Statement, beyond, npm_bundles, vouched
from mcpconf.artifacts.npm_client import view
from mcpconf.errors import Problem
from mcpconf.model.lock import Artifact, Attested, LockedServer
from mcpconf.supply.attesting import attest
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from tests.npm import FakeNpm
from tests.npm import workshop as made_up

pytest.importorskip("sigstore")
pytest.importorskip("pypi_attestations")

FOLDER = Path(os.environ.get("MCPCONF_ATTESTATIONS", "/nowhere"))
ANSWERS = sorted(it for it in FOLDER.glob("*.json") if b'"attestations"' in it.read_bytes())
OLD = [it for it in ANSWERS if any(map(beyond, npm_bundles(it.read_bytes())))]
SOUND = [it for it in ANSWERS if it not in OLD and npm_bundles(it.read_bytes())]
given = pytest.mark.skipif(not SOUND, reason="no attestations: MCPCONF_ATTESTATIONS names no folder of them")


@pytest.fixture(scope="module")
def verifier():
    from mcpconf.system.sigstore import verifier as real

    return real()


def told(bundle: Any) -> tuple[str, str, str]:
    """Name, version and digest of what a bundle is about, by its own words."""
    subject = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))["subject"][0]
    name, _, version = subject["name"].removeprefix("pkg:npm/").replace("%40", "@").rpartition("@")
    return name, version, "sha512-" + base64.b64encode(bytes.fromhex(subject["digest"]["sha512"])).decode()


@dataclass(frozen=True)
class Gives:
    answer: bytes

    def get(self, *_: object, outside: bool = False) -> bytes:
        assert outside
        return self.answer


def asked(file: Path, folder: Path, verifier: Any, **locked: str) -> Attested | Problem:
    """The whole way of `lock --attest`, with npm and the web played by what was once answered."""
    name, version, digest = told(npm_bundles(file.read_bytes())[0])
    name, version, digest = locked.get("name", name), locked.get("version", version), locked.get("digest", digest)
    dist = {"integrity": digest, "signatures": [{}], "attestations": {"url": "https://registry.example/x"}}
    npm = FakeNpm(folder, {f"{name}@{version}": {"name": name, "version": version, "dist": dist}})
    server = LockedServer(
        input_digest=UNSET, package=f"npm:{name}", version=version, artifacts={"a.tgz": Artifact(digest=digest)}
    )
    return attest(server, replace(made_up(folder, npm), web=Gives(file.read_bytes())), verifier)


@given
@pytest.mark.parametrize("file", SOUND, ids=lambda it: it.name)
def test_npm_provenance_holds_for_just_its_package_and_bytes(file: Path, tmp_path: Path, verifier: Any):
    found = asked(file, tmp_path, verifier)
    assert isinstance(found, Attested)
    assert found.state == "verified"
    assert found.identity.startswith("https://git")
    assert ".yml" in found.identity
    assert "@" not in found.identity
    other = "sha512-" + base64.b64encode(bytes(64)).decode()
    for wrong in ({"name": "another"}, {"version": "0.0.0"}, {"digest": other}):
        assert asked(file, tmp_path, verifier, **wrong) == Attested(state="invalid")


@given
@pytest.mark.parametrize("file", OLD, ids=lambda it: it.name)
def test_npm_provenance_without_a_proof_stays_unknown(file: Path, tmp_path: Path, verifier: Any):
    assert asked(file, tmp_path, verifier) == Attested()


def flipped(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def entry(bundle: Any) -> dict[str, Any]:
    return bundle["verificationMaterial"]["tlogEntries"][0]


def certificate(bundle: Any) -> dict[str, Any]:
    material = bundle["verificationMaterial"]
    return material.get("certificate") or material["x509CertificateChain"]["certificates"][0]


def change(
    holder: Callable[[Any], dict[str, Any]], key: str, new: Callable[[str], str] = flipped
) -> Callable[[Any], None]:
    def changed(bundle: Any) -> None:
        it = holder(bundle)
        it[key] = new(it[key])

    return changed


def elsewhere(bundle: Any) -> None:
    """A whole log entry that is sound, of another bundle."""
    other = next(it for it in map(bundles, SOUND) if told(it) != told(bundle))
    bundle["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]


def unchained(bundle: Any) -> None:
    bundle["verificationMaterial"]["x509CertificateChain"] = {"certificates": []}
    bundle["verificationMaterial"].pop("certificate", None)


def by_a_key(bundle: Any) -> None:
    """As npm signs that it published something."""
    material = bundle["verificationMaterial"]
    for kind in ("certificate", "x509CertificateChain"):
        material.pop(kind, None)
    material["publicKey"] = {"hint": "SHA256:x"}


def bundles(file: Path) -> Any:
    return npm_bundles(file.read_bytes())[0]


def later(seconds: str) -> str:
    return str(int(seconds) + 365 * 86400)


TAMPERED: dict[str, Callable[[Any], None]] = {
    "text": change(lambda it: it["dsseEnvelope"], "payload"),
    "type": change(lambda it: it["dsseEnvelope"], "payloadType", lambda _: "text/plain"),
    "signature": change(lambda it: it["dsseEnvelope"]["signatures"][0], "sig"),
    "certificate": change(certificate, "rawBytes"),
    "log entry": change(entry, "canonicalizedBody"),
    "time": change(entry, "integratedTime", later),
    "promise": change(lambda it: entry(it)["inclusionPromise"], "signedEntryTimestamp"),
    "proof": change(lambda it: entry(it)["inclusionProof"], "rootHash"),
    "form": change(lambda it: entry(it)["kindVersion"], "kind", lambda _: "dsse"),
    "log entry of another": elsewhere,
    "no certificate": unchained,
    "a key": by_a_key,
}


@given
@pytest.mark.parametrize("file", SOUND, ids=lambda it: it.name)
@pytest.mark.parametrize("part", TAMPERED)
def test_npm_provenance_with_another_byte_does_not_hold(part: str, file: Path, verifier: Any):
    bundle = copy.deepcopy(bundles(file))
    if part == "log entry of another" and len({told(bundles(it)) for it in SOUND}) < 2:
        pytest.skip("takes two packages")
    assert isinstance(verifier.bundle(bundle), Statement)
    TAMPERED[part](bundle)
    refused = verifier.bundle(bundle)
    assert isinstance(refused, Problem)
    assert refused.kind in ("invalid", "malformed", "not-supported")
    assert (refused.kind == "not-supported") == (part == "form" and beyond(bundle))


PYPI = sorted(FOLDER.glob("*.attestation"))


def parts(attestation: Any) -> Iterator[tuple[str, Any, str]]:
    yield "statement", attestation["envelope"], "statement"
    yield "signature", attestation["envelope"], "signature"
    yield "certificate", attestation["verification_material"], "certificate"
    yield "log entry", attestation["verification_material"]["transparency_entries"][0], "canonicalizedBody"


@pytest.mark.skipif(not PYPI, reason="no attestations: MCPCONF_ATTESTATIONS names no folder of them")
@pytest.mark.parametrize("file", PYPI, ids=lambda it: it.name)
def test_pypi_attestations_hold_until_a_byte_is_another(file: Path, verifier: Any):
    attestation = json.loads(file.read_bytes())
    subject = json.loads(base64.b64decode(attestation["envelope"]["statement"]))["subject"][0]
    digest = f"sha256:{subject['digest']['sha256']}"
    found = vouched([verifier.attestation(attestation)], subject["name"], digest)
    assert found.state == "verified"
    assert found.identity.startswith(("https://github.com/", "https://gitlab.com/"))
    assert vouched([verifier.attestation(attestation)], "other-1.0.tar.gz", digest).state == "invalid"
    assert vouched([verifier.attestation(attestation)], subject["name"], f"sha256:{'0' * 64}").state == "invalid"
    for name, holder, key in parts(attestation):
        sound = holder[key]
        holder[key] = flipped(sound)
        assert isinstance(verifier.attestation(attestation), Problem), name
        holder[key] = sound


def test_npm_provenance_of_the_registry_that_is_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verifier: Any):
    monkeypatch.setenv("HOME", str(tmp_path))
    shop = workshop(real_machine())
    with shop.trees.room() as room:
        package = view("sigstore@3.1.0", room, shop)
    assert not isinstance(package, Problem), package
    if "attestations" not in package["dist"]:
        pytest.skip("this registry gives no attestations")
    artifacts = {"sigstore-3.1.0.tgz": Artifact(digest=package["dist"]["integrity"])}
    locked = LockedServer(input_digest=UNSET, package="npm:sigstore", version="3.1.0", artifacts=artifacts)
    found = attest(locked, shop, verifier)
    assert found == Attested(
        state="verified", identity="https://github.com/sigstore/sigstore-js/.github/workflows/release.yml"
    )
