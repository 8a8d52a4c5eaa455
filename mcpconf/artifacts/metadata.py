"""What an address tells of who gives out tokens for it: RFC 9728 (protected resources) and RFC 8414 (issuers), read strictly.

Everything in it is text of others. Nothing that could hold a user, a query or a token is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.packages import url_identity

METADATA = "metadata"
"""The key of an endpoint in the lock that holds what the address tells."""

MAXIMUM_BYTES = 256 * 1024
_MOST = 256
_LONGEST = 1024
_ISSUERS = 4
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
"""RFC 6749, section 3.3."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_RESOURCE = "/.well-known/oauth-protected-resource"
_SERVERS = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint")


@dataclass(frozen=True, slots=True)
class Resource:
    """`issuers` give out tokens for `resource`; `scopes` are those that it knows."""

    resource: str
    issuers: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    endpoints: dict[str, dict[str, Json]] = field(default_factory=dict)

    def json(self) -> dict[str, Json]:
        """As the lock keeps it: equal for equal answers."""
        issuers = {issuer: self.endpoints.get(issuer, {}) for issuer in sorted(self.issuers)}
        return {"resource": self.resource, "issuers": issuers, "scopes": sorted(set(self.scopes))}


def resource_addresses(url: str) -> Iterator[str]:
    """Where RFC 9728 (section 3.1) has the metadata of an address: for its path, then for all of its host."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    for ending in dict.fromkeys((path, "")):
        yield urlunsplit((parts.scheme, parts.netloc, f"{_RESOURCE}{ending}", "", ""))


def issuer_addresses(issuer: str) -> Iterator[str]:
    """RFC 8414, section 3.1, and as OpenID Connect Discovery 1.0 has it, behind the path."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    for place in _SERVERS:
        yield urlunsplit((parts.scheme, parts.netloc, f"{place}{path}", "", ""))
    if path:
        yield urlunsplit((parts.scheme, parts.netloc, f"{path}{_SERVERS[1]}", "", ""))


def read_resource(data: bytes, url: str) -> Resource | Problem:
    """A document about another resource is refused, as section 3.3 asks: it could name anybody's issuer."""
    told = _parsed(data)
    if told is None:
        return Problem("malformed", "its metadata is no JSON object", None, _HINT)
    resource = _address(told.get("resource"))
    if not resource or not _is_within(url, resource):
        return Problem("invalid", "its metadata is about another resource", None, _HINT)
    issuers = tuple(filter(None, map(_address, _list(told.get("authorization_servers")))))[:_ISSUERS]
    scopes = tuple(text for text in _list(told.get("scopes_supported")) if _SCOPE.fullmatch(text))
    return Resource(resource, issuers, scopes)


def read_issuer(data: bytes, issuer: str) -> dict[str, Json]:
    """Where it sends people and gives out tokens; nothing if the document is about another one (RFC 8414, section 3.3)."""
    told = _parsed(data)
    if told is None or told.get("issuer") not in (issuer, issuer.rstrip("/"), f"{issuer}/"):
        return {}
    found = {key: _address(told.get(key)) for key in _ENDPOINTS}
    return {key: address for key, address in found.items() if address}


def identity_of(endpoint: Mapping[str, Json]) -> dict[str, str]:
    """Of an endpoint of the lock, what tokens are for and who gives them out, by what it is called."""
    told = _told(endpoint)
    issuers = told.get("issuers")
    issuers = issuers if isinstance(issuers, dict) else {}
    found = {"resource": str(told.get("resource", "")), "issuer": ", ".join(sorted(map(str, issuers)))}
    for issuer, places in issuers.items():
        for key, address in places.items() if isinstance(places, dict) else ():
            found[f"{key} of {issuer}"] = str(address)
    return {key: text for key, text in found.items() if text}


def issuers_of(endpoint: Mapping[str, Json]) -> frozenset[str]:
    issuers = _told(endpoint).get("issuers")
    return frozenset(map(str, issuers)) if isinstance(issuers, dict) else frozenset()


def resource_of(endpoint: Mapping[str, Json]) -> str:
    return str(_told(endpoint).get("resource", ""))


def scopes_of(endpoint: Mapping[str, Json]) -> frozenset[str]:
    scopes = _told(endpoint).get("scopes")
    return frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset()


def _told(endpoint: Mapping[str, Json]) -> dict[str, Json]:
    told = endpoint.get(METADATA)
    return told if isinstance(told, dict) else {}


_HINT = "ask whoever runs it; the lock keeps what it has"


def is_local(url: str) -> bool:
    return (urlsplit(url).hostname or "") in _LOOPBACK


def _parsed(data: bytes) -> dict[str, Json] | None:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _list(value: Json) -> list[str]:
    items = value if isinstance(value, list) else []
    return [item for item in items[:_MOST] if isinstance(item, str) and len(item) <= _LONGEST]


def _address(value: Json) -> str:
    """An `https` address without user, query and fragment, or one of this machine; empty for anything else."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return ""
    if "@" in parts.netloc or not parts.hostname or not value.isascii() or not value.isprintable() or " " in value:
        return ""
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _is_within(url: str, resource: str) -> bool:
    """Whether the resource is the address itself, or what lies above it on the same host."""
    own, told = (url_identity(text).rstrip("/") for text in (url, resource))
    return own == told or own.startswith(f"{told}/")
