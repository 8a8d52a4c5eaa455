"""Paths of the store, read back from command lines."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.asked import parse_package
from mcpconf.model.package import Package
from mcpconf.packages import identity_of_package, mcpb, recognise, store

STORE = "/home/dev/.local/share/mcpconf/store"
DIGEST = "0123456789abcdef" * 2
STEPS = st.text(string.ascii_letters + string.digits + "-._~+@:!=%", min_size=1, max_size=12)
ADDRESSES = st.lists(STEPS, min_size=1, max_size=8).map(lambda steps: f"https://host.example:8443/{'/'.join(steps)}")
NAMES = st.one_of(
    st.from_regex(r"(?:@[a-z0-9-]{1,9}/)?[a-z0-9][a-z0-9._-]{0,9}", fullmatch=True).map(lambda name: ("npm", name)),
    st.from_regex(r"[a-z0-9](?:-?[a-z0-9]){0,9}", fullmatch=True).map(lambda name: ("pypi", name)),
    ADDRESSES.map(lambda address: ("mcpb", address)),
)
VERSIONS = st.text(string.ascii_letters + string.digits + ".+-_!", min_size=1, max_size=12)


def tree(ecosystem: str, name: str, version: str) -> str:
    folder = f"{store.folder_name(ecosystem, name)}@{store.version_name(version)}"
    return f"{STORE}/{ecosystem}/{folder}/{DIGEST}/tree"


@given(ADDRESSES, VERSIONS, st.sampled_from(["node", "python", "binary"]))
def test_a_bundle_that_is_started_from_the_store_is_known(address: str, version: str, kind: str):
    words = mcpb.launch_installed(kind, f"/usr/bin/{kind}", tree("mcpb", address, version), "server/x")
    found = recognise([*words, "-m", "x"])
    assert found.identity == identity_of_package(Package("mcpb", address))
    assert (found.version, found.floating, found.arguments) == (version, False, ("-m", "x"))


@given(NAMES, VERSIONS)
def test_a_path_tells_its_package_and_version(package: tuple[str, str], version: str):
    found = store.stored(f"{tree(*package, version)}/a/b")
    assert found is not None
    assert identity_of_package(found.package) == identity_of_package(Package(*package))
    assert (found.version, found.inner) == (version, "a/b")


@given(NAMES, VERSIONS)
def test_a_folder_has_a_name_that_every_file_system_holds(package: tuple[str, str], version: str):
    name = f"{store.folder_name(*package)}@{store.version_name(version)}"
    assert not {*name} & {*'/\\:*?"<>| \0'}
    assert len(name) < 200


def test_an_address_too_long_for_a_folder_is_still_one_bundle():
    long, other = (f"https://example.org/{'a' * 200}/{name}.mcpb" for name in ("one", "two"))
    assert len(store.folder_name("mcpb", long)) == 120
    assert store.folder_name("mcpb", long) != store.folder_name("mcpb", other)
    words = mcpb.launch_installed("binary", "", tree("mcpb", long, "1"), "x")
    assert recognise(words).identity == identity_of_package(Package("mcpb", long))


NOTES = tree("mcpb", "https://example.org/n.mcpb", "1")


@pytest.mark.parametrize(
    "words",
    [
        ["/tmp/evil", f"{NOTES}/bundle/x"],
        ["node", "/tmp/evil.js", f"{NOTES}/bundle/x.js"],
        ["node", "--require", "/tmp/evil.js", f"{NOTES}/bundle/x.js"],
        ["node", f"{NOTES}/x.js"],
        ["node", f"{NOTES}/bundle/../../../../evil.js"],
        ["node", f"{NOTES}/bundle/.."],
        ["node", f"{NOTES}s/bundle/x.js"],
        ["node", f"{NOTES}/bundle/x.js".lstrip("/")],
        ["node", f"{NOTES}/bundle/x.js".replace(DIGEST, "x")],
        ["node", f"{NOTES}/bundle/x.js".replace("/mcpb/", "/npm/")],
        ["python3", "-I", "-B", f"{NOTES}/start.py"],
        ["python3", f"{NOTES}/start.py"],
        ["python3", "-I", "-S", "-B", f"{NOTES}/bundle/x.py"],
        ["python3", "-I", "-S", "-B"],
        ["node"],
        [f"{NOTES}/start.py"],
    ],
)
def test_a_command_line_that_starts_something_else_names_no_bundle(words: list[str]):
    assert recognise(words).package is None


@pytest.mark.parametrize(
    "name",
    [
        *("http://a.example/b.mcpb", "https://user:pass@a.example/b.mcpb", "https://a.example/b?token=1"),
        *(
            "https://a.example/b#c",
            "https://a.example",
            "https:///b",
            "https://a.example/b c",
            "https://a.example/b\x01",
        ),
    ],
)
def test_an_address_that_may_hold_a_secret_names_no_bundle(name: str):
    with pytest.raises(ValueError, match=r"without a query|is no package name"):
        parse_package(f"mcpb:{name}")


def test_an_address_of_a_release_names_a_bundle():
    address = "https://github.com/o/r/releases/download/v1.2.3/%40scope+name@1.2.3.mcpb"
    assert parse_package(f"mcpb:{address}") == Package("mcpb", address)


NPM = f"{STORE}/npm/@s+a@1.2.0-rc.1/{DIGEST}/tree/node_modules"


@pytest.mark.parametrize("node", ["node", "/usr/bin/node", r"C:\node\node.exe"])
def test_an_npm_package_that_is_started_from_the_store_is_known(node: str):
    found = recognise([node, f"{NPM}/@s/a/dist/index.js", "-m", "x"])
    assert found.identity == "npm:@s/a"
    assert (found.version, found.floating, found.arguments) == ("1.2.0-rc.1", False, ("-m", "x"))


@pytest.mark.parametrize(
    "words",
    [
        ["node", f"{NPM}/@s/b/x.js"],
        ["node", f"{NPM}/a/x.js"],
        ["node", f"{NPM}/@s/a"],
        ["node", f"{NPM}/@s/a/"],
        ["node", f"{NPM}/@s/a/../b/x.js"],
        ["node", f"{NPM}/@s/a/./x.js"],
        ["node", f"{NPM}/@s/a//x.js"],
        ["node", f"{NPM.replace('node_modules', 'x')}/@s/a/x.js"],
        ["node", f"{NPM.replace('1.2.0-rc.1', 'latest')}/@s/a/x.js"],
        ["node", f"{NPM.replace('1.2.0-rc.1', '1.2')}/@s/a/x.js"],
        ["node", f"{NPM.replace('/npm/', '/pypi/')}/@s/a/x.js"],
        ["node", f"{NPM[1:]}/@s/a/x.js"],
        ["node", "--require", "./evil.js", f"{NPM}/@s/a/x.js"],
        ["bun", f"{NPM}/@s/a/x.js"],
        [f"{NPM}/@s/a/x.js"],
    ],
)
def test_what_only_looks_like_an_installed_npm_package_is_a_command(words: list[str]):
    found = recognise(words)
    assert (found.package, found.floating) == (None, None)
