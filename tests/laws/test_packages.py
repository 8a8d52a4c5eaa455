"""What is launched is recognised, whatever is wrapped around it, and no text stops the recogniser."""

import string

import nodesemver
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from mcpconf.artifacts import UNSET, installation
from mcpconf.model.lock import LockedServer
from mcpconf.model.package import Package
from mcpconf.packages import identity_of_package, launch, npm, pypi, recognise, url_identity
from mcpconf.ports import Facts

part = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
numbers = st.tuples(*[st.integers(0, 40)] * 3).map(lambda three: ".".join(map(str, three)))
npm_names = st.one_of(part, st.builds("@{}/{}".format, part, part))
pypi_names = st.lists(part, min_size=1, max_size=3).map("-".join)
oci_names = st.one_of(
    st.builds("ghcr.io/{}/{}".format, part, part),
    st.builds("docker.io/{}/{}".format, part, part),
    st.builds("localhost:5000/{}".format, part),
)
digests = st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format)
systems = st.sampled_from(["linux", "macos", "windows"])
bins = st.one_of(st.just(""), part)
plain_words = st.text(string.ascii_letters + string.digits + "@/._-=:,+", min_size=1, max_size=12)
notations = st.sampled_from(
    ["${home}", "${env:X:-a/b}", "$$", "cmd", "/c", "bash", "-c", "npx", "uvx", "docker", "run", "--", "@"]
)
hostile = st.lists(st.one_of(st.text(max_size=12), notations), max_size=8)


@given(npm_names, numbers, bins, st.lists(plain_words, max_size=3))
def test_npm_launch_is_recognised(name: str, version: str, program: str, arguments: list[str]) -> None:
    package = Package("npm", name)
    found = recognise([*launch(package, version, bin=program), *arguments])
    assert (found.package, found.version, found.floating) == (package, version, False)
    assert found.identity == identity_of_package(package) == f"npm:{name}"
    assert found.arguments == tuple(arguments)


@given(pypi_names, numbers, bins, st.lists(plain_words, max_size=3))
def test_pypi_launch_is_recognised(name: str, version: str, program: str, arguments: list[str]) -> None:
    package = Package("pypi", name)
    found = recognise([*launch(package, version, bin=program), *arguments])
    assert (found.package, found.version, found.floating) == (package, version, False)
    assert found.identity == identity_of_package(package)
    assert found.arguments == tuple(arguments)


@given(pypi_names, numbers, st.sampled_from(["-m mod", "mod:main"]), systems, st.lists(plain_words, max_size=3))
def test_what_is_in_the_store_is_the_package(
    name: str, version: str, started: str, system: str, arguments: list[str]
) -> None:
    package = Package("pypi", name)
    locked = LockedServer(input_digest=UNSET, package=str(package), version=version, program=started)
    tree = f"{installation(locked, Facts(system, '/Users/jo', 'jo', 'id'))}/tree"
    words = pypi.launch_installed(tree, started, windows=system == "windows")
    for spelled in (words, tuple(word.replace("/", "\\") for word in words) if system == "windows" else words):
        found = recognise([*spelled, *arguments])
        assert (found.package, found.version, found.floating) == (package, version, False)
        assert found.arguments == tuple(arguments)


@given(oci_names, digests, st.sets(part, max_size=3), bins, st.lists(plain_words, max_size=3))
def test_oci_launch_is_recognised(name: str, digest: str, names: set[str], program: str, arguments: list[str]) -> None:
    package = Package("oci", name)
    found = recognise([*launch(package, "1.0", digest=digest, env_names=sorted(names), bin=program), *arguments])
    assert (found.package, found.version, found.floating) == (package, digest, False)
    assert found.identity == identity_of_package(package)
    assert found.arguments == tuple(arguments)


@given(st.one_of(st.builds(Package, st.just("npm"), npm_names), st.builds(Package, st.just("pypi"), pypi_names)))
def test_unpinned_launch_floats(package: Package) -> None:
    for version in ("", "unpinned"):
        found = recognise(launch(package, version))
        assert (found.package, found.version, found.floating) == (package, "", True)


@given(hostile)
def test_recognise_is_total(argv: list[str]) -> None:
    found = recognise(argv)
    assert bool(found.identity) or not found.argv or not found.argv[0]
    assert found.arguments == found.argv[len(found.argv) - len(found.arguments) :]


@given(st.text(max_size=60))
def test_address_identity_is_total_and_settled(text: str) -> None:
    once = url_identity(text)
    assert once.startswith("url:")
    assert url_identity("https://" + text) == url_identity(url_identity("https://" + text).removeprefix("url:"))


WRAPPERS = (
    ("cmd", "/c"),
    ("cmd.exe", "/d", "/s", "/C"),
    ("env", "-u", "C", "A=b"),
    ("mise", "x", "node@22", "--"),
    ("op", "run", "--env-file=.env", "--"),
    ("doppler", "run", "--"),
    ("nohup",),
    ("sudo", "-u", "dev"),
    ("timeout", "-s", "9", "30"),
    ("A=b",),
)


@given(st.sampled_from(WRAPPERS), st.sampled_from(WRAPPERS), npm_names, numbers, st.lists(plain_words, max_size=3))
def test_wrapping_never_changes_identity(
    outer: tuple[str, ...], inner: tuple[str, ...], name: str, version: str, arguments: list[str]
) -> None:
    bare = (*launch(Package("npm", name), version), *arguments)
    wrapped = recognise([*outer, *inner, *bare])
    plain = recognise(bare)
    assert (wrapped.identity, wrapped.version, wrapped.arguments) == (plain.identity, plain.version, plain.arguments)
    assert wrapped.wrapper == (*outer, *inner)
    assert wrapped.argv == bare


@given(npm_names, numbers, st.lists(st.text(string.ascii_letters + string.digits + "./_-", min_size=1), max_size=3))
def test_one_line_is_the_same_as_its_words(name: str, version: str, arguments: list[str]) -> None:
    bare = (*launch(Package("npm", name), version), *arguments)
    line = " ".join(bare)
    for argv in ([line], ["bash", "-lc", line], ["cmd", "/c", line], [bare[0] + " -y", *bare[2:]]):
        assert recognise(argv).identity == recognise(bare).identity
        assert recognise(argv).argv == bare


@given(st.one_of(numbers, st.text("0123456789.-+abv=x ", max_size=14)))
def test_exact_npm_versions_are_those_of_semver(text: str) -> None:
    assert npm.is_exact(text) == (nodesemver.valid(text, False) is not None)


@given(st.one_of(numbers, st.text("0123456789.-+abvrc*", max_size=12)))
def test_exact_python_versions_are_those_of_pep_440(text: str) -> None:
    try:
        Version(text)
    except InvalidVersion:
        assert not pypi.is_exact(text)
    else:
        assert pypi.is_exact(text)


@pytest.mark.parametrize(
    "unit", ["npx ", "-", "@", "a/", "${", "${env:A:-", "'", "cmd /c ", "https://", "%2e%2e/", "x@npm:", "\x00"]
)
def test_long_hostile_words_take_linear_time(unit: str) -> None:
    text = unit * 20_000
    for argv in ([text], ["npx", text], ["bash", "-c", text], ["docker", "run", text], ["uvx", text], ["x", text]):
        assert recognise(argv).identity
    assert url_identity(text).startswith("url:")
    assert recognise([unit] * 20_000).identity
