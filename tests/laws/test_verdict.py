"""A verdict that there is nothing to do: whatever changes, the plan with it is the plan without it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf import operations
from mcpconf.errors import McpconfError
from mcpconf.model.plan import Plan
from mcpconf.ports import IncludedFile, Machine
from mcpconf.recording import QUESTIONS, NoAnswerError, Recording, answer
from mcpconf.system.includes import SystemDocuments
from mcpconf.verdict import keep, recall
from tests.faults import Fault, FaultyFiles, FixedClock, machine, no_space
from tests.legal import no_leftovers
from tests.world import World

STATE = "~/.local/state/mcpconf"
MANIFEST = """\
mcpconf: 1
include: [base.yaml]
servers:
  one: {package: "npm:@acme/one", version: 1.0.0, env: {LEVEL: info}}
  two: {url: "https://example.org/mcp", headers: {Authorization: {secret: KEY, prefix: "Bearer "}}, expires: 2027-01-31}
hosts: {claude-code: {}, cursor: {}, codex: {}}
projects: [{path: ~/src/*, hosts: [cursor]}]
policy: {expired: remove}
groups: {far: {when: {labels: [far]}, drop: {servers: [one]}}}
"""
BASE = "mcpconf: 1\nservers:\n  base: {package: 'npm:@acme/base', version: 2.0.0}\n"
BEFORE, LAST, AFTER = "2027-01-30T08:00:00Z", "2027-01-31T23:59:59Z", "2027-02-01T00:00:00Z"

MACHINE_FILES = (
    "~/.claude.json",
    "~/.cursor/mcp.json",
    "~/.codex/config.toml",
    "~/.codex/managed_config.toml",
    "~/.claude/settings.json",
    "~/.config/Code/User/mcp.json",
    "~/src/api/.cursor/mcp.json",
    "~/src/new/.cursor/mcp.json",
    "~/src/api/.mcp.json",
    "/etc/claude-code/managed-mcp.json",
    f"{STATE}/state.json",
    f"{STATE}/key",
    f"{STATE}/journal.json",
    f"{STATE}/verdict",
)
CONTENTS = (
    b"",
    b"{}",
    b"{",
    b"\xff\xfe",
    b'{"mcpServers": {"one": {"command": "other"}}}',
    b'{"mcpServers": {"new": {"command": "npx", "args": ["-y", "new@1.0.0"]}}}',
    b'[mcp_servers.one]\ncommand = "other"\n',
    b'{"permissions": {"allow": ["mcp__one__write"]}}',
)


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A machine in sync, with a verdict."""
    made = World(tmp_path_factory.mktemp("verdict") / "world")
    made.say(MANIFEST)
    made.layer("base.yaml", BASE)
    for path in ("~/.claude.json", "~/.cursor/mcp.json", "~/.codex/config.toml", "~/src/api/.cursor/mcp.json"):
        made.write(path, "" if path.endswith("toml") else "{}")
    here = machine(made.root, clock=FixedClock(BEFORE))
    assert operations.apply(here, str(made.manifest), lambda _plan, _scrubber: "not asked").exit_code == 0
    return made


def copied(world: World, folder: Path) -> World:
    """The same machine; the manifest keeps its path, for the path is part of what a verdict is about."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(world.root, folder / "machine", symlinks=True)
    return World(folder)


def without(here: Machine, manifest: Path) -> Plan | str:
    try:
        return operations.plan(here, str(manifest)).plan
    except McpconfError as error:
        return str(error)


def agree(here: Machine, manifest: Path) -> bool:
    """Whether the verdict was believed; if so, it must be right."""
    known = recall(here, str(manifest))
    assert known is None or known.plan == without(here, manifest)
    return known is not None


def test_a_machine_that_did_not_change_is_believed(synced: World):
    for time in (BEFORE, LAST):
        assert agree(machine(synced.root, clock=FixedClock(time)), synced.manifest)


def test_a_server_that_expires_ends_it(synced: World):
    assert not agree(machine(synced.root, clock=FixedClock(AFTER)), synced.manifest)


def test_only_variables_that_were_asked_for_count(synced: World):
    here = machine(synced.root, clock=FixedClock(BEFORE))
    assert agree(replace(here, facts=replace(here.facts, env={"SSH_TTY": "/dev/pts/3"})), synced.manifest)
    moved = replace(here, facts=replace(here.facts, env={"CODEX_HOME": "/home/dev/elsewhere"}))
    assert not agree(moved, synced.manifest)


@pytest.mark.parametrize("change", [{"labels": ("far",)}, {"user": "other"}, {"os": "macos"}, {"id": "other"}])
def test_another_machine_ends_it(synced: World, change: dict):
    here = machine(synced.root, clock=FixedClock(BEFORE))
    assert not agree(replace(here, facts=replace(here.facts, **change)), synced.manifest)


def test_another_spelling_of_the_manifest_ends_it(synced: World):
    here = machine(synced.root, clock=FixedClock(BEFORE))
    assert not agree(here, synced.folder / "." / "." / "x" / ".." / "mcpconf.yaml")


@pytest.mark.parametrize("name", ["mcpconf.yaml", "base.yaml"])
def test_a_byte_of_any_layer_ends_it(synced: World, name: str):
    path, here = synced.folder / name, machine(synced.root, clock=FixedClock(BEFORE))
    text = path.read_text()
    path.write_text(text + "# note\n")
    try:
        assert not agree(here, synced.manifest)
    finally:
        path.write_text(text)
    assert agree(here, synced.manifest)


class _OtherProgram:
    """Documents as read by another mcpconf."""

    def __init__(self, documents) -> None:
        self.manifest, self.lock = documents.manifest, documents.lock
        self.identity, self.read = documents.identity, documents.read
        self.approvals = documents.approvals

    def program(self) -> str:
        return "another"


def test_another_program_ends_it(synced: World):
    here = machine(synced.root, clock=FixedClock(BEFORE))
    assert not agree(replace(here, documents=_OtherProgram(here.documents)), synced.manifest)


def test_a_verdict_of_another_machine_is_not_believed(synced: World, tmp_path: Path):
    other = copied(synced, tmp_path / "other")
    other.path(f"{STATE}/key").write_bytes(os.urandom(32))
    assert not agree(machine(other.root, clock=FixedClock(BEFORE)), synced.manifest)


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(MACHINE_FILES), st.sampled_from(CONTENTS) | st.binary(max_size=9)),
        st.tuples(st.just("remove"), st.sampled_from(MACHINE_FILES), st.just(b"")),
        st.tuples(st.just("append"), st.sampled_from(MACHINE_FILES), st.sampled_from([b"\n", b" ", b"x"])),
        st.tuples(st.just("close"), st.sampled_from(MACHINE_FILES), st.sampled_from([b"\x00", b"\x24", b"\x3f"])),
        st.tuples(st.just("link"), st.sampled_from(MACHINE_FILES), st.sampled_from([b"/etc/passwd", b"other", b"."])),
        st.tuples(st.just("folder"), st.sampled_from([*MACHINE_FILES, "~/src/.git", "~/src/b/.git"]), st.just(b"")),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60)
@given(changes=CHANGES)
def test_after_any_change_the_plan_is_the_same_with_and_without_it(
    synced: World, tmp_path_factory: pytest.TempPathFactory, changes: list
):
    made = copied(synced, tmp_path_factory.getbasetemp() / "changed")
    for what, name, data in changes:
        _change(made.path(name), what, data)
    agree(machine(made.root, clock=FixedClock(BEFORE)), synced.manifest)


def _change(path: Path, what: str, data: bytes) -> None:
    if what == "append" and path.is_file() and not path.is_symlink():
        path.write_bytes(path.read_bytes() + data)
    elif what == "close":
        if path.is_file():
            path.chmod(0o600 | (data[0] & 0o77))
    elif what in ("write", "link", "folder", "remove"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif os.path.lexists(path):
            path.unlink()
        if what == "remove" or any(part.is_symlink() or part.is_file() for part in path.parents):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if what == "write":
            path.write_bytes(data)
        elif what == "link":
            path.symlink_to(data.decode())
        else:
            path.mkdir()


def test_a_recorded_plan_reads_nothing_that_is_not_recorded(synced: World):
    """Python tells of every file that is opened, every folder that is listed, and every process that starts."""
    here = machine(synced.root, clock=FixedClock(BEFORE))
    operations.plan(here, str(synced.manifest))  # what is loaded on first use is loaded now
    seen: list[str] = []
    listening = [True]

    def hear(event: str, arguments: tuple) -> None:
        if listening and event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
            seen.append(os.path.normpath(arguments[0]))

    recording = Recording(here)
    sys.addaudithook(hear)
    plan = operations.plan(recording.recorded, str(synced.manifest)).plan
    listening.clear()
    asked = {str(synced.root) + question[2] for question in recording.answers if question[0] == "files"}
    asked |= {question[2] for question in recording.answers if question[:2] == ("documents", "manifest")}
    asked |= {found.identity for found in recording.answers.values() if isinstance(found, IncludedFile)}
    assert plan == without(here, synced.manifest)
    assert {path for path in seen if path.startswith(str(synced.folder))} <= asked
    assert seen


def test_what_changes_a_machine_cannot_be_asked(synced: World):
    here = machine(synced.root)
    recorded = Recording(here).recorded
    for act in (
        lambda: recorded.files.remove("/home/dev/.claude.json"),
        lambda: recorded.entropy.token(3),
        recorded.clock.now,
        lambda: recorded.locks.exclusive("/x", 1.0),
    ):
        with pytest.raises(NoAnswerError):
            act()
    for port in QUESTIONS:
        with pytest.raises(NoAnswerError):
            answer(here, (port, "remove", "/home/dev/.claude.json"))


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_a_damaged_verdict_is_as_none(synced: World, tmp_path: Path, damage: bytes | None):
    made = copied(synced, tmp_path / "damaged")
    path = made.path(f"{STATE}/verdict")
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"manifest"', b'"manifesT"') if damage is None else damage)
    assert not agree(machine(made.root, clock=FixedClock(BEFORE)), synced.manifest)


def test_a_verdict_that_cannot_be_written_fails_no_apply(synced: World, tmp_path: Path):
    made = copied(synced, tmp_path / "full")
    made.write("~/.claude.json", "{}")
    made.path(f"{STATE}/verdict").unlink()
    files = FaultyFiles(None, Fault(1, no_space, operations=("nothing",)))
    here = machine(made.root, files, clock=FixedClock(BEFORE))
    files.fault = replace(
        files.fault, at=_writes_before_the_verdict(made, str(synced.manifest), tmp_path) + 1, operations=("stage",)
    )
    outcome = operations.apply(here, str(synced.manifest), lambda _plan, _scrubber: "not asked")
    assert (outcome.end, outcome.exit_code, outcome.failures) == ("applied", 0, [])
    assert not made.path(f"{STATE}/verdict").exists()
    no_leftovers(made)


def _writes_before_the_verdict(world: World, manifest: str, folder: Path) -> int:
    other, files = copied(world, folder / "counted"), FaultyFiles(None)
    here = machine(other.root, files, clock=FixedClock(BEFORE))
    operations.apply(here, manifest, lambda _plan, _scrubber: "not asked")
    return [path.endswith("/verdict") for _, path in files.done].index(True)


def test_a_verdict_tells_no_content(synced: World):
    data = synced.path(f"{STATE}/verdict").read_bytes()
    assert b"Authorization" not in data
    assert b"@acme/one" not in data
    known = json.loads(data.split(b"\n", 1)[1])
    assert sorted(known) == ["answers", "manifest", "plan", "questions"]


class _UnknownProgram(SystemDocuments):
    def program(self) -> str:
        return ""


def test_nothing_is_kept_by_a_program_that_cannot_tell_itself_from_another(synced: World, tmp_path: Path) -> None:
    world, manifest = copied(synced, tmp_path / "copy"), str(synced.manifest)
    here = machine(world.root, clock=FixedClock(BEFORE))
    unknown = replace(here, documents=_UnknownProgram())
    for asked, kept in ((unknown, False), (here, True)):
        world.path(f"{STATE}/verdict").unlink(missing_ok=True)
        keep(asked, manifest, lambda recorded: operations.plan(recorded, manifest))
        assert (recall(asked, manifest) is not None) is kept
