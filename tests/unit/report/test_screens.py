from __future__ import annotations

from mcpconf.errors import Problem, Where
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.finding import Finding
from mcpconf.model.observed import HostPresence, Location, ObservedFile
from mcpconf.model.state import State, Tombstone
from mcpconf.report.findings import blocks, render_findings, render_problems
from mcpconf.report.hosts import FoundHost, hosts_data, render_host, render_hosts
from mcpconf.report.state import render_state
from mcpconf.report.style import Style
from mcpconf.system.sources import bundled_rows

STYLE = Style(home="/home/dev")


def row() -> HostRow:
    return bundled_rows()["cursor"]


def file(path: str, problem: Problem | None = None, *, write: bool = True) -> ObservedFile:
    return ObservedFile(Location("cursor", "user", "user", "", path, "json", write), problem, present=True)


def test_a_host_tells_what_was_read_and_what_was_looked_for() -> None:
    broken = Problem("malformed", "broken", Where("/home/dev/b.json", 3, 4), "mend it")
    files = (file("/home/dev/a.json"), file("/etc/m.json", write=False), file("/home/dev/b.json", broken))
    there = HostPresence("cursor", installed=True, looked_at=("/home/dev/.cursor",))
    here = FoundHost(row(), there, files, "1.2.3", servers=3, grants=1, managed=2)
    text = render_host(here, STYLE)
    assert text.startswith(
        "cursor   Cursor   installed   1.2.3\n"
        "  3 servers, 2 of them written by mcpconf, 1 grant to act without asking\n"
        "  user  ~/a.json\n"
    )
    assert "  user  /etc/m.json  read only\n  ? ~/b.json:3:4\n    broken\n  not read: " in text
    assert "looked for" not in text
    away = FoundHost(row(), HostPresence("cursor", installed=False, looked_at=("/home/dev/.cursor", "/opt/c")))
    assert "cursor   Cursor   not installed\n  looked for: ~/.cursor, /opt/c\n" in render_host(away, STYLE)
    (data,) = hosts_data([here])["hosts"]
    assert [item["problem"] and item["problem"]["line"] for item in data["files"]] == [None, None, 3]
    assert data["looked_at"] == ["/home/dev/.cursor"]
    lines = render_hosts([here, away], STYLE).splitlines()
    assert lines[0].split() == ["host", "version", "files", "servers", "grants", "managed", "policy", "checked"]
    assert lines[1].split() == ["cursor", "1.2.3", "3", "3", "1", "2", "-", row().checked[:10]]
    assert lines[2:5] == ["  ? ~/b.json:3:4", "    broken", "not found: cursor"]


def test_the_state_tells_what_is_revoked() -> None:
    assert render_state(State(), STYLE) == "Nothing was applied here yet.\n"
    marks = [Tombstone(address="cursor/user/slack", identity="npm:slack")]
    text = render_state(State(baseline=[], serial=3, commit="4f1c9e2aaaa", tombstones=marks), STYLE)
    assert text == (
        "Applied at 4f1c9e2, serial 3: 0 entries\n"
        "Revoked, not yet verified absent everywhere\n"
        "  cursor/user/slack  npm:slack\n"
    )


def test_findings_and_problems_may_lack_a_place_or_a_hint() -> None:
    bare = Finding("MCP101", "warning", "desired", "server:a", "not pinned")
    full = Finding("MCP801", "error", "desired", "server:a", "no owner", "add one", Where("/m.yaml", 2, 3))
    assert render_findings([bare, full], "m.yaml", STYLE) == (
        "warning MCP101: not pinned\n"
        "error MCP801: no owner\n  --> /m.yaml:2:3\n  hint: add one\n"
        "m.yaml can be read; 1 error, 1 other finding.\n"
    )
    assert render_problems([Problem("usage", "no")], STYLE) == "error: no\n"
    assert [blocks([bare], limit) for limit in ("none", "error", "warning", "info")] == [False, False, True, True]
    assert blocks([full], "error")
