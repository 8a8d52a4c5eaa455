"""Adding a server by the document that a registry has of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from mcpconf.authoring import servers
from mcpconf.authoring.registry_doubts import approved, judged
from mcpconf.authoring.registry_inputs import Filling, Said, SaidError
from mcpconf.authoring.registry_links import back_link
from mcpconf.authoring.registry_offers import KINDS, Offer, entry, offers
from mcpconf.authoring.registry_source import Source, published
from mcpconf.documents.editing import Revised
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.importer.grouping import LONGEST_NAME
from mcpconf.model.base import Json
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Server
from mcpconf.model.registry import WITHDRAWN, Listing
from mcpconf.model.written import RefusedError, refused, shown
from mcpconf.packages import recognise_entry
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import find, redact
from mcpconf.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Request:
    """`name` is the registry's, or the manifest's where a file has the server. `package` is a kind or a whole name.

    `more` are keys of the server that no registry knows: its owner, until when it is approved.
    """

    name: str
    alias: str = ""
    version: str = ""
    package: str = ""
    said: Said = field(default_factory=Said)
    more: Mapping[str, Json] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is taken, as the manifest has it, and why others before it were not."""

    offer: Offer
    made: Mapping[str, Json]
    filling: Filling
    passed: tuple[str, ...]


def add(path: str, request: Request, source: Source, workshop: Workshop, *, write: bool = True) -> Revised:
    """Add a server as a registry tells of it. Raises McpconfError.

    Exit 64 for what cannot be added or needs more to be said, 3 for what the registry has deleted, and as `published`.
    """
    found = published(request.name, request.version, source, None if workshop.offline else workshop.web)
    findings = _status(found)
    name = request.alias or portable(request.name)
    chosen = choose(found, request, name)
    findings += judged(found.server, chosen.made, approved(path))
    server = {**chosen.made, **request.more}
    servers.add(path, name, server, request.hosts, write=False)
    link = back_link(chosen.offer, found.server.name, workshop)
    findings += [link] if isinstance(link, Finding) else []
    revised = servers.add(path, name, server, request.hosts, write=write)
    notes = (*_notes(found, chosen, request), *([link] if link and isinstance(link, str) else []), *revised.notes)
    return replace(
        revised, next="lock", notes=notes, findings=tuple(replace(item, address=f"server:{name}") for item in findings)
    )


def portable(name: str) -> str:
    """A name for the manifest: what stands behind the namespace, in letters that every host takes."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.rpartition("/")[2].lower()).strip("-")
    return plain[:LONGEST_NAME].strip("-") or "server"


def _status(found: Listing) -> list[Finding]:
    told = f"`{found.server.name}` {shown(found.server.version)}"
    status = "deleted" if "deleted" in (found.status, found.server.status) else found.status
    status = found.server.status if status == "active" else status
    why = f": {found.status_message}" if found.status_message else ""
    if status == "deleted":
        message = f"{WITHDRAWN}: {told} was deleted from its registry{why}"
        hint = "registries delete spam, malware and what is illegal; do not take it from elsewhere either"
        raise McpconfError(ExitCode.BLOCKED, Problem("invalid", message, None, hint))
    if status == "deprecated":
        hint = "look for what takes its place: `mcpconf search TEXT`"
        return [Finding(WITHDRAWN, "warning", "desired", "", f"{told} is deprecated{why}", hint)]
    return []


def choose(found: Listing, request: Request, name: str) -> Chosen:
    """The first of what is offered that a manifest can say. Raises McpconfError (exit 64)."""
    every = offers(found.server)
    wanted = [offer for offer in every if request.package in ("", offer.kind, offer.name)]
    if not wanted:
        there = ", ".join(shown(offer.name) for offer in every)
        message = (
            f"{shown(found.server.name)} has no package {shown(request.package)}" if every else "it publishes nothing"
        )
        raise _usage(Problem("usage", message, None, f"there is {there}" if every else "ask its publisher"))
    problems: list[Problem] = []
    for offer in wanted:
        filling = Filling(name, request.said)
        try:
            made = _checked(offer, entry(offer, filling), filling)
        except SaidError as error:
            raise _usage(*_problems(offer, error)) from None
        except RefusedError as error:
            problems += _problems(offer, error)
            continue
        passed = tuple(f"passed by: {problem.message}; {problem.hint}" for problem in problems)
        return Chosen(offer, made, filling, passed)
    raise _usage(*problems)


def _checked(offer: Offer, made: dict[str, Json], filling: Filling) -> dict[str, Json]:
    """The server, if it is whole and a manifest may hold it. Raises RefusedError, or SaidError for what the user must say."""
    wrong = filling.unknown()
    if wrong is not None:
        raise wrong
    if filling.missing:
        raise SaidError(*filling.faults())
    try:
        server = Server.model_validate(made)
    except ValidationError as error:
        raise _in_words(error) from None
    if offer.kind == "mcpb":
        return made
    plain = neutral(server)
    if offer.kind in ("npm", "pypi") and recognise_entry(plain).floating:
        raise refused(f"asks for {shown(offer.version)}, which is no exact version", "ask its publisher for one")
    for secret in find(plain):
        raise refused(f"holds a secret in clear in `{secret.place}`", "ask its publisher to mark it as `isSecret`")
    return made


def _in_words(error: ValidationError) -> RefusedError:
    """What a manifest has against it, at the first place."""
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, RefusedError):
        fault = cause.faults[0]
        at = ".".join(map(str, (*first["loc"], *fault.at)))
        return refused(f"cannot be said in a manifest: {shown(at)} {fault.message}", fault.hint or "ask its publisher")
    place = ".".join(map(str, first["loc"]))
    return refused(f"cannot be said in a manifest: {shown(place)}: {first['msg'].lower()}", "ask its publisher")


def _problems(offer: Offer, error: RefusedError) -> list[Problem]:
    """Publishers leave keys of their own in documents; nobody needs to see them once more."""
    told = [(redact(f"{shown(offer.name)} {fault.message}"), redact(fault.hint)) for fault in error.faults]
    return [Problem("usage", message, None, hint) for message, hint in told]


def _notes(found: Listing, chosen: Chosen, request: Request) -> Sequence[str]:
    offer, filling, server = chosen.offer, chosen.filling, found.server
    taken = f"{shown(offer.name)} {shown(offer.version)}" if offer.version else shown(offer.name)
    notes = [f"it is {taken}, of {shown(server.name)} {shown(server.version)}"]
    others = [other for other in offers(server) if other is not offer and other.name != offer.name]
    if others:
        listed = ", ".join(f"{shown(other.name)} (`{other.kind}`)" for other in others[:8])
        notes.append(f"it is also published as {listed}; `--package` picks one of {', '.join(map(shown, KINDS))}")
    if not request.version and not _is_semantic(server.version):
        notes.append(
            f"{shown(server.version)} is the latest that the registry tells of, but does not sort: compare `--version`"
        )
    notes += chosen.passed
    notes += filling.notes
    notes += (f"left out: {shown(name)}; {text}" for name, text in filling.left.items())
    if filling.secrets:
        names = ", ".join(map(shown, filling.secrets))
        notes.append(f"set {names} where the hosts start: a manifest holds the names of secrets only")
    return tuple(map(redact, notes))


def _is_semantic(version: str) -> bool:
    """Registries take any other version for the latest whenever it is published."""
    return re.fullmatch(r"v?(?:0|[1-9][0-9]*)(?:\.[0-9]+){2}(?:[-+][0-9A-Za-z.+-]+)?", version) is not None


def _usage(*problems: Problem) -> McpconfError:
    return McpconfError(ExitCode.USAGE, *problems)
