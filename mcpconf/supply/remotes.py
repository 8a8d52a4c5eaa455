"""Ask addresses who gives out tokens for them. Nothing is sent with the question, and no answer leads inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mcpconf.artifacts.metadata import (
    MAXIMUM_BYTES,
    METADATA,
    Resource,
    is_local,
    issuer_addresses,
    read_issuer,
    read_resource,
    resource_addresses,
)
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import LockedServer
from mcpconf.workshop import Workshop

_HEADERS = {"Accept": "application/json"}
_UNTOLD = ("missing", "invalid")
"""Nothing is there, or it is an address that is not asked."""


def described_by(workshop: Workshop) -> Callable[[LockedServer], Mapping[str, Json] | Problem]:
    return lambda locked: described(locked, workshop)


def described(locked: LockedServer, workshop: Workshop) -> Mapping[str, Json] | Problem:
    """The endpoint of a server with what it tells of itself.

    It is as it was where nothing may be asked of the network, and where the server keeps that to itself: then it is not known.
    """
    url = locked.endpoint.get("url")
    if not isinstance(url, str) or "${" in url or workshop.offline:
        return locked.endpoint
    found = _resource(url, workshop)
    if isinstance(found, Problem):
        return locked.endpoint if found.kind == "refused" else found
    plain = {key: value for key, value in locked.endpoint.items() if key != METADATA}
    return plain if found is None else {**plain, METADATA: found.json()}


def _resource(url: str, workshop: Workshop) -> Resource | Problem | None:
    """None if it has no metadata, which it need not have."""
    refusal: Problem | None = None
    for address in resource_addresses(url):
        answer = workshop.web.get(address, MAXIMUM_BYTES, _HEADERS)
        if not isinstance(answer, Problem):
            found = read_resource(answer, url)
            return found if isinstance(found, Problem) else _with_issuers(found, url, workshop)
        if answer.kind == "refused":
            refusal = answer
        elif answer.kind != "missing":
            return answer
    return refusal


def _with_issuers(found: Resource, url: str, workshop: Workshop) -> Resource | Problem:
    """Only a server of this machine may name an issuer of this machine."""
    endpoints: dict[str, dict[str, Json]] = {}
    for issuer in found.issuers:
        told = _issuer(issuer, workshop, outside=not is_local(url))
        if isinstance(told, Problem):
            return told
        endpoints[issuer] = told
    return Resource(found.resource, found.issuers, found.scopes, endpoints)


def _issuer(issuer: str, workshop: Workshop, *, outside: bool) -> dict[str, Json] | Problem:
    for address in issuer_addresses(issuer):
        answer = workshop.web.get(address, MAXIMUM_BYTES, _HEADERS, outside=outside)
        if not isinstance(answer, Problem):
            told = read_issuer(answer, issuer)
            if told:
                return told
        elif answer.kind not in _UNTOLD:
            return answer
    return {}
