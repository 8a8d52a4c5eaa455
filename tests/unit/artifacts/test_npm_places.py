"""The Node that starts a server, and the copies that something else would start."""

import json

import pytest

from mcpconf.artifacts import UNSET, Copy, npm
from mcpconf.artifacts.npm_node import npm as npm_program
from mcpconf.errors import Problem
from mcpconf.model.lock import Component, LockedServer
from mcpconf.system.facts import rooted_machine
from tests.npm import NAME, answer, workshop

LOCK = LockedServer(
    input_digest=UNSET,
    package=f"npm:{NAME}",
    version="2.0.1",
    program="dist/index.js",
    closure={f"node_modules/{NAME}": Component(name=NAME, version="2.0.1", layout={"bin": {"x": "./dist/index.js"}})},
)
PROGRAM = f"/s/tree/node_modules/{NAME}/dist/index.js"


def test_a_server_is_started_by_node_from_its_installation(tmp_path):
    assert npm.launch(LOCK, "/s/tree", workshop(tmp_path).machine) == ("/usr/bin/node", PROGRAM)
    nowhere = npm.launch(LOCK, "/s/tree", workshop(tmp_path, env={"PATH": "."}).machine)
    assert isinstance(nowhere, Problem)
    assert nowhere.message == "`node` is not on this machine"


WINDOWS = {"os": "windows", "home": "C:/Users/dev"}


def test_on_windows_npm_is_started_without_its_batch_file(tmp_path):
    node = "C:/Program Files/nodejs/node.exe"
    windows = workshop(tmp_path, env={"PATH": "\\x;C:\\Program Files\\nodejs\\"}, **WINDOWS).machine
    assert isinstance(npm_program(windows), Problem)
    script = tmp_path / "C/Program Files/nodejs/node_modules/npm/bin/npm-cli.js"
    script.parent.mkdir(parents=True)
    (tmp_path / "C/Program Files/nodejs/node.exe").write_bytes(b"MZ")
    assert npm.launch(LOCK, "/s/tree", windows) == (node, PROGRAM)
    problem = npm_program(windows)
    assert isinstance(problem, Problem)
    assert problem.message == "`npm` is not on this machine"
    script.write_bytes(b"")
    assert npm_program(windows) == (node, "C:/Program Files/nodejs/node_modules/npm/bin/npm-cli.js")


def test_npm_is_started_by_the_node_that_is_found(tmp_path):
    script = "/usr/lib/node_modules/npm/bin/npm-cli.js"
    assert npm_program(workshop(tmp_path).machine) == ("/usr/bin/node", script)
    (tmp_path / "usr/bin/npm").unlink()
    (tmp_path / "usr/bin/npm").write_text("#!/bin/sh\n")
    (tmp_path / "usr/bin/npm").chmod(0o755)
    assert npm_program(rooted_machine(str(tmp_path))) == ("/usr/bin/npm",)


def test_an_npm_that_leads_nowhere_is_none(tmp_path):
    machine = workshop(tmp_path).machine
    (tmp_path / "usr/bin/npm").unlink()
    (tmp_path / "usr/bin/npm").symlink_to("npm")
    problem = npm_program(machine)
    assert isinstance(problem, Problem)
    assert problem.message == "`npm` is not on this machine"


def test_an_npm_of_a_project_is_not_started(tmp_path):
    inside = tmp_path / "r/node_modules/.bin"
    inside.mkdir(parents=True)
    (inside / "npm").touch(0o755)
    problem = npm_program(workshop(tmp_path, env={"PATH": "/r/node_modules/.bin:/usr/bin"}).machine)
    assert isinstance(problem, Problem)
    assert problem.message == "`/r/node_modules/.bin/npm` belongs to a project, which can replace it"


def put(folder, place, version="2026.8.31", **more):
    path = folder / place.lstrip("/") / NAME / "package.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"name": NAME, "version": version, "bin": answer("view-version")["bin"], **more}))


def copies(folder, **facts):
    return sorted(npm.copies(LOCK, workshop(folder, **facts).machine), key=lambda copy: copy.path)


@pytest.mark.parametrize(
    ("place", "facts", "npmrc", "started_by"),
    [
        ("/home/dev/.npm/_npx/0123456789abcdef/node_modules", {}, "", "npx"),
        ("/cache/_npx/0123456789abcdef/node_modules", {"env": {"npm_config_cache": "/cache/"}}, "", "npx"),
        ("/cache/_npx/0123456789abcdef/node_modules", {"env": {"NPM_CONFIG_CACHE": "/cache"}}, "", "npx"),
        ("/home/dev/c/_npx/0/node_modules", {}, "registry=https://r\ncache = ~/c\n", "npx"),
        ("/var/c/_npx/0/node_modules", {"env": {"ROOT": "/var"}}, 'cache="${ROOT}/c"', "npx"),
        ("/home/dev/.cache/pnpm/dlx/ab12/pkg/node_modules", {}, "", "pnpm dlx"),
        ("/x/pnpm/dlx/ab12/pkg/node_modules", {"env": {"XDG_CACHE_HOME": "/x"}}, "", "pnpm dlx"),
        ("/home/dev/Library/Caches/pnpm/dlx/ab12/pkg/node_modules", {"os": "macos"}, "", "pnpm dlx"),
        ("/usr/lib/node_modules", {}, "", "mcp-server-filesystem"),
        ("/usr/local/lib/node_modules", {}, "", "mcp-server-filesystem"),
        ("/opt/homebrew/lib/node_modules", {}, "", "mcp-server-filesystem"),
        ("/opt/node/lib/node_modules", {"env": {"npm_config_prefix": "/opt/node"}}, "", "mcp-server-filesystem"),
        ("/home/dev/g/lib/node_modules", {}, "prefix=/home/dev/g", "mcp-server-filesystem"),
        ("/home/dev/.nvm/versions/node/v22.1.0/lib/node_modules", {}, "", "mcp-server-filesystem"),
        ("/nvm/versions/node/v22.1.0/lib/node_modules", {"env": {"NVM_DIR": "/nvm"}}, "", "mcp-server-filesystem"),
        ("/home/dev/.local/share/mise/installs/node/22/lib/node_modules", {}, "", "mcp-server-filesystem"),
        ("/home/dev/.local/share/fnm/node-versions/v22/installation/lib/node_modules", {}, "", "mcp-server-filesystem"),
        ("C/Users/dev/AppData/Local/npm-cache/_npx/0/node_modules", WINDOWS, "", "npx"),
        ("C/Users/dev/AppData/Roaming/npm/node_modules", WINDOWS, "", "mcp-server-filesystem"),
        ("C/Users/dev/AppData/Local/pnpm-cache/dlx/0/pkg/node_modules", WINDOWS, "", "pnpm dlx"),
    ],
)
def test_copies_are_found_where_their_programs_keep_them(tmp_path, place, facts, npmrc, started_by):
    put(tmp_path, place)
    home = tmp_path / facts.get("home", "/home/dev").replace(":", "").lstrip("/")
    home.mkdir(parents=True, exist_ok=True)
    (home / ".npmrc").write_text(npmrc)
    path = f"/{place.lstrip('/')}/{NAME}" if place[0] == "/" else f"C:{place[1:]}/{NAME}"
    assert copies(tmp_path, **facts) == [Copy(path, "2026.8.31", started_by)]


def test_what_says_that_it_is_something_else_is_no_copy(tmp_path):
    put(tmp_path, "/home/dev/.npm/_npx/1/node_modules", name="other")
    put(tmp_path, "/home/dev/.npm/_npx/2/node_modules", version="latest")
    put(tmp_path, "/home/dev/.npm/_npx/3/node_modules", padding="x" * 2 * 1024 * 1024)
    (tmp_path / "home/dev/.npm/_npx/4/node_modules" / NAME).mkdir(parents=True)
    (tmp_path / "home/dev/.npm/_npx/4/node_modules" / NAME / "package.json").write_text("{")
    assert copies(tmp_path) == []


def test_every_copy_is_told(tmp_path):
    for number in range(3):
        put(tmp_path, f"/home/dev/.npm/_npx/{number}/node_modules", f"{number}.0.0")
    assert [copy.version for copy in copies(tmp_path)] == ["0.0.0", "1.0.0", "2.0.0"]
