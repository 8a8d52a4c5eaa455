"""What `npm` must not lock, and how its failures are told."""

import pytest

from mcpconf.artifacts import npm
from mcpconf.errors import Problem
from mcpconf.workshop import Ran
from tests.npm import NAME, PLACE, answer, failed, npm_lock, wish, workshop
from tests.unit.artifacts.test_npm_lock import DIGEST, OTHER, VERSION, fake, good, lock_with, locked, refused


@pytest.mark.parametrize(
    "spec",
    [
        "git+https://user:token@github.com/o/r.git",
        "o/r",
        "github:o/r#main",
        "https://files.example/x.tgz",
        "file:../x",
        "./x",
        "x.tgz",
        "workspace:*",
    ],
)
def test_what_comes_from_no_registry_is_refused_by_name(tmp_path, spec):
    direct = {**answer("view-version"), "dependencies": {"left": spec}}
    client = fake(tmp_path, views={f"{NAME}@{VERSION}": direct})
    problem = refused(locked(tmp_path, npm_=client))
    assert problem.kind == "invalid"
    assert problem.message.startswith(f"`{NAME}@2.0.1` takes `left` from `")
    assert "token" not in problem.message
    assert [words[0] for words in client.asked] == ["view"]

    lock = lock_with(inner={"version": "1.0.0", "integrity": DIGEST}, left={"version": "1.0.0", "integrity": DIGEST})
    lock["packages"]["node_modules/inner"]["dependencies"] = {"left": spec}
    problem = refused(locked(tmp_path, npm_=fake(tmp_path, lock=lock)))
    assert problem.message.startswith("`inner@1.0.0` takes `left` from `")


@pytest.mark.parametrize("code", ["EALLOWGIT", "EALLOWREMOTE", "ENOENT", "ECONNREFUSED"])
def test_what_npm_refuses_to_fetch_is_found_in_its_log(tmp_path, code):
    """Npm 8 to 10 stop at a `git` that is none, npm 11 by itself; none of them says for which dependency."""
    log = "37 silly fetch manifest zod@^4.2.0\n38 silly fetch manifest left@git+https://github.com/o/r.git\n"
    client = fake(tmp_path, lock=failed(code, 'Fetching packages of type "git" have been disabled'), log=log)
    problem = refused(locked(tmp_path, npm_=client))
    assert problem.message == (
        f"`left` in the closure of `{NAME}` comes from `git+https://github.com/o/r.git`, which is no registry"
    )


def test_npm_may_look_into_archives_if_no_dependency_has_an_address(tmp_path):
    """Npm 11 takes the archive of a package with bundled ones for one from outside the registry."""
    stops = failed("EALLOWREMOTE", 'Fetching packages of type "remote" have been disabled')
    client = fake(tmp_path, lock=[stops, answer("package-lock")], log="37 silly fetch manifest zod@^4.2.0\n")
    assert good(locked(tmp_path, npm_=client)).version == VERSION
    installs = [words for words in client.asked if words[0] == "install"]
    assert ["--allow-remote=none" in words for words in installs] == [True, False]
    assert all("--allow-git=none" in words for words in installs)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"version": "1.0.0", "integrity": "sha1-" + "A" * 27 + "="}, "the registry gives no sha512 for `left@1.0.0`"),
        ({"version": "1.0.0"}, "the registry gives no sha512 for `left@1.0.0`"),
        ({"version": "1.0.0", "inBundle": True}, "the registry gives no sha512 for `left@1.0.0`"),
        ({"version": "1.0.0", "integrity": f"{DIGEST} {OTHER}"}, "the registry gives no sha512 for `left@1.0.0`"),
        ({"integrity": DIGEST}, "`left` has no version of a registry"),
        ({"version": "^1", "integrity": DIGEST}, "`left` has no version of a registry"),
        ({"link": True, "resolved": "../left"}, "`left` in the closure comes from `../left`, which is no registry"),
        ("1.0.0", "`left` in the closure comes from `node_modules/left`, which is no registry"),
        ({"name": "../left", "version": "1.0.0", "integrity": DIGEST}, "`left` has no version of a registry"),
    ],
)
def test_a_package_without_one_hash_and_one_version_is_refused_by_name(tmp_path, entry, message):
    problem = refused(locked(tmp_path, npm_=fake(tmp_path, lock=lock_with(left=entry))))
    assert (problem.kind, problem.message) == ("invalid", message)


def test_an_npm_that_writes_no_lock_is_a_problem(tmp_path):
    problem = refused(locked(tmp_path, npm_=fake(tmp_path, lock=[None])))
    assert (problem.kind, problem.message) == ("missing", f"npm wrote no lock for `{NAME}@2.0.1`")


def test_a_young_version_that_cannot_be_locked_is_the_problem(tmp_path):
    client = fake(tmp_path, lock=lock_with(left={"version": "1.0.0"}))
    problem = refused(locked(tmp_path, npm_=client, before="2026-01-01T00:00:00Z"))
    assert problem.message == "the registry gives no sha512 for `left@1.0.0`"


def test_an_error_without_a_culprit_is_npms(tmp_path):
    problem = refused(
        locked(tmp_path, npm_=fake(tmp_path, lock=failed("ENOENT", "spawn x"), log="37 silly fetch manifest a@^1\n"))
    )
    assert problem.message == f"npm fails for `{NAME}` (ENOENT): spawn x"
    assert (
        refused(locked(tmp_path, npm_=fake(tmp_path, lock=failed("ERESOLVE", "could not resolve")))).kind
        == "unreadable"
    )


def test_a_closure_has_an_end(tmp_path):
    many = {f"node_modules/p{number}": {"version": "1.0.0", "integrity": DIGEST} for number in range(20_001)}
    problem = refused(locked(tmp_path, npm_=fake(tmp_path, lock=npm_lock({**lock_with()["packages"], **many}))))
    assert (problem.kind, problem.message) == ("oversized", "the closure has more than 20000 packages")


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("E404", "missing", f"`{NAME}` is not in the npm registry"),
        ("ECONNREFUSED", "unreadable", "the npm registry cannot be reached (ECONNREFUSED)"),
        ("ENOTFOUND", "unreadable", "the npm registry cannot be reached (ENOTFOUND)"),
        ("E401", "unreadable", f"the npm registry refuses `{NAME}` (E401)"),
        ("EWHAT", "unreadable", f"npm fails for `{NAME}` (EWHAT): it says https://r.example/x"),
    ],
)
def test_what_npm_fails_for_is_named(tmp_path, code, kind, message):
    ran = failed(code, "it says\nhttps://user:pass@r.example/x")
    client = fake(tmp_path, views={NAME: ran, f"{NAME}@{VERSION}": ran})
    for asked in (VERSION, "^2"):
        problem = refused(locked(tmp_path, asked, npm_=client))
        assert (problem.kind, problem.message) == (kind, message)
        assert problem.hint


def test_a_version_that_is_not_there_is_named(tmp_path):
    problem = refused(locked(tmp_path, "9.9.9"))
    assert (problem.kind, problem.message) == ("missing", f"`{NAME}@9.9.9` is not in the npm registry")
    problem = refused(locked(tmp_path, "^9"))
    assert problem.message == f"no version of `{NAME}` with `^9` is in the npm registry"
    assert problem.hint == "the newest that is there is 2026.8.31"


def test_without_npm_the_hint_says_what_to_install(tmp_path):
    client = fake(tmp_path)
    shop = workshop(tmp_path, client)
    (tmp_path / "usr/bin/npm").unlink()
    problem = refused(npm.lock(wish(VERSION), shop))
    assert (problem.message, problem.hint) == ("`npm` is not on this machine", "install Node.js, which brings `npm`")
    assert client.calls == []


def test_an_npm_that_does_not_end_is_a_problem(tmp_path):
    late = Problem("unreadable", "`npm` did not end within 600 s", None, "try again")
    assert refused(locked(tmp_path, npm_=fake(tmp_path, problem=late))) == late


def test_offline_npm_is_not_even_started(tmp_path):
    client = fake(tmp_path)
    problem = refused(npm.lock(wish(VERSION), workshop(tmp_path, client, offline=True)))
    assert problem.message == f"`{NAME}` cannot be locked without the network"
    assert client.calls == []


@pytest.mark.parametrize("lock", [{"lockfileVersion": 1, "dependencies": {}}, [[]], npm_lock({})])
def test_a_lock_that_is_none_is_no_closure(tmp_path, lock):
    assert refused(locked(tmp_path, npm_=fake(tmp_path, lock=lock))).kind == "malformed"


@pytest.mark.parametrize("told", [[], "2.0.1", {"name": "other", "version": VERSION}])
def test_an_answer_about_something_else_is_none(tmp_path, told):
    assert refused(locked(tmp_path, npm_=fake(tmp_path, views={f"{NAME}@{VERSION}": told}))).kind in (
        "malformed",
        "missing",
    )


def test_the_registry_is_asked_in_an_empty_room_with_a_cache_of_its_own(tmp_path):
    client = fake(tmp_path)
    env = {"PATH": "/usr/bin", "NODE_OPTIONS": "--require=./x.js --use-system-ca", "npm_config_CPU": "mips"}
    good(npm.lock(wish("^2"), workshop(tmp_path, client, env=env)))
    (room,) = {call.folder for call in client.calls}
    assert room.startswith("/home/dev/.local/share/mcpconf/building/")
    assert not (tmp_path / room[1:]).exists()
    for call in client.calls:
        assert {"--prefix=.", "--cache=./cache", "--no-global", "--no-workspaces"} <= {*call.argv}
        assert call.env == {
            "NODE_OPTIONS": "--use-system-ca",
            "NODE_PATH": None,
            "NODE_ENV": None,
            "npm_config_CPU": None,
        }
    install = client.asked[-1]
    assert {"--ignore-scripts", "--package-lock-only", "--allow-git=none", "--lockfile-version=3"} <= {*install}


def test_a_manifest_can_smuggle_no_option_to_npm(tmp_path):
    client = fake(tmp_path)
    with pytest.raises(ValueError, match="is no package name"):
        wish("1.0.0", name="-g")
    assert client.calls == []


def test_the_answer_of_an_npm_that_prints_no_json_is_read_too(tmp_path):
    ran = Ran(1, b"", b"npm ERR! code E404\nnpm ERR! 404 Not Found\n")
    assert refused(locked(tmp_path, npm_=fake(tmp_path, views={NAME: ran, f"{NAME}@{VERSION}": ran}))).kind == "missing"


def test_several_programs_are_listed(tmp_path):
    lock = lock_with()
    lock["packages"][PLACE]["bin"] = {"two": "b.js", "one": "a.js"}
    assert refused(locked(tmp_path, npm_=fake(tmp_path, lock=lock))).hint == "set `bin` to one of `one`, `two`"
