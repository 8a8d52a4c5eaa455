"""Who vouches for what is locked, from what registries answer. Signatures themselves are a matter of the library."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mcpconf.artifacts import UNSET
from mcpconf.artifacts.attestations import PROVENANCE, Statement, beyond, read_identity, read_statement
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.lock import Artifact, Attested, LockedServer
from mcpconf.supply.attesting import attest, attested_by
from mcpconf.workshop import Call, Ran, Workshop
from tests.npm import NAME, FakeNpm, failed, sha512, workshop

IDENTITY = "https://github.com/example/servers/.github/workflows/release.yml"
BYTES = b"package"
ADDRESS = f"https://registry.example/-/npm/v1/attestations/{NAME}@2.0.1"
INDEX = "https://index.example/simple/mcp-server-time/"
WHEEL, SOURCE = "mcp_server_time-1.0-py3-none-any.whl", "mcp_server_time-1.0.tar.gz"


@dataclass(frozen=True)
class FakeWeb:
    answers: Mapping[str, object]

    def get(self, url: str, *_limit: object, outside: bool = False) -> bytes | Problem:
        if not outside and url.startswith("https://inside.example/") and "/simple/" not in url:
            return b"what is not to be read"
        if outside and url.startswith("https://inside.example/"):
            return Problem("invalid", "the address leads to a private network", None, "give another")
        answer = self.answers.get(url, Problem("missing", "answered 404", None, "check the address"))
        return answer if isinstance(answer, Problem) else json.dumps(answer).encode()


class FakeUv:
    """Tells where it takes a package from."""

    def own(self, name: str) -> str:
        return f"/usr/bin/{name}"

    def run(self, call: Call) -> Ran | Problem:
        if call.argv[1:] == ("--version",):
            return Ran(0, b"uv 0.13.9\n", b"")
        assert "--emit-index-annotation" in call.argv
        return Ran(0, b"mcp-server-time==1.0\n    # from https://index.example/simple\n", b"")


class FakeVerifier:
    """What a test says is signed holds; anything else does not."""

    def bundle(self, bundle: object) -> Statement | Problem:
        if bundle == {"old": True}:
            return Problem(
                "not-supported", "a bundle of a form that cannot be verified here", None, "take a newer version"
            )
        if not isinstance(bundle, dict) or "by" not in bundle:
            return Problem("invalid", "the signature does not hold", None, "do not use it")
        return Statement(bundle["by"], frozenset((name, digest) for name, digest in bundle["about"]))

    attestation = bundle


def hexed(kind: str, data: bytes) -> str:
    return f"{kind}:{hashlib.new(kind, data).hexdigest()}"


def npm_package() -> LockedServer:
    artifacts = {"server-filesystem-2.0.1.tgz": Artifact(digest=sha512(BYTES))}
    return LockedServer(input_digest=UNSET, package=f"npm:{NAME}", version="2.0.1", artifacts=artifacts)


def shop(folder: Path, dist: dict | Ran, answers: Mapping[str, object], **more) -> Workshop:
    told = dist if isinstance(dist, Ran) else {"name": NAME, "version": "2.0.1", "dist": dist}
    return replace(workshop(folder, FakeNpm(folder, {f"{NAME}@2.0.1": told}), **more), web=FakeWeb(answers))


SIGNED = {"integrity": sha512(BYTES), "signatures": [{"keyid": "SHA256:x", "sig": "y"}]}
NAMED = {**SIGNED, "attestations": {"url": ADDRESS, "provenance": {"predicateType": PROVENANCE}}}


def bundles(*items: object) -> dict:
    publish = {"predicateType": "https://github.com/npm/attestation/tree/main/specs/publish/v0.1", "bundle": {}}
    return {"attestations": [publish, *({"predicateType": PROVENANCE, "bundle": item} for item in items)]}


SUBJECT = "pkg:npm/%40modelcontextprotocol/server-filesystem@2.0.1"
OURS = {"by": IDENTITY, "about": [(SUBJECT, hexed("sha512", BYTES))]}
OTHERS = {"by": IDENTITY, "about": [(SUBJECT, hexed("sha512", b"other"))]}
ANOTHER = {"by": IDENTITY, "about": [("pkg:npm/server-filesystem@2.0.1", hexed("sha512", BYTES))]}
LATER = {"by": IDENTITY, "about": [(SUBJECT.replace("2.0.1", "2.0.2"), hexed("sha512", BYTES))]}
CROSSED = {"by": IDENTITY, "about": [(SUBJECT, hexed("sha512", b"other")), ("pkg:npm/a@1", hexed("sha512", BYTES))]}
OLD = {"old": True}
BEFORE = {"attestations": [{"predicateType": "https://slsa.dev/provenance/v0.2", "bundle": OURS}]}
ELSEWHERE = {**OURS, "by": "https://github.com/mallory/servers/.github/workflows/release.yml"}


@pytest.mark.parametrize(
    ("dist", "answer", "state"),
    [
        (NAMED, bundles(OURS), "verified"),
        (NAMED, bundles(OTHERS), "invalid"),
        (NAMED, bundles(ANOTHER), "invalid"),
        (NAMED, bundles(LATER), "invalid"),
        (NAMED, bundles(CROSSED), "invalid"),
        (NAMED, BEFORE, "verified"),
        (NAMED, bundles(OLD), "unknown"),
        (NAMED, bundles(OURS, OLD), "unknown"),
        (NAMED, bundles(OTHERS, OLD), "invalid"),
        (NAMED, bundles({"forged": True}), "invalid"),
        (NAMED, bundles(OURS, {"forged": True}), "invalid"),
        (NAMED, bundles(OURS, ELSEWHERE), "invalid"),
        (NAMED, bundles(*[OURS] * 20), "verified"),
        (NAMED, bundles(*[OURS] * 20, {"forged": True}), "invalid"),
        (NAMED, bundles(*[OURS] * 21), "invalid"),
        ({**SIGNED, "attestations": {"url": "https://inside.example/"}}, None, "unknown"),
        (NAMED, bundles(), "absent"),
        (NAMED, None, "unknown"),
        (SIGNED, None, "absent"),
        ({"integrity": sha512(BYTES)}, None, "unknown"),
        ({**SIGNED, "attestations": {"url": 3}}, None, "unknown"),
    ],
    ids=[
        "holds and is about these bytes",
        "about other bytes",
        "about another package with the same bytes",
        "about another version with the same bytes",
        "about both, but not about these bytes under this name",
        "in the words of 2023",
        "of a form that can be neither verified nor refuted",
        "one of two cannot be told",
        "one cannot be told, and one is about other bytes",
        "does not hold",
        "one of two does not hold",
        "two that name different workflows",
        "as many as are looked through",
        "one behind them does not hold",
        "more than anybody signs",
        "an address of a private network",
        "only npm itself says that it published it",
        "named, but the registry does not give it",
        "a registry that signs, and names none",
        "a registry that says nothing of signatures",
        "another shape",
    ],
)
def test_npm(dist: dict, answer: object, state: str, tmp_path: Path):
    found = attest(npm_package(), shop(tmp_path, dist, {ADDRESS: answer} if answer else {}), FakeVerifier())
    assert found == Attested(state=state, identity=IDENTITY if state == "verified" else "")


def test_a_registry_that_cannot_be_asked_is_a_problem(tmp_path: Path):
    assert isinstance(attest(npm_package(), shop(tmp_path / "a", failed("ENOTFOUND"), {}), FakeVerifier()), Problem)
    gone = {ADDRESS: Problem("unreadable", "cannot be reached", None, "check the network")}
    assert isinstance(attest(npm_package(), shop(tmp_path / "b", NAMED, gone), FakeVerifier()), Problem)


def pypi_package() -> LockedServer:
    artifacts = {name: Artifact(digest=hexed("sha256", name.encode())) for name in (WHEEL, SOURCE)}
    return LockedServer(input_digest=UNSET, package="pypi:mcp-server-time", version="1.0", artifacts=artifacts)


def page(**provenance: str | None) -> dict:
    names = {"wheel": WHEEL, "source": SOURCE}
    return {"files": [{"filename": names[key], "provenance": value} for key, value in provenance.items()]}


def vouching(name: str, by: str = IDENTITY) -> dict:
    attestation = {"by": by, "about": [(name, hexed("sha256", name.encode()))]}
    return {"attestation_bundles": [{"attestations": [attestation]}]}


BOTH = page(wheel="https://x.example/wheel", source="https://x.example/source")


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (
            {INDEX: BOTH, "https://x.example/wheel": vouching(WHEEL), "https://x.example/source": vouching(SOURCE)},
            "verified",
        ),
        (
            {INDEX: BOTH, "https://x.example/wheel": vouching(WHEEL), "https://x.example/source": vouching(WHEEL)},
            "invalid",
        ),
        (
            {
                INDEX: BOTH,
                "https://x.example/wheel": vouching(WHEEL),
                "https://x.example/source": vouching(SOURCE, ELSEWHERE["by"]),
            },
            "invalid",
        ),
        ({INDEX: BOTH, "https://x.example/wheel": vouching(WHEEL)}, "unknown"),
        (
            {INDEX: page(wheel="https://x.example/wheel", source=None), "https://x.example/wheel": vouching(WHEEL)},
            "absent",
        ),
        ({INDEX: page(wheel=None, source=None)}, "absent"),
        ({INDEX: {"files": [{"filename": WHEEL}, {"filename": SOURCE}]}}, "unknown"),
        ({INDEX: []}, "unknown"),
        ({INDEX: page(wheel="https://inside.example/a", source="https://[inside.example/a")}, "unknown"),
        ({}, "unknown"),
    ],
    ids=[
        "all files",
        "one of another file",
        "files of different workflows",
        "one is not given",
        "one file has none",
        "the index says that there is none",
        "an index that does not tell",
        "another shape",
        "addresses of a private network",
        "no such index",
    ],
)
def test_pypi(answers: dict, state: str, tmp_path: Path):
    here = replace(shop(tmp_path, {}, answers), programs=FakeUv())
    found = attest(pypi_package(), here, FakeVerifier())
    assert found == Attested(state=state, identity=IDENTITY if state == "verified" else "")


def test_offline_and_for_what_nobody_vouches_all_stays_as_it_is(tmp_path: Path):
    known = npm_package().model_copy(update={"provenance": Attested(state="verified", identity=IDENTITY)})
    assert attest(known, shop(tmp_path, NAMED, {}, offline=True), FakeVerifier()) == known.provenance
    address = LockedServer(input_digest=UNSET, endpoint={"url": "https://x.example"})
    assert attest(address, shop(tmp_path, NAMED, {}), FakeVerifier()) == Attested()


STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "a", "digest": {"sha256": "00"}}],
    "predicateType": PROVENANCE,
}
KIND = "application/vnd.in-toto+json"


def read(kind: str = KIND, **changed: object) -> Statement | Problem:
    return read_statement(IDENTITY, kind, json.dumps({**STATEMENT, **changed}).encode())


def test_what_is_signed_counts_only_as_a_statement_of_where_bytes_were_built():
    assert (
        read()
        == read(_type="https://in-toto.io/Statement/v0.1")
        == Statement(IDENTITY, frozenset({("a", "sha256:00")}))
    )
    published = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
    assert isinstance(read(predicateType=published), Problem)
    assert isinstance(read(_type="https://in-toto.io/Statement/v9"), Problem)
    assert isinstance(read(kind="text/plain"), Problem)
    for subject in (3, [], [{"digest": []}, 3]):
        assert isinstance(read(subject=subject), Problem)
    for broken in (b"", b"[]", b"{}"):
        assert isinstance(read_statement(IDENTITY, KIND, broken), Problem)
    assert isinstance(read_statement("", KIND, json.dumps(STATEMENT).encode()), Problem)


def test_the_identity_is_the_workflow_wherever_it_ran_and_whose_it_was():
    own = "https://github.com/example/servers"
    assert read_identity(f"{IDENTITY}@refs/tags/v1", own) == IDENTITY
    assert read_identity(f"{IDENTITY}@refs/tags/v1", "") == IDENTITY
    lent = "https://github.com/builders/shared/.github/workflows/build.yml"
    assert read_identity(f"{lent}@refs/tags/v2", own) == f"{own} by {lent}"
    assert read_identity(f"{own}-evil/.github/workflows/release.yml@main", own).startswith(f"{own} by {own}-evil/")
    assert read_identity("https://gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main", "https://gitlab.com/a/b").endswith(
        "-ci.yml"
    )
    assert read_identity("", own) == ""


PROVEN = {"inclusionProof": {"checkpoint": {"envelope": "rekor.example"}}}
BUNDLE = "application/vnd.dev.sigstore.bundle"


@pytest.mark.parametrize(
    ("form", "kind", "proof", "refused"),
    [
        (f"{BUNDLE}.v0.3+json", ("dsse", "0.0.1"), PROVEN, False),
        (f"{BUNDLE}+json;version=0.2", ("intoto", "0.0.2"), PROVEN, False),
        (f"{BUNDLE}.v0.3+json", ("hashedrekord", "0.0.2"), PROVEN, False),
        (f"{BUNDLE}+json;version=0.1", ("intoto", "0.0.2"), PROVEN, False),
        (f"{BUNDLE}+json;version=0.1", ("intoto", "0.0.2"), {}, True),
        (f"{BUNDLE}+json;version=0.1", ("intoto", "0.0.2"), {"inclusionProof": {"logIndex": "1"}}, True),
        (f"{BUNDLE}+json;version=0.2", ("intoto", "0.0.2"), {}, False),
        (f"{BUNDLE}.v0.3+json", ("intoto", "0.0.1"), PROVEN, True),
        (f"{BUNDLE}.v0.3+json", ("dsse", "0.0.2"), PROVEN, True),
        (f"{BUNDLE}.v0.4+json", ("dsse", "0.0.1"), PROVEN, True),
        ("text/plain", ("dsse", "0.0.1"), PROVEN, False),
    ],
)
def test_only_what_no_one_here_can_verify_is_beyond(form: str, kind: tuple[str, str], proof: dict, *, refused: bool):
    entry = {"kindVersion": {"kind": kind[0], "version": kind[1]}, **proof}
    assert beyond({"mediaType": form, "verificationMaterial": {"tlogEntries": [entry]}}) is refused
    assert not any(
        beyond(shape) for shape in (None, [], {}, {"mediaType": 1}, {"verificationMaterial": {"tlogEntries": [3]}})
    )


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "sigstore", None)
    monkeypatch.setitem(__import__("sys").modules, "pypi_attestations", None)
    with pytest.raises(McpconfError, match="cannot be verified") as raised:
        attested_by(shop(tmp_path, NAMED, {}))
    assert raised.value.code == ExitCode.NO_PLAN
    assert "mcpconf[attest]" in raised.value.problems[0].hint
