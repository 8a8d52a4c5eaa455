"""`mcpconf show` of what `check` and `diff` wrote: the same again, and nothing of it acts, whoever wrote it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e.test_check import Repository
from tests.e2e.test_check_hostile import evil
from tests.world import Ran


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository(tmp_path)
    waiver = {"rule": "MCP203", "target": "server:files", "reason": "known", "expires": "2099-01-01"}
    made.change(files={"version": "2026.9.1", "hash": None, "args": ["${home}"]}, waivers=[waiver])
    monkeypatch.chdir(tmp_path)
    return made


def shown(repository: Repository, file: Path | str, *options: str) -> Ran:
    return repository.world.run("show", str(file), *options)


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github", "sarif"])
def test_a_saved_review_is_shown_as_it_was_printed(repository: Repository, form: str) -> None:
    saved = repository.folder / "machine" / "review.json"
    first = repository.check("--format", form, "--out-format", f"json={saved}")
    assert first.code == 3
    again = shown(repository, saved, "--format", form)
    assert again.code == 0
    assert again.stdout == first.stdout


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_saved_difference_is_shown_as_it_was_printed(repository: Repository, form: str) -> None:
    saved = repository.folder / "machine" / "difference.json"
    saved.write_text(repository.world.run("diff", "main..change", "--format", "json").stdout)
    assert shown(repository, saved, "--format", form).stdout == (
        repository.world.run("diff", "main..change", "--format", form).stdout
    )
    assert shown(repository, saved, "--format", "sarif").code == 64


def test_a_review_that_others_wrote_does_not_act(repository: Repository) -> None:
    """Every text in it is hostile, every number and word as wrong as its schema lets it be."""
    report = repository.report()

    def poisoned(value: object) -> object:
        if isinstance(value, dict):
            return {key: poisoned(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poisoned(item) for item in value]
        return f"{value} {evil}" if isinstance(value, str) else value

    made = poisoned(report)
    made["format_version"] = report["format_version"]
    made["before"]["revision"] = "x" * 100_000
    for new, old in zip(made["changes"], report["changes"], strict=True):
        new.update(direction=old["direction"], severity=old["severity"])
    saved = repository.folder / "machine" / "review.json"
    saved.write_text(json.dumps(made))
    markdown = shown(repository, saved, "--format", "markdown").stdout
    assert markdown.startswith("<!-- mcpconf:check -->\n")
    assert len(markdown) <= 60_000
    assert "@everyone" in markdown
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown.removeprefix("<!-- mcpconf:check -->"))
    for text in ("@everyone", "<script>", "http://x", "</details>", "<!--"):
        assert text not in outside
    for form in ("text", "markdown", "json", "sarif", "github"):
        ran = shown(repository, saved, "--format", form)
        assert ran.code == 0, ran.stderr
        assert "\u202e" not in ran.stdout
        assert "\x1b" not in ran.stdout


@pytest.mark.parametrize(
    "change",
    [
        {"changes": "none"},
        {"changes": [{"address": "x"}]},
        {"findings": [1]},
        {"exit_code": "many"},
        {"before": None},
        {"format_version": "9.0"},
    ],
)
def test_what_is_no_review_is_refused(repository: Repository, change: dict) -> None:
    saved = repository.folder / "machine" / "review.json"
    saved.write_text(json.dumps({**repository.report(), **change}))
    ran = shown(repository, saved, "--format", "markdown")
    assert ran.code == 1
    assert ran.stdout == ""


def test_the_error_of_a_check_is_no_review(repository: Repository) -> None:
    saved = repository.folder / "machine" / "review.json"
    saved.write_text(json.dumps({"error": {"exit_code": 1, "problems": []}}))
    assert shown(repository, saved).code == 1
