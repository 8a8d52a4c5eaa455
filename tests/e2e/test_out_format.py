"""Several results of one run, in files: whole, for this user's eyes, and never over what mcpconf reads."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mcpconf.report.github import inert
from tests.world import World

EXAMPLE = Path(__file__).parents[2] / "examples" / "workstation"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.example(tmp_path, EXAMPLE)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_several_formats_in_one_run(world: World) -> None:
    report, metrics, text = (world.folder / name for name in ("report.json", "mcpconf.prom", "drift.txt"))
    ran = world.run(
        "drift", f"--out-format=json={report}", "--out-format", f"prom={metrics}", f"--out-format=text={text}"
    )
    assert ran.code == 2
    assert ran.stdout == world.run("drift").stdout == text.read_text()
    assert json.loads(report.read_text()) == world.run("drift", "--format", "json").json
    assert [mode(path) for path in (report, metrics, text)] == [0o600, 0o644, 0o600]
    assert sorted(path.name for path in world.folder.iterdir() if path.name.startswith(".")) == []


def test_a_file_that_is_there_keeps_its_mode_and_its_link(world: World) -> None:
    target, link = world.folder / "target.json", world.folder / "link.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    assert world.run("status", f"--out-format=json={link}").code == 2
    assert link.is_symlink()
    assert mode(target) == 0o640
    assert json.loads(target.read_text())["format_version"] == "1.0"


def test_what_mcpconf_reads_is_never_written_over(world: World) -> None:
    state = world.path("~/.local/state/mcpconf")
    hard, soft = world.folder / "hard.json", world.folder / "soft.json"
    os.link(world.path("~/.cursor/mcp.json"), hard)
    soft.symlink_to(world.path("~/.claude.json"))
    absent = world.path("~/.gemini/settings.json")
    absent.parent.mkdir()
    before = world.snapshot()
    places = [
        world.manifest,
        world.root / "machine.yaml",
        world.path("~/.claude.json"),
        absent,
        state / "state.json",
        state / "new.json",
        hard,
        soft,
    ]
    for place in places:
        for command in ("plan", "status", "verify", "drift"):
            ran = world.run(command, f"--out-format=json={place}")
            assert (ran.code, ran.stdout) == (1, ""), place
            assert "mcpconf reads this file; no report is written over it" in ran.stderr
    assert world.run("validate", f"--out-format=sarif={world.manifest}").code == 1
    assert world.run("plan", f"--out={world.folder}/p", f"--out-format=json={world.folder}/p").code == 1
    assert world.snapshot() == before


def test_a_layer_of_the_manifest_is_not_written_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.layer("org/base.yaml", "mcpconf: 1\n")
    world.say("mcpconf: 1\ninclude: [org/base.yaml]\n")
    base = tmp_path / "org" / "base.yaml"
    assert world.run("validate", f"--out-format=json={base}").code == 1
    assert world.run("drift", f"--out-format=json={base}").code == 1
    assert base.read_text() == "mcpconf: 1\n"


@pytest.mark.parametrize("place", ["folder", "pipe", "nowhere/x.json", "a\0b", "\ud800"])
def test_a_place_that_cannot_be_written(place: str, world: World) -> None:
    (world.folder / "folder").mkdir()
    os.mkfifo(world.folder / "pipe")
    ran = world.run("plan", f"--out-format=json={world.folder}/{place}")
    assert ran.code == 1
    assert "hint: name another file" in ran.stderr
    assert "mcpconf plan" not in ran.stdout


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("plan", "prom=x"),
        ("plan", "junit=x"),
        ("status", "sarif=x"),
        ("verify", "github=x"),
        ("validate", "ndjson=x"),
        ("drift", "json"),
        ("drift", "json="),
        ("drift", "=x"),
    ],
)
def test_a_format_that_the_command_has_not(command: str, word: str, world: World) -> None:
    ran = world.run(command, "--out-format", word)
    assert ran.code == 64
    assert "hint: the formats of this command are `text`, `json`" in ran.stderr
    form = word.partition("=")[0]
    if form not in ("json", ""):
        ran = world.run(command, "--format", form)
        assert ran.code == 64
        assert f"hint: `mcpconf {command} --help` shows what it takes" in ran.stderr


def test_one_file_for_two_formats(world: World) -> None:
    place = world.folder / "x"
    ran = world.run("drift", f"--out-format=json={place}", f"--out-format=sarif={place}")
    assert ran.code == 64
    assert "is to be written twice" in " ".join(ran.stderr.split())


def test_a_step_of_github_gets_annotations_beside_the_text(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = world.run("plan")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(world.folder))
    ran = world.run("plan")
    assert ran.stdout == quiet.stdout
    assert ran.stderr.startswith(quiet.stderr + "::error title=MCP001 server not in the manifest::command:sh -c is not")
    assert world.run("plan", "--format", "github").stdout == ran.stderr
    assert world.run("plan", "--format", "json").stderr == ""
    world.say("mcpconf: 1\nservers: {a: {package: 'npm:x', version: latest}}\n")
    told = world.run("validate").stderr
    assert "\n::error file=mcpconf.yaml,line=2,col=33,title=invalid the document cannot be used::" in told


def test_no_text_gives_the_runner_a_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    words = " ".join(["::add-mask::x", "##[add-matcher]/x", "::stop-commands::y"] * 20)
    world.write("~/.cursor/mcp.json", json.dumps({"mcpServers": {"a": {"command": "sh", "args": ["-c", words]}}}))
    for form in ("text", "json"):
        told = world.run("plan", "--format", form).stdout
        assert "add-matcher" in told
        assert "##[" not in told
        assert not [line for line in told.splitlines() if line.lstrip().startswith("::")]
    assert "##[" in world.run("plan", "--format", "json").json["unmanaged"][1]["identity"] + words


def test_text_that_is_inert_already() -> None:
    assert inert("a\n  ::error::x ##[b]\n:: c\n: d # [e]") == "a\n  \\x3a:error::x \\x23#[b]\n\\x3a: c\n: d # [e]"
    assert json.loads(inert('{"a": "##[b]"}', json=True)) == {"a": "##[b]"}


def test_a_saved_plan_in_the_formats_of_a_plan(world: World) -> None:
    saved = world.folder / "saved"
    world.run("plan", f"--out={saved}", f"--out-format=markdown={world.folder}/now")
    assert world.run("show", str(saved), "--format", "markdown").stdout.startswith("### mcpconf plan: 3 to create")
    assert world.run("show", str(saved), "--format", "sarif").json["runs"][0]["invocations"][0]["exitCode"] == 2
    ran = world.run("show", "state", "--format", "sarif")
    assert (ran.code, ran.stdout) == (64, "")
    assert "hint: the formats are `text` and `json`" in ran.stderr


def test_lines_of_json_also_tell_of_errors(world: World) -> None:
    world.manifest.unlink()
    lines = [json.loads(line) for line in world.run("plan", "--format", "ndjson").stdout.splitlines()]
    assert [line["type"] for line in lines] == ["version", "diagnostic"]
    assert lines[1]["diagnostic"]["detail"].startswith("`mcpconf init` writes one")


def test_a_link_to_a_stream_or_to_nothing_is_not_replaced(world: World) -> None:
    stream, nothing, log = (world.folder / name for name in ("stream", "nothing", "log"))
    stream.symlink_to("/proc/self/fd/1")
    nothing.symlink_to("not-there")
    for link in (stream, nothing):
        ran = world.run("status", f"--out-format=json={link}")
        assert (ran.code, ran.stdout) == (1, ""), ran.stderr
        assert link.is_symlink()
    with log.open("w") as file:
        command = [sys.executable, "-m", "mcpconf", "status", "-m", str(world.manifest), "--root", str(world.root)]
        done = subprocess.run([*command, f"--out-format=json={log}"], stdout=file, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert b"what is printed goes to this file" in done.stderr
    assert log.read_text() == ""
