"""What other programs read of this project: workflows, actions and examples for pull requests, by their own rules."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "pull-requests"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WORKFLOWS = ("mcpconf-check.yml", "mcpconf-comment.yml")


def pins(path: Path) -> dict[str, str]:
    """Each package with its version and hashes as they are written."""
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text().strip())
    return {re.match(r"[\w.-]+", block)[0]: re.sub(r" ;[^\\]*", " ", block) for block in blocks}


def needed(name: str) -> set[str]:
    """A package and all that it needs on some system."""
    found: set[str] = set()
    left = [name]
    while left:
        name = re.sub(r"[-_.]+", "-", left.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for line in requires(name) or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                left.append(requirement.name)
    return found


def test_the_action_installs_what_the_project_is_tested_with() -> None:
    asked, tested = (
        pins(ROOT / ".github" / "actions" / "check" / "requirements.txt"),
        pins(ROOT / ".ci/constraints.txt"),
    )
    assert asked == {name: tested[name] for name in asked}
    assert (needed("mcpconf") | needed("hatchling")) - {"mcpconf"} <= asked.keys()


def uses(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["uses"]] if isinstance(value.get("uses"), str) else []
        return own + [found for item in value.values() for found in uses(item)]
    return [found for item in value for found in uses(item)] if isinstance(value, list) else []


def test_every_action_is_named_by_its_commit() -> None:
    files = [*(ROOT / ".github").rglob("*.yml"), *(EXAMPLES / name for name in WORKFLOWS)]
    found = [use for path in files for use in uses(yaml.safe_load(path.read_text()))]
    assert len(found) >= 8
    for use in found:
        assert re.fullmatch(r"[\w./-]+@([0-9a-f]{40}|COMMIT)", use), use
        if use.startswith("OWNER/mcpconf/"):
            assert (ROOT / use.partition("@")[0].removeprefix("OWNER/mcpconf/") / "action.yml").exists()


def test_no_workflow_gives_rights_to_what_a_pull_request_says() -> None:
    for path in [*(ROOT / ".github" / "workflows").glob("*"), *(EXAMPLES / name for name in WORKFLOWS)]:
        workflow = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
        assert "pull_request_target" not in workflow["on"]
        rights = [workflow["permissions"], *(job.get("permissions", {}) for job in workflow["jobs"].values())]
        writes = {name for given in rights if given for name, word in given.items() if word == "write"}
        assert writes == ({"pull-requests"} if "workflow_run" in workflow["on"] else set())
        if writes:
            assert not [use for use in uses(workflow) if "checkout" in use]


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    """The project's own workflows and actions, and the examples as somebody would have them."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    for name in WORKFLOWS:
        text = (EXAMPLES / name).read_text().replace("@COMMIT", f"@{COMMIT}")
        (tmp_path / ".github" / "workflows" / name).write_text(text)
    return tmp_path


def ran(*words: object) -> None:
    if shutil.which(str(words[0])) is None:
        pytest.skip(f"needs {words[0]}")
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_has_nothing_to_say(rendered: Path) -> None:
    ran("zizmor", "--offline", "--no-progress", "--pedantic", rendered)


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [("vendor.github-workflows", ".github/workflows/*.yml"), ("vendor.github-actions", ".github/actions/*/action.yml")],
)
def test_files_for_github_fit_their_schemas(rendered: Path, schema: str, pattern: str) -> None:
    ran("check-jsonschema", "--builtin-schema", schema, *sorted(rendered.glob(pattern)))
