"""The law of the editors on real host files, where a collection of them is at hand (MCPCONF_CORPUS)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpconf.canonical import same
from mcpconf.formats import FORMATS, FormatError, decode_text, encode_text
from mcpconf.model.base import ABSENT, APPEND, Element
from tests.corpus import CORPUS

CONTAINERS = (
    ("mcpServers",), ("servers",), ("mcp", "servers"), ("mcp",), ("context_servers",), ("mcp_servers",),
    ("server", "mcp_config"), ("amp.mcpServers",), ("extensions",), ("projects",),
)  # fmt: skip
SERVER = {"command": "npx", "args": ["-y", "some-server@1.2.0"], "env": {"A_KEY": 'a \\ "value" é'}, "more": {}}

FAULTY = {
    "claude-desktop/008": "lines with `#`",
    "gemini-cli/006": "a comma is missing",
    "generic/023": "two documents",
    "jetbrains-air/001": "a template",
    "mcpb-manifest/001": "an object never ends",
    "claude-plugin/002": "the container is the name of another file",
    "claude-plugin/003": "the container is the name of another file",
    "claude-settings/012": "the container is the name of another file",
    "claude-settings/013": "the container is the name of another file",
}
TOLERATED = ("kiro/010", "opencode/003", "opencode/005", "opencode/013", "opencode/023", "vscode/010", "vscode/012",
             "zed/002", "zed/003", "zed/004", "zed/005", "zed/006", "zed/007")  # fmt: skip
REFUSED = {
    "json": FAULTY | dict.fromkeys(TOLERATED, "comments or trailing commas"),
    "jsonc": FAULTY,
    "toml": {},
    "yaml": {"goose/002": "a duplicate key, at which goose stops too"},
}


def files(form: str) -> list[Path]:
    endings = {"toml": {".toml"}, "yaml": {".yaml", ".yml"}}.get(form, {".json", ".jsonc"})
    return sorted(path for path in CORPUS.glob("*/*") if path.suffix in endings)


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name[:3]}"


def container(value):
    for path in CONTAINERS:
        held = value
        for step in path:
            held = held.get(step) if isinstance(held, dict) else None
        if isinstance(held, (dict, list)):
            return path, held
    return ("mcpServers",), {}


def refusals(form: str) -> dict[str, tuple[str, bool]]:
    """Apply the law to every file; what is refused, by name, with the kind of problem and whether its line is told."""
    found = {}
    for path in files(form):
        data = path.read_bytes()
        text = decode_text(data)
        assert encode_text(text) == data
        try:
            law(form, text)
        except FormatError as error:
            found[name(path)] = error.kind, error.line is not None
    return found


def law(form: str, text: str) -> None:
    put = FORMATS[form].put
    value = FORMATS[form].parse(text).value
    where, held = container(value)
    step = Element("new-server", "name") if isinstance(held, list) else "new-server"
    wanted = {"name": "new-server", **SERVER} if isinstance(held, list) else SERVER
    removed = where if where[0] not in value else (*where, step)
    assert put(put(text, (*where, step), wanted), removed, ABSENT) == text
    assert where[0] not in value or put(text, where, held) == text
    for server, entry in held.items() if isinstance(held, dict) else named(held):
        if isinstance(entry, dict):
            restored(form, text, (*where, server), entry)


def named(held: list):
    """Servers of a list, with the step to each, and without their names, which must not change on the way."""
    for entry in held:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield Element(entry["name"], "name"), {key: value for key, value in entry.items() if key != "name"}


def restored(form: str, text: str, where, entry) -> None:
    """Change each part of a server and put it back; in lists the first element, then one more at the end."""
    put, parse = FORMATS[form].put, FORMATS[form].parse
    for key, old in entry.items():
        path = (*where, key)
        once = put(text, path, "other")
        back = put(once, path, old)
        assert same(parse(back).value, parse(text).value)
        if isinstance(old, str) and json.dumps(old, ensure_ascii=False) in text:
            assert back == text, (path, old)
        if isinstance(old, list) and old and all(isinstance(item, str) for item in old):
            assert put(put(text, path, ["other", *old[1:]]), path, old) == text, (path, old)
            assert put(put(text, (*path, APPEND), "other"), path, old) == text, (path, old)


@pytest.mark.parametrize("form", ["json", "jsonc", "toml", "yaml"])
def test_real_files_come_back_byte_for_byte(form, capsys) -> None:
    if not CORPUS.is_dir():
        with capsys.disabled():
            print("corpus: not present")
        return
    found = refusals(form)
    assert sorted(found) == sorted(REFUSED[form])
    for file, told in found.items():
        reason = REFUSED[form][file]
        kind = next((kind for kind in ("container", "duplicate-key") if kind.replace("-", " ") in reason), "malformed")
        assert told == (kind, True)
