"""What the project ships for pull requests beside its actions: hooks, a job for GitLab, a preset for Renovate."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.e2e.test_check import Repository

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "pull-requests"
EXAMPLES = sorted(path for path in (ROOT / "examples").rglob("mcpconf.yaml") if "pull-requests" not in path.parts)
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


def managers() -> list[tuple[str, list[re.Pattern[str]]]]:
    preset = json.loads((FOLDER / "renovate-preset.json").read_text())
    return [
        (manager["datasourceTemplate"], [re.compile(text.replace("(?<", "(?P<")) for text in manager["matchStrings"]])
        for manager in preset["customManagers"]
    ]


def found(text: str) -> set[tuple[str, str, str]]:
    """What Renovate would take for a version that it can raise."""
    return {
        (source, match["depName"], match["currentValue"])
        for source, patterns in managers()
        for pattern in patterns
        for match in pattern.finditer(text)
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_renovate_sees_every_exact_version_of_a_package(path: Path) -> None:
    servers = (yaml.safe_load(path.read_text()) or {}).get("servers") or {}
    sources = {"npm": "npm", "pypi": "pypi"}
    wanted = set()
    for server in servers.values():
        ecosystem, _, name = server.get("package", "").partition(":")
        version = str(server.get("version", ""))
        if ecosystem in sources and version[:1].isdigit():
            wanted.add((sources[ecosystem], name, version))
    assert found(path.read_text()) >= wanted
    assert not {item for item in found(path.read_text()) if item[0] in sources.values()} - wanted


def test_renovate_sees_an_image_only_with_its_digest() -> None:
    image = 'browser: {package: "oci:ghcr.io/example/browser", version: "1.4.0"'
    assert found(f"{image}}}") == set()
    assert found(f'{image}, hash: "sha256:{"a" * 64}"}}') == {("docker", "ghcr.io/example/browser", "1.4.0")}


def test_the_example_extends_the_preset_that_is_there() -> None:
    [extended] = json.loads((FOLDER / "renovate.json").read_text())["extends"]
    path = extended.partition("//")[2].partition("#")[0]
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_passes_what_is_in_order_and_stops_what_is_not(name: str, tmp_path: Path) -> None:
    words = HOOKS[name]["entry"].split()
    assert words.pop(0) == "mcpconf"
    assert HOOKS[name]["pass_filenames"] is False
    for file in ("mcpconf.yaml", "team/mcpconf.yaml", *(["mcpconf.lock"] if "lock" in name else [])):
        assert re.search(HOOKS[name]["files"], file)
    repository = Repository(tmp_path)
    assert repository.world.run(*words).code == 0
    repository.world.say(
        repository.world.manifest.read_text()
        .replace("2026.10.19", "2026.10.20")
        .replace("mcpconf: '1'", "mcpconf: '1'\nserver: {}" if name == "mcpconf-validate" else "mcpconf: '1'")
    )
    assert repository.world.run(*words).code in (1, 2)


def test_the_example_of_hooks_names_those_that_there_are() -> None:
    [used] = yaml.safe_load((FOLDER / "pre-commit-config.yaml").read_text())["repos"]
    assert {hook["id"] for hook in used["hooks"]} == set(HOOKS)


def gitlab() -> tuple[dict, dict]:
    specification, jobs = yaml.safe_load_all((FOLDER / "gitlab-check.yml").read_text())
    return specification["spec"]["inputs"], jobs["mcpconf-check"]


def test_the_gitlab_job_is_given_what_it_asks_for() -> None:
    inputs, job = gitlab()
    [included] = yaml.safe_load((FOLDER / "gitlab-ci.yml").read_text())["include"]
    assert (ROOT / included["file"]).is_file()
    needed = {name for name, value in inputs.items() if "default" not in value}
    assert needed <= set(included["inputs"]) <= set(inputs)
    text = (FOLDER / "gitlab-check.yml").read_text()
    assert set(re.findall(r"inputs\.(\w+)", text)) == set(inputs)
    assert not any("inputs." in line for line in job["script"]), "inputs go through variables, never into a script"
    assert job["variables"]["GIT_DEPTH"] == "0"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_gitlab_script_can_be_read() -> None:
    for script in gitlab()[1]["script"]:
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
