"""What speaks against a server that a registry tells of: its name, its title, where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.authoring.drafting import read
from mcpconf.authoring.registry_offers import parts_of
from mcpconf.model.asked import parse_package
from mcpconf.model.base import Json
from mcpconf.model.finding import Finding
from mcpconf.model.package import Package
from mcpconf.model.registry import NOT_LINKED, RegistryServer
from mcpconf.model.written import shown
from mcpconf.packages.known import KNOWN
from mcpconf.packages.likeness import alike, strange_letters

LOOK_ALIKE = "MCP002"
_MOST = 3
_FORGES = {"io.github.": "github.com", "io.gitlab.": "gitlab.com"}
"""Namespaces that belong to whoever has the account of that name."""


def approved(path: str) -> Mapping[Package, str]:
    """The packages of a manifest, with the name of a server that has each. Raises McpconfError."""
    servers = read(path)[1].manifest.servers
    return {server.package: name for name, server in reversed(servers.items()) if server.package is not None}


def judged(server: RegistryServer, made: Mapping[str, Json], known: Mapping[Package, str]) -> list[Finding]:
    """By what can be seen without asking anybody."""
    found = list(_look_alikes(made, known))
    word = strange_letters(server.title) or strange_letters(server.description)
    if word:
        message = f"{shown(word)} in what {shown(server.name)} calls itself has letters of another script that look like Latin ones"
        found.append(Finding(LOOK_ALIKE, "warning", "desired", "", message, "look at its name, not at its title"))
    return [*found, *_strange_repository(server)]


def _look_alikes(made: Mapping[str, Json], known: Mapping[Package, str]) -> Iterator[Finding]:
    if "package" not in made:
        return
    package = parse_package(made["package"])
    if package in known:
        return
    found = [(item, f"`{item.other}` of `{known[item.other]}`") for item in alike(package, known)]
    found += [(item, f"the known `{item.other}`") for item in alike(package, KNOWN) if item.other not in known]
    for item, other in found[:_MOST]:
        message = f"`{package}` looks like {other}: {item.how}"
        hint = "compare it with the name that you meant, before you apply it"
        yield Finding(LOOK_ALIKE, "warning", "desired", "", message, hint)


def _strange_repository(server: RegistryServer) -> Iterator[Finding]:
    """A registry asks who owns the namespace, and nobody whose repository it is."""
    namespace = server.name.partition("/")[0]
    for prefix, forge in _FORGES.items():
        host, path = parts_of(server.repository.url)
        owner = path.strip("/").partition("/")[0]
        stated = namespace.lower().removeprefix(prefix)
        if namespace.lower().startswith(prefix) and owner and (host, owner.lower()) != (forge, stated):
            message = f"{shown(server.name)} names {shown(server.repository.url)} as its repository, which is not `{stated}`'s"
            hint = "look at who publishes both, before you apply it"
            yield Finding(NOT_LINKED, "warning", "desired", "", message, hint)
