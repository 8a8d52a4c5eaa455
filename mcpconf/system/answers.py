"""What servers answer: taken as far as was asked for, or why not. Told without the address, whose path may hold a secret."""

from __future__ import annotations

import ssl
import urllib.error
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse

from mcpconf.errors import Problem, ProblemKind
from mcpconf.workshop import Incoming

_CHUNK = 1024 * 1024
_LONGEST_TAG = 256
_PARTIAL = 206
_REDIRECTING = (301, 302, 303, 307, 308)
_REACH = "check the network, or `--offline`"
_TRUST = "if a proxy stands between, name its certificates in `SSL_CERT_FILE`"


class RefusedAnswerError(Exception):
    """Something else came than was asked for."""

    def __init__(self, kind: ProblemKind, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(kind, message, None, "check the address")


def saved(answer: HTTPResponse, host: str, into: Incoming, limit: int) -> bool:
    """Whole, or the rest of what is here already, if that still is the same. By a weak tag it cannot be told (RFC 9110)."""
    tag = answer.headers.get("ETag", "")
    tag = tag if tag.startswith('"') and tag.isprintable() and len(tag) <= _LONGEST_TAG else ""
    at = 0
    if answer.status == _PARTIAL:
        at = into.size if into.tag and into.tag == tag else 0
        if not at or not answer.headers.get("Content-Range", "").startswith(f"bytes {at}-"):
            raise RefusedAnswerError("malformed", f"`{host}` sent another part than was asked for")
    into.begin(tag, at)
    for chunk in _chunks(answer, host, limit, at):
        into.write(chunk)
    return True


def body(answer: HTTPResponse, host: str, limit: int) -> bytes:
    return b"".join(_chunks(answer, host, limit, 0))


def _chunks(answer: HTTPResponse, host: str, limit: int, size: int) -> Iterator[bytes]:
    """As it is sent: a packed body was not asked for, and could unpack to anything. `size` bytes are here already."""
    packing = answer.headers.get("Content-Encoding", "identity")
    if packing.lower() != "identity":
        raise RefusedAnswerError("malformed", f"`{host}` sent it packed, as `{packing[:40]}`")
    while chunk := answer.read(min(_CHUNK, limit + 1 - size)):
        size += len(chunk)
        if size > limit:
            raise RefusedAnswerError("oversized", f"`{host}` sent more than {limit:,} bytes")
        yield chunk
    if answer.length:
        raise HTTPException(f"the connection ended {answer.length:,} bytes too early")


_KINDS: dict[int, ProblemKind] = {401: "refused", 403: "refused", 404: "missing", 405: "missing", 410: "missing"}


def refusal(error: urllib.error.HTTPError, host: str) -> Problem:
    """An address that redirects without end ends in the answer of a redirection."""
    if error.code in _REDIRECTING:
        return Problem("invalid", f"`{host}` redirects again and again", None, "check the address")
    kind = _KINDS.get(error.code, "unreadable")
    return Problem(kind, f"`{host}` answered {error.code} {str(error.reason)[:80]}".rstrip(), None, "check the address")


def unreached(error: Exception, host: str) -> Problem:
    """Told without the address: its path or query may hold a secret."""
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, ssl.SSLCertVerificationError):
        told = f"`{host}` is not trusted ({reason.verify_message})"
        return Problem("unreadable", told, None, _TRUST)
    if isinstance(reason, TimeoutError):
        reason = "it did not answer"
    elif isinstance(reason, UnicodeError) or "URL" in str(reason):
        return Problem("invalid", "the address holds characters that none may hold", None, "percent-encode them")
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return Problem("unreadable", f"`{host}` cannot be reached ({str(text)[:200]})", None, _REACH)
