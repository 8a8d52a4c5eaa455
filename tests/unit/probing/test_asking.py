"""One process asks all toys at once; each test looks at what became of one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mcpconf.errors import McpconfError
from mcpconf.model.probe import Limits, Probed
from mcpconf.system.probing import SystemProber
from tests.toys import SOON, probe

HONEST = ("server", "old", "modern", "strict", "liar", "pages", "controls", "garbage", "duplicates", "asks", "gated")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are only seen on Linux")
SMALL = Limits(message=200_000, total=400_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("toys")


@pytest.fixture(scope="module")
def answers(folder) -> dict[str, Probed]:
    probes = [
        probe("hang", folder, limits=SOON),
        probe("hang-in-tools", folder, limits=SOON),
        probe("late", folder, "2", limits=Limits(first=1.5)),
        *(probe(name, folder) for name in HONEST),
        probe("flood", folder, limits=SMALL),
        probe("chatter", folder, limits=SMALL),
        probe("greedy", folder, limits=Limits(memory=150_000_000)),
        probe("daemon", folder, str(folder / "daemon.pid")),
        probe("family", folder, str(folder / "family.pid")),
        probe("endless", folder, limits=Limits(pages=5)),
        probe("ambiguous", folder),
        probe("asks-without-end", folder),
        probe("exits", folder),
        probe("exits-in-tools", folder),
        probe("variables", folder),
        probe("server", folder, name="missing", argv=("/nowhere/at/all",)),
        probe("server", folder, name="closed", transport="http", argv=(), url="http://127.0.0.1:9/mcp"),
    ]
    found = SystemProber().ask(probes)
    assert [item.name for item in found] == [item.name for item in probes]
    return {item.name: item for item in found}


def results(answer: Probed, method: str, client: str = "bare") -> list:
    """As JSON."""
    assert answer.problem is None, answer
    asked = next(item for item in answer.transcripts if item.client == client)
    return [json.loads(item.result) for item in asked.answers if item.method == method]


def names(answer: Probed, client: str = "bare") -> list[str]:
    return [tool["name"] for page in results(answer, "tools/list", client) for tool in page["tools"]]


def is_alive(file: Path) -> bool:
    """Also not as one that only waits for its parent to notice that it is over."""
    try:
        return Path(f"/proc/{file.read_text()}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_honest_server_is_asked_for_all_it_has_by_two_clients(answers):
    found = answers["server"]
    assert found.problem is None
    assert found.notes == ()
    assert [(item.client, item.era, item.protocol) for item in found.transcripts] == [
        ("bare", "initialize", "2025-11-25"),
        ("able", "initialize", "2025-11-25"),
    ]
    methods = ["initialize", "tools/list", "prompts/list", "resources/templates/list", "resources/list"]
    assert [[item.method for item in asked.answers] for asked in found.transcripts] == [methods, methods]


def test_a_result_is_kept_byte_for_byte(answers):
    asked = answers["duplicates"].transcripts[0]
    tools = next(item.result for item in asked.answers if item.method == "tools/list")
    assert b'"x-unknown": {"kept": 1.0}' in tools
    assert b'"name": "safe", "name": "write", "n": 9007199254740993, "s": "\\ud800"' in tools


def test_only_what_a_server_says_it_has_is_asked_for(answers):
    assert [item.method for item in answers["old"].transcripts[0].answers] == [
        "initialize",
        "tools/list",
        "resources/list",
    ]
    assert answers["old"].transcripts[0].protocol == "2024-11-05"


def test_a_server_of_2026_is_asked_without_a_handshake(answers):
    for asked in answers["modern"].transcripts:
        assert (asked.era, asked.protocol) == ("discover", "2026-07-28")
        assert [item.method for item in asked.answers][:2] == ["server/discover", "tools/list"]


def test_a_server_that_is_warm_only_later_is_of_the_era_that_it_is_of(answers):
    found = answers["late"]
    assert found.problem is None, found
    assert {asked.era for asked in found.transcripts} == {"discover"}
    assert names(found) == ["search", "write"]


def test_a_server_that_ends_at_an_unknown_question_is_asked_anew(answers):
    assert {asked.era for asked in answers["strict"].transcripts} == {"initialize"}
    assert names(answers["strict"]) == ["search", "write"]


def test_what_only_an_able_client_sees_is_seen(answers):
    assert names(answers["gated"]) == ["search", "write"]
    assert names(answers["gated"], "able") == ["search", "sample"]


def test_pages_are_turned_to_the_end_and_from_the_beginning_where_a_cursor_was_forgotten(answers):
    first, *others = names(answers["pages"])
    assert first != "of-try-3", "the pages of before are still there"
    assert others == ["two", "three"]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("hang", "unreadable", "it did not answer within 3 s"),
        ("hang-in-tools", "unreadable", "it did not answer within 3 s"),
        ("flood", "oversized", "it sent more than"),
        ("chatter", "oversized", "it sent more than 400000 bytes in all"),
        ("greedy", "oversized", "it took more than 150000000 bytes of memory"),
        ("endless", "oversized", "`tools/list` has more than 5 pages"),
        ("ambiguous", "malformed", "it sent a message that cannot be read in one way only"),
        ("asks-without-end", "oversized", "it sent requests without end to a client that only lists"),
        ("exits", "unreadable", "it ended with 3 before it answered, and said last: no such option, and password="),
        ("exits-in-tools", "unreadable", "Connection closed"),
        ("liar", "unreadable", "it answers with error -32601: refused"),
        ("missing", "missing", "it cannot be started (No such file or directory)"),
        ("closed", "unreadable", "it cannot be reached (ConnectError)"),
    ],
)
def test_why_a_server_could_not_be_asked_is_told(answers, name, kind, message):
    problem = answers[name].problem
    assert problem is not None, answers[name]
    assert (problem.kind, message in problem.message) == (kind, True), problem
    assert answers[name].transcripts == ()


def test_no_secret_of_what_a_server_printed_is_told(answers):
    assert "hunter2" not in str(answers["exits"])
    assert answers["garbage"].notes == ("it prints what is no message where only messages belong",)
    assert "ghp_" not in str(answers["garbage"])


def test_a_server_that_asks_is_refused_and_gets_no_data(answers):
    got = json.loads(results(answers["asks"], "tools/list", "able")[0]["tools"][0]["description"])
    assert got == {"s0": -32601, "s1": -32601, "s2": -32601, "s3": {}}
    assert answers["asks"].notes == (
        "it asked its client for `sampling/createMessage`, `elicitation/create`, `roots/list`, which was refused",
    )


def test_a_server_gets_no_variable_that_it_was_not_given(answers, folder):
    told = json.loads(results(answers["variables"], "tools/list")[0]["tools"][0]["description"])
    told.pop("LC_CTYPE", None)
    assert told == {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


@ON_LINUX
@pytest.mark.parametrize("name", ["daemon", "family"])
def test_nothing_that_a_server_started_is_left(answers, folder, name):
    assert names(answers[name]) == ["search", "write"]
    assert not is_alive(folder / f"{name}.pid")


@ON_LINUX
def test_an_interrupted_run_leaves_nothing(folder, monkeypatch):
    monkeypatch.setattr("mcpconf.system.probing._START_SECONDS", -500.0)  # as long as the others take, and no longer

    class Impatient(subprocess.Popen):
        def wait(self, timeout=None):
            if timeout is not None and timeout < 0:
                pid = folder / "interrupted.pid"
                while not (pid.exists() and pid.read_text()):
                    time.sleep(0.02)
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr("mcpconf.system.probing.subprocess.Popen", Impatient)
    given = probe("family", folder, str(folder / "interrupted.pid"), limits=Limits(seconds=60.0))
    with pytest.raises(KeyboardInterrupt):
        SystemProber().ask([given])
    assert not is_alive(folder / "interrupted.pid")


@ON_LINUX
def test_what_a_stuck_process_has_started_goes_with_it(folder, monkeypatch):
    """Without time to end its servers, it cannot: then whoever started it does."""
    monkeypatch.setattr("mcpconf.system.probing._START_SECONDS", -500.0)
    monkeypatch.setattr("mcpconf.system.probing._END_SECONDS", 0.0)

    class Impatient(subprocess.Popen):
        def wait(self, timeout=None):
            pid = folder / "stuck.pid"
            while timeout is not None and timeout < 0 and not (pid.exists() and pid.read_text()):
                time.sleep(0.02)
            return super().wait(0 if timeout is not None and timeout < 0 else timeout)

    monkeypatch.setattr("mcpconf.system.probing.subprocess.Popen", Impatient)
    SystemProber().ask([probe("family", folder, str(folder / "stuck.pid"), limits=Limits(seconds=60.0))])
    end = time.monotonic() + 5
    while is_alive(folder / "stuck.pid") and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(folder / "stuck.pid")


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch, folder):
    monkeypatch.setattr("mcpconf.system.probing.find_spec", lambda _name: None)
    with pytest.raises(McpconfError) as error:
        SystemProber().ask([probe("server", folder)])
    assert error.value.problems[0].hint == "`pip install 'mcpconf[probe]'`"


@ON_LINUX
def test_nothing_is_left_where_mcpconf_itself_is_killed(folder):
    pid = folder / "orphaned.pid"
    code = (
        "import sys; from tests.toys import probe; from mcpconf.system.probing import SystemProber;"
        "SystemProber().ask([probe('family', sys.argv[1], sys.argv[2])])"
    )
    top = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", code, str(folder), str(pid)], cwd=top) as asking:
        while not (pid.exists() and pid.read_text()):
            time.sleep(0.02)
        asking.kill()
    end = time.monotonic() + 30
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(pid)
