"""The network, for single documents and files: bounded in size and time, by `https`, and never from the outside to the inside."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from mcpconf.errors import Problem
from mcpconf.system.answers import RefusedAnswerError, body, refusal, saved, unreached
from mcpconf.version import __version__
from mcpconf.workshop import Incoming

Taken = TypeVar("Taken")

_SILENT_SECONDS = 30.0
_OVERALL_SECONDS = 600.0
_REDIRECTIONS = 5
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_AGENT = f"mcpconf/{__version__}"
_UNCHANGED, _BEYOND = 304, 416


class RefusedAddressError(ValueError):
    """The message says why an address is not asked."""


@dataclass(frozen=True, slots=True)
class SystemWeb:
    """`seconds`: how long a server may be silent, and how long all of it may take.

    `look_up` is `socket.getaddrinfo`, `is_inside` tells whether an address is one of this machine or a private network.
    """

    seconds: tuple[float, float] = (_SILENT_SECONDS, _OVERALL_SECONDS)
    look_up: Callable[..., list[Any]] = socket.getaddrinfo
    is_inside: Callable[[str], bool] = field(default=lambda text: not _address(text).is_global)

    def get(
        self, url: str, limit: int, headers: Mapping[str, str] | None = None, *, outside: bool = False
    ) -> bytes | Problem:
        visit = _Visit(self, inside=False if outside else None)
        return visit.ask(url, headers or {}, partial(body, limit=limit))

    def save(self, url: str, into: Incoming, limit: int, *, known: str = "") -> bool | Problem:
        headers = {"If-None-Match": known} if known else {}
        if into.tag and into.size:
            headers |= {"Range": f"bytes={into.size}-", "If-Range": into.tag}
        visit = _Visit(self)
        found = visit.ask(url, headers, partial(saved, into=into, limit=limit))
        if visit.code == _UNCHANGED and known:
            return False
        if visit.code == _BEYOND and "Range" in headers:
            into.begin("", 0)
            return self.save(url, into, limit, known=known)
        return found


@dataclass(slots=True)
class _Visit:
    """One address and all that it redirects to.

    Names are looked up once, and what is found is what is connected to. `inside` is whether that was this machine or a
    private network: what began outside must not come in, nor what was named outside.
    """

    web: SystemWeb
    inside: bool | None = None
    is_over: bool = False
    code: int = 0
    """With which a server refused, 0 if none did."""
    _sockets: list[socket.socket] = field(default_factory=list)
    """Second handles, of our own: what is wrapped for encryption or handed to an answer is out of reach."""
    _timer: threading.Timer | None = None

    def __enter__(self) -> None:
        self._timer = threading.Timer(self.web.seconds[1], self._end)
        self._timer.daemon = True
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        assert self._timer is not None
        self._timer.cancel()
        for opened in self._sockets:
            opened.close()

    def ask(self, url: str, headers: Mapping[str, str], take: Callable[[HTTPResponse, str], Taken]) -> Taken | Problem:
        """What `take` makes of the answer and the host, as long as the connection is there."""
        host = "?"
        try:
            host = _checked(url)
            request = urllib.request.Request(url, headers={"User-Agent": _AGENT, **headers})  # noqa: S310  checked
            with self, _opener(self).open(request, timeout=self.web.seconds[0]) as answer:
                taken = take(answer, host)
                return taken if not self.is_over else self.too_slow(host)
        except RefusedAddressError as error:
            return Problem("invalid", str(error), None, "give an `https` address that leads there directly")
        except RefusedAnswerError as error:
            return error.problem if not self.is_over else self.too_slow(host)
        except urllib.error.HTTPError as error:
            error.close()
            self.code = error.code
            return refusal(error, host)
        except (OSError, HTTPException, ValueError) as error:
            return self.too_slow(host) if self.is_over else unreached(error, host)

    def too_slow(self, host: str) -> Problem:
        message = f"`{host}` did not send it within {self.web.seconds[1]:g} s"
        return Problem("unreadable", message, None, "try again; a proxy or the server may be slow")

    def _end(self) -> None:
        """A server that sends one byte now and then is never silent: its connection is cut."""
        self.is_over = True
        for opened in self._sockets:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    def connect(self, address: tuple[str, int], timeout: float, *_: object, encrypted: bool) -> socket.socket:
        found = self.web.look_up(*address, type=socket.SOCK_STREAM)
        self._admit_all([str(item[4][0]) for item in found], encrypted=encrypted)
        failure: OSError = OSError("no address")
        for family, kind, protocol, _name, place in found:
            opened = socket.socket(family, kind, protocol)
            try:
                opened.settimeout(timeout)
                opened.connect(place)
            except OSError as error:
                opened.close()
                failure = error
            else:
                self._sockets.append(opened.dup())
                return opened
        raise failure

    def connect_proxy(self, address: tuple[str, int], timeout: float, *_: object) -> socket.socket:
        """The user chose it, wherever it is; it looks up the names."""
        opened = socket.create_connection(address, timeout)
        self._sockets.append(opened.dup())
        return opened

    def admit(self, *, inside: bool) -> None:
        if self.inside is False and inside:
            raise RefusedAddressError("the address leads to a private network")
        self.inside = inside if self.inside is None else self.inside

    def _admit_all(self, addresses: list[str], *, encrypted: bool) -> None:
        if not encrypted and not all(_address(text).is_loopback for text in addresses):
            raise RefusedAddressError("only this machine is asked by `http`")
        self.admit(inside=any(map(self.web.is_inside, addresses)))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    found = ipaddress.ip_address(text.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _REDIRECTIONS

    def redirect_request(  # noqa: PLR0913, PLR0917  the base class names them
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        _checked(newurl)
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            following.headers = {"User-agent": _AGENT}  # what was said to one server is not for another
        return following


class _Handler(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """Both schemes, by connections that are made as the visit allows."""

    def __init__(self, visit: _Visit) -> None:
        super().__init__(context=ssl.create_default_context())
        self._visit = visit

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self._open(HTTPSConnection, req, context=self._context)  # type: ignore[attr-defined]

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self._open(HTTPConnection, req)

    def _open(self, kind: type[HTTPConnection], req: urllib.request.Request, **more: Any) -> HTTPResponse:
        dial = partial(self._visit.connect, encrypted=req.type == "https")
        if getattr(req, "_tunnel_host", None) or req.has_proxy():
            self._visit.admit(inside=_leads_inside(req.full_url))
            dial = partial(self._visit.connect_proxy)
        return self.do_open(partial(_connection, kind, dial), req, **more)


def _connection(
    kind: type[HTTPConnection], dial: Callable[..., socket.socket], host: str, **more: Any
) -> HTTPConnection:
    made = kind(host, **more)
    made._create_connection = dial  # type: ignore[attr-defined]  # noqa: SLF001  the one place where a socket is made
    return made


def _leads_inside(url: str) -> bool:
    """Of an address that a proxy will look up: as far as it can be told from its text."""
    host = urlsplit(url).hostname or ""
    try:
        return not _address(host).is_global
    except ValueError:
        return host in _LOOPBACK or "." not in host


def _opener(visit: _Visit) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Redirects, _Handler(visit))


def _checked(url: str) -> str:
    """The host. Raises RefusedAddressError."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise RefusedAddressError("this is no address") from None
    if "@" in parts.netloc:
        raise RefusedAddressError("an address with a user name is not asked")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise RefusedAddressError(f"only `https` addresses are asked, not `{parts.scheme[:20]}`")
    if not host:
        raise RefusedAddressError("this address names no host")
    return host
