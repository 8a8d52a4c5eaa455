"""Which lines each test runs, and how long it takes: kept in `.mutation/`, and made anew for what has changed since."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import coverage
import pytest

KEPT = Path(__file__).resolve().parents[2] / ".mutation" / "tests.jsonl"


@dataclass(frozen=True)
class Test:
    """`lines` holds the lines run of each file judged; `origin` is the digest of the file that the test is in."""

    __test__ = False
    name: str
    origin: str
    seconds: float
    lines: dict[str, list[int]]


def known(judged: Sequence[Path]) -> dict[str, Test]:
    """What was measured before, if the files judged are still the same."""
    first, *lines = KEPT.read_text().splitlines() if KEPT.exists() else [""]
    if first != _digest(judged):
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(_digest(judged) + "\n")
        return {}
    return {test.name: test for test in (Test(**json.loads(line)) for line in lines)}


def measure(items: list[pytest.Item], root: Path, judged: Sequence[Path]) -> None:
    """Runs the tests and keeps what was seen of the files judged, of each test as soon as it is done."""
    watch = coverage.Coverage(data_file=None, include=[*map(str, judged)], config_file=False)
    with KEPT.open("a") as kept:
        for item in items:
            print(json.dumps(asdict(_measured(item, watch, root))), file=kept, flush=True)


def origin(item: pytest.Item) -> str:
    """Changes with the file of the test, or with the scenario that it runs."""
    paths = [item.path, *(value for value in _parameters(item) if isinstance(value, Path) and value.is_file())]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _measured(item: pytest.Item, watch: coverage.Coverage, root: Path) -> Test:
    watch.erase()
    watch.start()
    begin = time.process_time()
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    seconds = time.process_time() - begin
    watch.stop()
    data = watch.get_data()
    lines = {Path(name).relative_to(root).as_posix(): sorted(data.lines(name) or ()) for name in data.measured_files()}
    return Test(item.nodeid, origin(item), seconds, lines)


def _parameters(item: pytest.Item) -> list[object]:
    call = getattr(item, "callspec", None)
    return list(call.params.values()) if call else []


def _digest(judged: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in judged)).hexdigest()
