"""What mcpconf writes, and what the host that reads it sees: `MCPCONF_HOSTS=1 python -m pytest tests/hosts/real`.

It installs pinned versions of hosts that npm carries, some gigabytes, into MCPCONF_HOSTS_CACHE (else a temporary folder),
and needs Linux on x86-64, npm and bubblewrap. With `MCPCONF_HOSTS=write` the result is kept in `tests/hosts/confirmed.json`.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.hosts.real.household import Household
from tests.hosts.real.installed import PINS
from tests.hosts.real.readers import READERS, Seen
from tests.hosts.real.wanted import TOOLS, USUAL, Facts

CONFIRMED = Path(__file__).parents[1] / "confirmed.json"
ASKED = os.environ.get("MCPCONF_HOSTS")
pytestmark = pytest.mark.skipif(not ASKED, reason="real hosts: not asked for (MCPCONF_HOSTS=1)")
WRITE = ASKED == "write"


@pytest.fixture
def household(request: pytest.FixtureRequest, tmp_path: Path) -> Household:
    reader = READERS[request.param]
    household = Household.of(request.param, tmp_path, project=reader.project)
    for path, text in reader.there.items():
        household.write(path, text)
    return household


class Written(NamedTuple):
    """The servers that are there now, and what the host must see of each as far as mcpconf says that it can."""

    names: set[str]
    wanted: dict[str, Facts]


def write(household: Household) -> Written:
    """Plan and apply. What is not written has a finding that says why."""
    plan = json.loads(household.mcpconf("plan", "--format", "json").stdout)
    done = household.mcpconf("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {change["action"] for change in plan["changes"]} == {"create"}
    names = {change["server"] for change in plan["changes"]}
    assert ("mine" in names) is READERS[household.host].project
    wanted = household.wanted()
    assert set(wanted) == names | set(_found(plan, "cannot-say", "warning"))
    for name in _found(plan, "not-enforced", "warning", "`except`"):
        wanted[name] = {**wanted[name], "tools": TOOLS}
    for name in _found(plan, "not-enforced", "info"):
        wanted[name] = {**wanted[name], "auto": []}
    return Written(names, wanted)


def _found(plan: dict[str, Any], rule: str, severity: str, word: str = "") -> list[str]:
    findings = [found for found in plan["findings"] if (found["rule"], found["severity"]) == (rule, severity)]
    return [found["address"].rpartition("/")[2] for found in findings if word in found["message"]]


def differences(written: Written, seen: Seen) -> list[str]:
    names, wanted = written
    lines = [f"{name}: the host sees no such server" for name in sorted(names - seen.keys())]
    lines += [f"{name}: nobody wrote this" for name in sorted(seen.keys() - names)]
    for name in sorted(names & seen.keys()):
        for field, value in wanted[name].items():
            found = seen[name].get(field, value)
            if not _same(value, found):
                lines.append(f"{name}: {field} is {found!r}, not {value!r}")
    return lines


def _same(wanted: object, found: object) -> bool:
    """Of maps only what was asked for: a server gets variables and headers of others too."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.items() <= found.items()
    return wanted == found


def compared(written: Written, seen: Seen) -> list[str]:
    """Fields that the host tells, where some server has another value than servers usually have."""
    fields = {
        field
        for name in written.names
        for field, value in written.wanted[name].items()
        if field in seen[name] and value not in (USUAL.get(field), {})
    }
    return ["name", *sorted(fields)]


@pytest.mark.parametrize("household", sorted(READERS), indirect=True)
def test_a_host_sees_what_was_written(household: Household) -> None:
    reader = READERS[household.host]
    for path, text in reader.trust.items():
        household.write(path, text)
    written = write(household)
    seen = reader.read(household)
    assert differences(written, seen) == []
    if WRITE:
        keep(household.host, {"by": reader.by, "compared": compared(written, seen)})


TRUSTING = [name for name in sorted(READERS) if READERS[name].trust]


@pytest.mark.parametrize("household", TRUSTING, indirect=True)
def test_without_trust_a_host_runs_nothing_of_a_project(household: Household) -> None:
    write(household)
    seen = READERS[household.host].read(household)
    assert "plain" in seen
    assert not seen.get("mine", {"enabled": False})["enabled"]


def keep(host: str, told: dict[str, object]) -> None:
    day = datetime.now(UTC).date().isoformat()
    result = json.loads(CONFIRMED.read_text("utf-8")) if CONFIRMED.exists() else {}
    result[host] = {"version": PINS[host].version, "date": day, **told}
    CONFIRMED.write_text(json.dumps(dict(sorted(result.items())), indent=2, ensure_ascii=False) + "\n", "utf-8")
