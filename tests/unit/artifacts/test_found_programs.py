"""Programs are found by full paths on the user's PATH, or beside mcpconf itself, and get no variable that is taken away."""

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from mcpconf.artifacts.found import on_path, runtime
from mcpconf.errors import Problem
from mcpconf.ports import Machine
from mcpconf.system.facts import real_machine, rooted_machine
from mcpconf.system.paths import Resolver
from mcpconf.system.programs import SystemPrograms
from mcpconf.workshop import Call, Ran

PROGRAMS = SystemPrograms(Resolver(""))


def machine(path: str) -> Machine:
    here = real_machine()
    return dataclasses.replace(here, facts=dataclasses.replace(here.facts, env={"PATH": path}))


def test_the_first_program_of_the_path_that_runs(tmp_path) -> None:
    for name, mode in (("a", 0o644), ("b", 0o755), ("c", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "uv").touch(mode)
        (tmp_path / name / "uv").chmod(mode)
    folders = [tmp_path / "none", tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    assert on_path("uv", machine(":".join(map(str, folders)))) == f"{tmp_path}/b/uv"
    assert on_path("uvx", machine(":".join(map(str, folders)))) == ""


def test_the_current_directory_is_never_searched(tmp_path, monkeypatch) -> None:
    (tmp_path / "uv").touch(0o755)
    monkeypatch.chdir(tmp_path)
    assert on_path("uv", machine(":.:./:b")) == ""


def there(folder: Path, path: str, *names: str) -> str | Problem:
    """What `node` is on a machine that has these files."""
    for name in names:
        file = folder / name[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\x7fELF")
        file.chmod(0o755)
    (folder / "machine.yaml").write_text(f"os: linux\nhome: /home/dev\nuser: dev\nenv: {{PATH: '{path}'}}\n")
    return runtime(("node",), rooted_machine(str(folder)))


NVM = "/home/dev/.nvm/versions/node/v22/bin/node"


@pytest.mark.parametrize(
    ("path", "node"),
    [
        ("/a:/b:/c", "/b/node"),
        (".:node_modules/.bin::/b", "/b/node"),
        ("/home/dev/.asdf/shims:/b", "/b/node"),
        ("/home/dev/.volta/bin:/b", "/b/node"),
        ("/r/node_modules/.bin:/b", "/b/node"),
        ("/r/app/bin:/b", "/b/node"),
        ("/home/dev/.nvm/versions/node/v22/bin:/b", NVM),
    ],
)
def test_a_runtime_is_the_same_wherever_it_is_started(tmp_path, path, node) -> None:
    names = ["/b/node", "/c/node", "/home/dev/.asdf/shims/node", "/home/dev/.volta/bin/node", NVM]
    names += ["/home/dev/.nvm/.git/HEAD", "/home/dev/.git/HEAD", "/r/node_modules/.bin/node"]
    names += ["/r/app/bin/node", "/r/app/.git/HEAD"]
    assert there(tmp_path, path, *names) == node


@pytest.mark.parametrize(
    ("path", "names", "message"),
    [
        ("/a:.", [], "`node` is not on this machine"),
        ("/r/node_modules/.bin", ["node"], "belongs to a project, which can replace it"),
        ("/r/app/bin", ["node", "../.git/HEAD"], "belongs to a project, which can replace it"),
        ("/home/dev/.asdf/shims", ["node"], "may start something else in another folder"),
    ],
)
def test_a_runtime_that_somebody_else_chooses_is_none(tmp_path, path, names, message) -> None:
    problem = there(tmp_path, path, *(f"{path}/{name}" for name in names))
    assert isinstance(problem, Problem)
    assert problem.message == (f"`{path}/node` {message}" if names else message)
    assert problem.hint


def test_the_link_of_one_shell_is_followed(tmp_path) -> None:
    real = "/home/dev/.local/share/fnm/node-versions/v22/installation"
    shell = tmp_path / "run/user/1000/fnm_multishells/7_8"
    shell.parent.mkdir(parents=True)
    shell.symlink_to(real)
    assert there(tmp_path, "/run/user/1000/fnm_multishells/7_8/bin", f"{real}/bin/node") == f"{real}/bin/node"


def test_what_was_installed_with_mcpconf() -> None:
    assert PROGRAMS.own("pytest") == str(Path(sys.executable).with_name("pytest"))
    assert PROGRAMS.own("no-such-program") == ""


@pytest.mark.parametrize(("given", "seen"), [({}, "out"), ({"UV_TRIAL": "in"}, "in"), ({"UV_TRIAL": None}, "none")])
def test_variables_of_a_call(given: dict[str, str | None], seen: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("UV_TRIAL", "out")
    code = "import os; print(os.environ.get('UV_TRIAL', 'none'))"
    ran = PROGRAMS.run(Call((sys.executable, "-c", code), str(tmp_path), given))
    assert isinstance(ran, Ran)
    assert ran.out.split() == [seen.encode()]


def test_a_node_that_everybody_may_replace_is_passed_by(tmp_path) -> None:
    assert there(tmp_path, "/open:/b", "/open/node", "/b/node") == "/open/node"
    (tmp_path / "open").chmod(0o777)
    assert there(tmp_path, "/open:/b") == "/b/node"
    refused = there(tmp_path, "/open")
    assert isinstance(refused, Problem)
    assert refused.message == ("`/open/node` can be replaced by every user of the machine, who may write to `/open`")
    (tmp_path / "open").chmod(0o1777)
    assert there(tmp_path, "/open") == "/open/node", "its own file is its own, as in /tmp"


def test_without_a_variable_the_system_knows_who_one_is(monkeypatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    pwd = pytest.importorskip("pwd")
    assert real_machine().facts.user == pwd.getpwuid(os.getuid()).pw_name
