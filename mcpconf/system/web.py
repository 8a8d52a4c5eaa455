"""The network, for single documents and files: bounded, by `https`, and never from the outside to the inside."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from mcpconf.errors import Problem, ProblemKind
from mcpconf.version import __version__

_SECONDS = 30.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_AGENT = f"mcpconf/{__version__}"


class RefusedAddressError(ValueError):
    """The message says why an address is not asked."""


class SystemWeb:
    def get(self, url: str, limit: int, headers: Mapping[str, str] | None = None) -> bytes | Problem:
        host = urlsplit(url).hostname or "?"
        try:
            _check(url)
            request = urllib.request.Request(url, headers={"User-Agent": _AGENT, **(headers or {})})  # noqa: S310  checked
            with _opener(url).open(request, timeout=_SECONDS) as answer:
                data: bytes = answer.read(limit + 1)
        except RefusedAddressError as error:
            return Problem("invalid", str(error), None, "give an `https` address")
        except urllib.error.HTTPError as error:
            kind: ProblemKind = "missing" if error.code in (404, 410) else "unreadable"
            return Problem(kind, f"`{host}` answered {error.code} {error.reason}", None, "check the address")
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            return Problem(
                "unreadable", f"`{host}` cannot be reached ({reason})", None, "check the network, or `--offline`"
            )
        if len(data) > limit:
            return Problem("oversized", f"`{host}` sent more than {limit} bytes", None, "check the address")
        return data


class _Redirects(urllib.request.HTTPRedirectHandler):
    """An address on the outside must not lead to a service that only this machine or its network can reach."""

    max_redirections = 5

    def __init__(self, url: str) -> None:
        self._inside = _is_inside(urlsplit(url).hostname or "")

    def redirect_request(  # noqa: PLR0913, PLR0917  the base class names them
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        _check(newurl)
        if not self._inside and _is_inside(urlsplit(newurl).hostname or ""):
            raise RefusedAddressError("the address redirects to a private network")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(url: str) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context()
    return urllib.request.build_opener(_Redirects(url), urllib.request.HTTPSHandler(context=context))


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise RefusedAddressError("an address with a user name is not asked")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise RefusedAddressError(f"only `https` addresses are asked, not `{parts.scheme}`")


def _is_inside(host: str) -> bool:
    """Whether a name leads to this machine or a private network; one that leads nowhere is refused later."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)
