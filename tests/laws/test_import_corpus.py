"""The law of import on machines put together from real host files, where a corpus is at hand."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.corpus import CORPUS
from tests.laws.import_worlds import check
from tests.laws.test_hosts_corpus import KINDS, PATHS, ROWS
from tests.world import World

PROJECT = "~/src/shared"
SHARED = {
    ".mcp.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".cursor/mcp.json",
    ".vscode/mcp.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    "opencode.json",
    "opencode.jsonc",
    ".opencode/opencode.json",
    ".zed/settings.json",
}
"""Where hosts look in a project."""


class Machine(NamedTuple):
    name: str
    files: dict[str, Path]


def index() -> list[dict]:
    if not (CORPUS / "INDEX.jsonl").is_file():
        print("corpus: not present")
        return []
    items = [json.loads(line) for line in (CORPUS / "INDEX.jsonl").read_text().splitlines()]
    return [item for item in items if KINDS.get(item["host"], ("",))[0] in ROWS and (CORPUS / item["file"]).is_file()]


def of_users() -> Iterator[Machine]:
    """One file for each place of each host, until every file has taken part."""
    queues: dict[str, list[Path]] = defaultdict(list)
    for item in index():
        queues[PATHS[KINDS[item["host"]]]].append(CORPUS / item["file"])
    for number, chosen in enumerate(zip_longest(*queues.values())):
        files = {place: path for place, path in zip(queues, chosen, strict=True) if path is not None}
        yield Machine(f"user-{number:02}", files)


def of_repositories() -> Iterator[Machine]:
    """The files of one repository at their places in it."""
    repositories: dict[str, dict[str, Path]] = defaultdict(dict)
    for item in index():
        if item["path"] in SHARED:
            repositories[item["repo"]][f"{PROJECT}/{item['path']}"] = CORPUS / item["file"]
    for name, files in sorted(repositories.items()):
        if len(files) > 1:
            yield Machine(name, files)


MACHINES = [*of_users(), *of_repositories()]
TOLD: dict[str, dict] = {}


@pytest.fixture(scope="module", autouse=True)
def _table():
    yield
    if TOLD:
        print(f"\n{summary()}")


@pytest.mark.parametrize("machine", MACHINES, ids=[machine.name for machine in MACHINES])
def test_real_files_import_as_they_are(machine: Machine, tmp_path: Path):
    world = World(tmp_path)
    for place, path in machine.files.items():
        world.write(place, path.read_bytes())
    TOLD[machine.name] = check(world, projects=("~/app", PROJECT))


def test_every_file_of_a_known_host_takes_part(capsys):
    if not MACHINES:
        with capsys.disabled():
            print("corpus: not present")
        return
    files = {path for machine in MACHINES for path in machine.files.values()}
    assert len(files) == len(index())
    assert len(MACHINES) >= 40


def summary() -> str:
    entries = [address for data in TOLD.values() for server in data["servers"] for address in server["addresses"]]
    left = Counter(item["obstacle"] for data in TOLD.values() for item in data["left_out"])
    reasons = Counter(f"{item['obstacle']}: {item['message']}" for data in TOLD.values() for item in data["left_out"])
    lines = [
        (
            f"{len(TOLD)} machines, {sum(len(data['servers']) for data in TOLD.values())} servers, {len(entries)} entries;"
            f" left out {sum(left.values())}: {dict(left)}"
        ),
        (
            f"{sum(len(data['secrets']) for data in TOLD.values())} literals became references,"
            f" {sum(len(data['disagreements']) for data in TOLD.values())} disagreements,"
            f" {sum(len(data['unread']) for data in TOLD.values())} files unread,"
            f" {sum(len(data['waived']) for data in TOLD.values())} findings waived"
        ),
        *(f"  {count:4} {reason}" for reason, count in reasons.most_common()),
    ]
    return "\n".join(lines)
