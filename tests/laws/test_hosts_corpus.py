"""Files as people have them, from a corpus where there is one, and peculiar shapes of it that are always here.

For every file: what we decode is what the host sees, judged by a second reading (`second_opinion`); no entry is lost or
invented; what was read can be written and reads the same; a file that cannot be read is named with line and column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from mcpconf.formats import FORMATS, FormatError
from mcpconf.hosts.dialect import cannot_say, decode, encode
from mcpconf.hosts.grants import grants
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.servers import entries
from mcpconf.model.address import Address
from mcpconf.model.entry import Entry, Reference, Value
from mcpconf.model.observed import Location, ObservedFile
from mcpconf.ports import Facts
from tests.corpus import CORPUS
from tests.laws.plain_documents import RepeatedKeyError, read_document
from tests.laws.second_opinion import HABITS, SKIPPED, Broken, Sight, servers
from tests.world import World

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "mcpconf" / "hosts" / "data"
ROWS = {row.id: row for row in (load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml")))}
FACTS = Facts("linux", "/home/dev", "dev", "1")

KINDS = {
    "claude-code": ("claude-code", "mcp"),
    "claude-json": ("claude-code", "state"),
    "claude-settings": ("claude-code", "settings"),
    "misplaced-claude": ("claude-code", "settings"),
    "cursor": ("cursor", "user"),
    "vscode": ("vscode", "user"),
    "vscode-settings": ("vscode", "settings"),
    "codex": ("codex", "user"),
    "claude-desktop": ("claude-desktop", "user"),
    "gemini-cli": ("gemini-cli", "user"),
    "opencode": ("opencode", "user"),
    "misplaced-opencode": ("opencode", "user"),
    "zed": ("zed", "user"),
    "goose": ("goose", "config"),
    "continue": ("continue", "user"),
    "windsurf": ("windsurf", "user"),
    "cline": ("cline", "user"),
    "roo": ("roo", "user"),
    "kiro": ("kiro", "user"),
    "kiro-power": ("kiro", "user"),
    "kilo": ("kilo-old", "user"),
    "amazonq": ("amazon-q", "user"),
    "copilot-cli": ("copilot-cli", "user"),
    "qwen": ("qwen-code", "user"),
    "junie": ("junie", "user"),
    "crush": ("crush", "user"),
    "amp": ("amp", "user"),
    "factory": ("factory-droid", "user"),
    "antigravity": ("antigravity", "user"),
    "grok": ("grok-build", "user"),
    "generic": ("cursor", "user"),
    "jetbrains-air": ("cursor", "user"),
}
"""Where the files of a kind would lie; those of no host in particular are read as one that many tools copy."""

PATHS = {
    ("claude-code", "mcp"): "~/app/.mcp.json",
    ("claude-code", "state"): "~/.claude.json",
    ("claude-code", "settings"): "~/.claude/settings.json",
    ("cursor", "user"): "~/.cursor/mcp.json",
    ("vscode", "user"): "~/.config/Code/User/mcp.json",
    ("vscode", "settings"): "~/.config/Code/User/settings.json",
    ("codex", "user"): "~/.codex/config.toml",
    ("claude-desktop", "user"): "~/.config/Claude/claude_desktop_config.json",
    ("gemini-cli", "user"): "~/.gemini/settings.json",
    ("opencode", "user"): "~/.config/opencode/opencode.json",
    ("zed", "user"): "~/.config/zed/settings.json",
    ("goose", "config"): "~/.config/goose/config.yaml",
    ("continue", "user"): "~/.continue/config.yaml",
    ("windsurf", "user"): "~/.codeium/windsurf/mcp_config.json",
    ("cline", "user"): "~/.cline/data/settings/cline_mcp_settings.json",
    ("roo", "user"): "~/.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ("kiro", "user"): "~/.kiro/settings/mcp.json",
    ("kilo", "user"): "~/.config/kilo/kilo.json",
    ("kilo-old", "user"): "~/.kilocode/mcp.json",
    ("amazon-q", "user"): "~/.aws/amazonq/mcp.json",
    ("copilot-cli", "user"): "~/.copilot/mcp-config.json",
    ("qwen-code", "user"): "~/.qwen/settings.json",
    ("junie", "user"): "~/.junie/mcp/mcp.json",
    ("crush", "user"): "~/.config/crush/crush.json",
    ("amp", "user"): "~/.config/amp/settings.json",
    ("factory-droid", "user"): "~/.factory/mcp.json",
    ("antigravity", "user"): "~/.gemini/config/mcp_config.json",
    ("grok-build", "user"): "~/.grok/config.toml",
}

DELIBERATE = {
    "a key is there twice": "JSON readers take the last one in silence; a reader that takes the first sees another server",
    "a second server is named": "the host takes the first in silence; a name must lead to one server",
}
"""What we refuse though the host goes on, and why."""


class Document(NamedTuple):
    name: str
    host: str
    file: str
    text: str
    fault: str = ""


def corpus() -> Iterator[Document]:
    if not (CORPUS / "INDEX.jsonl").is_file():
        print("corpus: not present")
        return
    for line in (CORPUS / "INDEX.jsonl").read_text().splitlines():
        item = json.loads(line)
        path = CORPUS / item["file"]
        if KINDS.get(item["host"], ("",))[0] in ROWS and path.is_file():
            yield Document(item["file"], *KINDS[item["host"]], path.read_bytes().decode(errors="replace"))


def peculiar() -> Iterator[Document]:
    """Of hosts without a row as soon as they have one."""
    found = (Document(**item) for item in yaml.safe_load((HERE / "peculiar.yaml").read_text()))
    yield from (document for document in found if document.host in ROWS)


DOCUMENTS = [*peculiar(), *corpus()]


def place(document: Document) -> Location:
    about = ROWS[document.host].files[document.file]
    path = PATHS[document.host, document.file]
    return Location(document.host, document.file, about.scope, "", path, about.format, about.write)


def parsed(document: Document):
    try:
        found = FORMATS[ROWS[document.host].files[document.file].format].parse(document.text)
    except FormatError:
        return None
    return None if found.duplicates else found.value


READABLE = [(document, value) for document in DOCUMENTS if (value := parsed(document)) is not None]


def test_the_synthetic_shapes_are_there():
    assert len(list(peculiar())) > 20


def opinion(document: Document):
    """What the host makes of each entry by folder and name, or why it makes nothing of the file."""
    habit = HABITS[document.host, document.file]
    try:
        return servers(habit, read_document(document.text, habit.notation))
    except (Broken, RepeatedKeyError, ValueError) as reason:
        return reason


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_what_we_decode_is_what_the_host_sees(document):
    judged, value = opinion(document), parsed(document)
    assert (value is None) == isinstance(judged, ValueError)
    if value is None:
        return
    row = ROWS[document.host]
    found = entries(row, FACTS, place(document), value)
    if found.problems or isinstance(judged, Broken):
        assert found.problems
        assert isinstance(judged, Broken) or any(found.problems[0].message.startswith(known) for known in DELIBERATE)
        return
    ours = {
        (server.address.project.replace("~", FACTS.home), server.address.server): decode(row, server.raw)
        for server in found.found
    }
    assert set(ours) == {name for name, sight in judged.items() if sight != SKIPPED}
    for name, decoded in ours.items():
        assert (decoded.problem is None) == isinstance(judged[name], Sight), f"{name}: {judged[name]}"
        if decoded.problem is None:
            assert seen(decoded.entry) == judged[name], name


def problems(document: Document):
    return entries(ROWS[document.host], FACTS, place(document), parsed(document)).problems


def seen(entry: Entry) -> Sight:
    """What counts of an entry: a server far away has no process, and a process no address."""
    if entry.transport != "stdio":
        headers = {name: spelled(value) for name, value in entry.headers.items()}
        return Sight(entry.transport, url=spelled(entry.url), headers=headers, enabled=entry.enabled is not False)
    argv = tuple(spelled(value) for value in entry.argv)
    env = {name: spelled(value) for name, value in entry.env.items()}
    return Sight("stdio", argv, env, enabled=entry.enabled is not False)


def spelled(value: Value) -> str:
    return "".join(part if isinstance(part, str) else marked(part) for part in value.parts)


def marked(reference: Reference) -> str:
    default = "" if reference.default is None else f":-{reference.default}"
    return f"<{reference.name or reference.kind}{default}>"


def test_what_was_read_can_be_written_and_reads_the_same():
    for document, value in READABLE:
        row = ROWS[document.host]
        for server in entries(row, FACTS, place(document), value).found:
            decoded = decode(row, server.raw)
            if decoded.problem is None and not cannot_say(row, decoded.entry, FACTS, "user"):
                again = decode(row, encode(row, decoded.entry, FACTS, "user").value)
                assert (again.entry, again.problem) == (decoded.entry, None), document.name


def test_grants_name_servers_and_switches_only():
    for document, value in READABLE:
        file = ObservedFile(place(document), present=True)
        for grant in grants(ROWS[document.host], FACTS, file, value, []):
            assert grant.value is True or not grant.value.startswith(("Bash(", "Read(", "WebFetch(")), document.name
            assert grant.server or grant.whole or grant.effect == "trust", document.name


@pytest.mark.parametrize(
    "document", [item for item in DOCUMENTS if parsed(item) is None], ids=lambda document: document.name
)
def test_a_file_that_cannot_be_read_is_named_with_line_and_column(document, tmp_path):
    world = World(tmp_path)
    world.say(f"mcpconf: 1\nhosts: {{{document.host}: {{}}}}\nprojects: [{{path: '~/app'}}]\n")
    world.path("~/app").mkdir()
    path = PATHS[document.host, document.file]
    world.write(path, document.text)
    ran = world.run("plan", "--format", "json")
    assert ran.code == 8
    (where,) = [
        item["where"] for item in ran.json["unknowns"] if item["where"].startswith(path.replace("~", FACTS.home))
    ]
    line, column = map(int, where.rsplit(":", 2)[1:])
    assert min(line, column) > 0
    assert not document.fault or document.fault == f"{line}:{column}", ran.stdout
    assert f"{path}:{line}:{column}" in world.run("plan").stdout


def test_a_plan_tells_every_entry_of_every_file(tmp_path):
    """One file of each host on one machine after the other."""
    by_place: dict[tuple[str, str], list[Document]] = {}
    for document in DOCUMENTS:
        by_place.setdefault((document.host, document.file), []).append(document)
    for number in range(max(map(len, by_place.values()))):
        world = World(tmp_path / str(number))
        world.say("mcpconf: 1\nprojects: [{path: '~/app'}]\n")
        world.path("~/app").mkdir()
        wanted = set()
        for (host, file), documents in by_place.items():
            if len(documents) <= number:
                continue
            document = documents[number]
            world.write(PATHS[host, file], document.text)
            judged = opinion(document)
            if isinstance(judged, dict) and not problems(document):
                wanted |= {(host, name) for (_, name), sight in judged.items() if sight != SKIPPED}
        told = [Address.parse(item["address"]) for item in world.plan()["unmanaged"] if item["kind"] == "server"]
        assert shown_names({(address.host, address.server) for address in told}, wanted) == wanted, number


def shown_names(told: set[tuple[str, str]], wanted: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What was told, with the name in full where a part of it was taken for a secret of another entry."""
    return {(host, name) if "(redacted)" not in name else _whole(host, name, wanted - told) for host, name in told}


def _whole(host: str, name: str, missing: set[tuple[str, str]]) -> tuple[str, str]:
    pattern = ".+".join(map(re.escape, name.split("(redacted)")))
    return next((pair for pair in missing if pair[0] == host and re.fullmatch(pattern, pair[1])), (host, name))
