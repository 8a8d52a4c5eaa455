"""Real servers, installed from what was locked and asked: the same bytes in another home, time zone and locale."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpconf.model.probe import Probe
from mcpconf.model.surface import Surface
from mcpconf.model.surface_wish import SurfaceWish
from mcpconf.supply.installing import Which, install
from mcpconf.surface.snapshot import Asking, surface_of
from mcpconf.system.facts import real_machine
from mcpconf.system.probing import SystemProber
from mcpconf.system.workshop import workshop
from tests.toys import Toys

SERVERS = {
    "everything": {"package": "npm:@modelcontextprotocol/server-everything", "version": "2026.8.31"},
    "files": {
        "package": "npm:@modelcontextprotocol/server-filesystem",
        "version": "2026.8.31",
        "args": ["${workspace}"],
    },
    "memory": {"package": "npm:@modelcontextprotocol/server-memory", "version": "2026.8.31"},
    "thinking": {"package": "npm:@modelcontextprotocol/server-sequential-thinking", "version": "2026.8.31"},
    "time": {"package": "pypi:mcp-server-time", "version": "2026.10.19"},
    "git": {"package": "pypi:mcp-server-git", "version": "2026.10.19"},
    "fetch": {"package": "pypi:mcp-server-fetch", "version": "2026.10.24"},
}
COUNTS = {
    "everything": ("2025-11-25", 13, 4, 2, 4),
    "files": ("2025-11-25", 14, 0, 0, 0),
    "memory": ("2025-11-25", 9, 0, 0, 0),
    "thinking": ("2025-11-25", 1, 0, 0, 0),
    "time": ("2026-07-28", 2, 0, 0, 0),
    "git": ("2026-07-28", 12, 0, 0, 0),
    "fetch": ("2026-07-28", 1, 1, 0, 0),
}
"""Of each: protocol, tools, prompts, templates, and tools that only an able client sees."""

ELSEWHERE = {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "COLUMNS": "40"}


@pytest.fixture(scope="module")
def machines(tmp_path_factory) -> Iterator[tuple[Toys, Toys]]:
    folder = tmp_path_factory.mktemp("real")
    patch = pytest.MonkeyPatch()
    patch.setenv("npm_config_cache", str(folder / "npm"))
    patch.setenv("UV_CACHE_DIR", str(folder / "uv"))
    found = []
    for name, variables in (("one/home", {}), ("two/of somebody", ELSEWHERE)):
        top, home = (folder / part for part in (name.partition("/")[0], name))
        top.mkdir()
        for variable, value in variables.items():
            patch.setenv(variable, value)
        toys = Toys(top, home.name)
        toys.say(**SERVERS)
        ran = toys.run("lock")
        assert ran.code == 0, ran
        patch.setenv("HOME", str(toys.home))
        assert install(str(toys.manifest), workshop(real_machine()), Which(all=True)).exit_code == 0
        ran = toys.run("lock", "--surface")
        assert ran.code == 0, ran
        found.append(toys)
    yield found[0], found[1]
    patch.undo()


def test_two_locks_are_the_same_bytes(machines):
    assert machines[0].lock == machines[1].lock


@pytest.mark.parametrize("name", COUNTS)
def test_what_is_shown_is_what_is_known_to_be_shown(machines, name):
    protocol, *counts = COUNTS[name]
    found = machines[0].surface(name)
    told = [len(found.get(key, {})) for key in ("tools", "prompts", "templates")]
    gated = len(found.get("gated", {}).get("tools", {}))
    assert (found["context"]["protocol"], *told, gated) == (protocol, *counts)


def test_a_time_zone_is_always_the_same(machines):
    tools = json.dumps(machines[1].surface("time")["tools"])
    assert "Use 'UTC' as local timezone" in tools
    assert "Use 'Asia/Tokyo'" not in tools


def test_nothing_of_the_machine_is_in_a_surface(machines):
    text = machines[0].lock.decode()
    assert str(machines[0].folder) not in text
    assert str(Path.home()) not in text


def test_each_transport_shows_the_same(machines):
    """A server that speaks all three, started by hand where it is installed."""
    toys = machines[0]
    script = next(toys.home.glob(".local/share/mcpconf/store/npm/*everything*/*/tree/node_modules/*/*/dist/index.js"))
    found = {}
    with contextlib.ExitStack() as running:
        probes = []
        for mode, transport, path in (("streamableHttp", "http", "/mcp"), ("sse", "sse", "/sse")):
            port = free_port()
            started = running.enter_context(
                subprocess.Popen(
                    ["node", str(script), mode],
                    env={**os.environ, "PORT": str(port)},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            running.callback(started.kill)
            answers(port)
            probes.append(Probe(mode, transport, url=f"http://127.0.0.1:{port}{path}"))
        for answer in SystemProber().ask(probes):
            assert answer.problem is None, answer
            shown = surface_of(answer.transcripts, Asking("stdio"), SurfaceWish())
            assert isinstance(shown, Surface), shown
            found[answer.name] = shown.digest
    assert set(found.values()) == {toys.surface("everything")["digest"]}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def answers(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(port)


def test_a_second_look_is_the_same(machines):
    ran = machines[0].run("probe", "--format", "json")
    assert ran.code == 0, ran
    assert {item["state"] for item in ran.json["servers"]} == {"same"}
    assert machines[0].left() == []
