"""What npm laid out is compared with the lock; what it must not be asked to lay out is refused before."""

import json

import pytest

from mcpconf.artifacts import npm
from mcpconf.errors import Problem
from mcpconf.model.lock import Artifact, Component, LockedServer
from tests.npm import NAME, PLACE, FakeNpm, answer, failed, sha512, wish, workshop

TREE = "/home/dev/room"
HASH = Artifact(digest=sha512(b"x"))


def locked(tmp_path) -> LockedServer:
    views = {f"{NAME}@2.0.1": answer("view-version")}
    found = npm.lock(wish("2.0.1"), workshop(tmp_path, FakeNpm(tmp_path, views)))
    assert isinstance(found, LockedServer)
    return found


def install(tmp_path, lock=None, **more):
    client = FakeNpm(tmp_path, {}, **more)
    (tmp_path / TREE[1:]).mkdir(parents=True)
    return npm.install(lock or locked(tmp_path), TREE, workshop(tmp_path, client)), client


def component(name, version="1.0.0", **layout):
    return Component(name=name, version=version, artifacts={f"{name}-{version}.tgz": HASH}, layout=layout)


def with_closure(lock, **more):
    own = lock.closure[PLACE]
    asked = {"optionalDependencies": dict.fromkeys(more, "*")}
    closure = {PLACE: own.model_copy(update={"layout": {**own.layout, "dependencies": {}, **asked}})}
    return lock.model_copy(
        update={"closure": {**closure, **{f"node_modules/{name}": item for name, item in more.items()}}}
    )


def test_the_closure_is_laid_out_by_npm_ci(tmp_path):
    lock = locked(tmp_path)
    problem, client = install(tmp_path, lock)
    assert problem is None
    assert [words[0] for words in client.asked] == ["-e", "ci"]
    assert {call.folder for call in client.calls} == {TREE}
    assert {"--ignore-scripts", "--omit=dev", "--prefix=.", "--no-workspaces", "--allow-remote=none"} <= {
        *client.asked[1]
    }
    assert not [word for word in client.asked[1] if word.startswith("--cache") or word == "--offline"]
    assert not (tmp_path / TREE[1:] / "node_modules/.package-lock.json").exists()
    written = json.loads((tmp_path / TREE[1:] / "package-lock.json").read_bytes())
    assert {place: entry["version"] for place, entry in written["packages"].items() if place} == {
        place: item.version for place, item in lock.closure.items()
    }


def test_without_the_network_npm_is_told_so(tmp_path):
    lock = locked(tmp_path)
    client = FakeNpm(tmp_path, {})
    (tmp_path / TREE[1:]).mkdir(parents=True)
    assert npm.install(lock, TREE, workshop(tmp_path, client, offline=True)) is None
    assert "--offline" in client.asked[1]


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("node_modules/zod/package.json", None, "npm did not install `zod@4.6.7`"),
        (
            "node_modules/zod/package.json",
            b'{"name": "zod", "version": "4.6.8"}',
            "npm installed `zod@4.6.8` where `zod@4.6.7` is locked",
        ),
        (
            "node_modules/zod/package.json",
            b'{"name": "evil", "version": "4.6.7"}',
            "npm installed `evil@4.6.7` where `zod@4.6.7` is locked",
        ),
        (
            "node_modules/zod/package.json",
            b'{"name": "zod", "version": "latest"}',
            "npm installed `zod@latest` where `zod@4.6.7` is locked",
        ),
        ("node_modules/zod/package.json", b"[]", "npm installed `None@None` where `zod@4.6.7` is locked"),
        ("node_modules/zod/package.json", b"{", "npm installed `None@None` where `zod@4.6.7` is locked"),
        ("node_modules/evil/index.js", b"", "npm installed `node_modules/evil/index.js`, which is not locked"),
        ("node_modules/@evil/x/index.js", b"", "npm installed `node_modules/@evil/x/index.js`, which is not locked"),
        (
            "node_modules/.hooks/postinstall",
            b"",
            "npm installed `node_modules/.hooks/postinstall`, which is not locked",
        ),
        (".npmrc", b"", "npm installed `.npmrc`, which is not locked"),
        (f"{PLACE}/dist/index.js", None, f"there is no `dist/index.js` of `{NAME}` in its archive"),
        (
            f"{PLACE}/dist/index.js",
            b"#!/usr/bin/env bun\n",
            f"`dist/index.js` of `{NAME}` is started by `bun`, not by Node.js",
        ),
        (f"{PLACE}/dist/index.js", b"#!/bin/sh\n", f"`dist/index.js` of `{NAME}` is started by `sh`, not by Node.js"),
    ],
)
def test_what_differs_from_the_lock_is_named(tmp_path, path, content, message):
    problem, _ = install(tmp_path, laid={path: content})
    assert isinstance(problem, Problem)
    assert problem.message == message


@pytest.mark.parametrize(
    "content",
    [
        b"#!/usr/bin/env node\n",
        b"#!/usr/bin/env -S node --no-warnings\n",
        b"#!/usr/local/bin/node\n",
        b"import 'x'\n",
        b"",
    ],
)
def test_a_program_of_node_is_one(tmp_path, content):
    assert install(tmp_path, laid={f"{PLACE}/dist/index.js": content})[0] is None


def test_a_version_may_be_written_as_it_was_long_ago(tmp_path):
    assert install(tmp_path, laid={"node_modules/zod/package.json": b'{"name": "zod", "version": "v4.6.7"}'})[0] is None


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("node_modules/.bin/x", "/etc/passwd"),
        ("node_modules/.bin/x", "../../../x"),
        ("node_modules/zod/link", "../diff/package.json"),
        ("node_modules/zod/lib/.bin/x", "../package.json"),
    ],
)
def test_a_link_that_is_not_npms_own_is_refused(tmp_path, link, target):
    lock = locked(tmp_path)
    client = FakeNpm(tmp_path, {})
    path = tmp_path / TREE[1:] / link
    path.parent.mkdir(parents=True)
    path.symlink_to(target)
    problem = npm.install(lock, TREE, workshop(tmp_path, client))
    assert isinstance(problem, Problem)
    assert problem.message == f"`{link}` of the installation is neither a file nor a link to one beside it"


def test_another_hash_than_the_locked_one_is_told_as_such(tmp_path):
    ran = failed("EINTEGRITY", "Integrity checksum failed when using sha512: wanted A but got B")
    problem, _ = install(tmp_path, ci=ran)
    assert isinstance(problem, Problem)
    assert problem.kind == "hash"
    assert problem.message.startswith(f"`{NAME}@2.0.1` does not have the locked hash: Integrity checksum failed")


def test_what_is_not_in_the_cache_needs_the_network(tmp_path):
    problem, _ = install(tmp_path, ci=failed("ENOTCACHED", "cache mode is 'only-if-cached'"))
    assert isinstance(problem, Problem)
    assert problem.message == f"`{NAME}@2.0.1` is not in npm's cache, and the network is off"


def test_a_node_that_the_server_does_not_run_on_is_named_before_anything_is_installed(tmp_path):
    problem, client = install(tmp_path, node=("linux", "x64", "v20.20.2", "glibc"))
    assert isinstance(problem, Problem)
    assert problem.message == f"`{NAME}` needs node `>=24`, and here is 20.20.2"
    assert [words[0] for words in client.asked] == ["-e"]


def test_what_does_not_end_or_is_not_there_is_the_problem(tmp_path):
    late = Problem("unreadable", "`node` did not end within 60 s", None, "try again")
    assert install(tmp_path / "a", locked(tmp_path / "b"), problem=late)[0] == late
    shop = workshop(tmp_path / "c", FakeNpm(tmp_path / "c", {}), env={"PATH": ""})
    nowhere = npm.install(locked(tmp_path / "b"), TREE, shop)
    assert isinstance(nowhere, Problem)
    assert nowhere.message == "`node` is not on this machine"


def test_npm_may_not_end_either(tmp_path):
    late = Problem("unreadable", "`npm` did not end within 600 s", None, "try again")
    assert install(tmp_path, ci=late)[0] == late


@pytest.mark.parametrize("told", [{}, [1, 2, 3, 4], ["linux"], None])
def test_a_node_that_tells_nothing_is_a_problem(tmp_path, told):
    problem, _ = install(tmp_path, node=told)
    assert isinstance(problem, Problem)
    assert problem.kind == "unreadable"


NATIVE = {"os": ["linux"], "cpu": ["x64"], "libc": ["glibc"], "optional": True}


@pytest.mark.parametrize(
    ("layout", "here", "left_out"),
    [
        (NATIVE, ("linux", "x64", "v24.0.0", "glibc"), False),
        (NATIVE, ("linux", "x64", "v24.0.0", "musl"), True),
        (NATIVE, ("linux", "arm64", "v24.0.0", "glibc"), True),
        (NATIVE, ("darwin", "x64", "v24.0.0", ""), True),
        ({"os": ["!win32"], "optional": True}, ("linux", "x64", "v24.0.0", "glibc"), False),
        ({"os": ["!win32"], "optional": True}, ("win32", "x64", "v24.0.0", ""), True),
        ({"os": ["any"], "optional": True}, ("win32", "x64", "v24.0.0", ""), False),
        ({"engines": {"node": ">=99"}, "optional": True}, ("linux", "x64", "v24.0.0", ""), True),
        ({"engines": {"node": "whatever"}, "optional": True}, ("linux", "x64", "v24.0.0", ""), False),
        ({"os": ["darwin"]}, ("linux", "x64", "v24.0.0", "glibc"), False),
    ],
)
def test_only_what_is_optional_and_not_for_this_platform_may_be_missing(tmp_path, layout, here, left_out):
    """Npm leaves out an optional package without a word also when its archive has another hash."""
    lock = with_closure(locked(tmp_path), native=component("native", **layout))
    problem, _ = install(tmp_path, lock, node=here, laid={"node_modules/native/package.json": None})
    assert (problem is None) == left_out
    if problem is not None:
        assert problem.message == "npm did not install `native@1.0.0`"


def test_what_only_a_package_for_another_platform_needs_may_be_missing_with_it(tmp_path):
    lock = with_closure(
        locked(tmp_path),
        binding=component("binding", dependencies={"native": "*", "inner": "*"}, optional=True),
        native=component("native", os=["darwin"], optional=True),
        inner=component("inner", optional=True),
    )
    gone = {f"node_modules/{name}/package.json": None for name in ("binding", "native", "inner")}
    asked = lock.closure[PLACE].layout
    asked["optionalDependencies"] = {"binding": "*"}
    assert install(tmp_path, lock, laid=gone)[0] is None


def test_packages_that_lean_on_each_other_may_be_missing_together(tmp_path):
    lock = with_closure(
        locked(tmp_path),
        native=component("native", dependencies={"inner": "*"}, os=["darwin"], optional=True),
        inner=component("inner", optionalDependencies={"native": "*"}, dependencies={"leaf": "*"}, optional=True),
        leaf=component("leaf", optional=True),
    )
    lock.closure[PLACE].layout["optionalDependencies"] = {"native": "*"}
    gone = {f"node_modules/{name}/package.json": None for name in ("native", "inner", "leaf")}
    assert install(tmp_path, lock, laid=gone)[0] is None


def test_what_fits_may_not_be_missing_for_want_of_what_fits_too(tmp_path):
    lock = with_closure(
        locked(tmp_path),
        binding=component("binding", dependencies={"native": "*"}, optional=True),
        native=component("native", os=["linux"], optional=True),
    )
    gone = {f"node_modules/{name}/package.json": None for name in ("binding", "native")}
    problem, _ = install(tmp_path, lock, laid=gone)
    assert isinstance(problem, Problem)
    assert problem.message == "npm did not install `binding@1.0.0`"


@pytest.mark.parametrize(
    ("place", "item"),
    [
        ("node_modules/../../x", component("x")),
        ("x", component("x")),
        ("node_modules/x", component("x", resolved="https://evil.example/x.tgz")),
        ("node_modules/x", component("x", link=True)),
        ("node_modules/x", component("x", version="latest")),
        ("node_modules/x", component("x", optional="yes")),
        ("node_modules/x", component("x", dependencies=["a"])),
        ("node_modules/x", component("x", peerDependenciesMeta={"a": {"optional": "no"}})),
        ("node_modules/x", Component(name="x", version="1.0.0")),
        ("node_modules/x", Component(name="x", version="1.0.0", artifacts={"y-1.0.0.tgz": HASH})),
        (
            "node_modules/x",
            Component(name="x", version="1.0.0", artifacts={"x-1.0.0.tgz": Artifact(digest="sha256:" + "a" * 64)}),
        ),
        ("node_modules/x", component("x", dependencies={NAME: "git+https://evil.example/x"})),
    ],
)
def test_a_lock_that_somebody_edited_reaches_npm_only_as_what_it_may_say(tmp_path, place, item):
    lock = locked(tmp_path)
    problem, client = install(tmp_path, lock.model_copy(update={"closure": {**lock.closure, place: item}}))
    assert isinstance(problem, Problem)
    assert problem.kind == "invalid"
    assert client.calls == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2.0.2"},
        {"artifacts": {"server-filesystem-2.0.1.tgz": HASH}},
        {"program": "../../../x.js"},
        {"program": "/x.js"},
        {"program": ""},
        {"closure": {}},
        {"package": "npm:zod"},
    ],
)
def test_a_lock_that_contradicts_itself_is_not_installed(tmp_path, change):
    problem, client = install(tmp_path, locked(tmp_path).model_copy(update=change))
    assert isinstance(problem, Problem)
    assert problem.message.startswith("the lock contradicts itself about")
    assert client.calls == []
