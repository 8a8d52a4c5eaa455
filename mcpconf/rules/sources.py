"""Rules about where the bytes of a server come from when it is started."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts.pinning import from_store
from mcpconf.artifacts.redirects import Redirect
from mcpconf.errors import Problem, Where
from mcpconf.packages import recognise_entry
from mcpconf.packages.settings import Client, Setting
from mcpconf.packages.sources import Source, sources
from mcpconf.rules.frame import Case, Evidence, Hit, Rule

_NAMED = 3
_CLIENTS: dict[str, Client] = {"uv": "uv", "uvx": "uv", "pipx": "pip"}
"""Which settings a program that starts PyPI packages reads."""


def _from_elsewhere(evidence: Evidence) -> Iterator[Hit]:
    yield from _launched(evidence)
    yield from _redirected(evidence)


def _launched(evidence: Evidence) -> Iterator[Hit]:
    ours = _ours(evidence)
    for case in evidence.cases:
        held = case.server is not None and (case.server.hash or evidence.situation.supplied.locked(case.name))
        for source in dict.fromkeys(sources(case.entry)):
            if held and source.is_archive:
                continue  # an archive that a hash holds to its bytes cannot change by itself
            if source.said_by and source.address.casefold() in ours:
                continue
            message = f"`{case.name}` {_told(source)}"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=source.address)


def _told(source: Source) -> str:
    if source.said_by:
        return f"takes packages from `{source.address}`, as `{source.said_by}` says, which is no known registry"
    if source.is_archive:
        return f"is the file at {source.address}, which no registry answers for and which can change by itself"
    return f"is fetched from {source.address} without encryption, so that anybody on the way can replace it"


def _ours(evidence: Evidence) -> frozenset[str]:
    return frozenset(map(str.casefold, evidence.manifest.policy.registries))


def _redirected(evidence: Evidence) -> Iterator[Hit]:
    """Files are looked for only where a client that reads them is started."""
    fetched = dict(_fetched(evidence))
    if not fetched:
        return
    clients = sorted({client for client, _ in fetched.values()})
    found = [*evidence.situation.supplied.redirects(clients, evidence.situation.observed.projects)]
    ours = _ours(evidence)
    for item in found:
        path = _spelled(item.path, evidence.situation.home)
        if isinstance(item.said, Problem):
            message = f"`{path}` cannot be read: whether packages come from a known registry is unknown"
            yield Hit("observed", path, message, "look at the file", Where(item.path), severity="warning")
        elif item.said.address.casefold() not in ours:
            yield from _redirect(item, path, fetched, _scopes(item.path, found))


def _fetched(evidence: Evidence) -> Iterator[tuple[str, tuple[Client, str]]]:
    """Servers by name, with the client that fetches each when it is started, and the package."""
    for case in evidence.cases:
        launched = recognise_entry(case.entry)
        if launched.package is None or not launched.argv or _is_stored(case, evidence):
            continue
        program = launched.argv[0].replace("\\", "/").rpartition("/")[2].partition(".")[0]
        client: Client | None = "npm" if launched.package.ecosystem == "npm" else _CLIENTS.get(program)
        if client is not None:
            yield case.name, (client, launched.package.name)


def _is_stored(case: Case, evidence: Evidence) -> bool:
    return case.subject == "desired" and case.server is not None and from_store(evidence.manifest, case.name)


def _spelled(path: str, home: str) -> str:
    return f"~{path.removeprefix(home)}" if home and path.startswith(f"{home}/") else path


def _scopes(path: str, found: list[Redirect]) -> frozenset[str]:
    """Scopes that a file has a registry of their own for."""
    return frozenset(item.said.scope for item in found if item.path == path and isinstance(item.said, Setting)) - {""}


def _redirect(
    item: Redirect, path: str, fetched: dict[str, tuple[Client, str]], scopes: frozenset[str]
) -> Iterator[Hit]:
    assert isinstance(item.said, Setting)
    said, names = item.said, []
    for name, (client, package) in fetched.items():
        scope = package.partition("/")[0]
        if client == item.client and (scope == said.scope if said.scope else scope not in scopes):
            names.append(f"`{name}`")
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        message = f"{', '.join(names[:_NAMED])}{more} would be fetched from `{said.address}`, as `{said.key}` says in `{path}`, which is no known registry"
        where = Where(item.path, said.line)
        yield Hit("observed", path, message, "", where, said.address, severity="warning")


RULES = (
    Rule(
        id="MCP106",
        title="code from another place than a known registry",
        severity="error",
        threat="installer spoofing, name collision",
        owasp="MCP04:2025",
        check=_from_elsewhere,
        what="A registry or index other than those that npm, uv and pip ask by themselves, given by an option (`--registry`, `--index-url`) or a variable (`npm_config_registry`, `UV_INDEX_URL`); the same in a file that a client reads where the server is started (`.npmrc` of the system, the user and projects, `uv.toml`, `pip.conf`); an archive at an address that neither a hash nor the lock holds to its bytes; a repository that is fetched without encryption.",
        why="Under the name and version that were approved, another registry gives what it likes. An index that is asked as well wins wherever it offers a higher version.",
        example="uvx --extra-index-url https://packages.example.org/simple acme-files==1.2.0",
        fix="take it from the known registry; if the place is one of your own, name its host in `policy.registries`",
    ),
)
