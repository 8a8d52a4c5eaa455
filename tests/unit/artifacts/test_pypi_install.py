"""What is installed is what the lock says, it runs from wherever it is moved to, and nothing slips in."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mcpconf.artifacts import Wish, pypi
from mcpconf.artifacts.pypi_check import cleared_and_checked
from mcpconf.artifacts.pypi_install import _pythons
from mcpconf.artifacts.pypi_uv import Uv
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server
from mcpconf.system.facts import real_machine
from mcpconf.workshop import Call, Programs, Ran, Workshop
from tests.pypi_index import Index, at_home, serving, source, wheel

MAIN = {
    "demo_server/__init__.py": "import dep\n\ndef main():\n    print('served by', dep.NAME)\n",
    "demo_server/__main__.py": "from demo_server import main\n\nmain()\n",
    "demo_server/cli.py": "import sys\n\nclass App:\n    def run(self):\n        print('app', *sys.argv)\n\napp = App()\n",
}
SCRIPTS = {"demo-server": "demo_server:main"}
NAME = "demo_server-1.0-py3-none-any.whl"
OTHER_SYSTEM = "linux" if os.name == "nt" else "win32"


@pytest.fixture
def index():
    with serving(Index()) as found:
        yield found.add(
            wheel("demo-server", "1.0", MAIN, ("dep",), SCRIPTS), wheel("dep", "1.0", {"dep.py": "NAME = 1"})
        )


@pytest.fixture
def shop(index: Index, tmp_path, monkeypatch) -> Workshop:
    return at_home(tmp_path / "home", index, monkeypatch)


def lock(shop: Workshop, **more) -> LockedServer:
    found = pypi.lock(Wish("demo", Server(package="pypi:demo-server", version="1.0", **more)), shop)
    assert isinstance(found, LockedServer), found
    return found


def install(locked: LockedServer, shop: Workshop, folder: Path) -> Path:
    folder.mkdir()
    problem = pypi.install(locked, str(folder), shop)
    assert problem is None, problem
    return folder


def refused(locked: LockedServer, shop: Workshop, folder: Path) -> Problem:
    folder.mkdir()
    problem = pypi.install(locked, str(folder), shop)
    assert problem is not None
    assert problem.hint
    return problem


def started(locked: LockedServer, folder: Path, shop: Workshop, cwd: Path, *arguments: str, **env: str) -> str:
    argv = pypi.launch(locked, str(folder), shop.machine)
    assert not isinstance(argv, Problem)
    run = subprocess.run(
        [*argv, *arguments], cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_it_runs_after_it_is_moved_sealed_and_started_in_a_hostile_place(shop, tmp_path) -> None:
    locked = lock(shop)
    built = install(locked, shop, tmp_path / "tree")
    moved = tmp_path / "some where else" / "tree"
    moved.parent.mkdir()
    built.rename(moved)
    shop.trees.seal(str(moved))
    hostile = tmp_path / "hostile"
    (hostile / "demo_server").mkdir(parents=True)
    for name in ("demo_server/__init__.py", "demo_server/__main__.py", "dep.py", "sitecustomize.py", "json.py"):
        (hostile / name).write_text("print('planted'); NAME = 'planted'\n")
    environment = {"PYTHONPATH": str(hostile), "PYTHONHOME": str(hostile), "PYTHONSTARTUP": str(hostile / "dep.py")}
    try:
        assert started(locked, moved, shop, hostile, **environment) == "served by 1"
        assert not [name for name in files(moved) if name.endswith(".pyc")]
    finally:
        shop.trees.remove(str(moved))


def test_nothing_in_it_names_the_room_or_is_not_of_a_wheel(shop, tmp_path) -> None:
    folder = install(lock(shop), shop, tmp_path / "tree")
    programs = {name for name in files(folder) if name.startswith("bin/")}
    assert {name.rstrip("0123456789.") for name in programs} == {"bin/python"}
    rest = {name for name in files(folder) - programs if "site-packages" not in name}
    assert rest <= {"pyvenv.cfg", "lib64"}
    for name in files(folder) - programs:
        if (folder / name).is_file():
            assert str(tmp_path) not in (folder / name).read_text()


def test_a_program_that_is_no_module_gets_a_launcher(shop, index, tmp_path) -> None:
    index.add(wheel("demo-server", "1.0", MAIN, ("dep",), {"demo-server": "demo_server.cli:app.run"}))
    locked = lock(shop)
    folder = install(locked, shop, tmp_path / "tree")
    assert pypi.launch(locked, str(folder), shop.machine)[-1] == f"{folder}/launch.py"
    assert started(locked, folder, shop, tmp_path, "--x", "1") == "app demo-server --x 1"


def test_only_what_this_machine_needs(shop, index, tmp_path) -> None:
    requires = ("dep", f"other; sys_platform == {OTHER_SYSTEM!r}")
    index.add(wheel("demo-server", "1.0", MAIN, requires, SCRIPTS), wheel("other", "1.0", {"other.py": ""}))
    locked = lock(shop)
    assert "other" in locked.closure
    folder = install(locked, shop, tmp_path / "tree")
    assert not [name for name in files(folder) if "other" in name]


def test_launch_tells_when_the_interpreter_is_gone(shop, tmp_path) -> None:
    locked = lock(shop)
    folder = install(locked, shop, tmp_path / "tree")
    (folder / "bin" / "python").unlink()
    (folder / "bin" / "python").symlink_to("/nowhere/bin/python3")
    problem = pypi.launch(locked, str(folder), shop.machine)
    assert isinstance(problem, Problem)
    assert "/nowhere/bin/python3" in problem.message
    assert not isinstance(pypi.launch(locked, str(tmp_path / "not there"), shop.machine), Problem)


@pytest.mark.parametrize(("place", "first"), [("project/bin", b"\x7fELF"), ("bin", b"#!/bin/sh\n")])
def test_launch_refuses_an_interpreter_that_may_be_replaced(shop, tmp_path, place, first) -> None:
    locked = lock(shop)
    folder = install(locked, shop, tmp_path / "tree")
    (tmp_path / "project/.git").mkdir(parents=True)
    python = tmp_path / place / "python3.15"
    python.parent.mkdir(exist_ok=True)
    python.write_bytes(first)
    python.chmod(0o755)
    (tmp_path / "python3").symlink_to(python)
    for target in (python, tmp_path / "python3"):
        (folder / "bin" / "python").unlink()
        (folder / "bin" / "python").symlink_to(target)
        problem = pypi.launch(locked, str(folder), shop.machine)
        assert isinstance(problem, Problem)
        assert (problem.kind, str(target) in problem.message) == ("invalid", True)


def test_a_python_that_a_project_brings_is_not_taken(shop, tmp_path) -> None:
    """It says that it is a newer one than any other, and would be started for ever."""
    real = str(Path(sys._base_executable).resolve())
    liar = tmp_path / "project/.venv/bin/python3.15"
    liar.parent.mkdir(parents=True)
    (tmp_path / "project/.git").mkdir()
    liar.write_text("#!/bin/sh\n")
    liar.chmod(0o755)
    listed = [{"implementation": "cpython", "version": "3.15.0", "path": str(liar)}]
    refusal = _pythons("", Uv("uv", str(tmp_path), replace(shop, programs=Listing(listed))))
    assert isinstance(refusal, Problem)
    assert (refusal.kind, str(liar) in refusal.message) == ("invalid", True)
    listed.append({"implementation": "cpython", "version": "3.11.7", "path": real})
    found = _pythons("", Uv("uv", str(tmp_path), replace(shop, programs=Listing(listed))))
    assert not isinstance(found, Problem)
    assert [python.path for python in found] == [real]


@dataclass
class Listing:
    """Programs of a machine where uv lists these interpreters."""

    interpreters: list[dict[str, str]]

    def run(self, call: Call) -> Ran:
        assert call.argv[1:3] == ("python", "list"), call
        return Ran(0, json.dumps(self.interpreters).encode(), b"")

    def own(self, name: str) -> str:  # noqa: ARG002
        return ""


@pytest.mark.parametrize(
    "marker",
    ["os_name ~= 'posix'", "'x' in extras", "(" * 3000 + "os_name == 'x'" + ")" * 3000, "os_name == 'x' or " * 900],
)
def test_a_marker_that_cannot_be_judged_is_refused(shop, tmp_path, marker) -> None:
    locked = lock(shop)
    closure = {**locked.closure, "dep": locked.closure["dep"].model_copy(update={"marker": marker})}
    problem = refused(locked.model_copy(update={"closure": closure}), shop, tmp_path / "tree")
    assert (problem.kind, "`dep` has a marker that is none" in problem.message) == ("malformed", True)
    assert len(problem.message) < 400


def test_a_record_that_is_no_table_is_refused(tmp_path) -> None:
    inside = tmp_path / "lib/python3.11/site-packages/demo_server-1.0.dist-info"
    inside.mkdir(parents=True)
    (inside / "METADATA").write_text("Name: demo-server\nVersion: 1.0\n")
    (inside / "RECORD").write_text('demo_server/__init__.py,"' + "x" * 200_000 + '",\n')
    problem = cleared_and_checked(str(tmp_path), {}, {"demo-server": "1.0"}, real_machine().files)
    assert problem is not None
    assert problem.message == "the `RECORD` of `demo-server` cannot be read"


def test_a_tampered_wheel_is_refused(shop, index, tmp_path) -> None:
    locked = lock(shop)
    index.told["dep-1.0-py3-none-any.whl"] = hashlib.sha256(index.files["dep-1.0-py3-none-any.whl"]).hexdigest()
    index.add(wheel("dep", "1.0", {"dep.py": "NAME = 'evil'"}))
    problem = refused(locked, shop, tmp_path / "tree")
    assert (problem.kind, problem.message) == ("hash", "the index gives other bytes for `dep` 1.0 than the lock has")


def test_the_same_version_with_other_bytes_is_refused(shop, index, tmp_path) -> None:
    locked = lock(shop)
    index.add(wheel("demo-server", "1.0", {**MAIN, "demo_server/more.py": ""}, ("dep",), SCRIPTS))
    problem = refused(locked, shop, tmp_path / "tree")
    assert (problem.kind, "`demo-server` 1.0" in problem.message) == ("hash", True)
    assert lock(shop).artifacts[NAME].digest != locked.artifacts[NAME].digest


@dataclass
class Listening:
    """Programs of the machine, and what they are asked; `before` is called first."""

    others: Programs
    before: Callable[[Call], None]
    calls: list[Call] = field(default_factory=list)

    def run(self, call: Call) -> Ran | Problem:
        self.before(call)
        self.calls.append(call)
        return self.others.run(call)

    def own(self, name: str) -> str:
        return self.others.own(name)


def test_what_is_installed_comes_from_no_index(shop, index, tmp_path) -> None:
    """The index has other bytes, and tells so, from the moment on at which the environment is filled."""
    locked = lock(shop)

    def betray(call: Call) -> None:
        if call.argv[1:3] == ("pip", "install") and "--target" not in call.argv:
            index.add(wheel("dep", "1.0", {"dep.py": "NAME = 'evil'"}))

    programs = Listening(shop.programs, betray)
    folder = install(locked, replace(shop, programs=programs), tmp_path / "tree")
    filling = [call.argv for call in programs.calls if call.argv[1:3] == ("pip", "install")]
    assert [("--target" in argv, "--offline" in argv) for argv in filling] == [(True, False), (False, True)]
    assert started(locked, folder, shop, tmp_path) == "served by 1"


def test_an_index_that_forbids_to_keep_its_answers_is_asked_again_and_held_to_the_hashes(shop, index, tmp_path) -> None:
    index.keeping = "no-store"
    locked = lock(shop)
    folder = install(locked, shop, tmp_path / "tree")
    assert started(locked, folder, shop, tmp_path) == "served by 1"


def test_an_edited_cache_of_the_user_has_no_say(shop, tmp_path) -> None:
    """The user's cache is warm with these very wheels, and then edited as no hash would notice."""
    locked = lock(shop)
    uv = shop.programs.own("uv")
    target = ["pip", "install", "--target", str(tmp_path / "warm"), "--no-python-downloads", "demo-server==1.0"]
    subprocess.run([uv, *target], check=True, capture_output=True)
    cache = tmp_path / "home" / ".cache" / "uv"
    edited = list(cache.rglob("dep.py"))
    assert edited
    for path in edited:
        path.write_text("NAME = 'edited'\n")
    again = tmp_path / "again"
    subprocess.run([uv, *target[:3], str(again), *target[4:]], check=True, capture_output=True)
    assert (again / "dep.py").read_text() == "NAME = 'edited'\n"  # the attack works on uv itself
    folder = install(locked, shop, tmp_path / "tree")
    assert started(locked, folder, shop, tmp_path) == "served by 1"
    assert lock(shop) == locked


def test_an_extra_index_cannot_change_what_is_locked(shop, index, tmp_path, monkeypatch) -> None:
    """Dependency confusion: another index has the names too, in the same and in greater versions."""
    locked = lock(shop)
    evil = [wheel("dep", version, {"dep.py": "NAME = 'evil'"}) for version in ("1.0", "99.0")]
    with serving(Index().add(*evil)) as other:
        for name in ("UV_EXTRA_INDEX_URL", "UV_INDEX"):
            monkeypatch.setenv(name, other.address)
            problem = refused(locked, at_home(tmp_path / "home", index, monkeypatch), tmp_path / name)
            assert (problem.kind, "`dep` 1.0" in problem.message) == ("hash", True)
            monkeypatch.delenv(name)
        folder = install(locked, at_home(tmp_path / "home", index, monkeypatch), tmp_path / "tree")
        assert started(locked, folder, shop, tmp_path) == "served by 1"


def test_an_extra_index_shows_in_a_new_lock(shop, index, tmp_path, monkeypatch) -> None:
    locked = lock(shop)
    with serving(Index().add(wheel("dep", "99.0", {"dep.py": "NAME = 'evil'"}))) as other:
        monkeypatch.setenv("UV_EXTRA_INDEX_URL", other.address)
        confused = lock(at_home(tmp_path / "home", index, monkeypatch))
    assert (locked.closure["dep"].version, confused.closure["dep"].version) == ("1.0", "99.0")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"evil.pth": "import os; os.system('x')\n"}, "`{site}/evil.pth` runs code at every start: `import os; os.sys"),
        ({"evil.pth": "# x\nimport\tos\n"}, "runs code at every start"),
        ({"evil.start": "evil:main\n"}, "`{site}/evil.start` runs code at every start: `evil:main`"),
        ({"evil.pth": "/tmp/evil\n"}, "has Python load modules from `/tmp/evil`"),
        ({"evil.pth": "../../evil\n"}, "has Python load modules from `../../evil`"),
        ({"sitecustomize.py": ""}, "Python would run `{site}/sitecustomize.py` at every start"),
        ({"usercustomize/__init__.py": ""}, "Python would run `{site}/usercustomize/__init__.py` at every start"),
        ({"x.pth": "inner\n", "inner/sitecustomize.py": ""}, "Python would run `{site}/inner/sitecustomize.py`"),
        ({"setuptools.pth": "import pywin32_bootstrap\n"}, "runs code at every start"),
        ({"dep-1.0.data/data/pyvenv.cfg": "home = /tmp\n"}, "a wheel put its own file in place of `pyvenv.cfg`"),
        ({"dep-1.0.data/scripts/python": "#!/bin/sh\n"}, "Scripts must not use the reserved name `python`"),
        ({"dep-1.0.data/data/lib/python3.11/os.py": ""}, "among the modules of Python itself"),
    ],
)
def test_wheels_that_run_before_the_server_does(content, words, shop, index, tmp_path) -> None:
    index.add(wheel("dep", "1.0", {"dep.py": "NAME = 1", **content}))
    problem = refused(lock(shop), shop, tmp_path / "tree")
    if "python3.11" not in str(content) or sys.version_info[:2] == (3, 11):
        site = next((tmp_path / "tree" / "lib").glob("python3*/site-packages")).relative_to(tmp_path / "tree")
        assert words.format(site=site) in problem.message


@pytest.mark.parametrize("line", ["inner", "# import os", "", "import pywin32_bootstrap"])
def test_harmless_path_files(line, shop, index, tmp_path) -> None:
    index.add(wheel("demo-server", "1.0", MAIN, ("dep", "pywin32"), SCRIPTS))
    content = {"inner/x.py": "", "p.pth": f"{line}\n", "pywin32_bootstrap.py": ""}
    index.add(wheel("pywin32", "1.0", content))
    assert install(lock(shop), shop, tmp_path / "tree")


def test_a_file_that_is_not_as_its_record_says(shop, index, tmp_path) -> None:
    index.add(wheel("dep", "1.0", {"dep.py": "NAME = 1"}, record={"dep.py": "NAME = 2"}))
    problem = refused(lock(shop), shop, tmp_path / "tree")
    assert problem.kind == "hash"
    assert problem.message.endswith("dep.py` is not as the `RECORD` of `dep` says")


def test_what_is_only_source_is_refused_by_name_and_never_built(shop, index, tmp_path) -> None:
    locked = lock(shop)
    archive = source("dep", "1.0", tmp_path / "built")
    del index.files["dep-1.0-py3-none-any.whl"]
    index.add(archive)
    digest = f"sha256:{hashlib.sha256(archive[1]).hexdigest()}"
    dep = locked.closure["dep"]
    only = dep.model_copy(
        update={
            "artifacts": {archive[0]: dep.artifacts["dep-1.0-py3-none-any.whl"].model_copy(update={"digest": digest})}
        }
    )
    changed = locked.model_copy(update={"closure": {**locked.closure, "dep": only}})
    problem = refused(changed, shop, tmp_path / "tree")
    assert "`dep` is only there as source" in problem.message
    assert not (tmp_path / "built").exists()


def test_a_machine_without_a_fitting_wheel_is_told_so(shop, index, tmp_path) -> None:
    index.files = {name: data for name, data in index.files.items() if not name.startswith("dep-")}
    index.add(wheel("dep", "1.0", {"dep.py": ""}, tag="cp310-none-win_amd64"))
    problem = refused(lock(shop), shop, tmp_path / "tree")
    assert (problem.kind, problem.message) == ("not-supported", "`dep` 1.0 has no wheel for this machine")


def test_no_python_that_does(shop, tmp_path) -> None:
    locked = lock(shop).model_copy(update={"requires": {"python": ">=3.99"}})
    problem = refused(locked, shop, tmp_path / "tree")
    assert problem.message.startswith("there is no Python >=3.99 on this machine, but ")


@pytest.mark.parametrize(
    "change",
    [
        {"program": "-m demo_server; x"},
        {"program": "demo_server:main()"},
        {"program": "-c pass"},
        {"requires": {"python": "three"}},
    ],
)
def test_a_lock_that_was_edited(change, shop, tmp_path) -> None:
    assert refused(lock(shop).model_copy(update=change), shop, tmp_path / "tree").kind == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "dep==1.0 --index-url http://127.0.0.1:9\nx"},
        {"name": "-r /etc/passwd"},
        {"version": "1.0 ; --no-binary"},
        {"marker": "os.system('x')"},
        {"name": "demo-server"},
    ],
)
def test_a_closure_that_was_edited(change, shop, tmp_path) -> None:
    locked = lock(shop)
    edited = {**locked.closure, "dep": locked.closure["dep"].model_copy(update=change)}
    assert refused(locked.model_copy(update={"closure": edited}), shop, tmp_path / "tree").kind == "malformed"


def test_a_missing_part_of_the_closure_is_not_taken_from_elsewhere(shop, tmp_path) -> None:
    locked = lock(shop)
    alone = locked.model_copy(update={"closure": {"demo-server": locked.closure["demo-server"]}})
    folder = install(alone, shop, tmp_path / "tree")
    assert not list(folder.rglob("dep.py"))


def test_without_a_network(shop, index, tmp_path, monkeypatch) -> None:
    locked = lock(shop)
    away = at_home(tmp_path / "home", index, monkeypatch, UV_DEFAULT_INDEX="http://127.0.0.1:9/simple")
    problem = refused(locked, away, tmp_path / "one")
    assert (problem.kind, problem.message) == ("unreadable", "the package index at `127.0.0.1:9` cannot be reached")


def test_removed_at_the_end(shop, tmp_path) -> None:
    install(lock(shop), shop, tmp_path / "tree")
    building = tmp_path / "home" / ".local" / "share" / "mcpconf" / "building"
    assert not [path for path in building.iterdir() if path.is_dir()]
    assert not (tmp_path / "home" / ".cache").exists()
