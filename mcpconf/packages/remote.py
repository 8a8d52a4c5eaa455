"""Servers reached by address: what makes two addresses the same server, and bridges that only pass one on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress

from mcpconf.model.package import Package
from mcpconf.permissions.commandline import program, without_defaults

BRIDGES = frozenset({"mcp-remote", "supergateway", "mcp-proxy"})
"""Packages that connect to the address in their arguments; the same names as commands and on both registries."""

_DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
_REFERENCE = re.compile(r"\$\{[^{}]*\}")
_MARK = re.compile("\x00([0-9]+)\x00")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):[/\\]{2,}([^/\\?#]*)([^?#]*)", re.DOTALL)
_SPACE = re.compile(r"\s")
_SYNTAX = re.compile(r"[\s/?#@\\:\[\]]")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_HTTP = re.compile(r"(?:https?|wss?)://", re.IGNORECASE)


def url_identity(url: str) -> str:
    """`url:https://host:port/path`: what an address reaches, for any text at all.

    Scheme and host in lower case, no port that the scheme implies, no dot segments, no slash at the end. User
    information, query and fragment are left out: they may hold secrets, and they do not say which server it is.
    """
    references: list[str] = []

    def mark(match: re.Match[str]) -> str:
        references.append(match[0])
        return f"\x00{len(references) - 1}\x00"

    text = _REFERENCE.sub(mark, _SPACE.sub(" ", _CONTROLS.sub("", without_defaults(url))).strip())
    match = _ADDRESS.match(text)
    scheme, host, port = ("", "", "") if match is None else (match[1].lower(), *_host_and_port(match[2]))
    if match is None or not host:
        plain = re.split(r"[?#]", text, maxsplit=1)[0].rpartition("@")[2]
        return "url:" + _restore(plain.strip(" ").rstrip("/ "), references)
    port = "" if port in ("", _DEFAULT_PORTS.get(scheme)) else f":{port}"
    return "url:" + _restore(f"{scheme}://{host}{port}{_path(match[3])}", references)


def _restore(text: str, references: Sequence[str]) -> str:
    return _MARK.sub(lambda match: references[int(match[1])] if int(match[1]) < len(references) else "", text)


def _host_and_port(authority: str) -> tuple[str, str]:
    authority = authority.rpartition("@")[2]
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        host, port = authority, ""
    host = host.strip(" .").lower()
    if not host.isascii():
        folded = unicodedata.normalize("NFKC", host).lower().strip(" .")
        host = host if _SYNTAX.search(folded) else folded
        with suppress(UnicodeError):
            host = host.encode("idna").decode("ascii")
    return host.strip(" ."), port.lstrip("0") or port[:1]


def _path(path: str) -> str:
    steps: list[str] = []
    for step in _ENCODED.sub(_plain, path).replace("\\", "/").split("/"):
        if step == "..":
            del steps[-1:]
        elif step.strip() not in ("", "."):
            steps.append(step)
    return "".join(f"/{step}" for step in steps).rstrip()


def _plain(match: re.Match[str]) -> str:
    """What needs no encoding means the same without (https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.2)."""
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()


def bridged(package: Package | None, words: Sequence[str], arguments: Sequence[str]) -> str:
    """The address that a bridge passes on, or "" if this is no bridge or it names none."""
    name = package.name if package else program(words[0])
    if name not in BRIDGES or "--stdio" in arguments:
        return ""
    return next(filter(is_address, arguments), "")


def is_address(text: str) -> bool:
    """Whether a word is an address that a bridge could connect to."""
    return _HTTP.match(text) is not None


_OWN = re.compile(
    r"localhost|.*\.localhost|127(?:\.[0-9]{1,3}){1,3}|\[::1\]|0\.0\.0\.0"
    r"|host\.docker\.internal|gateway\.docker\.internal|host\.containers\.internal"
)
"""This machine, also as containers call the one that they run on."""


def unencrypted(identity: str) -> str:
    """The host that an address, by its identity, reaches over the network without encryption; "" for all others.

    Of a host that only a variable tells nothing is known.
    """
    scheme, _, rest = identity.removeprefix("url:").partition("://")
    if not identity.startswith("url:") or scheme not in ("http", "ws"):
        return ""
    authority = rest.partition("/")[0]
    host, colon, port = authority.rpartition(":")
    host = host if colon and port.isdigit() else authority
    return "" if "${" in authority or _OWN.fullmatch(host) else authority
