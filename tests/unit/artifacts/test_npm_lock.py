"""What is locked of an npm package, from what npm answers."""

import pytest

from mcpconf.artifacts import npm
from mcpconf.documents.lock import load_lock, render_lock
from mcpconf.errors import Problem
from mcpconf.model.lock import Lock, LockedServer, Publisher
from tests.npm import NAME, PLACE, FakeNpm, answer, npm_lock, sha512, wish, workshop

VERSION = "2.0.1"
DIGEST = "sha512-K6n1daveB54TybQECAIzSp8DYq014Xfff159OtD1zjB48PONyMcQwyfMPw8jvhZnua/Jd+R/2HcCbTC3YVc3ag=="
OTHER = sha512(b"other bytes")


def fake(folder, **more):
    views = {NAME: answer("view-package"), f"{NAME}@{VERSION}": answer("view-version"), **more.pop("views", {})}
    return FakeNpm(folder, views, **more)


def locked(folder, version=VERSION, known=None, npm_=None, **more):
    client = npm_ or fake(folder)
    return npm.lock(wish(version, known, **more), workshop(folder, client))


def good(result) -> LockedServer:
    assert isinstance(result, LockedServer), result
    return result


def refused(result) -> Problem:
    assert isinstance(result, Problem), result
    return result


def lock_with(**entries):
    """A lock of the package itself and what is given, by name below `node_modules`."""
    packages = answer("package-lock")["packages"]
    own = {**packages[PLACE], "dependencies": dict.fromkeys(entries, "*")}
    return npm_lock({PLACE: own, **{f"node_modules/{name}": entry for name, entry in entries.items()}})


def test_all_that_runs_is_locked_by_place_version_and_hash(tmp_path):
    result = good(locked(tmp_path))
    assert (result.package, result.version, result.program) == (f"npm:{NAME}", VERSION, "dist/index.js")
    assert {name: item.digest for name, item in result.artifacts.items()} == {"server-filesystem-2.0.1.tgz": DIGEST}
    assert result.requires == {"node": ">=24"}
    assert result.publisher == Publisher(repository="https://github.com/modelcontextprotocol/servers")
    expected = {place for place in answer("package-lock")["packages"] if place}
    assert {*result.closure} == expected
    assert all(len(component.artifacts) == 1 for component in result.closure.values())


def test_what_is_not_needed_to_install_is_not_kept(tmp_path):
    lock = answer("package-lock")
    for entry in lock["packages"].values():
        entry["resolved"] = "https://mirror.example/x.tgz"
    noisy = good(locked(tmp_path / "a", npm_=fake(tmp_path / "a", lock=lock)))
    quiet = good(locked(tmp_path / "b"))
    assert noisy == quiet
    text = render_lock(Lock(servers={"files": noisy})).decode()
    assert not [word for word in ("mirror.example", "license", "funding", "resolved", str(tmp_path)) if word in text]


def test_the_lock_is_read_back_as_it_was(tmp_path):
    result = good(locked(tmp_path))
    assert load_lock(render_lock(Lock(servers={"files": result})), "x").servers["files"] == result


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("^2.0.0", "2.0.1"),
        (">=2.4.0", "2026.8.31"),
        ("*", "2026.8.31"),
        ("unpinned", "2026.8.31"),
        ("2025.8.x", "2025.8.21"),
        ("<1", "0.6.2"),
        ("~2025.7.1 || 0.5.1", "2025.7.29"),
    ],
)
def test_a_range_is_the_greatest_version_by_npms_rules(tmp_path, asked, version):
    client = fake(tmp_path)
    locked(tmp_path, asked, npm_=client)
    assert [words[1] for words in client.asked[:2]] == [NAME, f"{NAME}@{version}"]


def test_a_range_does_not_choose_what_is_avoided(tmp_path):
    """Every version with a date is affected by what 2.0.1 mends."""
    result = locked(
        tmp_path, ">=0", avoided=lambda kind, name, version: (kind, name) == ("npm", NAME) and version > "2.0.1"
    )
    assert good(result).version == VERSION


def test_an_exact_version_is_taken_though_it_is_to_be_avoided(tmp_path):
    assert good(locked(tmp_path, avoided=lambda *_: True)).version == VERSION
    assert good(locked(tmp_path, "v2.0.1+build.5")).version == VERSION


def test_nothing_is_chosen_if_all_is_to_be_avoided(tmp_path):
    problem = refused(locked(tmp_path, "^2", avoided=lambda *_: True))
    assert (problem.kind, problem.message) == ("invalid", f"every version of `{NAME}` with `^2` is to be avoided")


def test_a_range_chooses_nothing_younger_than_the_moment(tmp_path):
    client = fake(tmp_path)
    locked(tmp_path, "*", npm_=client, before="2026-07-09T00:00:00Z")
    assert client.asked[1][1] == f"{NAME}@2026.7.4"
    assert "--before=2026-07-09T00:00:00Z" not in client.asked[1]


def test_a_version_of_unknown_age_may_be_young(tmp_path):
    told = {**answer("view-package"), "time": {"2.0.1": "yesterday"}}
    problem = refused(locked(tmp_path, "*", npm_=fake(tmp_path, views={NAME: told}), before="2026-07-09T00:00:00Z"))
    assert problem.message == f"no version of `{NAME}` with `*` is from before 2026-07-09T00:00:00Z"


def test_an_exact_version_may_be_younger_than_its_dependencies_must_be(tmp_path):
    client = fake(tmp_path)
    moment = "2026-01-01T00:00:00Z"
    assert good(locked(tmp_path, npm_=client, before=moment)).version == VERSION
    installs = [words for words in client.asked if words[0] == "install"]
    assert [f"--before={moment}" in argv for argv in installs] == [False, True]
    first, second = client.seeds
    assert first is None
    assert second is not None
    assert {*second["packages"]} == {"", PLACE}


def test_an_old_exact_version_needs_no_second_look(tmp_path):
    client = fake(tmp_path)
    good(locked(tmp_path, npm_=client, before="2026-11-01T00:00:00Z"))
    assert ["--before=2026-11-01T00:00:00Z" in words for words in client.asked if words[0] == "install"] == [True]


def test_a_known_version_and_its_closure_stay(tmp_path):
    known = good(locked(tmp_path))
    client = fake(tmp_path)
    assert good(locked(tmp_path, "*", known, npm_=client)) == known
    assert NAME not in [words[1] for words in client.asked]
    seed = client.seeds[0]
    assert seed is not None
    assert {place: entry["version"] for place, entry in seed["packages"].items() if place} == {
        place: component.version for place, component in known.closure.items()
    }


def test_an_upgrade_starts_from_nothing(tmp_path):
    known = good(locked(tmp_path))
    client = fake(tmp_path)
    locked(tmp_path, "*", known, npm_=client, upgrade=True)
    assert client.asked[0][1] == NAME
    assert client.asked[1][1] == f"{NAME}@2026.8.31"


def test_a_known_version_that_fits_no_more_is_left_but_its_closure_is_offered(tmp_path):
    known = good(locked(tmp_path)).model_copy(update={"version": "0.6.2"})
    client = fake(tmp_path)
    assert good(locked(tmp_path, "^2", known, npm_=client)).version == VERSION
    assert client.seeds[0] is not None


def test_what_was_locked_of_another_package_counts_for_nothing(tmp_path):
    known = good(locked(tmp_path)).model_copy(update={"package": "npm:other"})
    client = fake(tmp_path)
    good(locked(tmp_path, "^2", known, npm_=client))
    assert client.seeds == [None]


def test_the_hash_of_the_manifest_must_be_the_registrys(tmp_path):
    assert good(locked(tmp_path, hash=DIGEST)).version == VERSION
    problem = refused(locked(tmp_path, hash=OTHER))
    assert problem.kind == "hash"
    assert problem.message == f"the manifest has the hash `{OTHER}` for `{NAME}@2.0.1`, and the registry `{DIGEST}`"


def test_other_bytes_for_a_locked_version_are_named(tmp_path):
    known = good(locked(tmp_path))
    told = {**answer("view-version"), "dist": {"integrity": OTHER}}
    problem = refused(locked(tmp_path, known=known, npm_=fake(tmp_path, views={f"{NAME}@{VERSION}": told})))
    assert problem.kind == "hash"
    assert problem.message == f"`{NAME}@2.0.1` is locked with `{DIGEST}`, and the registry now gives `{OTHER}`"


def test_owners_are_names_in_order_and_stay_where_a_mirror_tells_none(tmp_path):
    told = {**answer("view-version"), "maintainers": ["zoe <zoe@mail.example>", {"name": "abe", "email": "a@b"}, "zoe"]}
    known = good(locked(tmp_path, npm_=fake(tmp_path, views={f"{NAME}@{VERSION}": told})))
    assert known.publisher.owners == ["abe", "zoe"]
    assert good(locked(tmp_path, known=known)).publisher.owners == ["abe", "zoe"]


def test_what_lies_in_the_archive_of_another_package_is_under_its_hash(tmp_path):
    outer = {"version": "1.0.0", "integrity": DIGEST, "bundleDependencies": ["inner"], "dependencies": {"inner": "./i"}}
    lock = lock_with(outer=outer)
    lock["packages"]["node_modules/outer/node_modules/inner"] = {"version": "2.0.0", "inBundle": True}
    closure = good(locked(tmp_path, npm_=fake(tmp_path, lock=lock))).closure
    assert closure["node_modules/outer/node_modules/inner"].artifacts == {}


def test_an_alias_keeps_the_name_of_what_it_stands_for(tmp_path):
    lock = lock_with(short={"name": "@real/name", "version": "1.0.0", "integrity": DIGEST})
    lock["packages"][PLACE]["dependencies"] = {"short": "npm:@real/name@^1"}
    component = good(locked(tmp_path, npm_=fake(tmp_path, lock=lock))).closure["node_modules/short"]
    assert component.name == "@real/name"
    assert [*component.artifacts] == ["name-1.0.0.tgz"]


NATIVE = {"version": "1.0.0", "integrity": DIGEST, "optional": True, "os": ["linux"], "cpu": ["x64"]}


@pytest.mark.parametrize("told", [["musl"], "musl"])
def test_what_an_older_npm_forgets_is_asked_for(tmp_path, told):
    """Npm 10 installs builds for both families of C libraries, for its lock does not tell them apart."""
    lock = lock_with(native=NATIVE, plain={**NATIVE, "os": ["darwin"]})
    newer = {**lock["packages"], "node_modules/native": {**NATIVE, "libc": told}}
    expected = good(locked(tmp_path, npm_=fake(tmp_path, lock=npm_lock(newer))))
    assert expected.closure["node_modules/native"].layout["libc"] == ["musl"]
    views = {"native@1.0.0": {"name": "native", "version": "1.0.0", "libc": told}}
    client = fake(tmp_path, lock=lock, version="10.9.9", views=views)
    assert good(locked(tmp_path, npm_=client)) == expected
    assert "plain@1.0.0" not in [words[1] for words in client.asked]

    again = fake(tmp_path, lock=lock, version="11.10.2")
    assert good(locked(tmp_path, known=expected, npm_=again)) == expected


def test_a_newer_npm_is_believed(tmp_path):
    client = fake(tmp_path, lock=lock_with(native=NATIVE), version="11.11.0")
    assert "libc" not in good(locked(tmp_path, npm_=client)).closure["node_modules/native"].layout


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("github:o/n", "https://github.com/o/n"),
        ("o/n", "https://github.com/o/n"),
        ("gitlab:o/n", "https://gitlab.com/o/n"),
        ({"url": "git+ssh://git@github.com/o/n.git", "directory": "x"}, "https://github.com/o/n"),
        ({"url": "https://user:token@host.example/o/n.git#main"}, "https://host.example/o/n"),
        ({"url": "x" * 3000}, ""),
        ({"url": 1}, ""),
        ("somewhere", ""),
        (None, ""),
    ],
)
def test_a_repository_is_an_address_for_everybody(tmp_path, value, address):
    told = {**answer("view-version"), "repository": value}
    assert (
        good(locked(tmp_path, npm_=fake(tmp_path, views={f"{NAME}@{VERSION}": told}))).publisher.repository == address
    )


def test_a_family_that_nobody_tells_is_none(tmp_path):
    views = {"native@1.0.0": {"name": "native", "version": "1.0.0", "libc": {"x": 1}}}
    client = fake(tmp_path, lock=lock_with(native=NATIVE), version="10.9.9", views=views)
    assert "libc" not in good(locked(tmp_path, npm_=client)).closure["node_modules/native"].layout
    views = {"native@1.0.0": []}
    assert refused(locked(tmp_path, npm_=fake(tmp_path, lock=lock_with(native=NATIVE), version="x", views=views)))


def test_what_later_findings_need_is_kept(tmp_path):
    lock = lock_with(
        left={"version": "1.0.0", "integrity": DIGEST, "hasInstallScript": True, "deprecated": "a\nb" * 200}
    )
    layout = good(locked(tmp_path, npm_=fake(tmp_path, lock=lock))).closure["node_modules/left"].layout
    assert layout["hasInstallScript"] is True
    assert len(layout["deprecated"]) == 200
    assert "\n" not in layout["deprecated"]


@pytest.mark.parametrize(
    ("programs", "chosen", "result"),
    [
        ({"one": "a.js"}, "", "a.js"),
        ({"one": "./a.js"}, "", "a.js"),
        ({"one": "a.js", "two": "a.js"}, "", "a.js"),
        ({"server-filesystem": "a.js", "two": "b.js"}, "", "a.js"),
        ({"server-filesystem": "a.js", "two": "b.js"}, "two", "b.js"),
        ({"one": "a.js", "two": "b.js"}, "", "`@modelcontextprotocol/server-filesystem@2.0.1` has several programs"),
        ({"one": "a.js"}, "two", "`@modelcontextprotocol/server-filesystem@2.0.1` has no program `two`"),
        ({}, "", "`@modelcontextprotocol/server-filesystem@2.0.1` has no program to start"),
        (
            {"one": "../a.js"},
            "",
            "`@modelcontextprotocol/server-filesystem@2.0.1` names a program outside itself: `../a.js`",
        ),
        (
            {"one": "/a.js"},
            "",
            "`@modelcontextprotocol/server-filesystem@2.0.1` names a program outside itself: `/a.js`",
        ),
    ],
)
def test_the_program_is_the_one_that_npx_would_start(tmp_path, programs, chosen, result):
    lock = lock_with()
    lock["packages"][PLACE]["bin"] = programs
    found = locked(tmp_path, npm_=fake(tmp_path, lock=lock), **({"bin": chosen} if chosen else {}))
    assert (found.message if isinstance(found, Problem) else found.program) == result
