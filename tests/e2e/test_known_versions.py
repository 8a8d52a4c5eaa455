"""What `validate` and `check` know of versions: what the index of this machine says, and never more than that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.test_check import Repository, repository

__all__ = ["repository"]

FILES = "@modelcontextprotocol/server-filesystem"


@pytest.fixture
def know(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the index of this machine, of records by their ids: a package and the version that ends the affected ones."""

    def make(**records: tuple[str, str, str, str]) -> None:
        for name, (ecosystem, package, fixed, severity) in records.items():
            events = [{"introduced": "0"}, {"fixed": fixed}]
            about = {
                "package": {"ecosystem": ecosystem, "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
            record = {"id": name.replace("_", "-"), "modified": "2026-11-20T00:00:00Z", "affected": [about]}
            text = json.dumps({**record, "database_specific": {"severity": severity}})
            repository.world.layer(f"machine/osv/{name}.json", text)
        assert repository.world.run("vulndb", "build", "machine/osv").code == 0
        monkeypatch.setenv("XDG_DATA_HOME", str(repository.world.path("~/.local/share")))

    return make


def found(report: dict) -> dict[str, str]:
    return {item["rule"]: item["message"] for item in report["findings"] if item["rule"].startswith("MCP7")}


def test_the_version_of_the_lock_is_held_against_the_index(repository: Repository, know: Callable[..., None]) -> None:
    know(
        GHSA_files=("npm", FILES, "2026.9.1", "HIGH"),
        GHSA_other=("npm", "other", "9", "CRITICAL"),
        PYSEC_time=("PyPI", "mcp-server-time", "2026.10.1", "HIGH"),
    )
    ran = repository.world.run("validate", "--format", "json")
    assert ran.code == 3
    assert found(ran.json) == {
        "MCP701": f"`files` is npm:{FILES} 2026.8.31, which is vulnerable: GHSA-files (high, fixed in 2026.9.1)"
    }
    hints = [item["hint"] for item in ran.json["findings"] if item["rule"] == "MCP701"]
    assert hints == ["take 2026.9.1, the nearest version of which nothing is known, then `mcpconf plan`"]


def test_a_change_to_a_version_that_is_known_to_be_bad_is_blocked(
    repository: Repository, know: Callable[..., None]
) -> None:
    know(GHSA_files=("npm", FILES, "2026.8.1", "CRITICAL"), MAL_2026_1=("PyPI", "mcp-server-time", "2026.11.1", ""))
    repository.change(servers={"time": {"package": "pypi:mcp-server-time", "version": "2026.11.1"}})
    assert found(repository.report()) == {}
    repository.change(
        files={"version": "2026.7.1"}, servers={"time": {"package": "pypi:mcp-server-time", "version": "2026.10.2"}}
    )
    ran, report = repository.check(), repository.report()
    assert ran.code == 3
    assert found(report).keys() == {"MCP701", "MCP702"}
    assert "which is malware: MAL-2026-1" in found(report)["MCP702"]


def test_a_waiver_counts_for_a_change_only_once_the_base_has_it(
    repository: Repository, know: Callable[..., None]
) -> None:
    know(GHSA_files=("npm", FILES, "2026.9.1", "HIGH"))
    mark = next(item["fingerprint"] for item in repository.report()["findings"] if item["rule"] == "MCP701")
    waiver = {
        "rule": "MCP701",
        "target": "server:files",
        "fingerprint": mark,
        "reason": "not reachable",
        "expires": "2999-01-01",
    }
    repository.change(waivers=[waiver])
    assert repository.world.run("validate").code == 0
    assert "MCP701" in found(repository.report())


def test_without_an_index_it_is_unknown(repository: Repository) -> None:
    assert "there are no advisories here" in found(repository.report())["MCP705"]
    assert repository.check().code == 0


def test_an_index_that_cannot_be_read_is_no_answer(
    repository: Repository, know: Callable[..., None], tmp_path: Path
) -> None:
    know(GHSA_files=("npm", FILES, "2026.9.1", "HIGH"))
    repository.world.write("~/.local/share/mcpconf/vulndb.sqlite", "no index")
    assert "unknown: the index of advisories cannot be read" in found(repository.report())["MCP705"]
