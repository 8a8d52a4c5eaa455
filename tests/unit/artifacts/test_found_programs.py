"""Programs are found by full paths on the user's PATH, or beside mcpconf itself, and get no variable that is taken away."""

import dataclasses
import sys
from pathlib import Path

import pytest

from mcpconf.artifacts.found import on_path
from mcpconf.ports import Call, Machine, Ran
from mcpconf.system.facts import real_machine
from mcpconf.system.paths import Resolver
from mcpconf.system.programs import SystemPrograms

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
