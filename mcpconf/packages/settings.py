"""What files of npm, uv and pip say about the registry that packages come from. Tokens stand in them too, and are not read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from mcpconf.packages.sources import unknown_registry

Client = Literal["npm", "uv", "pip"]

_NPM = re.compile(r"[ \t]*(?:(?P<scope>@[^:=\s]{1,214}):)?registry[ \t]*=[ \t]*[\"']?(?P<address>[^\s\"']{1,2048})")
"""docs.npmjs.com/cli/v11/configuring-npm/npmrc, 2026-11."""

_PIP = re.compile(r"[ \t]*(?P<key>index[-_]url|extra[-_]index[-_]url|find[-_]links)[ \t]*[=:](?P<value>.*)")
"""pip.pypa.io/en/stable/topics/configuration, 2026-11. What is indented goes on with the key above."""

_UV = ("index-url", "extra-index-url", "find-links")
"""docs.astral.sh/uv/reference/settings, 2026-11; `uvx` reads no file of a project."""


class Setting(NamedTuple):
    """One registry that is not known. `address` is its host; `scope` is that of the npm packages it is for, "" for all others."""

    key: str
    address: str
    scope: str
    line: int


def settings(client: Client, text: str) -> Iterator[Setting]:
    """Raises ValueError for what the client itself cannot read."""
    match client:
        case "npm":
            yield from _of_npm(text)
        case "uv":
            yield from _of_uv(text)
        case "pip":
            yield from _of_pip(text)


def _of_npm(text: str) -> Iterator[Setting]:
    for number, line in enumerate(text.splitlines(), 1):
        match = _NPM.match(line)
        address = unknown_registry(match["address"]) if match else ""
        if match and address:
            scope = match["scope"] or ""
            yield Setting(f"{scope}:registry" if scope else "registry", address, scope, number)


def _of_uv(text: str) -> Iterator[Setting]:
    said: dict[str, Any] = tomllib.loads(text)
    indexes = said.get("index", [])
    found = [("index", item.get("url")) for item in indexes if isinstance(item, dict)]
    for key in _UV:
        value = said.get(key, [])
        found += [(key, item) for item in (value if isinstance(value, list) else [value])]
    for key, value in found:
        if isinstance(value, str) and (address := unknown_registry(value)):
            yield Setting(key, address, "", text.count("\n", 0, max(text.find(value), 0)) + 1)


def _of_pip(text: str) -> Iterator[Setting]:
    key = ""
    for number, line in enumerate(text.splitlines(), 1):
        match = _PIP.match(line)
        if match:
            key, value = match["key"].replace("_", "-"), match["value"]
        elif line[:1] in (" ", "\t"):
            value = line
        else:
            key = ""
            continue
        for word in value.split() if key else ():
            if address := unknown_registry(word):
                yield Setting(key, address, "", number)
