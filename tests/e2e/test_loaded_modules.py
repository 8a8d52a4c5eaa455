"""What each command loads. Start-up time is made of imports, so the sets are the test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.world import World

EXAMPLE = Path(__file__).parents[2] / "examples" / "workstation"
DRIVER = """\
import sys
sys.argv[0] = "mcpconf"
from mcpconf.__main__ import main
code = main()
sys.stdout.flush()
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""
NEVER = {"asyncio", "deepdiff", "filelock", "git", "jinja2", "jsonschema", "mcp", "numpy", "rich", "ssl"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A machine in sync."""
    made = World.example(tmp_path_factory.mktemp("modules"), EXAMPLE)
    assert made.run("apply", "--yes").code == 0
    return made


def loaded(world: World, *arguments: str) -> set[str]:
    command = [sys.executable, "-c", DRIVER, *world._placed(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return set(done.stderr.splitlines()[-1].split())


def test_the_version_loads_nothing(world: World) -> None:
    modules = loaded(world, "--version")
    assert not modules & {"typer", "pydantic", "yaml", "json", "mcpconf.cli", "mcpconf.errors"}


def test_help_loads_no_models(world: World) -> None:
    modules = loaded(world, "--help")
    assert not modules & (
        NEVER | {"pydantic", "yaml", "tomlrt", "mcpconf.model", "mcpconf.operations", "mcpconf.system"}
    )


def test_the_manual_loads_no_host(world: World) -> None:
    assert not loaded(world, "docs", "quickstart") & (NEVER | {"mcpconf.operations", "mcpconf.hosts.rows", "tomllib"})


@pytest.mark.parametrize("command", ["plan", "status", "verify", "drift", "hosts", "validate", "render"])
def test_a_look_loads_nothing_that_writes(command: str, world: World) -> None:
    arguments = (command, "-m", str(world.manifest)) if command == "validate" else (command,)
    assert not loaded(world, *arguments) & (NEVER | {"mcpconf.transaction", "mcpconf.documents.starter"})


@pytest.mark.parametrize("command", ["plan", "status", "verify"])
def test_a_verdict_that_holds_spares_the_work(command: str, world: World) -> None:
    """The machine is as the last apply left it, so nothing is loaded that makes plans."""
    makers = {"mcpconf.operations", "mcpconf.reconcile", "mcpconf.hosts", "mcpconf.rules", "mcpconf.model.manifest"}
    assert not loaded(world, command) & makers


@pytest.mark.parametrize(
    ("form", "own"),
    [
        ("text", set()),
        ("json", set()),
        ("ndjson", {"ndjson", "notices"}),
        ("markdown", {"markup", "notices"}),
        ("github", {"github", "notices"}),
        ("junit", {"junit", "notices"}),
        ("sarif", {"sarif", "notices", "markup"}),
        ("prom", {"prometheus"}),
    ],
)
def test_a_format_loads_its_own_renderer(form: str, own: set[str], world: World) -> None:
    renderers = {"ndjson", "markup", "github", "junit", "sarif", "prometheus", "notices"}
    modules = loaded(world, "drift", "--format", form)
    assert {name for name in renderers if f"mcpconf.report.{name}" in modules} == own


def test_an_apply_without_changes_loads_the_lock_alone(world: World) -> None:
    assert not loaded(world, "apply", "--yes") & (NEVER - {"filelock", "asyncio", "ssl"})
