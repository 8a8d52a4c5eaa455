"""`add` and `search` against a registry on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry import Registry, served
from tests.world import World

MANIFEST = "mcpconf: 1\nservers: {}\nhosts: {vscode: {}}\n"
NAME = "com.example/tables"


def document(name: str = NAME, version: str = "1.2.0", **more) -> dict:
    package = {"registryType": "oci", "identifier": f"ghcr.io/example/tables:{version}", "transport": {"type": "stdio"}}
    return {"name": name, "description": "Tables.", "version": version, "packages": [package], **more}


@pytest.fixture
def registry() -> Iterator[Registry]:
    with served(Registry()) as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """No client of any package registry is there to be asked."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    made = World(tmp_path)
    made.say(MANIFEST)
    return made


def flat(text: str) -> str:
    """Without the line breaks of the terminal."""
    return " ".join(text.split())


def add(world: World, registry: Registry, *words: str, name: str = NAME):
    return world.run("add", name, "--registry", registry.address, *words)


def test_the_latest_version_is_asked_for_by_an_encoded_name(world: World, registry: Registry) -> None:
    registry.publish(document(version="1.1.0"))
    registry.publish(document())
    ran = add(world, registry)
    assert ran.code == 0, ran.stderr
    assert registry.asked == ["/v0.1/servers/com.example%2Ftables/versions/latest?include_deleted=true"]
    assert "not checked whether `oci:ghcr.io/example/tables` `1.2.0` names" in flat(ran.stdout)
    text = world.manifest.read_text()
    assert "package: oci:ghcr.io/example/tables" in text
    assert 'version: "1.2.0"' in text


def test_an_exact_version(world: World, registry: Registry) -> None:
    registry.publish(document(version="1.1.0"))
    registry.publish(document(version="2026-rc 1/x"))
    assert add(world, registry, "--version", "1.1.0").code == 0
    assert 'version: "1.1.0"' in world.manifest.read_text()
    add(world, registry, "--version", "2026-rc 1/x", "--as", "other")
    assert registry.asked[-1].startswith("/v0.1/servers/com.example%2Ftables/versions/2026-rc%201%2Fx?")


def test_a_deleted_version_is_refused(world: World, registry: Registry) -> None:
    registry.publish(document(), status="deleted", statusMessage="malware \x1b[2J")
    ran = add(world, registry)
    assert ran.code == 3
    assert "MCP007: `com.example/tables` `1.2.0` was deleted from its registry: malware \\x1b[2J" in ran.stderr
    assert world.manifest.read_text() == MANIFEST


def test_a_deprecated_version_is_added_with_a_warning(world: World, registry: Registry) -> None:
    registry.publish(document(), status="deprecated", statusMessage="use com.example/sheets")
    ran = add(world, registry, "--format", "json")
    assert ran.code == 0
    found = ran.json["findings"]
    assert [(item["rule"], item["severity"], item["address"]) for item in found] == [
        ("MCP007", "warning", "server:tables")
    ]
    assert "use com.example/sheets" in found[0]["message"]


def test_no_such_server_and_no_such_version(world: World, registry: Registry) -> None:
    registry.publish(document())
    none = add(world, registry, name="com.example/none")
    assert none.code == 64
    assert "there is no server `com.example/none`" in none.stderr
    assert "`mcpconf search none`" in none.stderr
    other = add(world, registry, "--version", "9.9.9")
    assert other.code == 64
    assert "there is no version `9.9.9` of `com.example/tables`" in other.stderr


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "it is no JSON"),
        (b"[" * 200_000, "it is no JSON"),
        (b"[]", "it is no document of a server"),
        (json.dumps({"server": {"name": NAME}}).encode(), "it breaks the schema of `server.json` at `version`"),
        (json.dumps({"server": document("com.example/other")}).encode(), "it answered with `com.example/other 1.2.0`"),
        (json.dumps({"server": document(packages=[{}] * 300)}).encode(), "it breaks the schema"),
        (b'"' + b"x" * 2_000_000 + b'"', "sent more than"),
    ],
    ids=["html", "deep", "list", "no version", "another", "many", "large"],
)
def test_what_is_no_answer_of_a_registry(world: World, registry: Registry, body: bytes, told: str) -> None:
    registry.answer = lambda _: (200, body)
    ran = add(world, registry)
    assert ran.code == 8
    assert told in flat(ran.stderr)
    assert f"the registry at `{registry.address}`" in ran.stderr
    assert world.manifest.read_text() == MANIFEST


def test_a_registry_that_fails_or_is_not_there(world: World, registry: Registry) -> None:
    registry.answer = lambda _: (503, b"")
    assert add(world, registry).code == 8
    gone = world.run("add", NAME, "--registry", "http://127.0.0.1:1")
    assert gone.code == 8
    assert "`127.0.0.1` cannot be reached" in gone.stderr
    assert "check the network and the address, or name a list that was saved from one with `--registry FILE`" in flat(
        gone.stderr
    )
    outside = world.run("add", NAME, "--registry", "http://registry.example.org")
    assert outside.code == 8
    assert "only `https` addresses are asked" in flat(outside.stderr)
    assert world.run("add", NAME, "--registry", registry.address, "--offline").code == 8


def test_what_looks_like_something_else_is_added_with_a_warning(world: World, registry: Registry) -> None:
    world.say(MANIFEST.replace("{}", '{ours: {package: "npm:@example/tables-mcp", version: "1.0.0"}}', 1))
    package = {"registryType": "npm", "identifier": "tab1es-mcp", "version": "1.0.0", "transport": {"type": "stdio"}}
    repository = {"url": "https://github.com/somebody/tables", "source": "github"}
    name = "io.github.example/tables"
    registry.publish(document(name, title="T\u0430bles", packages=[package], repository=repository))
    ran = add(world, registry, "--dry-run", "--format", "json", "--offline", name=name)
    assert ran.code == 8
    ran = add(world, registry, "--dry-run", "--format", "json", name=name)
    assert ran.code == 0
    found = [(item["rule"], item["message"].partition(",")[0]) for item in ran.json["findings"]]
    assert (
        "MCP002",
        "`npm:tab1es-mcp` looks like `npm:@example/tables-mcp` of `ours`: a name of letters that look the same",
    ) in found
    assert (
        "MCP002",
        "`T\u0430bles` in what `io.github.example/tables` calls itself has letters of another script that look like Latin ones",
    ) in found
    assert (
        "MCP004",
        "`io.github.example/tables` names `https://github.com/somebody/tables` as its repository",
    ) in found


def search(world: World, registry: Registry, *words: str):
    return world.run("search", *words, "--registry", registry.address, "-m", str(world.manifest))


def test_search_goes_through_all_pages(world: World, registry: Registry) -> None:
    world.say(
        MANIFEST.replace(
            "{}",
            '{mine: {package: "oci:ghcr.io/example/tables", version: "1.2.0", hash: "sha256:' + "a" * 64 + '"}}',
            1,
        )
    )
    for number in range(70):
        package = {
            "registryType": "npm",
            "identifier": f"t-{number}",
            "version": "1.0.0",
            "transport": {"type": "stdio"},
        }
        registry.publish(
            document(
                f"com.example/tables-{number:02}", packages=[package], description="A\x1b]0;x\x07 \u202edesc\n" * 9
            )
        )
    registry.publish(document("com.example/tables-99"))
    registry.publish(document("com.example/tables-98"), status="deprecated")
    every = search(world, registry, "tables", "--limit", "100", "--format", "json").json
    assert len(every["servers"]) == 72
    assert not every["more"]
    assert [item["name"] for item in every["servers"] if item["approved_as"] == ["mine"]] == [
        "com.example/tables-98",
        "com.example/tables-99",
    ]
    text = search(world, registry, "tables", "--limit", "2")
    assert "2 servers at http://127.0.0.1:" in text.stdout
    assert "and more: `--limit` shows them" in text.stdout
    assert "\x1b" not in text.stdout
    assert "\u202e" not in text.stdout
    assert f"next: mcpconf add NAME --registry {registry.address}" in text.stdout
    marked = search(world, registry, "tables-9").stdout
    assert "approved as mine" in marked


def test_search_of_a_registry_that_never_ends(world: World, registry: Registry) -> None:
    count = iter(range(1_000_000))
    registry.answer = lambda _: (
        200,
        json.dumps(
            {"servers": [{"server": document("com.example/x")}], "metadata": {"nextCursor": str(next(count))}}
        ).encode(),
    )
    ran = search(world, registry, "x", "--format", "json")
    assert ran.code == 0
    assert len(ran.json["servers"]) == 1
    assert len(registry.asked) == 50


def test_search_without_a_manifest_or_a_network(world: World, registry: Registry, tmp_path, monkeypatch) -> None:
    registry.publish(document())
    monkeypatch.chdir(tmp_path / "machine")
    assert "com.example/tables" in world.run("search", "tables", "--registry", registry.address).stdout
    assert world.run("search", "x", "--registry", registry.address, "-m", "none.yaml").code == 1
    off = world.run("search", "x", "--offline")
    assert off.code == 8
    assert "`--registry FILE`" in off.stderr
