"""How each command answers what it is given: exit codes, streams, JSON whatever happens."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mcpconf.cli.app import app
from tests.world import Ran, World, hear_interrupts

EXAMPLE = Path(__file__).parents[2] / "examples" / "workstation"
COMMANDS = (
    "init",
    "import",
    "validate",
    "check",
    "diff",
    "add",
    "search",
    "remove",
    "adopt",
    "forget",
    "rename",
    "lock",
    "approve",
    "probe",
    "install",
    "store",
    "outdated",
    "update",
    "vulndb",
    "plan",
    "apply",
    "status",
    "verify",
    "drift",
    "show",
    "hosts",
    "residue",
    "render",
    "export",
    "permissions",
    "accept",
    "recover",
    "history",
    "rollback",
    "backups",
    "destroy",
    "log",
    "revoke",
    "explain",
    "docs",
    "doctor",
    "schema",
    "completion",
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.example(tmp_path, EXAMPLE)


def bare(*arguments: str, **more) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "mcpconf", *arguments], capture_output=True, text=True, check=False, **more
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "missing command"),
        (("plna",), "did you mean `plan`?"),
        (("--nope",), "no such option"),
        (("plan", "--nope"), "no such option"),
        (("plan", "extra"), "unexpected extra argument"),
        (("plan", "--format", "xml"), "`xml` is not one of `text`, `json`"),
        (("plan", "--color", "pink"), "`pink` is not one of"),
        (("plan", "--on-conflict", "maybe"), "`maybe` is not one of"),
        (("schema", "--check"), "requires an argument"),
        (("plan", "--target", "nobody"), "`nobody` names nothing in this plan"),
        (("plan", "--exclude", "cursor/user/nobody"), "names nothing in this plan"),
        (("plan", "--target", "99"), "`99` names nothing"),
        (("plan", "--target", "0"), "`0` names nothing"),
        (("plan", "--target", "4,99"), "`99` names nothing"),
        (("apply", "--lock-timeout", "soon", "--yes"), "it should be a valid number"),
        (("apply",), "there is no terminal to ask on"),
        (("apply", "p.plan", "--target", "4"), "a saved plan is applied as it is"),
        (("accept",), "missing argument"),
        (("accept", "cursor/user/nobody"), "no unmanaged entry"),
        (("show",), "missing argument"),
        (("schema", "nothing"), "one of `manifest`"),
        (("docs", "nothing"), "`mcpconf docs` lists the pages"),
        (("completion", "tcsh"), "one of `bash`"),
    ],
    ids=str,
)
def test_usage_is_64(arguments: tuple[str, ...], says: str, world: World) -> None:
    before = world.snapshot()
    ran = world.run(*arguments)
    assert (ran.code, ran.stdout) == (64, ""), ran
    assert says.lower() in ran.stderr.lower()
    assert ran.stderr.startswith("error: ")
    assert "hint: " in ran.stderr
    assert world.snapshot() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("plan", "--format", "json", "--nope"), 64),
        (("plan", "--format=json", "extra"), 64),
        (("plan", "--format", "json", "--target", "nobody"), 64),
        (("apply", "--format", "json"), 64),
        (("apply", "gone.plan", "--format", "json"), 1),
        (("show", "gone.plan", "--format", "json"), 1),
        (("validate", "-m", "gone.yaml", "--format", "json"), 1),
    ],
    ids=str,
)
def test_an_error_is_json_where_json_is_asked(arguments: tuple[str, ...], code: int, world: World) -> None:
    ran = world.run(*arguments)
    assert ran.code == code
    told = ran.json.get("error", ran.json)
    assert told["exit_code"] == code
    problem = (told.get("problems") or told["diagnostics"])[0]
    assert problem["message"] in ran.stderr
    assert set(problem) == {"kind", "message", "hint", "file", "line", "column", "pointer"}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_is_whole_sentences(command: str) -> None:
    ran = bare(command, "--help", env={**os.environ, "COLUMNS": "80"})
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"Usage: mcpconf {command} ")
    assert "..." not in ran.stdout.partition("\n")[2]
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_help_lists_every_command_and_exit_code() -> None:
    ran = bare("--help", env={**os.environ, "COLUMNS": "80"})
    listed = ran.stdout.partition("Commands:")[2].partition("Exit codes:")
    assert [line.split()[0] for line in listed[0].splitlines() if line.strip()] == list(COMMANDS)
    assert "..." not in listed[0]
    from mcpconf.errors import ExitCode

    assert [int(line.split()[0]) for line in listed[2].splitlines() if line.strip()] == list(ExitCode)
    assert len(app.registered_commands) == len(COMMANDS)


def test_version() -> None:
    from mcpconf import __version__

    assert bare("--version") == Ran(0, f"mcpconf {__version__}\n", "")
    assert bare("--version", "plan").stdout == f"mcpconf {__version__}\n"


def test_a_bug_has_no_traceback_unless_it_is_asked_for(world: World) -> None:
    """A row of data that is not there is nothing a user can cause: the nearest to a bug that can be had."""
    code = "import sys, mcpconf.system.sources as s; s.bundled_rows = lambda: 1 / 0; from mcpconf.cli.door import run; "
    code += "import mcpconf.operations as o; o.bundled_rows = s.bundled_rows; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "plan", "-m", str(world.manifest), "--root", str(world.root)]
    quiet = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (quiet.returncode, quiet.stdout) == (70, "")
    assert "internal error (ZeroDivisionError)" in quiet.stderr
    assert "Traceback" not in quiet.stderr
    loud = subprocess.run([*command, "-vv"], capture_output=True, text=True, check=False)
    assert (loud.returncode, "Traceback" in loud.stderr) == (70, True)
    as_json = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
    assert json.loads(as_json.stdout)["error"]["exit_code"] == 70


def test_a_pipe_that_nobody_reads_is_quiet(world: World) -> None:
    world.write("/manifest", "x")
    for command in (("plan",), ("schema", "plan"), ("plan", "--nope")):
        with subprocess.Popen(
            [sys.executable, "-m", "mcpconf", *world._placed(command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            running.stdout.close()
            told = running.stderr.read()
        if "--nope" in command:
            assert (running.returncode, "Traceback" in told) == (64, False)
        else:
            assert (running.returncode, told) == (141, ""), command


def test_output_that_finds_no_room_is_an_error(world: World) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mcpconf", *world._placed(("plan",))],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "error: the output could not be written (No space left on device)\n"


def test_closed_streams_are_borne(world: World) -> None:
    words = " ".join(f"'{word}'" for word in [sys.executable, "-m", "mcpconf", *world._placed(("plan",))])
    done = subprocess.run(["sh", "-c", f"{words} >&- 2>&-"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_terminal_of_few_characters_gets_them_spelled(world: World) -> None:
    world.write("~/.cursor/mcp.json", '{"mcpServers": {"café-☕": {"command": "x"}}}')
    ran = world.spawn("status", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert ran.code == 2
    assert "caf\\xe9-\\u2615" in ran.stdout


def test_an_interrupt_is_130(world: World) -> None:
    """Another run holds the lock, so that there is something to interrupt."""
    command = [sys.executable, "-m", "mcpconf", *world._placed(("apply", "--yes"))]
    before = world.snapshot()
    with world.path("~/.local/state/mcpconf/lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, **pipes, text=True, preexec_fn=hear_interrupts) as running:
            time.sleep(1.5)
            running.send_signal(signal.SIGINT)
            told = running.communicate(timeout=20)
    assert (running.returncode, *told) == (130, "", "interrupted\n")
    assert world.snapshot() == before


def test_a_lock_held_too_long_is_7(world: World) -> None:
    with world.path("~/.local/state/mcpconf/lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ran = world.run("apply", "--yes", "--lock-timeout", "0.1", "--format", "json")
    assert (ran.code, ran.json["error"]["exit_code"]) == (7, 7)
    assert "hint: " in ran.stderr


def test_init_writes_a_manifest_that_validates_and_never_over_another(tmp_path: Path) -> None:
    target = tmp_path / "mcpconf.yaml"
    made = bare("init", "-m", str(target))
    assert made.code == 0, made
    assert made.stdout.startswith(f"wrote {target}; next: ")
    assert bare("validate", "-m", str(target)).stdout == f"{target} can be read; no findings.\n"
    text = target.read_bytes()
    again = bare("init", "-m", str(target), "--format", "json")
    assert (again.code, json.loads(again.stdout)["error"]["exit_code"]) == (1, 1)
    assert "it is there already" in again.stderr
    assert target.read_bytes() == text
    other = bare("init", "-m", str(tmp_path / "b.yaml"), "--format", "json")
    assert json.loads(other.stdout) == {"wrote": str(tmp_path / "b.yaml"), "exit_code": 0}
    assert bare("init", "-m", str(tmp_path / "no" / "such" / "folder.yaml")).code == 1


def test_a_saved_plan_is_shown_applied_once_and_then_stale(world: World) -> None:
    saved = str(world.folder / "p.plan")
    made = world.run("plan", "--out", saved)
    assert made.code == 0
    assert f"mcpconf apply {saved}" in made.stderr
    assert stat.S_IMODE(Path(saved).stat().st_mode) == 0o600
    shown = world.run("show", saved)
    assert _bare(shown.stdout) == _bare(made.stdout)
    assert world.run("show", saved, "--format", "json").json["changes"] == world.plan()["changes"]
    done = world.run("apply", saved)
    assert (done.code, done.stdout.partition("\n")[0]) == (0, "Applied: 14 changes in 5 files, verified.")
    before = world.snapshot()
    again = world.run("apply", saved)
    assert (again.code, "already applied" in again.stderr) == (4, True)
    assert world.snapshot() == before
    assert world.run("show", saved).code == 0


def _bare(text: str) -> str:
    """A plan is shown without knowing whose home it is about, so its lines are broken elsewhere."""
    return "".join(text.replace("/home/dev", "~").split())


def test_accept_takes_an_address_out_of_the_drift(world: World) -> None:
    assert world.run("apply", "--yes").code == 0
    world.write("~/src/shop/.cursor/mcp.json", '{"mcpServers": {"rogue": {"command": "x"}}}')
    address = "cursor/project:~/src/shop/rogue"
    told = world.run("plan", "--detailed-exitcode")
    assert told.code == 2
    assert address in told.stdout
    assert "mcpconf accept" in told.stdout
    ran = world.run("accept", address, "--format", "json")
    assert (ran.code, ran.json) == (0, {"accepted": [address], "exit_code": 0})
    assert world.run("verify").code == 0
    assert world.run("accept", address).stdout == f"accepted {address}\n"


def test_recover_has_nothing_to_do_and_says_so(world: World) -> None:
    assert world.run("recover") == Ran(0, "Nothing to recover.\n", "")
    told = world.run("recover", "--format", "json")
    assert (told.code, told.json["end"]) == (0, "nothing")


def test_schema_prints_and_checks(world: World) -> None:
    plan = world.folder / "plan.json"
    plan.write_text(world.run("plan", "--format", "json", "--diff").stdout)
    for name in ("manifest", "machine", "plan", "state", "outcome"):
        assert world.run("schema", name).stdout.startswith('{\n  "$')
    fits = world.run("schema", "plan", "--check", str(plan))
    assert (fits.code, fits.stderr) == (0, f"{plan} is a valid plan\n")
    wrong = world.run("schema", "state", "--check", str(plan))
    assert (wrong.code, str(plan) in wrong.stderr) == (1, True)
    no_json = world.run("schema", "manifest", "--check", str(world.manifest))
    assert (no_json.code, "this is no JSON" in no_json.stderr) == (1, True)


def test_item_numbers_of_several_places_are_targets(world: World) -> None:
    for spelled in (("--target", "4,5"), ("--target", "[4,5]"), ("--target", "4", "--target", "5")):
        assert [item["index"] for item in world.plan(*spelled)["changes"]] == [4, 5]
    left = world.plan("--exclude", "4,5")["changes"]
    assert [item["index"] for item in left] == [1, 2, 3, *range(6, 15)]


def test_the_diff_is_in_the_json_and_hides_what_the_plan_hides(world: World) -> None:
    world.write(
        "~/.cursor/mcp.json", '{"mcpServers": {"odd": {"command": "x", "env": {"PIN": "4711", "A": "ünïque"}}}}'
    )
    for form in ("text", "json"):
        ran = world.run("plan", "--diff", "--format", form, "--target", "odd")
        assert "4711" not in ran.stdout
        assert "nïque" not in ran.stdout
        assert "(redacted)" in ran.stdout
    (file,) = world.plan("--diff", "--target", "odd")["diff"]
    assert file["file"] == "/home/dev/.cursor/mcp.json"
    assert any(line.startswith("-") for line in file["lines"])
    assert "diff" not in world.plan()
