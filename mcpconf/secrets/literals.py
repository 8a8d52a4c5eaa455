"""Secrets that stand in an entry in clear: where, of what kind, and which part of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.secrets.names import password_named, secret_named
from mcpconf.secrets.patterns import by_form, is_placeholder, is_plain, is_random

_ASSIGNMENT = re.compile(
    r"(?<![A-Za-z0-9_.])(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,63})(?:\\*[\"'])?\s{0,4}[=:]\s{0,4}"
    r"(?:\\*[\"'](?P<quoted>[^\"'\\]{1,512})|(?:(?:bearer|basic|token)\s{1,4})?(?P<bare>[^\s\"'\\,;&|}]{1,512}))",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:bearer|basic|token|apikey|api-key)\s+", re.IGNORECASE)
_AUTHORIZATION = re.compile(
    r"(?<![A-Za-z0-9_])(?:bearer|basic)\s{1,4}([A-Za-z0-9+/=._~-]{8,2048})(?![^\s\"'\\,;])", re.IGNORECASE
)
_USER_INFORMATION = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{0,31}://(?:(?P<user>[^\s/:@\"'?#]{0,128}):(?P<password>[^\s/@\"']{1,256})"
    r"|(?P<token>[^\s/:@\"'?#]{16,256}))@(?P<host>[^\s/:\"'?#]{0,255})"
)
_QUERY = re.compile(r"[?&](?P<name>[A-Za-z0-9_.-]{1,64})=(?P<value>[^&#\s\"']{1,512})")
_ADDRESS_PATH = re.compile(r"https?://[^\s/?#\"']{1,255}(/[^\s?#\"']{1,2048})", re.IGNORECASE)
_LONG_SEGMENT = 32
_HEXADECIMAL = re.compile(r"[0-9a-fA-F-]+")
_WORD = r"(?:[A-Z]?[a-z]{1,15}|[A-Z]{1,15}|v?[0-9]{1,4})"
_JOINED_WORDS = re.compile(rf"{_WORD}(?:[-_.]{_WORD})+")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[", "host.docker.internal", "0.0.0.0"})  # noqa: S104  recognised, not bound


@dataclass(frozen=True, slots=True)
class SecretLiteral:
    """A secret in clear. `place` is `env.NAME`, `headers.NAME`, `args[3]`, `command`, `cwd`, `url` or `oauth.KEY`.

    `value` is the secret alone, without `Bearer` or the address around it. It never shows in a representation.
    """

    place: str
    kind: str
    value: str = field(repr=False)


def find(entry: Entry) -> tuple[SecretLiteral, ...]:
    """Every literal secret of an entry. References and placeholders are none, even under a secret's name."""
    found: dict[tuple[str, str], SecretLiteral] = {}
    for place, name, value in _places(entry):
        for kind, text in _in_value(name, value):
            found.setdefault((place, text), SecretLiteral(place, kind, text))
    return tuple(found.values())


def _places(entry: Entry) -> Iterator[tuple[str, str, Value]]:
    """Place, the name that tells what stands there, and the value."""
    yield "command", "", entry.command
    option = ""
    for index, value in enumerate(entry.args):
        yield f"args[{index}]", option, value
        text = value.text or ""
        option = text.lstrip("-") if text.startswith("-") and "=" not in text and not _has_space(text) else ""
    for name, value in entry.env.items():
        yield f"env.{name}", name, value
    if entry.cwd is not None:
        yield "cwd", "", entry.cwd
    yield "url", "", entry.url
    for name, value in entry.headers.items():
        yield f"headers.{name}", name, value
    oauth = entry.oauth or OAuth()
    client = {"client_id": entry.client_id} if entry.client_id else {}
    for path, name, text in _texts({**oauth.json(), **client, **oauth.more}):
        yield f"oauth.{path}", name, Value.literal(text)


def _has_space(text: str) -> bool:
    return any(char.isspace() for char in text)


def _texts(value: object) -> Iterator[tuple[str, str, str]]:
    """Texts inside a JSON value, with the path and the key above each."""
    waiting: list[tuple[str, str, object]] = [("", "", value)]
    while waiting:
        path, name, item = waiting.pop()
        if isinstance(item, str):
            yield path, name, item
        elif isinstance(item, dict):
            waiting += [(f"{path}.{key}" if path else str(key), str(key), below) for key, below in item.items()]
        elif isinstance(item, list):
            waiting += [(f"{path}[{index}]", name, below) for index, below in enumerate(item)]


@lru_cache(maxsize=8192)
def _in_value(name: str, value: Value) -> Iterable[tuple[str, str]]:
    """Kind and text of the secrets of one value. The same values stand in many files, and are asked for more than once."""
    if not value.parts:
        return ()
    named = secret_named(name)
    mark = _mark(value) if value.references else ""
    text = "".join(part if isinstance(part, str) else mark for part in value.parts)
    found = list(in_text(text, mark))
    if not found and named and not mark:
        found = list(_under_name(name, text))
    for reference in value.references:
        if reference.default:
            inner = list(in_text(reference.default))
            found += inner or list(_under_name(name, reference.default) if named else ())
    return found


def _mark(value: Value) -> str:
    """A character that no literal part holds, to stand for references while the text is searched."""
    used = set().union(*value.literals)
    return next(mark for mark in map(chr, range(0xE000, 0x110000)) if mark not in used)


def in_text(text: str, mark: str = "") -> Iterator[tuple[str, str]]:
    """Kind and text of secrets in free text: by form, in addresses, behind a telling name, behind `Bearer`.

    What holds `mark` is a reference, at least in part.
    """
    forms = by_form(text)
    yield from forms
    if ":" not in text and "=" not in text and " " not in text:
        return
    for kind, secret in (*_in_addresses(text), *_in_queries(text), *_in_assignments(text), *_in_authorization(text)):
        if not (mark and mark in secret) and not any(secret in form for _, form in forms):
            yield kind, secret


def in_document(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of what is a secret by its own form, or the password of an address: names count for nothing there."""
    forms = by_form(text)
    yield from forms
    yield from (
        (kind, secret)
        for kind, secret in _in_addresses(text)
        if kind == "connection string" and not any(secret in form for _, form in forms)
    )


def _in_addresses(text: str) -> Iterator[tuple[str, str]]:
    for match in _USER_INFORMATION.finditer(text):
        password, token = match["password"], match["token"]
        if token and is_random(token) and not is_placeholder(token):
            yield "address with token", token
        if password and not (is_placeholder(password) or is_plain(password)):
            default = password == match["user"] and match["host"] in _LOOPBACK
            if not default:
                yield "connection string", password


def _in_queries(text: str) -> Iterator[tuple[str, str]]:
    """What an address gives away behind `?`, by the name of the parameter, or as a long random part of its path."""
    for match in _QUERY.finditer(text):
        if secret_named(match["name"]):
            yield from _under_name(match["name"], match["value"])
    for match in _ADDRESS_PATH.finditer(text):
        for segment in match[1].split("/"):
            if len(segment) >= _LONG_SEGMENT and is_random(segment) and not _names_something(segment):
                yield "address with token", segment


def _names_something(segment: str) -> bool:
    """Whether a part of a path is a digest or words: `resend-nextjs-app-router-example` is the name of a repository."""
    return bool(_HEXADECIMAL.fullmatch(segment) or _JOINED_WORDS.fullmatch(segment))


def _in_assignments(text: str) -> Iterator[tuple[str, str]]:
    for match in _ASSIGNMENT.finditer(text):
        if secret_named(match["name"]):
            yield from _under_name(match["name"], match["quoted"] or match["bare"])


def _in_authorization(text: str) -> Iterator[tuple[str, str]]:
    for match in _AUTHORIZATION.finditer(text):
        if not is_placeholder(match[1]) and is_random(match[1]):
            yield "authorization", match[1]


def is_scheme(text: str) -> bool:
    """Whether it is only the word that says how the secret behind it is meant, as `Bearer `."""
    return _SCHEME.fullmatch(text) is not None


def _under_name(name: str, text: str) -> Iterator[tuple[str, str]]:
    """A value is judged by its own form last, and only here: random text elsewhere is a commit or an identifier."""
    text = _SCHEME.sub("", text.strip().strip("\"'"), count=1)
    if is_placeholder(text):
        return
    if password_named(name):
        if len(text) >= 4 and (text.isdigit() or not is_plain(text)):
            yield "password", text
    elif not is_plain(text) and is_random(text):
        yield "value under a secret's name", text
