"""Where documents of servers come from: a registry's address, a list that was saved, a file with one server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from mcpconf.authoring.registry_reading import Page, listing, page, parse
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.base import Json
from mcpconf.model.registry import OFFICIAL, Listing
from mcpconf.model.written import shown
from mcpconf.system.sources import read_document
from mcpconf.workshop import Web

_API = "v0.1"
_DOCUMENT = 1024 * 1024
_PAGE = 8 * 1024 * 1024
_MOST_PAGES = 50
_PAGE_LENGTH = 100
_OFFLINE = "name a list that was saved from one with `--registry FILE`"


@dataclass(frozen=True, slots=True)
class Source:
    """`file` has one server and counts first, `asked` is an address or the file of a list, "" for the official registry."""

    asked: str = ""
    file: str = ""

    @property
    def registry(self) -> str:
        return self.asked or OFFICIAL

    @property
    def remote(self) -> bool:
        return not self.file and self.registry.startswith(("https://", "http://"))


def published(name: str, version: str, source: Source, web: Web | None) -> Listing:
    """A server by its name, in an exact version or else the one that the registry calls the latest.

    `web` is None for those who may not ask. Raises McpconfError: exit 64 if there is no such server or version, 1 for a
    file that cannot be read, 8 for a registry that cannot be asked or does not answer as one.
    """
    if not source.remote:
        return _saved(name, version, source)
    path = f"servers/{quote(name, safe='')}/versions/{quote(version or 'latest', safe='')}"
    answer = _ask(f"{path}?include_deleted=true", source, web, _DOCUMENT)
    if isinstance(answer, Problem) and answer.kind == "missing":
        which = f"no version {shown(version)} of {shown(name)}" if version else f"no server {shown(name)}"
        raise _usage(
            f"there is {which} at `{source.registry}`", f"`mcpconf search {name.rpartition('/')[2]}` looks for it"
        )
    found = answer if isinstance(answer, Problem) else listing(answer)
    if isinstance(found, Problem):
        raise _unasked(source, found)
    if found.server.name != name or (version and found.server.version != version):
        told = f"{found.server.name} {found.server.version}"
        raise _unasked(source, Problem("malformed", f"it answered with {shown(told)}", None, "check the address"))
    return found


def pages(text: str, source: Source, web: Web | None) -> Iterator[Page]:
    """What a registry lists for a text, page by page, the latest versions. Raises McpconfError, as `published` does."""
    if not source.remote:
        yield _file(source)
        return
    cursor = ""
    for _ in range(_MOST_PAGES):
        asked = urlencode({"search": text, "version": "latest", "limit": str(_PAGE_LENGTH)})
        more = f"&cursor={quote(cursor, safe='')}" if cursor else ""
        answer = _ask(f"servers?{asked}{more}", source, web, _PAGE)
        found = answer if isinstance(answer, Problem) else page(answer)
        if isinstance(found, Problem):
            raise _unasked(source, found)
        yield found
        if not found.cursor or found.cursor == cursor or not found.listings:
            return
        cursor = found.cursor


def _saved(name: str, version: str, source: Source) -> Listing:
    """In a file with one server, a name without `/` is that of the manifest and says nothing about it."""
    found = _file(source)
    where = Where(source.file or source.registry)
    same = [item for item in found.listings if item.server.name == name or (source.file and "/" not in name)]
    if not same:
        raise _usage(f"there is no server {shown(name)} in it", "check the name, or the file", where)
    if source.file and len(same) > 1 and "/" not in name:
        raise _usage("there are several servers in it", "name one: `NAMESPACE/SERVER`", where)
    exact = [item for item in same if item.server.version == version] if version else same
    if not exact:
        there = ", ".join(shown(item.server.version) for item in same[-8:])
        raise _usage(
            f"there is no version {shown(version)} of {shown(same[0].server.name)} in it", f"there is {there}", where
        )
    return next((item for item in exact if item.is_latest), exact[-1])


def _file(source: Source) -> Page:
    path = source.file or source.registry
    value = parse(read_document(path, "document of a registry", "`--registry` takes an `https` address, or a file"))
    found = value if isinstance(value, Problem) else page(value)
    if isinstance(found, Page) and not found.listings and found.skipped:
        one = listing(value)
        found = one if isinstance(one, Problem) else found
    if isinstance(found, Problem):
        raise McpconfError(ExitCode.NO_PLAN, Problem(found.kind, found.message, Where(path), found.hint))
    return found


def _ask(path: str, source: Source, web: Web | None, limit: int) -> Json | Problem:
    if web is None:
        return Problem("not-supported", "`--offline` asks nobody", None, _OFFLINE)
    answer = web.get(f"{source.registry.rstrip('/')}/{_API}/{path}", limit, {"Accept": "application/json"})
    return answer if isinstance(answer, Problem) else parse(answer)


def _unasked(source: Source, problem: Problem) -> McpconfError:
    what = "gives no answer that can be used" if problem.kind == "malformed" else "could not be asked"
    message = f"the registry at {shown(source.registry)} {what}: {problem.message}"
    hint = f"check the network and the address, or {_OFFLINE}" if problem.kind == "unreadable" else problem.hint
    return McpconfError(ExitCode.INCOMPLETE, Problem(problem.kind, message, None, hint))


def _usage(message: str, hint: str, where: Where | None = None) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, where, hint))
