"""The rollout script: what it does about each exit code, each line of an inventory, and each thing that can go wrong."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode
from tests.fleet import SCRIPT, Fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet")


ACTS = {
    "in sync": ((0, 0, 0), "ok", 0, ["plan 0", "apply 0", "verify 0"]),
    "changes": ((2, 0, 0), "ok", 0, ["plan 2", "apply 0", "verify 0"]),
    "differs after all": ((2, 0, 2), "differs", 2, ["plan 2", "apply 0", "verify 2"]),
    "no plan": ((1,), "failed", 3, ["plan 1"]),
    "no plan any more": ((2, 1), "failed", 3, ["plan 2", "apply 1"]),
    "blocked": ((3,), "blocked", 3, ["plan 3"]),
    "held": ((2, 3), "blocked", 3, ["plan 2", "apply 3"]),
    "blocked afterwards": ((2, 0, 3), "blocked", 3, ["plan 2", "apply 0", "verify 3"]),
    "stale": ((2, 4, 2, 0, 0), "ok", 0, ["plan 2", "apply 4", "plan 2", "apply 0", "verify 0"]),
    "conflict": ((2, 4, 2, 4), "conflict", 1, ["plan 2", "apply 4", "plan 2", "apply 4"]),
    "stale, then blocked": ((2, 4, 3), "blocked", 3, ["plan 2", "apply 4", "plan 3"]),
    "narrowed": ((2, 5), "failed", 1, ["plan 2", "apply 5"]),
    "half-way": ((2, 6, 0, 0, 0), "ok", 0, ["plan 2", "apply 6", "recover 0", "apply 0", "verify 0"]),
    "half-way again": ((2, 6, 0, 6), "failed", 1, ["plan 2", "apply 6", "recover 0", "apply 6"]),
    "not recoverable": ((2, 6, 6), "failed", 1, ["plan 2", "apply 6", "recover 6"]),
    "locked for a while": ((2, 7, 7, 0, 0), "ok", 0, ["plan 2", "apply 7", "apply 7", "apply 0", "verify 0"]),
    "locked": ((2, 7, 7, 7), "failed", 1, ["plan 2", "apply 7", "apply 7", "apply 7"]),
    "unchecked": ((8, 8, 8), "unchecked", 8, ["plan 8", "apply 8", "verify 8"]),
    "checked in the end": ((8, 0, 0), "ok", 0, ["plan 8", "apply 0", "verify 0"]),
    "usage": ((64,), "failed", 3, ["plan 64"]),
    "a bug": ((2, 70), "failed", 1, ["plan 2", "apply 70"]),
    "interrupted there": ((2, 130), "failed", 1, ["plan 2", "apply 130"]),
    "killed there": ((137,), "failed", 1, ["plan 137"]),
    "no mcpconf": ((127,), "failed", 1, ["plan 127"]),
}
"""What mcpconf exits with in turn; the result; the code of the whole, with another machine after it; the steps."""


@pytest.mark.parametrize("name", ACTS)
def test_each_exit_code_is_acted_upon(name: str, fleet: Fleet) -> None:
    codes, result, code, steps = ACTS[name]
    fleet.played("first", *codes)
    fleet.played("second")
    done = fleet.play("--max-failed", "1")
    assert (done.results["first"], done.steps["first"], done.code) == (result, steps, code), done
    assert done.results["second"] == ("left-out" if code == 3 else "ok")


def test_every_exit_code_is_in_its_head() -> None:
    head = SCRIPT.read_text().partition("\nset -u\n")[0]
    documented = {
        int(word) for line in head.splitlines() for word in line.removeprefix("#").split()[:1] if word.isdigit()
    }
    assert documented == {int(code) for code in ExitCode} - {ExitCode.BROKEN_PIPE}


def test_help_is_the_head() -> None:
    done = subprocess.run(["sh", SCRIPT, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Roll a manifest out") or done.stdout.splitlines()[1].startswith(
        "Roll a manifest out"
    )
    assert "--max-failed N" in done.stdout
    assert "set -u" not in done.stdout


def test_the_canaries_come_first_and_a_failed_one_stops_the_rest(fleet: Fleet) -> None:
    fleet.played("one")
    fleet.played("two", 2, 5)
    for name in ("three", "four"):
        fleet.played(name)
    done = fleet.play("--canary", "2", "--parallel", "1")
    assert done.results == {"one": "ok", "two": "failed", "three": "left-out", "four": "left-out"}
    assert {name: report["wave"] for name, report in done.reports.items()} == {
        "one": 1,
        "two": 1,
        "three": 2,
        "four": 2,
    }
    assert done.code == 3
    assert not (fleet.folder / "three" / "calls").exists()
    assert done.reports["three"]["begun"] is None
    assert fleet.play("--canary", "2", "--max-failed", "1").code == 0, "the codes of `two` are used up"


def test_more_failures_than_allowed_stop_also_within_a_wave(fleet: Fleet) -> None:
    for number in range(6):
        fleet.played(f"m{number}", 2, 5)
    done = fleet.play("--canary", "0", "--parallel", "1", "--max-failed", "2")
    assert [*done.results.values()] == ["failed"] * 3 + ["left-out"] * 3
    assert done.code == 3


def test_several_at_a_time_but_no_more_than_said(fleet: Fleet) -> None:
    for number in range(7):
        fleet.played(f"m{number}", slow="0.8")
    done = fleet.play("--canary", "0", "--parallel", "3")
    assert done.code == 0
    most = max(int(line) for line in (fleet.folder / "most").read_text().split())
    assert 2 <= most <= 3


def test_a_machine_has_only_so_much_time(fleet: Fleet) -> None:
    slow = fleet.played("slow", slow="600")
    fleet.played("quick")
    done = fleet.play("--limit", "8", "--max-failed", "1")
    assert done.results == {"slow": "failed", "quick": "ok"}
    assert done.steps["slow"] == ["plan 124"]
    assert done.reports["slow"]["words"] == "out of time"
    assert (slow / "calls").read_text().count("\n") == 1


def test_a_dry_run_plans_and_asks_every_machine(fleet: Fleet) -> None:
    fleet.played("blocked", 3)
    fleet.played("broken", 1)
    fleet.played("changed", 2)
    fleet.played("same", 0)
    done = fleet.play("--dry-run")
    assert done.results == {"blocked": "blocked", "broken": "failed", "changed": "differs", "same": "ok"}
    assert {step for steps in done.steps.values() for step in steps} == {"plan 3", "plan 1", "plan 2", "plan 0"}
    assert done.code == 1
    assert all(report["dry_run"] for report in done.reports.values())


def test_reports_are_private_and_tell_what_was_done(fleet: Fleet) -> None:
    fleet.played("one", 2, 0, 2)
    fleet.played("two")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "mcpconf.yaml"], [*author, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", fleet.folder, *words], check=True, env=environment)
    commit = subprocess.run(
        ["git", "-C", fleet.folder, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    done = fleet.play()
    report = done.reports["one"]
    assert report["commit"] == commit.stdout.strip()
    assert report["dirty"] is True, "the folders of the machines are no part of it"
    assert report["summary"] == {"create": 1}
    assert report["begun"] <= report["ended"]
    for path in done.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (done.folder / "summary.txt").read_text() in done.told
    assert done.told == (
        "machine  wave  result       plan  apply  verify\n"
        "one         1  differs         2      0       2  verify says that it differs\n"
        "two         2  ok              0      0       0\n"
        "2 machines: 1 ok, 1 differs\n"
        f"reports: {done.folder}\n"
    )


def test_no_report_is_written_over(fleet: Fleet) -> None:
    fleet.played("one")
    fleet.play()
    fleet.count -= 1
    done = fleet.play()
    assert done.code == 64
    assert "is there already" in done.errors
    assert done.results == {"one": "ok"}


HOSTILE_LINES = {
    "a command as a name": "$(touch%20PWNED) --root one",
    "a path as a name": "../one --root one",
    "a hidden name": ".one --root one",
    "an option as a name": "--dry-run --root one",
    "a long name": f"{'a' * 65} --root one",
    "an option as a target": "two ssh -oProxyCommand=touch${IFS}PWNED",
    "an option behind the user": "two ssh dev@-oProxyCommand=x",
    "an option in an address": "two ssh ssh://-oProxyCommand=x",
    "a command behind a target": "two ssh host;touch${IFS}PWNED",
    "a command for a target": "two ssh `touch PWNED`",
    "two targets": "two ssh host other",
    "no target": "two ssh",
    "no folder": "two --root",
    "no way": "two",
    "another way": "two telnet host",
    "a terminal's command": "two --root one\x1b[2J",
    "a name for the second time": "ONE --root one",
}


@pytest.mark.parametrize("name", HOSTILE_LINES)
def test_a_line_that_is_no_machine_stops_before_anything_begins(name: str, fleet: Fleet) -> None:
    folder = fleet.played("one")
    fleet.lines.append(HOSTILE_LINES[name].replace("%20", " "))
    done = fleet.play()
    assert done.code == 64
    assert "inventory:2: " in done.errors
    assert "\x1b" not in done.errors
    assert not (folder / "calls").exists()
    assert not [*fleet.folder.rglob("*PWNED*"), *Path.cwd().glob("*PWNED*")]


def test_a_folder_is_never_more_than_a_folder(fleet: Fleet) -> None:
    name = "it's $(touch PWNED) `touch PWNED` \"; touch PWNED #"
    fleet.played("one").rename(fleet.folder / name)
    fleet.lines[0] = f"one\t --root   {name} \r"
    fleet.lines += ["", "# a comment", "  # another"]
    done = fleet.play()
    assert (done.code, done.results) == (0, {"one": "ok"})
    assert (fleet.folder / name / "calls").exists()
    assert not [*fleet.folder.rglob("*PWNED"), *Path.cwd().glob("*PWNED*")]


ANSWERS = {
    "nothing": "",
    "a greeting": "Welcome to one!\n",
    "a greeting before it": 'Welcome\n{\n  "summary": {}\n}\n',
    "half of it": '{\n  "summary": {\n    "create": 1\n',
    "a number that is none": '{\n  "summary": $(touch PWNED)\n}\n',
    "a comma too many": '{\n  "summary": {},\n}\n',
    "a comma too few": '{\n  "summary": {}\n  "origin": {}\n}\n',
    "no name": "{\n  {}\n}\n",
    "a list for an object": "[\n  1\n]\n",
    "another end": '{\n  "summary": {\n  ]\n}\n',
    "two of them": '{\n  "summary": {}\n}\n{\n  "summary": {}\n}\n',
    "a terminal's command": '{\n  "summary": "\x1b[2J"\n}\n',
    "a quote out of place": '{\n  "summary": "a" , "result": "ok"\n}\n',
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_is_a_failure_and_the_report_stays_json(name: str, fleet: Fleet) -> None:
    fleet.played("one", 2, answer=ANSWERS[name], error='quote " and \\ and \x1b[2J\n')
    done = fleet.play()
    assert done.results == {"one": "failed"}
    assert done.reports["one"]["words"] == "the answer is none of mcpconf"
    assert "summary" not in done.reports["one"]
    assert done.reports["one"]["said"] == 'quote " and \\ and [2J'
    assert done.code == 1


@pytest.mark.parametrize("answer", ["{\n}\n", '{\n  "error": {\n    "exit_code": 0\n  }\n}\n'])
def test_a_machine_that_ends_well_must_also_say_so(answer: str, fleet: Fleet) -> None:
    fleet.played("one", answer=answer)
    done = fleet.play()
    assert (done.results, done.code) == ({"one": "failed"}, 1)
    assert done.reports["one"]["words"] == "the answer is none of mcpconf"


def test_what_a_machine_answers_cannot_pass_for_a_part_of_the_report(fleet: Fleet) -> None:
    fleet.played("one", 5, answer='{\n  "result": "ok",\n  "words": "",\n  "summary": {\n    "result": "ok"\n  }\n}\n')
    report = fleet.play().reports["one"]
    assert report["result"] == "failed"
    assert report["summary"] == {"result": "ok"}


def test_an_interrupt_lets_the_machines_at_work_finish(fleet: Fleet) -> None:
    first = fleet.played("one", slow="1.5")
    fleet.played("two")
    words = fleet.words("--canary", "1", command="played")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, text=True, stdin=subprocess.DEVNULL, **pipes, process_group=0)
    while not (first / "calls").exists():
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    told, errors = process.communicate(timeout=60)
    done = fleet.rolled(process.returncode, told, errors)
    assert done.code == 130
    assert done.results == {"one": "ok", "two": "left-out"}


def test_a_report_that_cannot_be_written_is_told(fleet: Fleet) -> None:
    fleet.played("one")
    fleet.program("mv", "#!/bin/sh\nexit 1\n")
    path = f"{fleet.folder / 'bin'}:{os.environ['PATH']}"
    done = fleet.roll(command="played", PATH=path)
    assert done.code == 1
    assert "a report could not be written" in done.errors


WRONG = {
    "no inventory": ([], "an inventory is needed"),
    "two": (["a", "b"], "one inventory is taken"),
    "both": (["--local", "a"], "either an inventory or --local"),
    "an option": (["--frobnicate", "a"], "there is no option --frobnicate"),
    "no value": (["--canary"], "takes a value"),
    "no number": (["--canary", "-1", "a"], "--canary takes a number"),
    "octal": (["--parallel", "08", "a"], "--parallel takes a number"),
    "none at a time": (["--parallel", "0", "a"], "begin at 1"),
    "a file that is not there": (["nowhere"], "there is no inventory nowhere"),
    "a manifest that is not there": (["-m", "nowhere", "a"], "there is no manifest nowhere"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_words(name: str, fleet: Fleet) -> None:
    words, message = WRONG[name]
    done = fleet.roll(*words, inventory=False)
    assert done.code == 64
    assert message in done.errors
    assert not done.folder.exists()
