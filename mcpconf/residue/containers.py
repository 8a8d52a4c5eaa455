"""Run configurations of ToolHive, from which it starts a server again, in a container or behind a proxy.

https://github.com/stacklok/toolhive, `pkg/runner/config.go` and `pkg/state`, 2026-11: one JSON file for each workload.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.commands import typed
from mcpconf.packages import recognise, url_identity
from mcpconf.ports import Facts
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import MOST, Leftover, Looked, Surroundings, parsed, read, spoken_of


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    folder = _folder(around.machine.facts)
    names = around.machine.files.names(folder)
    if isinstance(names, Problem):
        return Looked(problems=(names,))
    found: list[Leftover] = []
    problems: list[Problem] = []
    for name in [name for name in names if name.endswith(".json")][:MOST]:
        path = f"{folder}/{name}"
        text = read(around, path)
        value = parsed(text, "json", path) if isinstance(text, str) and spoken_of(text, gone) else text
        if isinstance(value, Problem):
            problems.append(value)
        elif isinstance(value, dict):
            identities = {*_identities(value)}
            workload = value.get("name") or name.removesuffix(".json")
            found += (
                Leftover(
                    item,
                    path,
                    f"`{item.identity}` is still a workload of ToolHive, `{workload}`",
                    typed("thv", "rm", str(workload)),
                    "medium",
                )
                for item in gone
                if item.identity in identities
            )
    return Looked(tuple(found), tuple(problems))


def _identities(value: dict[str, Json]) -> Iterator[str]:
    image, url = value.get("image"), value.get("remote_url")
    if isinstance(image, str) and image:
        yield recognise(["docker", "run", image]).identity
    if isinstance(url, str) and url:
        yield url_identity(url)


def _folder(facts: Facts) -> str:
    match facts.os:
        case "windows":
            state = facts.folder("LOCALAPPDATA", f"{facts.home}/AppData/Local")
        case "macos":
            state = facts.folder("XDG_STATE_HOME", f"{facts.home}/Library/Application Support")
        case _:
            state = facts.folder("XDG_STATE_HOME", f"{facts.home}/.local/state")
    return f"{state}/toolhive/runconfigs"
