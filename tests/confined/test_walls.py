"""What no confined program can do, whoever starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.sandbox import HOME, Bind
from mcpconf.sandbox.bwrap import confined
from mcpconf.sandbox.ground import least
from mcpconf.sandbox.keeping import keeping
from mcpconf.system.facts import real_machine

PYTHON = "/usr/bin/python3"


def started(code: str, *names: str, network="none", binds=(), env=None):
    """What a program says that runs confined; `names` are the variables that it is given."""
    place = least(PYTHON, "", real_machine().files, network)
    argv = confined((PYTHON, "-c", code), replace(place, binds=(*place.binds, *binds)))
    ran = subprocess.run(keeping(names, argv), env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


TRY = """
import json
def attempt(what):
    try:
        return [what() or True, ""]
    except OSError as error:
        return [None, type(error).__name__]
"""


def test_no_variable_is_seen_that_is_not_named_not_even_in_the_first_process():
    code = (
        "import json,os;print(json.dumps({p: dict(v.partition('=')[::2] for v in open(f'/proc/{p}/environ').read()"
        ".split(chr(0)) if v) for p in os.listdir('/proc') if p.isdigit()}))"
    )
    seen = started(code, "TOKEN", env={**os.environ, "TOKEN": "given", "OTHER": "kept back"})
    assert len(seen) == 2
    assert seen["1"] == {"TOKEN": "given"}
    assert {name for process in seen.values() for name in process} <= {"TOKEN", "HOME", "PATH", "PWD"}
    assert all("OTHER" not in process for process in started(code, env={"OTHER": "kept back"}).values())


def test_the_programs_of_the_sandbox_stand_in_no_command_line_with_a_value():
    code = "import json;print(json.dumps(open('/proc/1/cmdline').read()))"
    assert "given" not in started(code, "TOKEN", env={"TOKEN": "given"})


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/etc/passwd", "/etc/hostname", "/etc/machine-id", "/root", "/home", "/run", "/var", "/sys"]
)
def test_what_is_the_machines_is_not_there(path):
    assert started(f"import json,os;print(json.dumps(os.path.exists({path!r})))") is False


@pytest.mark.parametrize(
    "path", ["/x", "/usr/x", "/etc/x", "/proc/sys/kernel/core_pattern", "/proc/self/oom_score_adj"]
)
def test_nothing_is_written_outside(path):
    assert started(f"{TRY}\nprint(json.dumps(attempt(lambda: open({path!r}, 'a').write(''))))")[0] is None


def test_the_home_is_empty_and_its_own():
    code = f"import json,os;open(os.path.expanduser('~/a'),'w').close();print(json.dumps([os.getcwd(), os.listdir({HOME!r})]))"
    assert started(code) == [HOME, ["a"]]
    assert not Path(HOME).exists()


def test_a_folder_is_as_it_was_asked_for(tmp_path):
    for name in ("read", "write"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("there")
    binds = [Bind.same(f"{tmp_path}/read"), Bind.same(f"{tmp_path}/write", writable=True)]
    code = f"""{TRY}
import os
print(json.dumps([open('{tmp_path}/read/file').read(), attempt(lambda: open('{tmp_path}/read/new', 'w').write('x')),
  open('{tmp_path}/write/new', 'w').write('x'), sorted(os.listdir('{tmp_path}'))]))"""
    assert started(code, binds=binds) == ["there", [None, "OSError"], 1, ["read", "write"]]
    assert (tmp_path / "write" / "new").read_text() == "x"


def test_what_can_only_be_read_stays_so_for_one_who_takes_namespaces_of_its_own(tmp_path):
    (tmp_path / "file").write_text("there")
    code = f"""{TRY}
import ctypes, os
c = ctypes.CDLL(None, use_errno=True)
took = c.unshare(0x10000000 | 0x20000)
again = [c.mount(None, path.encode(), None, 32 | 4096, None) for path in ('{tmp_path}', '/usr', '/proc', '/')]
gone = [c.umount2(path, 2) for path in (b'/tmp', b'/proc')]
print(json.dumps([again, gone, attempt(lambda: open('{tmp_path}/file', 'a').write(''))[0]]))"""
    assert started(code, binds=[Bind.same(str(tmp_path))]) == [[-1] * 4, [-1] * 2, None]


def test_no_socket_of_the_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_UNIX) as unnamed:
        unnamed.bind(b"\0mcpconf-test")
        unnamed.listen()
        port = listening.getsockname()[1]
        code = f"""{TRY}
import socket
def reach(family, address):
    with socket.socket(family) as one:
        one.settimeout(3)
        one.connect(address)
print(json.dumps([attempt(lambda: reach(family, address))[0] for family, address in (
  (socket.AF_INET, ('127.0.0.1', {port})), (socket.AF_INET6, ('::1', {port})), (socket.AF_INET, ('1.1.1.1', 443)),
  (socket.AF_UNIX, chr(0) + 'mcpconf-test'))]))"""
        assert started(code) == [None] * 4
        assert started(code, network="any")[0] is True


def test_it_ends_with_the_one_who_started_it():
    place = least(PYTHON, "", real_machine().files, "none")
    argv = keeping([], confined((PYTHON, "-c", "import time;print(1, flush=True);time.sleep(60)"), place))
    code = f"""
import os, signal, subprocess
started = subprocess.Popen({list(argv)!r}, stdout=subprocess.PIPE)
started.stdout.readline()
print(started.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == -signal.SIGKILL
    pid = int(ran.stdout)
    assert any(gone(pid) or time.sleep(0.05) for _ in range(200))


def gone(pid):
    """A process that nobody has waited for is gone all the same."""
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
