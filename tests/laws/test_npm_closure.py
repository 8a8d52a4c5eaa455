"""Whatever npm answers: a lock survives being npm's again, and its order means nothing."""

import json

import nodesemver
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.artifacts.npm_closure import package_lock, parse_closure
from mcpconf.artifacts.npm_versions import choose, repository, satisfies
from mcpconf.errors import Problem
from mcpconf.packages.npm import is_exact
from tests.npm import wish

NAMES = st.sampled_from(["a", "b-c", "@s/d", "@s/e.f", "g_h"])
NUMBERS = st.integers(0, 12)
VERSIONS = st.builds(
    lambda x, y, z, pre: f"{x}.{y}.{z}{pre}", NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "", "", "-rc.1", "-0"])
)
RANGES = st.sampled_from(["*", "^1", "~2.3", ">=3 <9", "1.x || 5", "2.0.0-rc.1 - 4", "unpinned", ">=0.0.0-0", "^0.0.3"])
HASHES = st.sampled_from("ABCDEFGH").map(lambda letter: f"sha512-{letter * 85}A==")
SPECS = st.dictionaries(NAMES, st.sampled_from(["*", "^1.0.0", "latest", "npm:b-c@^1", ">=1 <2"]), max_size=3)
ENTRIES = st.fixed_dictionaries(
    {"version": VERSIONS, "integrity": HASHES},
    optional={
        "dependencies": SPECS,
        "optionalDependencies": SPECS,
        "peerDependencies": SPECS,
        "peerDependenciesMeta": st.dictionaries(NAMES, st.just({"optional": True}), max_size=2),
        "engines": st.just({"node": ">=18"}),
        "os": st.lists(st.sampled_from(["linux", "!win32"]), min_size=1),
        "bin": st.dictionaries(st.text(min_size=1, max_size=5), st.just("dist/a.js"), max_size=2),
        "optional": st.just(True),
        "peer": st.just(True),
        "hasInstallScript": st.just(True),
        "deprecated": st.text(max_size=300),
        "license": st.just("MIT"),
        "funding": st.just({"url": "https://x.example"}),
        "resolved": st.just("https://mirror.example/a.tgz"),
        "name": NAMES,
    },
)
PLACES = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/".join(f"node_modules/{name}" for name in names))


@given(st.dictionaries(PLACES, ENTRIES, max_size=6), st.randoms())
def test_a_closure_is_the_same_after_it_was_npms_lock_again(packages, random):
    closure = parse_closure(json.dumps({"packages": {"": {}, **packages}}).encode())
    assert not isinstance(closure, Problem)
    shuffled = [*packages.items()]
    random.shuffle(shuffled)
    assert parse_closure(json.dumps({"packages": dict(shuffled)}).encode()) == closure
    again = package_lock("a", "1.0.0", closure)
    assert parse_closure(again) == closure
    assert package_lock("a", "1.0.0", dict(reversed(closure.items()))) == again
    assert b"mirror.example" not in again


@given(st.lists(VERSIONS, min_size=1, max_size=12), RANGES, st.randoms(), st.sets(VERSIONS, max_size=4))
def test_the_order_of_an_answer_chooses_nothing(versions, asked, random, avoided):
    def chosen(listed):
        return choose(
            wish(asked, name="a", avoided=lambda _kind, _name, version: version in avoided), {"versions": listed}
        )

    first = chosen(versions)
    shuffled = [*versions, *versions[:2]]
    random.shuffle(shuffled)
    assert chosen(shuffled) == first
    fitting = [version for version in versions if satisfies(version, asked) and version not in avoided]
    assert isinstance(first, Problem) == (not fitting)
    if not isinstance(first, Problem):
        assert first in fitting
        assert all(nodesemver.compare(first, version, loose=False) >= 0 for version in fitting)


@given(st.lists(st.one_of(VERSIONS, st.text(max_size=8), st.integers(), st.none()), max_size=6))
def test_only_versions_are_ever_chosen(listed):
    found = choose(wish("*", name="a"), {"versions": listed})
    assert isinstance(found, Problem) or is_exact(found)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text(max_size=4),
        lambda inner: st.dictionaries(
            st.sampled_from(["packages", "node_modules/a", "version", "integrity", "bin", "name"]), inner
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_lock_breaks_the_reader(data):
    found = parse_closure(data)
    assert isinstance(found, Problem | dict)


@given(
    st.sampled_from(
        [
            "git+https://u:p@h.example/o/n.git",
            "git@h.example:o/n.git",
            "ssh://git@h.example:22/o/n",
            "git://h.example/o/n#main",
            "https://H.example/o/n/",
        ]
    )
)
def test_a_repository_is_one_address_however_it_is_written(text):
    assert repository({"type": "git", "url": text}) == repository(text) == "https://h.example/o/n"


@given(st.text())
def test_what_is_no_repository_is_none_or_an_address(text):
    found = repository(text)
    assert not found or found.startswith("https://")
    assert "@" not in found.removeprefix("https://").partition("/")[0]
