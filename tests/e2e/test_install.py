"""`mcpconf install` on a home of its own: what is there afterwards, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mcpconf.errors import ExitCode
from mcpconf.model.installed import Changed, Installed, Missing
from mcpconf.system import facts
from tests import pretended
from tests.supplied import PROJECT, Supplied
from tests.world import hear_interrupts

MEMORY = Path("/dev/shm")
INTACT = Installed(len(pretended.FILES))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as name:
        made = Supplied(Path(name))
        for variable in ("HOME", "PRETENDED"):
            monkeypatch.setenv(variable, made.environment[variable])
        monkeypatch.setitem(pretended.KINDS, "npm", "tests.pretended")
        monkeypatch.setattr(facts, "refuse_foreign_home", lambda: None)
        pretended.take_the_place()
        yield made
        pretended.artifacts.cache_clear()


def spoil(here: Supplied, name: str, file: str = "lib/a.js") -> None:
    path = here.place(name) / "tree" / file
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    path.chmod(0o555)


def test_what_is_locked_is_there_afterwards_and_sealed(here: Supplied):
    here.say(files="", time="")
    ran = here.run("install")
    assert (ran.code, ran.stderr) == (0, "")
    assert "+  files  npm:files 1.0.0" in ran.stdout
    assert "2 servers: 2 installed." in ran.stdout
    for name in ("files", "time"):
        assert here.state(name) == INTACT
        for path in (here.place(name), *here.place(name).rglob("*")):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o222, path
    assert here.left() == []
    again = here.run("install")
    assert "2 servers: 2 there already." in again.stdout
    assert sorted(here.builds) == ["npm:files", "npm:time"], "what is there is not built again"


def test_only_what_the_manifest_launches_from_the_store_unless_asked(here: Supplied):
    here.say(launch="pinned", files="", time="")
    assert "No server here is to be started from the store." in here.run("install").stdout
    assert here.run("install", "time").code == 0
    assert (here.state("files"), here.state("time")) == (Missing(), INTACT)
    assert "1 installed, 1 there already" in here.run("install", "--all").stdout


def test_servers_that_are_the_same_bytes_share_an_installation(here: Supplied):
    here.say(one="")
    text = here.manifest.read_text()
    here.manifest.write_text(text.replace("hosts:", '  two: {package: "npm:one", version: "1.0.0"}\nhosts:'))
    lock = here.folder / "mcpconf.lock"
    data = json.loads(lock.read_text())
    data["servers"]["two"] = data["servers"]["one"]
    lock.write_text(json.dumps(data))
    assert "2 servers: 2 installed." in here.run("install").stdout
    assert here.builds == ["npm:one"]


def test_a_changed_installation_is_put_aside_named_and_built_anew(here: Supplied):
    here.say(files="", time="")
    here.run("install")
    spoil(here, "files")
    ran = here.run("install")
    assert ran.code == 0, ran
    assert "~  files" in ran.stdout
    assert "changed lib/a.js" in ran.stdout
    assert "2 servers: 1 there already, 1 built anew." in ran.stdout
    assert here.state("files") == INTACT
    (aside,) = (here.data / "aside").iterdir()
    assert (aside / "tree/lib/a.js").read_bytes()[0] == ord("a") ^ 1, "what was found is kept to be looked at"
    assert str(aside.name) in ran.stdout.replace("\n", "")
    assert here.run("store", "verify").code == 0


def test_offline_a_changed_installation_is_put_aside_all_the_same(here: Supplied):
    here.say(files="")
    here.run("install")
    spoil(here, "files")
    ran = here.run("install", "--offline")
    assert ran.code == ExitCode.INCOMPLETE
    assert "npm:files 1.0.0 has to be fetched" in ran.stdout
    assert here.state("files") == Missing(), "nobody starts it again"


def test_offline_nothing_is_run_and_what_is_missing_is_named(here: Supplied):
    here.say(files="", time="")
    here.run("install", "time")
    ran = here.run("install", "--offline", "--format", "json")
    assert ran.code == ran.json["exit_code"] == ExitCode.INCOMPLETE
    assert {name: item["outcome"] for name, item in ran.json["servers"].items()} == {"files": "failed", "time": "there"}
    assert ran.json["servers"]["files"]["problem"]["kind"] == "missing"
    assert here.builds == ["npm:time"]


@pytest.mark.parametrize(
    ("program", "code", "says"),
    [("wrong-hash", 3, "is not what the lock says"), ("no-network", 8, "the registry did not answer")],
)
def test_one_that_fails_leaves_nothing_and_stops_no_other(program: str, code: int, says: str, here: Supplied):
    here.say(bad=program, good="")
    ran = here.run("install")
    assert ran.code == code
    assert "`bad` is not installed: " in ran.stdout
    assert says in ran.stdout
    assert (here.state("bad"), here.state("good")) == (Missing(), INTACT)
    assert here.left() == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("GET https://dev:hunter2hunter2@npm.example.org/x failed", "hunter2hunter2"),
        ("401 with npm_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zAb", "npm_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zAb"),
    ],
)
def test_what_a_client_says_is_told_without_its_secrets(text: str, secret: str, here: Supplied):
    here.say(bad=f"says:{text}")
    for form in ("text", "json"):
        ran = here.run("install", "--format", form)
        assert ran.code == ExitCode.INCOMPLETE
        assert secret not in ran.stdout + ran.stderr
    digest = "sha512-" + "u3QxWfYzKq" * 8 + "u3QxWA=="
    here.say(bad=f"says:`a.js` has {digest}")
    assert digest in json.loads(here.run("install", "--format", "json").stdout)["servers"]["bad"]["problem"]["message"]


def test_what_a_registry_says_at_locking_is_told_without_its_secrets(here: Supplied):
    here.say(bad="")
    token = "npm_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zAb"
    here.manifest.write_text(here.manifest.read_text().replace('"1.0.0"', f'"2.0.0", bin: {token}'))
    ran = here.run("lock")
    assert ran.code == ExitCode.INCOMPLETE
    assert "the registry said" in ran.stdout
    assert token not in ran.stdout + ran.stderr


def test_a_bug_in_one_leaves_nothing_half_built(here: Supplied):
    here.say(bad="bug", good="")
    assert here.run("install").code == ExitCode.INTERNAL
    assert here.state("bad") == Missing()
    assert here.left() == []


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside"])
def test_what_leads_out_of_its_folder_is_not_installed(target: str, here: Supplied):
    here.say(bad=f"link:{target}")
    ran = here.run("install")
    assert ran.code == ExitCode.INCOMPLETE
    assert "is a link that leaves its folder" in ran.stdout
    assert here.state("bad") == Missing()


def test_a_stale_lock_installs_nothing_of_that_server(here: Supplied):
    here.say(files="", time="")
    here.manifest.write_text(
        here.manifest.read_text().replace('"npm:files", version: "1.0.0"', '"npm:files", version: "2.0.0"')
    )
    ran = here.run("install")
    assert ran.code == ExitCode.BLOCKED
    assert "`files` has changed in the manifest since it was locked" in ran.stdout
    assert "mcpconf lock" in ran.stdout
    assert here.builds == ["npm:time"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("install", "nobody"), 64, "`nobody` is no server with a package"),
        (("install", "files", "--all"), 64, "`--all` leaves nothing to name"),
        (("install", "--root", "/tmp"), 64, "cannot be installed into a folder that stands for a machine"),
        (("store", "gc", "files"), 64, "looks at the whole store"),
        (("store", "verify", "--dry-run"), 64, "only looks"),
    ],
)
def test_usage(words: tuple[str, ...], code: int, says: str, here: Supplied):
    here.say(files="")
    ran = here.run(*words)
    assert (ran.code, ran.stdout) == (code, "")
    assert says in ran.stderr
    assert "hint: " in ran.stderr


@pytest.mark.parametrize("words", [("install",), ("store", "verify"), ("store", "gc")])
def test_without_a_lock_there_is_nothing_to_go_by(words: tuple[str, ...], here: Supplied):
    here.say(files="")
    (here.folder / "mcpconf.lock").unlink()
    ran = here.run(*words)
    assert ran.code == ExitCode.NO_PLAN
    assert "`mcpconf lock` writes it" in ran.stderr


def test_a_store_that_is_reached_by_a_link_is_not_written_through(here: Supplied):
    here.say(files="")
    here.run("install")
    place = here.place("files")
    place.parent.rename(place.parent.with_name("elsewhere"))
    place.parent.symlink_to("elsewhere")
    ran = here.run("install")
    assert ran.code == ExitCode.INCOMPLETE
    assert "is reached by a link in the store" in ran.stdout


def test_two_at_once_build_one_installation(here: Supplied):
    here.say(**dict.fromkeys("abcdef", ""))
    running = [here.start("install") for _ in range(3)]
    told = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    assert {here.state(name) for name in "abcdef"} == {INTACT}
    assert here.left() == []
    assert not (here.data / "aside").exists()


def test_two_at_once_mend_one_installation(here: Supplied):
    here.say(files="")
    here.run("install")
    spoil(here, "files")
    running = [here.start("install") for _ in range(3)]
    told = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    assert here.state("files") == INTACT
    assert len([*(here.data / "aside").iterdir()]) == 1, "what another run had built anew is not put aside"


@pytest.mark.parametrize("command", ["install", "lock"])
def test_interrupted_it_ends_what_runs_and_leaves_nothing(command: str, here: Supplied):
    here.say(files="slow")
    if command == "lock":
        here.manifest.write_text(here.manifest.read_text().replace('"1.0.0"', '"2.0.0", bin: slow'))
    process = here.start(command, preexec_fn=hear_interrupts)
    running = here.folder / "built.pid"
    for _ in range(200):
        if running.exists() and running.read_text():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=20)
    assert process.returncode == ExitCode.INTERRUPTED, told
    assert "Traceback" not in told[1]
    assert here.left() == []
    assert here.state("files") == Missing()
    with pytest.raises(ProcessLookupError):
        os.kill(int(running.read_text()), 0)


@pytest.mark.parametrize("spoiled", [False, True], ids=["first", "again"])
def test_killed_at_any_moment_nothing_is_half_there(here: Supplied, *, spoiled: bool):
    here.say(files="")
    if spoiled:
        here.run("install")
        spoil(here, "files")
    command = [sys.executable, "-m", "tests.e2e.kill_install", str(here.folder)]
    subprocess.run(command, cwd=PROJECT, check=True, env=here.environment)
    copies = sorted((here.folder / "copies").iterdir())
    assert len(copies) > 30, "each operation on the disk was struck"
    states = set()
    for copy in copies:
        os.environ["HOME"] = str(copy / "home")
        killed = Supplied(copy)
        killed.locked = here.locked
        state = killed.state("files")
        states.add(type(state))
        assert state == INTACT or isinstance(state, Missing) or (spoiled and isinstance(state, Changed)), copy
        ran = killed.run("install")
        assert ran.code == 0, ran
        assert killed.state("files") == INTACT
        assert killed.left() == [], "what was left is swept"
        assert len([*(killed.data / "aside").glob("*")]) == spoiled
    assert states == ({Changed, Missing, Installed} if spoiled else {Missing, Installed})
