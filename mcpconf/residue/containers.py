"""Containers that may start a server again: what ToolHive keeps of its workloads, and compose files of projects.

https://github.com/stacklok/toolhive, `pkg/runner/config.go` and `pkg/state`, 2026-11: one JSON file for each workload.
https://docs.docker.com/compose/intro/compose-application-model, 2026-11: the names of compose files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.commands import typed
from mcpconf.packages import recognise
from mcpconf.ports import Facts
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.documents import Document, Found, Said, Told, address, images, named_in
from mcpconf.residue.looking import MOST, Looked, Surroundings

_COMPOSE = re.compile(r"(?:docker-)?compose(?:\.[\w-]{1,64})?\.ya?ml")


def workloads(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    folder = _folder(around.machine.facts)
    names = around.machine.files.names(folder)
    if isinstance(names, Problem):
        return Looked(problems=(names,))
    files = [name for name in names if name.endswith(".json")][:MOST]
    return named_in(around, gone, [Document(f"{folder}/{name}") for name in files], _workload, _of_workload)


def composed(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    documents = (
        Document(f"{folder}/{name}", folder, "yaml")
        for folder in around.observed.projects
        for name in around.names(folder)
        if _COMPOSE.fullmatch(name)
    )
    return named_in(around, gone, documents, images, _of_compose)


def _workload(value: Json) -> Iterator[Said]:
    if not isinstance(value, dict):
        return
    image, url = value.get("image"), value.get("remote_url")
    if isinstance(image, str) and image:
        yield Said((), recognise(["docker", "run", image]).identity)
    if isinstance(url, str):
        yield Said((), address(url))


def _of_workload(found: Found) -> Told:
    name = found.value.get("name") or found.document.path.rpartition("/")[2].removesuffix(".json")
    message = f"`{found.gone.identity}` is still a workload of ToolHive, `{name}`"
    return Told(message, typed("thv", "rm", str(name)), "medium")


def _of_compose(found: Found) -> Told:
    message = f"`{found.gone.identity}` is a service of this project, and starts with the others"
    return Told(message, f"take it out of {found.where}, and remove its containers and volumes", "medium")


def _folder(facts: Facts) -> str:
    match facts.os:
        case "windows":
            state = facts.folder("LOCALAPPDATA", f"{facts.home}/AppData/Local")
        case "macos":
            state = facts.folder("XDG_STATE_HOME", f"{facts.home}/Library/Application Support")
        case _:
            state = facts.folder("XDG_STATE_HOME", f"{facts.home}/.local/state")
    return f"{state}/toolhive/runconfigs"
