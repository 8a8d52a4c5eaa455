"""Npm itself: attacks by a registry, a cache and a project on this machine, and packages of the public registry."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcpconf.artifacts import Wish, npm
from mcpconf.documents.lock import render_lock
from mcpconf.errors import Problem
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from mcpconf.workshop import Workshop
from tests.real.npm_registry import Registry, prints, registry

SERVER = "@acme/server"
BIN = {"server": "index.js"}


@dataclass
class Person:
    """Somebody's home, and the folder in which they work."""

    home: Path
    project: Path

    @classmethod
    def at(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
        person = cls(folder / "home", folder / "project")
        person.home.mkdir(parents=True)
        person.project.mkdir()
        for name in [*os.environ]:
            if name.lower().startswith("npm_"):
                monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(person.home))
        monkeypatch.setenv("XDG_DATA_HOME", str(person.home / "data"))
        monkeypatch.chdir(person.project)
        return person

    def npmrc(self, text: str) -> None:
        (self.home / ".npmrc").write_text(text)

    def workshop(self, *, offline: bool = False) -> Workshop:
        return workshop(real_machine(), offline=offline)

    def lock(
        self, version: str, known: LockedServer | None = None, *, name: str = SERVER, **more
    ) -> LockedServer | Problem:
        server = Server.model_validate({"package": f"npm:{name}", "version": version})
        return npm.lock(Wish("s", server, known, **more), self.workshop())

    def install(self, locked: LockedServer, *, offline: bool = False) -> Path | Problem:
        tree = self.home / f"tree-{len([*self.home.iterdir()])}"
        tree.mkdir()
        return npm.install(locked, str(tree), self.workshop(offline=offline)) or tree

    def start(self, locked: LockedServer, tree: Path) -> str:
        argv = npm.launch(locked, str(tree), real_machine())
        assert not isinstance(argv, Problem), argv
        return subprocess.run(argv, capture_output=True, text=True, check=True, cwd=self.project).stdout.strip()


@pytest.fixture
def person(tmp_path, monkeypatch) -> Person:
    return Person.at(tmp_path / "a", monkeypatch)


@pytest.fixture
def shop(person):
    """A registry that the person has set up, with a server and what it needs."""
    with registry() as made:
        made.publish("leaf", "1.0.0")
        made.publish("leaf", "1.1.0")
        made.publish("branch", "2.0.0", dependencies={"leaf": "^1.0.0"})
        made.publish(SERVER, "1.0.0", {"index.js": prints("one")}, bin=BIN, dependencies={"branch": "^2.0.0"})
        person.npmrc(f"registry={made.address}\naudit=false\nfetch-retries=0\n")
        yield made


def good(found: LockedServer | Problem) -> LockedServer:
    assert isinstance(found, LockedServer), found
    return found


def built(found: Path | Problem) -> Path:
    assert isinstance(found, Path), found
    return found


def refused(found: object) -> Problem:
    assert isinstance(found, Problem), found
    return found


def test_a_server_is_locked_installed_and_started(person: Person, shop: Registry):
    locked = good(person.lock("^1"))
    assert {place: item.version for place, item in locked.closure.items()} == {
        "node_modules/@acme/server": "1.0.0",
        "node_modules/branch": "2.0.0",
        "node_modules/leaf": "1.1.0",
    }
    tree = built(person.install(locked))
    assert person.start(locked, tree) == "one"
    assert sorted(path.name for path in (tree / "node_modules").iterdir()) == [".bin", "@acme", "branch", "leaf"]


def test_a_package_planted_in_the_current_directory_is_neither_locked_nor_started(person: Person, shop: Registry):
    for name in (SERVER, "branch", "leaf"):
        planted = person.project / "node_modules" / name
        planted.mkdir(parents=True)
        (planted / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0", "bin": BIN}))
        (planted / "index.js").write_text(prints("planted"))
    (person.project / "package.json").write_text(json.dumps({"dependencies": {SERVER: "1.0.0"}}))
    locked = good(person.lock("^1"))
    assert person.start(locked, built(person.install(locked))) == "one"


def test_an_edited_npx_cache_is_told_and_not_started(person: Person, shop: Registry):
    run = ["npx", "-y", f"{SERVER}@1.0.0"]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "one"
    (cached,) = (person.home / ".npm/_npx").glob(f"*/node_modules/{SERVER}/index.js")
    cached.write_text(prints("edited"))
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "edited"
    locked = good(person.lock("1.0.0"))
    assert person.start(locked, built(person.install(locked))) == "one"
    (copy,) = npm.copies(locked, real_machine())
    assert (copy.path, copy.version, copy.started_by) == (str(cached.parent), "1.0.0", "npx")


def cached_files(person: Person, containing: bytes) -> list[Path]:
    contents = (person.home / ".npm/_cacache/content-v2").rglob("*")
    return [path for path in contents if path.is_file() and containing in path.read_bytes()]


def test_an_edited_archive_in_npms_cache_is_never_installed(person: Person, shop: Registry):
    """With a network npm gets it anew; without one there is nothing to install."""
    locked = good(person.lock("1.0.0"))
    built(person.install(locked))
    evil = Registry().publish(SERVER, "1.0.0", {"index.js": prints("evil")}, bin=BIN, dependencies={"branch": "^2.0.0"})
    for path in cached_files(person, b""):
        if path.read_bytes() == shop.archives[f"/{SERVER}/-/server-1.0.0.tgz"]:
            path.chmod(0o644)
            path.write_bytes(evil)
    problem = refused(person.install(locked, offline=True))
    assert problem.kind in ("hash", "unreadable")
    assert SERVER in problem.message
    assert person.start(locked, built(person.install(locked))) == "one"


def test_an_edited_document_in_npms_cache_neither_changes_what_is_locked_nor_what_is_installed(
    person: Person, shop: Registry
):
    """Whoever can write to the cache can write its index too: document, archive and their digests are all consistent."""
    locked = good(person.lock("1.0.0"))
    honest, documents = dict(shop.archives), json.loads(json.dumps(shop.documents))
    shop.publish(SERVER, "1.0.0", {"index.js": prints("evil")}, bin=BIN, dependencies={"branch": "^2.0.0"})
    subprocess.run(["npm", "install", f"{SERVER}@1.0.0", "--prefer-online"], capture_output=True, check=True)
    assert subprocess.run(["npx", "server"], capture_output=True, text=True, check=True).stdout.strip() == "evil"
    shop.archives.update(honest)
    shop.documents.update(documents)
    assert good(person.lock("1.0.0")) == locked
    assert good(person.lock("1.0.0", locked)) == locked
    found = person.install(locked)
    if isinstance(found, Problem):
        assert (found.kind, SERVER in found.message) == ("hash", True)
        subprocess.run(["npm", "cache", "clean", "--force"], capture_output=True, check=True)
        found = person.install(locked)
    assert person.start(locked, built(found)) == "one"


def test_a_tampered_archive_is_not_installed(person: Person, shop: Registry):
    locked = good(person.lock("1.0.0"))
    evil = Registry().publish("leaf", "1.1.0", {"index.js": prints("evil")})
    shop.replace_archive("leaf", "1.1.0", evil)
    problem = refused(person.install(locked))
    assert problem.kind == "hash"
    assert "does not have the locked hash" in problem.message


@pytest.mark.parametrize("lie", ["{honest} {evil}", "{evil} {honest}", "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA= {evil}", ""])
def test_a_registry_that_tells_several_hashes_gets_no_other_bytes_in(person: Person, shop: Registry, lie: str):
    locked = good(person.lock("1.0.0"))
    honest = shop.dist("leaf", "1.1.0")["integrity"]
    shop.publish("leaf", "1.1.0", {"index.js": prints("evil")})
    dist = shop.dist("leaf", "1.1.0")
    dist["integrity"] = lie.format(honest=honest, evil=dist["integrity"])
    problem = refused(person.install(locked))
    assert problem.kind == "hash"


def test_the_same_version_with_other_bytes_is_named(person: Person, shop: Registry):
    """Of the server itself when it is locked again, of a dependency when it is installed."""
    locked = good(person.lock("1.0.0"))
    shop.publish(SERVER, "1.0.0", {"index.js": prints("two")}, bin=BIN, dependencies={"branch": "^2.0.0"})
    now = shop.dist(SERVER, "1.0.0")["integrity"]
    before = locked.artifacts["server-1.0.0.tgz"].digest
    problem = refused(person.lock("1.0.0", locked))
    assert problem.kind == "hash"
    assert problem.message == f"`{SERVER}@1.0.0` is locked with `{before}`, and the registry now gives `{now}`"
    assert refused(person.install(locked)).kind == "hash"
    assert good(person.lock("1.0.0", locked, upgrade=True)).artifacts["server-1.0.0.tgz"].digest == now


@pytest.mark.parametrize("mine", ["", "ignore-scripts=false\nforeground-scripts=true\n"])
def test_a_script_of_a_dependency_is_never_run(person: Person, shop: Registry, mine: str):
    marker = person.home / "ran"
    scripts = dict.fromkeys(("preinstall", "install", "postinstall", "prepare"), f"touch {marker}")
    shop.publish("leaf", "1.2.0", scripts=scripts)
    person.npmrc((person.home / ".npmrc").read_text() + mine)
    hooks = person.project / "node_modules" / ".hooks"
    hooks.mkdir(parents=True)
    (hooks / "postinstall").write_text(f"#!/bin/sh\ntouch {marker}\n")
    (hooks / "postinstall").chmod(0o755)
    locked = good(person.lock("1.0.0"))
    built(person.install(locked))
    assert locked.closure["node_modules/leaf"].layout["hasInstallScript"] is True
    assert not marker.exists()


@pytest.mark.parametrize(
    "spec",
    ["git+https://127.0.0.1:9/o/r.git", "o/r", "http://127.0.0.1:9/x.tgz", "file:../../home", "git+file:///tmp/x"],
)
@pytest.mark.parametrize("asking", [SERVER, "branch"])
def test_a_dependency_from_elsewhere_is_refused_by_name_and_not_fetched(
    person: Person, shop: Registry, spec: str, asking: str
):
    shop.publish(asking, "2.1.0", bin=BIN, dependencies={"elsewhere": spec})
    problem = refused(person.lock("2.1.0" if asking == SERVER else "1.0.0"))
    assert problem.kind == "invalid"
    assert "`elsewhere`" in problem.message
    assert "which is no registry" in problem.message


def test_a_version_that_does_not_exist_is_named(person: Person, shop: Registry):
    assert refused(person.lock("9.9.9")).message == f"`{SERVER}@9.9.9` is not in the npm registry"
    assert refused(person.lock("^9")).message == f"no version of `{SERVER}` with `^9` is in the npm registry"
    assert refused(person.lock("1.0.0", name="@acme/none")).message == "`@acme/none` is not in the npm registry"


def test_without_a_registry_the_problem_says_so(person: Person, shop: Registry):
    locked = good(person.lock("1.0.0"))
    person.npmrc("registry=http://127.0.0.1:9\nfetch-retries=0\n")
    assert refused(person.lock("1.0.0")).message == "the npm registry cannot be reached (ECONNREFUSED)"
    assert refused(person.install(locked)).message == "the npm registry cannot be reached (ECONNREFUSED)"
    problem = refused(person.install(locked, offline=True))
    assert problem.message == f"`{SERVER}@1.0.0` is not in npm's cache, and the network is off"


def test_what_was_installed_once_is_installed_without_the_network(person: Person, shop: Registry):
    locked = good(person.lock("1.0.0"))
    built(person.install(locked))
    shop.asked.clear()
    assert person.start(locked, built(person.install(locked, offline=True))) == "one"
    assert shop.asked == []


def test_settings_of_a_project_count_for_nothing(person: Person, shop: Registry, monkeypatch):
    hostile = "registry=http://127.0.0.1:9\ncache=/nowhere\nprefix=/nowhere\nscript-shell=/bin/false\n"
    (person.project / ".npmrc").write_text(hostile)
    workspace = {"workspaces": ["**"], "dependencies": {"branch": "9"}, "overrides": {"leaf": "9"}}
    for folder in (person.project, person.home, person.home / "data", person.home / "data/mcpconf"):
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text(json.dumps(workspace))
        if folder != person.home:
            (folder / ".npmrc").write_text(hostile)
    monkeypatch.setenv("NODE_OPTIONS", f"--require={person.project}/evil.js")
    (person.project / "evil.js").write_text(f"require('fs').writeFileSync('{person.home}/ran', '')")
    locked = good(person.lock("1.0.0"))
    tree = built(person.install(locked))
    monkeypatch.delenv("NODE_OPTIONS")
    assert person.start(locked, tree) == "one"
    assert not (person.home / "ran").exists()


def test_settings_of_the_user_that_would_move_packages_count_for_nothing(person: Person, shop: Registry):
    before = good(person.lock("1.0.0"))
    person.npmrc(
        (person.home / ".npmrc").read_text()
        + "omit[]=optional\nomit[]=peer\ninstall-strategy=nested\nlegacy-peer-deps=true\nglobal=true\nprefix=/nowhere\n"
        + "location=global\nlockfile-version=1\npackage-lock=false\nsave=false\nengine-strict=true\ndry-run=true\n"
        + "install-links=true\nbin-links=false\ntag=next\nproduction=true\nonly=prod\nforce=true\nunicode=false\n"
    )
    assert good(person.lock("1.0.0")) == before
    assert person.start(before, built(person.install(before))) == "one"


def test_what_is_known_stays_and_an_upgrade_moves_it(person: Person, shop: Registry):
    locked = good(person.lock("^1"))
    shop.publish("leaf", "1.5.0")
    shop.publish(SERVER, "1.4.0", {"index.js": prints("four")}, bin=BIN, dependencies={"branch": "^2.0.0"})
    assert good(person.lock("^1", locked)) == locked
    moved = good(person.lock("^1", locked, upgrade=True))
    assert (moved.version, moved.closure["node_modules/leaf"].version) == ("1.4.0", "1.5.0")
    stepped = good(person.lock("1.4.0", locked))
    assert (stepped.version, stepped.closure["node_modules/leaf"].version) == ("1.4.0", "1.1.0")


def test_nothing_younger_than_a_moment_is_taken(person: Person, shop: Registry):
    shop.publish("leaf", "1.7.0", published="2026-11-20T00:00:00.000Z")
    shop.publish(SERVER, "1.9.0", bin=BIN, dependencies={"branch": "^2.0.0"}, published="2026-11-20T00:00:00.000Z")
    moment = "2026-06-01T00:00:00Z"
    old = good(person.lock("^1", before=moment))
    assert (old.version, old.closure["node_modules/leaf"].version) == ("1.0.0", "1.1.0")
    named = good(person.lock("1.9.0", before=moment))
    assert (named.version, named.closure["node_modules/leaf"].version) == ("1.9.0", "1.1.0")


def test_what_is_for_another_platform_is_locked_and_left_out(person: Person, shop: Registry):
    shop.publish("native-a", "1.0.0", os=["aix"], cpu=["ppc64"])
    shop.publish("native-b", "1.0.0", os=["linux", "darwin", "win32"])
    shop.publish("leaf", "1.3.0", optionalDependencies={"native-a": "1.0.0", "native-b": "1.0.0"})
    locked = good(person.lock("1.0.0"))
    assert {"node_modules/native-a", "node_modules/native-b"} <= {*locked.closure}
    tree = built(person.install(locked))
    assert not (tree / "node_modules/native-a").exists()
    assert (tree / "node_modules/native-b/index.js").exists()


def test_an_optional_package_with_other_bytes_is_not_silently_left_out(person: Person, shop: Registry):
    shop.publish("native", "1.0.0", os=["linux", "darwin", "win32"])
    shop.publish("leaf", "1.3.0", optionalDependencies={"native": "1.0.0"})
    locked = good(person.lock("1.0.0"))
    shop.replace_archive("native", "1.0.0", Registry().publish("native", "1.0.0", {"index.js": prints("evil")}))
    problem = refused(person.install(locked))
    assert "native@1.0.0" in problem.message or "locked hash" in problem.message


def test_peers_and_bundles_are_laid_out_as_they_were_locked(person: Person, shop: Registry):
    shop.publish(
        "peer",
        "1.0.0",
        peerDependencies={"leaf": "^1", "never": "*"},
        peerDependenciesMeta={"never": {"optional": True}},
    )
    bundled = {
        "node_modules/inner/package.json": '{"name":"inner","version":"3.0.0"}',
        "node_modules/inner/index.js": "",
    }
    shop.publish("bundle", "1.0.0", bundled, dependencies={"inner": "^3"}, bundleDependencies=["inner"])
    shop.publish("alias-target", "1.0.0")
    shop.publish(
        SERVER,
        "3.0.0",
        {"index.js": "require('alias');require('bundle');" + prints("three")[20:]},
        bin=BIN,
        dependencies={"peer": "1", "bundle": "1", "alias": "npm:alias-target@^1"},
    )
    locked = good(person.lock("3.0.0"))
    assert locked.closure["node_modules/alias"].name == "alias-target"
    assert locked.closure["node_modules/bundle/node_modules/inner"].artifacts == {}
    tree = built(person.install(locked))
    assert person.start(locked, tree).endswith("three")
    assert good(person.lock("3.0.0", locked)) == locked


def test_two_people_lock_the_same_bytes(tmp_path, monkeypatch, person: Person, shop: Registry):
    """Another home, another folder, another mirror, another way to write npm's own lock."""
    mine = render_lock(Lock(servers={"s": good(person.lock("^1"))}))
    with registry() as mirror:
        for name, document in shop.documents.items():
            for version in document["versions"].values():
                stated = {key: value for key, value in version.items() if key not in ("name", "version", "dist")}
                files = {"index.js": prints("one")} if name == SERVER else {}
                mirror.publish(name, version["version"], files, **stated)
        other = Person.at(tmp_path / "b" / "elsewhere", monkeypatch)
        other.npmrc(f"registry={mirror.address}\nomit-lockfile-registry-resolved=true\n")
        assert render_lock(Lock(servers={"s": good(other.lock("^1"))})) == mine


FILESYSTEM = "@modelcontextprotocol/server-filesystem"
EVERYTHING = "@modelcontextprotocol/server-everything"


@pytest.fixture
def public(person: Person) -> Person:
    """Npm as this machine's owner has set it up for everybody."""
    person.npmrc("fund=false\n")
    return person


def answered(argv: tuple[str, ...], folder: Path) -> dict:
    """What a server says to `initialize`, without a network where this system can take it away."""
    asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}}
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": asked}) + "\n"
    alone = ("unshare", "--net", "--map-root-user")
    works = subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0
    with subprocess.Popen(
        [*(alone if works else ()), *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(line.encode())
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        server.kill()
    return answer["result"]


@pytest.mark.parametrize(("name", "args"), [(FILESYSTEM, ["."]), (EVERYTHING, [])])
def test_servers_of_the_public_registry_start_without_a_network(public: Person, tmp_path, monkeypatch, name, args):
    version = "2026.8.31"
    locked = good(public.lock(version, name=name))
    data = render_lock(Lock(servers={"s": locked}))
    tree = built(public.install(locked))
    argv = npm.launch(locked, str(tree), real_machine())
    assert not isinstance(argv, Problem)
    assert answered((*argv, *args), public.project)["serverInfo"]["name"]
    other = Person.at(tmp_path / "other", monkeypatch)
    assert render_lock(Lock(servers={"s": good(other.lock(version, name=name))})) == data
    assert good(public.lock(version, locked, name=name)) == locked


def test_the_greatest_version_is_not_the_safe_one(public: Person):
    """The versions with a date are all affected by what 2.0.1 mends, and all greater."""
    assert good(public.lock(">=2", name=FILESYSTEM)).version.startswith("202")
    safe = good(public.lock(">=2", name=FILESYSTEM, avoided=lambda _kind, _name, version: version.startswith("202")))
    assert safe.version == "2.0.1"
    assert safe.requires == {"node": ">=24"}


def test_a_package_of_a_known_scope_that_does_not_exist_is_named(public: Person):
    problem = refused(public.lock("1.0.0", name="@modelcontextprotocol/server-fetch"))
    assert (problem.kind, problem.message) == (
        "missing",
        "`@modelcontextprotocol/server-fetch` is not in the npm registry",
    )
