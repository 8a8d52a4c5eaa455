"""Rules about addresses: who gives out tokens for them, how many of their doors a token opens, and where it travels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from mcpconf.artifacts.metadata import METADATA, issuers_of, resource_of, scopes_of
from mcpconf.model.entry import Entry
from mcpconf.packages import url_identity
from mcpconf.rules.frame import Case, Evidence, Hit, Rule
from mcpconf.rules.surfaces import asked
from mcpconf.secrets.names import secret_named

_SEGMENTS = re.compile(r"[:/.]+")
_SERVER = re.compile(r"(?:https?|wss?)://", re.IGNORECASE)
"""What a bridge is told to connect to. Other addresses, as of a database, have no headers that could carry a secret."""

_NAMED = 5


def _other_identity(evidence: Evidence) -> Iterator[Hit]:
    """What the manifest pins, against what the address told when it was locked."""
    for name, server, locked in asked(evidence):
        stated, where = server.oauth, evidence.where("servers", name)
        if stated is None:
            continue
        issuers, resource = issuers_of(locked.endpoint), resource_of(locked.endpoint)
        if stated.issuer and issuers and not _among(stated.issuer, issuers):
            told = ", ".join(f"`{issuer}`" for issuer in sorted(issuers))
            message = (
                f"`{name}` says that tokens come from {told}, and the manifest that they come from `{stated.issuer}`"
            )
            yield Hit("desired", f"server:{name}", message, where=where)
        if stated.resource and resource and not _among(stated.resource, [resource]):
            message = f"`{name}` says that tokens are for `{resource}`, and the manifest that they are for `{stated.resource}`"
            yield Hit("desired", f"server:{name}", message, where=where)


def _among(address: str, others: Iterable[str]) -> bool:
    return url_identity(address) in map(url_identity, others)


def _broad(scope: str) -> bool:
    """`*`, `all`, `admin` and their like, wherever in a scope they stand: the order of scopes is known to the issuer alone."""
    return any(part in ("*", "all") or part.startswith("admin") for part in _SEGMENTS.split(scope.lower()))


def _scopes(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        scopes = case.entry.oauth.scopes if case.entry.oauth is not None else ()
        broad = sorted(filter(_broad, scopes))
        if broad:
            yield _of(case, f"`{case.name}` asks for {_listed(broad)}, which opens everything")
        declared = evidence.manifest.servers.get(case.name)
        if case.subject == "desired" or declared is None or declared.oauth is None or not declared.oauth.scopes:
            continue
        more = sorted({*scopes} - {*declared.oauth.scopes})
        if more:
            yield _of(case, f"`{case.name}` asks for {_listed(more)} here, and the manifest for less")
    yield from _advertised(evidence)


def _advertised(evidence: Evidence) -> Iterator[Hit]:
    """Without scopes in the manifest, a host may ask for all that an address knows (protocol 2025-11-25, authorization)."""
    for name, server, locked in asked(evidence):
        broad = sorted(filter(_broad, scopes_of(locked.endpoint)))
        if broad and (server.oauth is None or not server.oauth.scopes):
            message = f"`{name}` knows {_listed(broad)}, and the manifest does not say which scopes to ask for"
            yield Hit("desired", f"server:{name}", message, where=evidence.where("servers", name))


def _listed(scopes: list[str]) -> str:
    more = f" and {len(scopes) - _NAMED} more" if len(scopes) > _NAMED else ""
    return ", ".join(f"`{scope}`" for scope in scopes[:_NAMED]) + more


def _of(case: Case, message: str) -> Hit:
    return Hit(case.subject, case.address, message, where=case.where)


def _in_address(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        for name in dict.fromkeys(_carried(case.entry)):
            told = f"the parameter `{name}`" if name else "a user name or password"
            yield _of(case, f"`{case.name}` has {told} in its address")


def _carried(entry: Entry) -> Iterator[str]:
    """Parameters of addresses that are called like a secret; "" for a user name. Values are looked at by none."""
    texts = [str(entry.url)] if entry.url is not None else []
    texts += [str(value) for value in entry.argv if _SERVER.match(str(value))]
    for text in texts:
        try:
            parts = urlsplit(text)
        except ValueError:
            continue
        if "@" in parts.netloc:
            yield ""
        for pair in re.split("[&;]", parts.query):
            name, _, value = pair.partition("=")
            if value and secret_named(name):
                yield name


def _old_transport(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        if case.entry.transport == "sse":
            yield _of(case, f"`{case.name}` is reached by SSE, which the protocol has given up")
    for name, _, locked in asked(evidence):
        spoken = locked.surface.context.protocol if locked.surface is not None else ""
        if spoken in _BEFORE_HTTP and locked.endpoint.get("transport") != "sse":
            message = f"`{name}` spoke the protocol of {spoken} when it was locked, and no later one"
            yield Hit("desired", f"server:{name}", message, where=evidence.where("servers", name))


_BEFORE_HTTP = ("2024-10-07", "2024-11-05")


def _asks_nobody(evidence: Evidence) -> Iterator[Hit]:
    """Where it showed its tools without being given anything, and named no issuer when it was locked."""
    for name, server, locked in asked(evidence):
        address = urlsplit(url_identity(str(server.url or "")).removeprefix("url:"))
        given = server.headers or server.oauth or server.env
        if server.kind != "url" or given or locked.surface is None or METADATA in locked.endpoint:
            continue
        if locked.surface.context.identity == _NOBODY and address.hostname not in (None, *_OF_THIS_MACHINE):
            message = f"`{name}` shows its tools to whoever asks: it was given no token, and asks for none"
            yield Hit("desired", f"server:{name}", message, where=evidence.where("servers", name))


_NOBODY = "anonymous"
_OF_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


RULES = (
    Rule(
        id="MCP502",
        title="a transport or protocol that was given up",
        severity="warning",
        threat="vulnerable versions (re-deployment)",
        owasp="MCP04:2025",
        check=_old_transport,
        what="A server that is reached by SSE, which the protocol deprecated with its version 2025-03-26 in favour of Streamable HTTP; a locked surface that was got by the protocol of 2024.",
        why="Hosts drop it one after the other, and what only speaks it has not followed the protocol since, nor what was mended in it.",
        example="{type: sse, url: https://mcp.example.org/sse}",
        fix="ask for its address for `http`; `mcpconf probe SERVER` tells what an address speaks",
    ),
    Rule(
        id="MCP504",
        title="an address that asks nobody",
        severity="warning",
        threat="unauthorized access",
        owasp="MCP07:2025",
        check=_asks_nobody,
        what="A server at an address of another machine that is given neither headers nor OAuth, that showed its tools all the same when its surface was locked, and that names no issuer. Public documentation is often meant so; data of a company is not.",
        why="Whoever knows the address can do what the server can, and nobody can tell afterwards who did.",
        example="url: https://tools.example.org/mcp, and its surface in the lock",
        fix="configure `oauth` or `headers`; waive it for what is meant to be public",
    ),
    Rule(
        id="MCP211",
        title="scopes that open everything",
        severity="warning",
        threat="unauthorized access, privilege persistence",
        owasp="MCP02:2025",
        check=_scopes,
        what="OAuth scopes such as `*`, `all` or `admin:org`; scopes on a machine that the manifest does not ask for; an address that knows such scopes, where the manifest does not say which to ask for.",
        why="A token is as strong as its scopes, lies in a file of the host, and is used by whatever the model reads.",
        example="oauth: {scopes: [admin:org]}",
        fix="name the scopes that the server needs",
    ),
    Rule(
        id="MCP505",
        title="tokens from another issuer, or for another resource",
        severity="error",
        threat="unauthorized access, credential theft",
        owasp="MCP07:2025",
        check=_other_identity,
        what="An address that named another issuer or resource, when it was locked, than the manifest pins for it.",
        why="Whoever gives out the tokens gets to see who logs in; a token for another resource is one that somebody else may use.",
        example="oauth: {issuer: https://login.example.org}, and the address names https://login.example.net",
        fix="ask whoever runs it; change `oauth` only if it is meant to be so",
    ),
    Rule(
        id="MCP506",
        title="a token in an address",
        severity="error",
        threat="credential theft",
        owasp="MCP01:2025",
        check=_in_address,
        what="An address with a user name or password, or with a parameter that is called like a secret, by reference or in clear.",
        why="Addresses are written into logs, histories and error messages on their whole way; headers are not.",
        example="https://mcp.example.org/?api_key=${env:KEY}",
        fix="send it in `headers`, as `{secret: NAME}`",
    ),
)
