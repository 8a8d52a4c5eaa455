"""Programs of a machine: what is hashed is what runs, and what else decides about that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpconf.artifacts import command
from mcpconf.artifacts.command import Program, differs, interpreter, program
from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem
from mcpconf.model.entry import Value
from mcpconf.model.lock import Artifact, LockedServer
from mcpconf.ports import Machine
from tests.bundles import wish, workshop

ELF = b"\x7fELF program"
HASH = digest_bytes(b"somewhere else")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return workshop(tmp_path).machine


def real(machine: Machine, path: str) -> Path:
    return Path(machine.files.resolver.real(path))


def put(machine: Machine, path: str, data: bytes = ELF, mode: int = 0o755) -> Path:
    file = real(machine, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(mode)
    return file


def found(machine: Machine, word: str) -> Program:
    seen = program(Value.parse(word), machine)
    assert isinstance(seen, Program), seen
    return seen


def lock(tmp_path: Path, stated: dict, system: str = "linux", **more) -> LockedServer | Problem:
    home = {"linux": "/home/dev", "macos": "/Users/dev", "windows": "C:/Users/dev"}[system]
    return command.lock(wish(stated, **more), workshop(tmp_path / system, os=system, home=home))


def test_a_program_is_locked_by_its_bytes_on_its_kind_of_system(tmp_path: Path):
    stated = {"command": ["/opt/notes/mcp", "--stdio"]}
    put(workshop(tmp_path / "linux").machine, "/opt/notes/mcp")
    put(workshop(tmp_path / "macos", os="macos", home="/Users/dev").machine, "/opt/notes/mcp", b"\xfe\xed")
    linux = lock(tmp_path, stated)
    assert isinstance(linux, LockedServer)
    assert linux.artifacts == {"linux": Artifact(digest=digest_bytes(ELF))}
    both = lock(tmp_path, stated, "macos", known=linux)
    assert isinstance(both, LockedServer)
    assert both.artifacts == {**linux.artifacts, "macos": Artifact(digest=digest_bytes(b"\xfe\xed"))}
    assert lock(tmp_path, stated, known=both) == both


def test_a_program_that_is_not_here_cannot_be_locked(tmp_path: Path):
    found = lock(tmp_path, {"command": ["/opt/notes/mcp"]})
    assert isinstance(found, Problem)
    assert found.kind == "missing"


def test_a_hash_in_the_manifest_needs_no_program_here(tmp_path: Path):
    locked = lock(tmp_path, {"command": ["/opt/notes/mcp"], "hash": HASH})
    assert isinstance(locked, LockedServer)
    assert locked.artifacts == {"": Artifact(digest=HASH)}


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("mcp", "`mcp` is looked up on each machine's own PATH"),
        ("./mcp", "`./mcp` is looked up on each machine's own PATH"),
        ("opt/mcp", "`opt/mcp` is looked up on each machine's own PATH"),
        ("~/bin/mcp", "`~/bin/mcp` is not found by hosts, which know no `~`"),
        ("${env:TOOLS}/mcp", "`${env:TOOLS}` in the path of a program leads elsewhere on each machine"),
        ("${workspace}/mcp", "`${workspace}` in the path of a program leads elsewhere on each machine"),
        ("C:/tools/mcp.exe", "`C:/tools/mcp.exe` is a path of Windows"),
        ("C:\\tools\\mcp.exe", "`C:\\tools\\mcp.exe` is a path of Windows"),
        ("/opt/none", "`/opt/none` is not on this machine"),
        ("/opt", "a folder lies where a file is expected"),
        ("/opt/text", "`/opt/text` cannot be executed"),
    ],
)
def test_a_word_that_names_no_program_here_is_told(machine: Machine, word: str, told: str):
    put(machine, "/opt/text", b"x", 0o644)
    seen = program(Value.parse(word), machine)
    assert isinstance(seen, Problem)
    assert seen.message == told
    assert seen.hint


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("C:\\tools\\mcp.exe", "C:/tools/mcp.exe"),
        ("c:/Tools/MCP.exe", "C:/Tools/MCP.exe"),
        ("${home}\\mcp.exe", "C:/Users/dev/mcp.exe"),
    ],
)
def test_paths_of_windows_are_those_of_windows(tmp_path: Path, word: str, path: str):
    machine = workshop(tmp_path, os="windows", home="C:/Users/dev").machine
    put(machine, "C:/tools/mcp.exe", b"MZ", 0o666)
    put(machine, "C:/Users/dev/mcp.exe", b"MZ", 0o666)
    seen = found(machine, word)
    assert (seen.path, seen.digest, seen.writable) == (path, digest_bytes(b"MZ"), "")
    refused = program(Value.parse("/opt/mcp"), machine)
    assert isinstance(refused, Problem)
    assert refused.message == "`/opt/mcp` is no path of Windows"


def test_home_is_that_of_the_machine(machine: Machine):
    put(machine, "/home/dev/bin/$mcp")
    assert found(machine, "${home}/bin/$$mcp").path == "/home/dev/bin/$mcp"


def test_what_is_hashed_is_what_runs_behind_all_links(machine: Machine):
    put(machine, "/opt/mcp/1.0/mcp", b"one")
    put(machine, "/opt/mcp/2.0/mcp", b"two")
    link, current = real(machine, "/usr/local/bin/mcp"), real(machine, "/opt/mcp/current")
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/mcp/current/mcp")
    current.symlink_to("1.0")
    assert found(machine, "/usr/local/bin/mcp").digest == digest_bytes(b"one")
    current.unlink()
    current.symlink_to("2.0")
    seen = found(machine, "/usr/local/bin/mcp")
    assert seen.digest == digest_bytes(b"two")
    told = differs(
        LockedServer(input_digest=HASH, artifacts={"linux": Artifact(digest=digest_bytes(b"one"))}), seen, machine
    )
    assert told is not None
    assert told.kind == "hash"
    assert digest_bytes(b"one") in told.message
    assert digest_bytes(b"two") in told.message


def test_a_program_larger_than_any_host_file_is_hashed(machine: Machine):
    file = put(machine, "/opt/large")
    with file.open("r+b") as opened:
        opened.truncate(70 * 1024 * 1024)
    assert found(machine, "/opt/large").digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("artifacts", "kind"),
    [
        ({"": digest_bytes(ELF)}, None),
        ({"linux": digest_bytes(ELF), "macos": HASH}, None),
        ({"": HASH}, "hash"),
        ({"linux": HASH}, "hash"),
        ({"macos": digest_bytes(ELF)}, "stale"),
        ({}, "stale"),
    ],
)
def test_bytes_are_held_against_the_lock(machine: Machine, artifacts: dict, kind: str | None):
    put(machine, "/opt/mcp")
    locked = LockedServer(
        input_digest=HASH, artifacts={name: Artifact(digest=item) for name, item in artifacts.items()}
    )
    told = differs(locked, found(machine, "/opt/mcp"), machine)
    assert (None if told is None else told.kind) == kind


@pytest.mark.parametrize(
    ("first", "named"),
    [
        (b"#!/usr/bin/env node\n", "node"),
        (b"#!/usr/bin/env -S node --x\n", "node"),
        (b"#! /usr/bin/env -S A=b  python3 -u\r\n", "python3"),
        (b"#!/bin/sh -e\ncode", "/bin/sh"),
        (b"#!/usr/bin/environment x\n", "/usr/bin/environment"),
        (b"#!\n", ""),
        (b"#!", ""),
        (b"\x7fELF#!/bin/sh", ""),
        (b"", ""),
        (b"#!/usr/bin/env " + b" " * 400, "/usr/bin/env"),
    ],
)
def test_a_script_tells_what_runs_it(first: bytes, named: str):
    assert interpreter(first) == named


def test_the_interpreter_of_a_script_is_told_with_it(machine: Machine):
    put(machine, "/opt/script", b"#!/usr/bin/env node\nrun()\n")
    assert found(machine, "/opt/script").interpreter == "node"


def test_what_everybody_may_write_to_is_named(machine: Machine):
    file = put(machine, "/opt/notes/mcp")
    for path in ("/", "/opt", "/opt/notes"):
        real(machine, path).chmod(0o755)
    assert found(machine, "/opt/notes/mcp").writable == ""
    file.chmod(0o757)
    assert found(machine, "/opt/notes/mcp").writable == "/opt/notes/mcp"
    file.chmod(0o755)
    real(machine, "/opt").chmod(0o777)
    assert found(machine, "/opt/notes/mcp").writable == "/opt"
    real(machine, "/opt").chmod(0o1777)
    assert found(machine, "/opt/notes/mcp").writable == ""


def test_a_folder_from_which_a_link_leads_counts_too(machine: Machine):
    put(machine, "/opt/notes/mcp")
    link = real(machine, "/usr/bin/mcp")
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/notes/mcp")
    for path in ("/", "/opt", "/opt/notes", "/usr"):
        real(machine, path).chmod(0o755)
    link.parent.chmod(0o777)
    assert found(machine, "/usr/bin/mcp").writable == "/usr/bin"


def test_a_program_is_neither_installed_nor_copied(machine: Machine, tmp_path: Path):
    locked = LockedServer(input_digest=HASH)
    assert command.install(locked, "/t", workshop(tmp_path)) is None
    assert isinstance(command.launch(locked, "/t", machine), Problem)
    assert [*command.copies(locked, machine)] == []
