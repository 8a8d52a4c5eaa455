"""Real files of these hosts: every entry decodes, and what decodes can be written back and read the same."""

import json
import re
import tomllib
from pathlib import Path

from mcpconf.hosts.dialect import cannot_say, decode, encode
from mcpconf.hosts.grants import grants
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.servers import entries
from mcpconf.model.observed import Location, ObservedFile
from mcpconf.ports import Facts
from tests.corpus import CORPUS

ROOT = Path(__file__).parents[2]
DATA = ROOT / "mcpconf" / "hosts" / "data"
ROWS = {row.id: row for row in (load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml")))}
FACTS = Facts("linux", "/home/dev", "dev", "1")
KINDS = {
    "claude-code": ("claude-code", "mcp"),
    "claude-json": ("claude-code", "state"),
    "claude-settings": ("claude-code", "settings"),
    "cursor": ("cursor", "user"),
    "vscode": ("vscode", "user"),
    "vscode-settings": ("vscode", "settings"),
    "codex": ("codex", "user"),
}


def index():
    if not (CORPUS / "INDEX.jsonl").is_file():
        print("corpus: not present")
        return []
    return [json.loads(line) for line in (CORPUS / "INDEX.jsonl").read_text().splitlines()]


def documents():
    for item in index():
        path = CORPUS / item["file"]
        if item["host"] in KINDS and path.is_file():
            parsed = parse(path)
            if parsed is not None:
                yield item, *KINDS[item["host"]], parsed


def parse(path):
    text = path.read_text(errors="replace")
    try:
        return (
            tomllib.loads(text)
            if path.suffix == ".toml"
            else json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
        )
    except ValueError:
        return None


def place(host, file):
    about = ROWS[host].files[file]
    return Location(host, file, about.scope, "", f"/{file}", about.format, about.write)


def test_every_entry_decodes_and_the_counts_agree():
    for item, host, file, parsed in documents():
        servers = entries(ROWS[host], FACTS, place(host, file), parsed)
        if item["host"] in ("claude-code", "cursor", "vscode", "codex"):
            container = parsed.get({"vscode": "servers", "codex": "mcp_servers"}.get(host, "mcpServers"), {})
            assert len(servers.found) == (len(container) if isinstance(container, dict) else 0), item["file"]
            assert len(servers.problems) == (not isinstance(container, dict)), item["file"]
        for server in servers.found:
            decoded = decode(ROWS[host], server.raw)
            assert (decoded.entry.transport == "unknown") <= (decoded.problem is not None), item["file"]


def test_what_was_read_can_be_written_and_reads_the_same():
    for item, host, file, parsed in documents():
        row = ROWS[host]
        for server in entries(row, FACTS, place(host, file), parsed).found:
            decoded = decode(row, server.raw)
            if decoded.problem is None and not cannot_say(row, decoded.entry, FACTS, "user"):
                again = decode(row, encode(row, decoded.entry, FACTS, "user").value)
                assert (again.entry, again.problem) == (decoded.entry, None), item["file"]


def test_grants_name_servers_and_switches_only():
    for item, host, file, parsed in documents():
        seen = ObservedFile(place(host, file), present=True)
        for grant in grants(ROWS[host], FACTS, seen, parsed, []):
            assert grant.value is True or not grant.value.startswith(("Bash(", "Read(", "WebFetch(")), item["file"]
            assert grant.server or grant.whole or grant.effect == "trust", item["file"]
