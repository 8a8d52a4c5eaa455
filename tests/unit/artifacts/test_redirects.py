"""Where npm, uv and pip are told of another registry, on each kind of machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpconf.artifacts.redirects import redirects
from mcpconf.errors import Problem
from mcpconf.packages.settings import settings
from mcpconf.packages.sources import PUBLIC
from mcpconf.system.facts import rooted_machine
from tests.world import World

FILES = {
    "linux": ("/home/dev", "/etc/uv/uv.toml", "~/.pip/pip.conf", "/usr/local/etc/npmrc"),
    "macos": ("/Users/dev", "~/.config/uv/uv.toml", "~/Library/Application Support/pip/pip.conf", "~/.npmrc"),
    "windows": ("C:/Users/dev", "~/AppData/Roaming/uv/uv.toml", "~/AppData/Roaming/pip/pip.ini", "~/src/api/.npmrc"),
}


@pytest.mark.parametrize("system", FILES)
def test_places(system: str, tmp_path: Path):
    home, uv, pip, npm = FILES[system]
    world = World(tmp_path, {"os": system, "home": home, "user": "dev"})
    world.write(uv, 'find-links = ["https://one.example/x", "./here"]\n')
    world.write(pip, "[install]\nextra_index_url: https://two.example/simple\n  https://three.example/simple\n")
    world.write(npm, "registry=https://four.example\n")
    found = [*redirects(rooted_machine(str(world.root)), ("npm", "pip", "uv"), [f"{home}/src/api"])]
    assert [
        (item.client, item.said.address, item.said.line) for item in found if not isinstance(item.said, Problem)
    ] == [
        ("npm", "four.example", 1),
        ("pip", "two.example", 2),
        ("pip", "three.example", 3),
        ("uv", "one.example", 1),
    ]


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "\udcff", "index-url = "])
def test_what_cannot_be_understood_is_told(text: str, tmp_path: Path):
    world = World(tmp_path)
    world.write("~/.config/uv/uv.toml", text.encode(errors="surrogateescape"))
    (found,) = redirects(rooted_machine(str(world.root)), ("uv",), ())
    assert isinstance(found.said, Problem)


def test_the_public_registries_are_known():
    npm, pypi = (".".join(PUBLIC[name]) for name in ("npm", "pypi"))
    assert not [*settings("npm", f'registry = "https://{npm}/"\n')]
    assert [*settings("npm", f"registry=http://{npm}/\n")]
    assert not [*settings("uv", f'index-url = "https://{pypi}/simple"\n')]
    assert not [*settings("pip", f"[global]\nindex-url = https://{pypi}/simple/\n")]


def test_nothing_of_a_token_is_read():
    text = "//npm.acme.example/:_authToken=npm_x\n@acme:registry=https://user:pass@npm.acme.example/path/npm_y\n"
    (found,) = settings("npm", text)
    assert (found.key, found.address, found.scope, found.line) == ("@acme:registry", "npm.acme.example", "@acme", 2)
