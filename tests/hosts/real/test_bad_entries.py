"""What a real host still reads beside an entry that it refuses, and that its row says the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mcpconf.hosts.dialect import decode
from mcpconf.system.sources import bundled_rows
from tests.hosts.real.household import Household

pytestmark = pytest.mark.skipif(
    not os.environ.get("MCPCONF_HOSTS"), reason="real hosts: not asked for (MCPCONF_HOSTS=1)"
)
GOOD, TYPED = {"command": "/bin/false"}, {"type": "local", "command": ["/bin/false"]}
NONSENSE = {"type": "nonsense", "command": "/bin/false"}
CASES = {
    "claude-code": (".claude.json", "mcpServers", GOOD, NONSENSE, ("mcp", "list")),
    "cline": (
        ".cline/data/settings/cline_mcp_settings.json",
        "mcpServers",
        GOOD,
        {"type": "http", "url": "https://x.example"},
        ("config", "mcp", "--json"),
    ),
    "codex": (
        ".codex/config.toml",
        "mcp_servers",
        GOOD,
        {"command": "/bin/false", "url": "https://x.example"},
        ("mcp", "list", "--json"),
    ),
    "copilot-cli": (".copilot/mcp-config.json", "mcpServers", GOOD, NONSENSE, ("mcp", "list", "--json")),
    "factory-droid": (".factory/mcp.json", "mcpServers", {"type": "stdio", **GOOD}, NONSENSE, ("mcp", "list")),
    "kilo": (".config/kilo/kilo.json", "mcp", TYPED, {"type": "local", "command": "x"}, ("debug", "config")),
    "opencode": (
        ".config/opencode/opencode.json",
        "mcp",
        TYPED,
        {"type": "local", "command": "x"},
        ("debug", "config"),
    ),
}


@pytest.mark.parametrize("host", sorted(CASES))
def test_what_a_bad_entry_takes_with_it(host: str, tmp_path: Path) -> None:
    path, key, good, bad, words = CASES[host]
    row = bundled_rows()[host]
    assert decode(row, good).problem is None
    assert decode(row, bad).problem is not None
    household = Household.of(host, tmp_path)
    household.write(path, _text(path, {key: {"fine": good}}))
    assert "fine" in _told(household, words)
    household.write(path, _text(path, {key: {"fine": good, "broken": bad}}))
    told = _told(household, words)
    assert ("fine" in told) is (row.bad_entry == "entry"), told


def _told(household: Household, words: tuple[str, ...]) -> set[str]:
    """The words of its answer, without the signs around them; nothing where it fails."""
    done = household.ask(*words)
    return (
        set()
        if done.returncode
        else {word.strip('":,{[') for word in done.stdout.replace(",", " ").split()}
        | {name for name in ("fine", "broken") if f'"name":"{name}"' in done.stdout}
    )


def _text(path: str, document: dict) -> str:
    if not path.endswith(".toml"):
        return json.dumps(document)
    ((key, entries),) = document.items()
    tables = [
        "\n".join([f"[{key}.{name}]", *(f"{field} = {json.dumps(value)}" for field, value in entry.items())])
        for name, entry in entries.items()
    ]
    return "\n".join(tables)
