"""Back-links: a package that names its document, another one or none, and what happens where nobody can be asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.authoring.registry_links import LABEL, back_link
from mcpconf.authoring.registry_offers import Offer
from mcpconf.model.finding import Finding
from mcpconf.model.registry import RegistryPackage
from mcpconf.workshop import Ran, Workshop
from tests.bundles import Answers, with_programs
from tests.bundles import workshop as at_bundles
from tests.npm import FakeNpm, failed, workshop

NAME = "com.example/tables"


def offer(kind: str, identifier: str, version: str = "1.2.0") -> Offer:
    package = RegistryPackage(registry_type=kind, identifier=identifier, version=version)
    return Offer(kind, f"{kind}:{identifier.partition('@sha')[0]}", version, package=package)


def of_npm(folder: Path, answer: dict | Ran, **more) -> Finding | str:
    npm = FakeNpm(folder, {"@example/tables@1.2.0": answer})
    return back_link(offer("npm", "@example/tables"), NAME, workshop(folder, npm, **more))


def test_a_package_that_names_its_document(tmp_path: Path) -> None:
    assert of_npm(tmp_path, {"name": "@example/tables", "mcpName": NAME}) == ""


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"mcpName": "com.example/other"}, "names `com.example/other`"),
        ({"mcpName": f"{NAME}-evil"}, f"names `{NAME}-evil`"),
        ({"mcpName": [NAME]}, "names none"),
        ({}, "names none"),
    ],
)
def test_a_package_that_does_not(tmp_path: Path, answer: dict, says: str) -> None:
    found = of_npm(tmp_path, {"name": "@example/tables", **answer})
    assert isinstance(found, Finding)
    assert (found.rule, found.severity) == ("MCP004", "warning")
    assert found.message.endswith(f"the `mcpName` in its `package.json` {says}")


@pytest.mark.parametrize("code", ["E404", "ETARGET"])
def test_a_package_that_is_not_there(tmp_path: Path, code: str) -> None:
    found = of_npm(tmp_path, failed(code, "Not found"))
    assert isinstance(found, Finding)
    assert found.message.startswith("`com.example/tables` names `npm:@example/tables` `1.2.0`, which is not there: ")


def test_npm_cannot_ask(tmp_path: Path) -> None:
    found = of_npm(tmp_path, failed("ENOTFOUND", "no network"))
    assert str(found).startswith(
        "not checked whether `npm:@example/tables` `1.2.0` names `com.example/tables` in turn: "
    )
    assert "cannot be reached" in str(found)


def test_nobody_is_asked_offline(tmp_path: Path) -> None:
    npm = FakeNpm(tmp_path, {})
    found = back_link(offer("npm", "@example/tables"), NAME, workshop(tmp_path, npm, offline=True))
    assert str(found).endswith("in turn: `--offline` asks nobody")
    assert not npm.calls


def test_a_name_is_never_read_as_an_option(tmp_path: Path) -> None:
    npm = FakeNpm(tmp_path, {})
    assert isinstance(back_link(offer("npm", "--userconfig=x"), NAME, workshop(tmp_path, npm)), Finding)
    assert not npm.calls


IMAGE = "ghcr.io/example/tables:1.2.0"
BUILDX = ("docker", "buildx", "imagetools", "inspect", "--format", "{{json .Image}}", IMAGE)
SKOPEO = ("skopeo", "inspect", f"docker://{IMAGE}")


def with_answers(folder: Path, programs: Answers | None = None) -> Workshop:
    """Clients are called by their full paths."""
    known = programs.known if programs is not None else {}
    answers = Answers({(f"/usr/bin/{name}", *more): ran for (name, *more), ran in known.items()})
    shop = at_bundles(folder, programs=answers)
    return replace(shop, machine=with_programs(shop, *dict.fromkeys(f"/usr/bin/{words[0]}" for words in known)))


def printed(value: object) -> Ran:
    return Ran(0, json.dumps(value).encode(), b"")


@pytest.mark.parametrize(
    "answers",
    [
        {BUILDX: printed({"os": "linux", "config": {"Labels": {LABEL: NAME}}})},
        {BUILDX: printed({"linux/amd64": {"config": {"Labels": {LABEL: NAME}}}, "linux/arm64": {"config": {}}})},
        {SKOPEO: printed({"Name": "x", "Labels": {LABEL: NAME, "other": "y"}})},
    ],
)
def test_an_image_that_names_its_document(tmp_path: Path, answers: dict) -> None:
    found = back_link(offer("oci", "ghcr.io/example/tables"), NAME, with_answers(tmp_path, programs=Answers(answers)))
    assert found == ""


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (printed({"config": {"Labels": {LABEL: "com.example/other"}}}), "names `com.example/other`"),
        (printed({"config": {"Labels": None}}), "names none"),
        (printed([]), "names none"),
    ],
)
def test_an_image_that_does_not(tmp_path: Path, answer: Ran, says: str) -> None:
    answers = Answers({BUILDX: answer})
    found = back_link(offer("oci", "ghcr.io/example/tables"), NAME, with_answers(tmp_path, programs=answers))
    assert isinstance(found, Finding)
    assert found.message.endswith(f"the label `{LABEL}` {says}")


def test_an_image_by_its_digest_alone(tmp_path: Path) -> None:
    digest = "sha256:" + "a" * 64
    asked = ("skopeo", "inspect", f"docker://ghcr.io/example/tables@{digest}")
    answers = Answers({asked: printed({"Labels": {LABEL: NAME}})})
    found = back_link(offer("oci", f"ghcr.io/example/tables@{digest}"), NAME, with_answers(tmp_path, programs=answers))
    assert found == ""


@pytest.mark.parametrize("answers", [{}, {BUILDX: Ran(0, b"<html>", b"")}, {BUILDX: Ran(0, b"[" * 100_000, b"")}])
def test_no_client_that_tells(tmp_path: Path, answers: dict) -> None:
    found = back_link(offer("oci", "ghcr.io/example/tables"), NAME, with_answers(tmp_path, programs=Answers(answers)))
    assert str(found).startswith("not checked whether `oci:ghcr.io/example/tables` `1.2.0` names")


def test_a_client_that_a_project_brings_is_not_asked(tmp_path: Path) -> None:
    docker = "/src/app/bin/docker"
    said = printed({"config": {"Labels": {LABEL: NAME}}})
    shop = at_bundles(tmp_path, programs=Answers({(docker, *BUILDX[1:]): said}))
    shop.machine.files.make_folder("/src/app/.git", 0o700)
    found = back_link(offer("oci", "ghcr.io/example/tables"), NAME, replace(shop, machine=with_programs(shop, docker)))
    assert str(found).startswith("not checked whether")


def test_what_npm_says_of_a_secret_is_not_repeated(tmp_path: Path) -> None:
    said = "GET https://dev:hunter2secret@npm.test/x?_authToken=npm_abcdefghijklmnopqrstuvwxyz0123456789"
    found = str(of_npm(tmp_path, failed("E500", said)))
    assert "not checked whether" in found
    assert "hunter2secret" not in found
    assert "npm_abcdef" not in found


@pytest.mark.parametrize("kind", ["mcpb", "remote", "nuget"])
def test_what_has_no_place_for_a_name(tmp_path: Path, kind: str) -> None:
    assert back_link(offer(kind, "https://a.example/b.mcpb"), NAME, with_answers(tmp_path)) == ""
