"""Processes of Windows, as its management interface tells them, and variables of a session."""

import json

import pytest

from mcpconf.errors import Problem
from mcpconf.model.process import Process, Standing
from mcpconf.system import processes, sessions, windows

STARTED = "2026-11-27T08:00:00Z"


def line(pid: int, command: str) -> str:
    return json.dumps({"pid": pid, "line": command, "started": STARTED})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"C:\node\node.exe a  b", (r"C:\node\node.exe", "a", "b")),
        (r'"C:\Program Files\node.exe" "a b"', (r"C:\Program Files\node.exe", "a b")),
        (r'x "a\"b" c', ("x", 'a"b', "c")),
        (r'x "a\\" c', ("x", "a\\", "c")),
        (r"x a\\\"b", ("x", 'a\\"b')),
        ('x ""', ("x", "")),
        ('x a" "b', ("x", "a b")),
        ("", ()),
        ("x\t", ("x",)),
        ('x "never ends', ("x", "never ends")),
    ],
)
def test_a_command_line_is_taken_apart_as_programs_do(text, found):
    assert windows.words(text) == found


def test_a_long_line_takes_no_longer_for_its_backslashes():
    assert len(windows.words("\\" * 200_000)[0]) == 200_000


def test_each_line_is_a_process():
    said = f"{line(7, 'npx -y files')}\r\n\r\n{line(8, 'x')}\r\n"
    assert [*windows.told(said)] == [Process(7, ("npx", "-y", "files"), STARTED), Process(8, ("x",), STARTED)]


@pytest.mark.parametrize("said", ["no", "[]", '{"pid": 1}', '{"pid": "a", "line": "", "started": ""}', "3"])
def test_what_is_no_answer_is_told(said):
    with pytest.raises(ValueError, match=r".*"):
        [*windows.told(said)]


def answering(monkeypatch, module, said: bytes | None):
    questions = []

    def asked(*argv, seconds):
        questions.append(argv)
        return said

    monkeypatch.setattr(module, "asked", asked)
    return questions


def test_the_own_process_and_who_asks_are_left_out(monkeypatch):
    said = "\n".join([line(1, "x"), line(2, "own"), line(3, f"powershell.exe -Command {windows._SCRIPT}")])
    asked = answering(monkeypatch, windows, b"\xef\xbb\xbf" + said.encode())
    assert windows.own_processes({"SYSTEMROOT": "D:/W"}, 2) == (Process(1, ("x",), STARTED),)
    assert asked[0][0] == "D:/W/System32/WindowsPowerShell/v1.0/powershell.exe"
    assert asked[0][-1] == windows._SCRIPT


@pytest.mark.parametrize("said", [b"no", None])
def test_where_nobody_answers_that_is_said(monkeypatch, said):
    answering(monkeypatch, windows, said)
    monkeypatch.setattr(processes.sys, "platform", "win32")
    assert isinstance(processes.OwnProcesses().own(), Problem)


@pytest.mark.parametrize(
    ("system", "said", "found"),
    [
        ("darwin", b"s3cr3t\n", True),
        ("darwin", b"\n", False),
        ("darwin", None, False),
        ("linux", b"A=1\nFILES_TOKEN=s3cr3t\n", True),
        ("linux", b"MY_FILES_TOKEN=1\nX=FILES_TOKEN=\n", False),
        ("linux", None, False),
        ("freebsd", b"FILES_TOKEN=1\n", False),
    ],
)
def test_a_session_tells_what_it_sets(monkeypatch, system, said, found):
    asked = answering(monkeypatch, sessions, said)
    monkeypatch.setattr(sessions.sys, "platform", system)
    monkeypatch.setattr(sessions.os.path, "exists", lambda _path: True)
    answers = processes.OwnProcesses()
    assert answers.standing("FILES_TOKEN") == ((Standing("FILES_TOKEN", "session"),) if found else ())
    assert answers.standing("--flag") == answers.standing() == ()
    assert len(asked) == (system != "freebsd")


def test_the_registry_tells_what_it_sets_in_any_letters(monkeypatch):
    said = (
        b"\xef\xbb\xbfuser Path\r\nuser files_token\r\nmachine FILES_TOKEN\r\nmachine FILES_TOKEN_2\r\nuser \r\nno\r\n"
    )
    asked = answering(monkeypatch, sessions, said)
    monkeypatch.setattr(sessions.sys, "platform", "win32")
    found = processes.OwnProcesses().standing("FILES_TOKEN", "OTHER")
    assert found == (Standing("FILES_TOKEN", "user"), Standing("FILES_TOKEN", "machine"))
    assert asked[0][-1] == sessions._REGISTRY
    assert "FILES_TOKEN" not in " ".join(asked[0])


def test_a_registry_that_does_not_answer_is_told(monkeypatch):
    answering(monkeypatch, sessions, None)
    monkeypatch.setattr(sessions.sys, "platform", "win32")
    assert isinstance(processes.OwnProcesses().standing("FILES_TOKEN"), Problem)
