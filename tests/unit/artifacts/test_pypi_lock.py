"""What uv answers becomes a lock: the same wherever it is made, and without building or running anything."""

import hashlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mcpconf.artifacts import Wish, pypi
from mcpconf.artifacts.pypi_pylock import preferences
from mcpconf.documents.lock import load_lock, render_lock
from mcpconf.errors import Problem
from mcpconf.model.lock import Attested, Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from mcpconf.workshop import Call, Programs, Ran, Workshop
from tests.pypi_index import Index, at_home, serving, source, wheel

MAIN = {
    "demo_server/__init__.py": "def main():\n    print('served')\n",
    "demo_server/__main__.py": "from demo_server import main\n\nmain()\n",
}
SCRIPT = {"demo-server": "demo_server:main"}


def demo(version: str = "1.0", *requires: str, headers: str = "", files: dict[str, str] | None = None):
    return wheel("demo-server", version, files or MAIN, requires, SCRIPT, headers=headers)


@pytest.fixture
def index():
    with serving(Index()) as found:
        yield found


@pytest.fixture
def shop(index: Index, tmp_path, monkeypatch) -> Workshop:
    return at_home(tmp_path / "home", index, monkeypatch)


def asked(version: str = "1.0", **more) -> Server:
    return Server(package="pypi:demo-server", version=version, **more)


def lock(shop: Workshop, server: Server | None = None, **more) -> LockedServer:
    found = pypi.lock(Wish("demo", server or asked(), **more), shop)
    assert isinstance(found, LockedServer), found
    return found


def refused(shop: Workshop, server: Server | None = None, **more) -> Problem:
    found = pypi.lock(Wish("demo", server or asked(), **more), shop)
    assert isinstance(found, Problem), found
    assert found.hint
    return found


def versions(locked: LockedServer) -> dict[str, str]:
    return {key: item.version for key, item in locked.closure.items()}


def test_a_lock_has_every_file_of_the_closure_and_no_address(shop, index) -> None:
    data = demo("1.0", "dep.one>=1", 'for-windows; sys_platform == "win32"')
    index.add(data, wheel("dep-one", "1.5", headers="Requires-Python: >=3.10\n"))
    index.add(
        wheel("for-windows", "2.0", tag="cp310-none-win_amd64"), wheel("for-windows", "2.0", tag="cp311-none-win32")
    )
    locked = lock(shop)
    assert (locked.package, locked.version, locked.program) == ("pypi:demo-server", "1.0", "-m demo_server")
    assert locked.requires == {"python": ">=3.10"}
    assert [*locked.closure] == ["demo-server", "dep-one", "for-windows"]
    assert [item.marker for item in locked.closure.values()] == ["", "", "sys_platform == 'win32'"]
    assert len(locked.closure["for-windows"].artifacts) == 2
    artifact = locked.artifacts["demo_server-1.0-py3-none-any.whl"]
    assert (artifact.digest, artifact.size) == (f"sha256:{hashlib.sha256(data[1]).hexdigest()}", len(data[1]))
    text = render_lock(Lock(servers={"demo": locked})).decode()
    assert "127.0.0.1" not in text
    assert "2026-01-01" not in text


def test_a_range_takes_the_newest_and_keeps_what_is_locked(shop, index) -> None:
    index.add(demo("1.0"), demo("1.2"), demo("2.0"))
    assert lock(shop, asked(">=1,<2")).version == "1.2"
    assert lock(shop, asked("1.*")).version == "1.2"
    first = lock(shop, asked(">=1"), known=lock(shop))
    assert first.version == "1.0"
    assert lock(shop, asked(">=1"), known=first, upgrade=True).version == "2.0"


def test_the_newest_of_a_range_may_need_a_newer_python(shop, index) -> None:
    index.add(demo("1.0"), demo("2.0", headers="Requires-Python: >=3.12\n"))
    locked = lock(shop, asked(">=1"))
    assert (locked.version, locked.requires) == ("2.0", {"python": ">=3.12"})


def test_dependencies_keep_their_versions_unless_upgraded(shop, index) -> None:
    index.add(demo("1.0", "dep"), wheel("dep", "1.0"))
    first = lock(shop)
    index.add(wheel("dep", "2.0"))
    assert versions(lock(shop, known=first)) == {"demo-server": "1.0", "dep": "1.0"}
    assert versions(lock(shop, known=first, upgrade=True)) == {"demo-server": "1.0", "dep": "2.0"}


def test_versions_that_differ_by_python_are_kept_apart(shop, index) -> None:
    index.add(demo("1.0", "dep"), wheel("dep", "1.0"), wheel("dep", "2.0", headers="Requires-Python: >=3.12\n"))
    locked = lock(shop)
    markers = {key: item.marker for key, item in locked.closure.items()}
    assert markers == {
        "demo-server": "",
        "dep@1.0": "python_full_version < '3.12'",
        "dep@2.0": "python_full_version >= '3.12'",
    }
    assert lock(shop, known=locked) == locked


def test_nothing_newer_than_a_moment(shop, index) -> None:
    index.add(demo("1.0"), demo("1.1"))
    index.published["demo_server-1.1-py3-none-any.whl"] = "2026-06-01T00:00:00Z"
    assert lock(shop, asked(">=1"), before="2026-05-01T00:00:00Z").version == "1.0"
    assert lock(shop, asked(">=1"), before="2026-07-01T00:00:00Z").version == "1.1"


def test_an_exact_version_is_taken_however_young_and_nothing_else_that_is(shop, index, tmp_path) -> None:
    young = (demo("1.1", "dep", "other"), wheel("dep", "1.1"), source("demo-server", "1.1", tmp_path / "built"))
    index.add(demo("1.0"), *young, wheel("dep", "1.0"), wheel("other", "1.0"))
    index.published |= {file: "2026-06-01T00:00:00Z" for file, _ in young}
    before = "2026-05-01T00:00:00Z"
    named = lock(shop, asked("1.1"), before=before)
    assert versions(named) == {"demo-server": "1.1", "dep": "1.0", "other": "1.0"}
    assert lock(shop, asked("1.1"), before=before, known=named) == named
    both = [f"sha256:{hashlib.sha256(data).hexdigest()}" for _, data in (young[0], young[2])]
    assert len(lock(shop, asked("1.1", hash=both), before=before).artifacts) == 2
    assert lock(shop, asked(">=1"), before=before).version == "1.0"


def test_versions_to_avoid_are_left_out_unless_the_manifest_is_exact(shop, index) -> None:
    index.add(demo("1.0", "dep"), demo("1.1", "dep"), wheel("dep", "1.0"), wheel("dep", "1.1"), wheel("dep", "1.2"))

    def avoided(ecosystem: str, name: str, version: str) -> bool:
        return (ecosystem, name, version) in {
            ("pypi", "demo-server", "1.1"),
            ("pypi", "dep", "1.2"),
            ("pypi", "dep", "1.1"),
        }

    assert versions(lock(shop, asked(">=1"), avoided=avoided)) == {"demo-server": "1.0", "dep": "1.0"}
    assert versions(lock(shop, asked("1.1"), avoided=avoided)) == {"demo-server": "1.1", "dep": "1.0"}
    problem = refused(shop, asked(">=1"), avoided=lambda _ecosystem, name, _version: name == "dep")
    assert "`dep` 1.2" in problem.message


def test_what_is_yanked_is_taken_only_by_its_exact_version(shop, index) -> None:
    index.add(demo("1.0"), demo("1.1"))
    index.yanked.add("demo_server-1.1-py3-none-any.whl")
    assert lock(shop, asked(">=1")).version == "1.0"
    assert lock(shop, asked("1.1")).version == "1.1"


def test_hashes_of_the_manifest_choose_the_files(shop, index, tmp_path) -> None:
    archive = source("demo-server", "1.0", tmp_path / "built")
    index.add(demo(), wheel("demo-server", "1.0", MAIN, (), SCRIPT, tag="cp311-none-win32"), archive)
    hashes = [f"sha256:{hashlib.sha256(data).hexdigest()}" for _, data in (demo(), archive)]
    assert sorted(lock(shop).artifacts) == ["demo_server-1.0-cp311-none-win32.whl", "demo_server-1.0-py3-none-any.whl"]
    locked = lock(shop, asked(hash=hashes))
    assert sorted(locked.artifacts) == ["demo_server-1.0-py3-none-any.whl", "demo_server-1.0.tar.gz"]
    assert locked.closure["demo-server"].artifacts == locked.artifacts
    wrong = "sha256:" + "ab" * 32
    problem = refused(shop, asked(hash=[hashes[0], wrong]))
    assert problem.kind == "hash"
    assert wrong in problem.message
    assert hashes[0] in problem.message
    assert not (tmp_path / "built").exists()


@pytest.mark.parametrize(
    ("scripts", "wanted", "program"),
    [
        ({"demo-server": "demo_server:main"}, None, "-m demo_server"),
        ({"demo_server": "demo_server:main", "other": "demo_server.cli:run"}, None, "-m demo_server"),
        ({"other": "demo_server.cli:app.run [extra]"}, None, "demo_server.cli:app.run"),
        ({"demo-server": "demo_server:main", "other": "demo_server.cli:run"}, "other", "demo_server.cli:run"),
        ({"demo-server": "demo_server:other"}, None, "demo_server:other"),
    ],
)
def test_the_program(scripts, wanted, program, shop, index) -> None:
    index.add(wheel("demo-server", "1.0", MAIN, (), scripts))
    assert lock(shop, asked(bin=wanted) if wanted else None).program == program


def test_which_program_must_be_clear(shop, index) -> None:
    index.add(wheel("demo-server", "1.0", MAIN, (), {"one": "demo_server:main", "two": "demo_server:main"}))
    problem = refused(shop)
    assert "several programs" in problem.message
    assert problem.hint == "write `bin`: `one`, `two`"
    assert "no program `three`" in refused(shop, asked(bin="three")).message
    index.add(wheel("demo-server", "2.0", MAIN))
    assert "no program to start" in refused(shop, asked("2.0")).message


@pytest.mark.parametrize(
    ("headers", "repository"),
    [
        ("Project-URL: Repository, https://github.com/o/r/tree/main/src/x\n", "https://github.com/o/r"),
        ("Project-URL: Source, https://user:pass@github.com/o/r.git\n", "https://github.com/o/r"),
        ("Home-page: https://gitlab.com/g/s/r/-/tree/x\n", "https://gitlab.com/g/s/r"),
        ("Home-page: https://example.org/x\nAuthor: Somebody\n", ""),
    ],
)
def test_the_repository_is_what_the_package_says(headers, repository, shop, index) -> None:
    index.add(demo(headers=headers))
    assert lock(shop).publisher.repository == repository


def test_provenance_is_carried_over_with_the_same_files(shop, index) -> None:
    index.add(demo("1.0"), demo("1.1"))
    vouched = Attested(state="verified", identity="https://github.com/o/r")
    known = lock(shop).model_copy(update={"provenance": vouched})
    assert lock(shop, known=known).provenance == vouched
    assert lock(shop, asked("1.1"), known=known).provenance == Attested()


@pytest.mark.parametrize(
    ("requires", "kind", "words"),
    [
        ("dep @ https://example.com/dep-1.0-py3-none-any.whl", "not-supported", "depends on `dep` by an address"),
        ("dep @ git+https://github.com/o/r@abc", "not-supported", "depends on `dep` by an address"),
        ("dep @ file:///tmp/dep", "not-supported", "depends on `dep` by an address"),
        ("nowhere", "missing", "`nowhere` does not exist in the package index"),
        ("only-source", "not-supported", "`only-source` is only there as source"),
    ],
)
def test_dependencies_that_cannot_be_locked(requires, kind, words, shop, index) -> None:
    mark = Path(shop.machine.facts.home) / "built"
    index.add(demo("1.0", requires), source("only-source", "1.0", mark))
    problem = refused(shop)
    assert problem.kind == kind
    assert words in problem.message
    assert not mark.exists()


def test_what_does_not_exist(shop, index) -> None:
    assert "`demo-server` does not exist" in refused(shop).message
    index.add(demo("1.0"))
    assert "`demo-server` has no version 9.0" in refused(shop, asked("9.0")).message
    assert refused(shop, asked("^1.0")).kind == "invalid"


def test_no_network_is_named_without_the_secrets_of_an_address(index, tmp_path, monkeypatch) -> None:
    shop = at_home(tmp_path / "home", index, monkeypatch, UV_DEFAULT_INDEX="http://user:pa55@127.0.0.1:9/simple")
    problem = refused(shop)
    assert (problem.kind, problem.message) == ("unreadable", "the package index at `127.0.0.1:9` cannot be reached")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, "there is no `uv`, which locks and installs PyPI packages"),
        ("uv 0.12.9 (x)", "uv` is version 0.12, and locks are made alike since 0.13"),
        ("what?", "uv` tells no version, and locks are made alike since 0.13"),
    ],
)
def test_without_a_uv_that_does_it_is_said_how_to_get_it(said, words, shop, tmp_path, monkeypatch) -> None:
    if said:
        uv_at(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = refused(replace(workshop(real_machine()), programs=OneUv(said)))
    assert (problem.kind, problem.message.endswith(words)) == ("missing", True)
    assert "`mcpconf[pypi]`" in problem.hint


def test_an_old_uv_of_the_user_gives_way_to_the_one_of_mcpconf(shop, index, tmp_path, monkeypatch) -> None:
    index.add(demo())
    path = uv_at(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{shop.machine.facts.env['PATH']}")
    assert lock(replace(workshop(real_machine()), programs=UvBeside(shop.programs, path))).version == "1.0"


@pytest.mark.parametrize(("place", "first"), [(".venv/bin", b"\x7fELF"), ("../bin", b"#!/bin/sh\n")])
def test_a_uv_that_a_project_brings_is_not_started(place, first, index, tmp_path, monkeypatch) -> None:
    """Nor a script, which may choose another by the folder it is started in."""
    folder = tmp_path / "project" / place
    for made in (tmp_path / "project/.git", folder):
        made.mkdir(parents=True)
    path = uv_at(folder, first)
    at_home(tmp_path / "home", index, monkeypatch, PATH=str(folder))
    problem = refused(replace(workshop(real_machine()), programs=OneUv("uv 0.13.1 (x)")))
    assert (problem.kind, path in problem.message) == ("invalid", True)
    index.add(demo())
    at_home(tmp_path / "home", index, monkeypatch, PATH=f"{folder}:{Path(sys._base_executable).resolve().parent}")
    assert lock(workshop(real_machine())).version == "1.0"  # by the one of mcpconf


def uv_at(folder: Path, first: bytes = b"\x7fELF") -> str:
    (folder / "uv").write_bytes(first)
    (folder / "uv").chmod(0o755)
    return str(folder / "uv")


@dataclass
class OneUv:
    """Programs of a machine where mcpconf brings no uv, and any that is started says this."""

    said: str

    def run(self, call: Call) -> Ran:
        assert call.argv[1:] == ("--version",), call
        return Ran(0, self.said.encode(), b"")

    def own(self, name: str) -> str:  # noqa: ARG002
        return ""


@dataclass
class UvBeside:
    """The programs of the machine, and one uv more, an old one."""

    others: Programs
    path: str

    def run(self, call: Call) -> Ran | Problem:
        return Ran(0, b"uv 0.9.0", b"") if call.argv[0] == self.path else self.others.run(call)

    def own(self, name: str) -> str:
        return self.others.own(name)


def test_the_same_bytes_in_every_home(index, tmp_path, monkeypatch) -> None:
    index.add(demo("1.0", "dep"), wheel("dep", "1.0"), wheel("dep", "2.0", headers="Requires-Python: >=3.12\n"))
    texts = set()
    for name, more in {
        "one": {},
        "two": {"UV_RESOLUTION": "lowest", "UV_PYTHON": "3.11", "UV_PRERELEASE": "allow", "UV_CACHE_DIR": "elsewhere"},
        "three": {"UV_CONSTRAINT": "missing.txt", "UV_NO_BINARY": "1", "VIRTUAL_ENV": "/nowhere", "PYTHONPATH": "/tmp"},
    }.items():
        shop = at_home(tmp_path / name, index, monkeypatch, **more)
        texts.add(render_lock(Lock(servers={"demo": lock(shop)})))
    assert len(texts) == 1
    assert render_lock(load_lock(texts.pop(), "mcpconf.lock"))


def test_no_folder_above_has_a_say(index, tmp_path, monkeypatch) -> None:
    index.add(demo())
    shop = at_home(tmp_path / "home", index, monkeypatch)
    hostile = '[[index]]\nurl = "http://127.0.0.1:9/simple"\ndefault = true\n'
    for place in (tmp_path, tmp_path / "home"):
        (place / "uv.toml").write_text(hostile)
        (place / ".python-version").write_text("2.7\n")
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.setenv("UV_INDEX_URL", index.address)
    monkeypatch.chdir(tmp_path)
    assert lock(shop).version == "1.0"


def test_the_users_own_settings_say_where_packages_come_from(index, tmp_path, monkeypatch) -> None:
    index.add(demo())
    shop = at_home(tmp_path / "home", index, monkeypatch)
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    settings = tmp_path / "home" / ".config" / "uv"
    settings.mkdir(parents=True)
    (settings / "uv.toml").write_text(f'[[index]]\nurl = "{index.address}"\ndefault = true\n')
    assert lock(shop).version == "1.0"


def test_preferences_name_versions_alone() -> None:
    assert preferences({}).endswith("packages = []\n")
