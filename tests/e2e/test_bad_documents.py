"""Manifests and machine facts that cannot be used: exit 1, every problem at its place, nothing written, no waiting."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mcpconf.cli.door import run
from tests.world import World

GOOD = "mcpconf: 1\n"

MANIFESTS = {
    "anchor bomb": ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", ["anchor `&a`", ":1:4", "alias `*b`"]),
    "tag": ("mcpconf: 1\nservers: !!python/object/apply:os.system [id]\n", ["tag `tag:yaml.org", ":2:10"]),
    "merge key": ("mcpconf: 1\nservers: {a: {<<: {b: c}}}\n", ["merge key `<<`", ":2:15"]),
    "unknown key": ("mcpconf: 1\nserverz: {}\n", ["`serverz` is no known key", ":2:1", "did you mean `servers`?"]),
    "doubled key": ("mcpconf: 1\nservers: {}\nservers: {}\n", ["`servers` is there twice", ":3:1"]),
    "syntax": ("mcpconf: 1\nservers: {a: [}\n", ["this is not YAML", ":2:15"]),
    "tab": ("mcpconf: 1\n\tservers: 3\n", ["tab", ":2:1", "indent with spaces"]),
    "two documents": ("mcpconf: 1\n---\nmcpconf: 1\n", ["a second document", ":2:1"]),
    "empty": ("", ["the document is empty", "`mcpconf init`"]),
    "list": ("- a\n", ["must be a map, not a list"]),
    "newer format": ("mcpconf: 2\nservers: {}\n", ["no format version", "needs a newer mcpconf"]),
    "no format": ("servers: {}\n", ["has no `mcpconf`"]),
    "deep": ("mcpconf: 1\nservers: " + "[" * 100_000, ["nested deeper"]),
    "NUL": ("mcpconf: 1\n\0", ["NUL", ":2:1"]),
    "long line": ("mcpconf: 1\n" + "a" * 1_000_000 + "\n", ["this is not YAML"]),
    "several": (
        "mcpconf: 1\nserverz: {}\nservers: {a: {package: foo}, b: {url: 3}}\npolicy: {unmanaged: warm}\n",
        ["`serverz`", "`servers.a.package`", "`servers.b.url`", "did you mean `warn`?"],
    ),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_bad_manifest_is_told_at_once(name: str, tmp_path: Path) -> None:
    text, says = MANIFESTS[name]
    world = World(tmp_path)
    world.say(text)
    refused(world, says)
    told = world.run("validate", "-m", str(world.manifest), "--format", "json")
    assert (told.code, told.json["valid"]) == (1, False)
    assert told.json["error_count"] == len(told.json["diagnostics"]) > 0


def refused(world: World, says: list[str]) -> None:
    before = sorted(world.folder.rglob("*"))
    for command in (("plan",), ("apply", "--yes"), ("status",), ("verify",)):
        ran = world.run(*command)
        assert (ran.code, ran.stdout) == (1, ""), ran
        for text in says:
            assert text in ran.stderr
    as_json = world.run("plan", "--format", "json")
    assert as_json.json["error"]["exit_code"] == as_json.code == 1
    new = [path for path in sorted(world.folder.rglob("*")) if path not in before]
    assert all(".local" in path.parts for path in new), new


@pytest.mark.parametrize(
    ("content", "says"),
    [("mcpconf: 1\n".encode("utf-16"), "the file is UTF-16"), (b"mcpconf: \xff", "byte `0xff` is not UTF-8")],
    ids=["UTF-16", "Latin-1"],
)
def test_a_manifest_is_utf8(content: bytes, says: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.manifest.write_bytes(content)
    refused(world, [says])


def test_a_manifest_that_is_no_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    refused(world, ["there is no manifest here", "`mcpconf init` writes one"])
    world.manifest.mkdir()
    refused(world, ["manifest could not be read (Is a directory)"])
    world.manifest.rmdir()
    os.mkfifo(world.manifest)
    refused(world, ["manifest is no regular file"])
    world.manifest.unlink()
    world.manifest.symlink_to(world.manifest)
    refused(world, ["manifest could not be read"])
    world.manifest.unlink()
    with world.manifest.open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    refused(world, ["larger than 16 MB"])


def test_a_lock_that_is_no_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(GOOD)
    lock = world.folder / "mcpconf.lock"
    mend = "hint: restore it from git, or remove it and run `mcpconf lock`"
    lock.mkdir()
    refused(world, ["lock could not be read (Is a directory)", mend])
    lock.rmdir()
    os.mkfifo(lock)
    refused(world, ["lock is no regular file", mend])
    lock.unlink()
    lock.symlink_to("nowhere")
    refused(world, ["the lock is a link that leads nowhere", mend])


FACTS = {
    "empty": (b"", ["the document has no `os`", "has no `home`", "has no `user`"]),
    "words": (b"os: beos\nhome: home\nusr: x\n", ["not `beos`", "`usr` is no known key", "did you mean `user`?"]),
    "relative home": (b"os: linux\nhome: dev\nuser: x\n", ["`home` must be an absolute path", ":2:1"]),
    "mode": (b"os: linux\nhome: /h\nuser: x\nmodes: {a: 999}\n", ["must be a file mode", ":4:9"]),
    "anchor": (b"os: &a linux\nhome: *a\n", ["anchor `&a`"]),
    "bytes": (b"\xff", ["is not UTF-8"]),
    "list": (b"- a", ["must be a map, not a list"]),
}


@pytest.mark.parametrize("name", FACTS)
def test_bad_facts_of_a_machine(name: str, tmp_path: Path) -> None:
    content, says = FACTS[name]
    world = World(tmp_path)
    world.say(GOOD)
    (world.root / "machine.yaml").write_bytes(content)
    refused(world, ["machine.yaml", *says])


def test_a_root_that_is_no_machine(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(GOOD)
    facts = world.root / "machine.yaml"
    facts.unlink()
    refused(world, ["there is no `machine.yaml` here", "`os`, `home` and `user`"])
    os.mkfifo(facts)
    refused(world, ["`machine.yaml` is no regular file"])
    facts.unlink()
    facts.mkdir()
    refused(world, ["could not be read (Is a directory)"])


def test_a_root_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hosts", "--root", str(tmp_path / "nowhere")]) == 1
    assert "there is no such folder" in capsys.readouterr().err
