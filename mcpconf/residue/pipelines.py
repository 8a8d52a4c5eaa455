"""Pipelines of known projects that start what is gone, for everybody and with the secrets of the project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from mcpconf.model.base import Json
from mcpconf.packages import recognise
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.documents import Document, Found, Said, Told, launches, named_in
from mcpconf.residue.looking import MOST, At, Looked, Surroundings, nodes

_FILES = (".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml")
_FOLDERS = (".github/workflows", ".circleci", ".gitea/workflows", ".forgejo/workflows")
_STARTS = re.compile(r"(?:.*/)?(?:npx|bunx|pnpx|pnpm|npm|uvx|uv|pipx|docker|podman|node|python3?|deno)", re.IGNORECASE)
_MOST_STARTS = 20
_LONGEST = 4000
_NAMES_FILE = re.compile(
    r"(?:--mcp-config[= \t]++|\bmcp[_-]config(?:[_-](?:file|path))?:[ \t]*+)(?:\"|')?(?P<path>[\w./-]{1,200}\.json)"
)
"""In a command line, or as the input of an action."""

_ACTIONS = ".github/actions"
_ACTION = ("action.yml", "action.yaml")
"""https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax, 2026-11: what workflows of a project share."""


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    return named_in(around, gone, _documents(around), _started, _told)


def _documents(around: Surroundings) -> Iterator[Document]:
    for folder in around.observed.projects:
        names = around.names(folder)
        for name in (name for name in (*_FILES, *_ACTION) if name in names):
            yield from _with_named(around, Document(f"{folder}/{name}", folder, "yaml"))
        for inner in (inner for inner in _FOLDERS if inner.partition("/")[0] in names):
            for name in around.names(f"{folder}/{inner}")[:MOST]:
                if name.endswith((".yml", ".yaml")):
                    yield from _with_named(around, Document(f"{folder}/{inner}/{name}", folder, "yaml"))
        for name in around.names(f"{folder}/{_ACTIONS}")[:MOST] if ".github" in names else ():
            for base in _ACTION:
                yield from _with_named(around, Document(f"{folder}/{_ACTIONS}/{name}/{base}", folder, "yaml"))


def _with_named(around: Surroundings, document: Document) -> Iterator[Document]:
    """A pipeline, and files of servers that it hands to a host."""
    yield document
    snapshot = around.machine.files.read(document.path, document.within)
    data = getattr(snapshot, "data", b"")
    for match in _NAMES_FILE.finditer(data.decode("utf-8", "replace")):
        if ".." not in match["path"] and not match["path"].startswith("/"):
            yield Document(f"{document.within}/{match['path'].removeprefix('./')}", document.within, "jsonc")


def _started(value: Json) -> Iterator[Said]:
    yield from launches(value)
    for at, text in _texts(value):
        for line in text.splitlines():
            words = tuple(word.strip("\"'`,;()[]{}") for word in line[:_LONGEST].split())
            starts = [index for index, word in enumerate(words) if _STARTS.fullmatch(word)][:_MOST_STARTS]
            yield from (Said(at, recognise(words[start:]).identity) for start in starts)
        start, end = text.find("{"), text.rfind("}")
        if 0 <= start < end:
            yield from (Said(at, said.identity, said.argv) for said in _of_json(text[start : end + 1]))


def _of_json(text: str) -> Iterator[Said]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from launches(value)


def _texts(value: Json) -> Iterator[tuple[At, str]]:
    yield from ((at, node) for at, node in nodes(value) if isinstance(node, str))


def _told(found: Found) -> Told:
    message = f"`{found.gone.identity}` is started by a pipeline of this project, for everybody"
    return Told(message, f"take it out of {found.where}, and commit that", "high")
