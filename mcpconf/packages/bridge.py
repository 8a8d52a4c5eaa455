"""Words of `mcp-remote`: what it is told to pass on, by a host that only runs commands.

From its source at 0.1.38 (https://github.com/geelen/mcp-remote, src/lib/utils.ts, `parseCommandLineArgs`). The address
comes first. `${NAME}` in a header is replaced by a variable of the environment. Blanks behind its colon are taken away.
Whether an address speaks `http` or `sse` it finds out by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mcpconf.model.entry import OAuth, Reference, Value, Values
from mcpconf.packages import recognise
from mcpconf.packages.remote import is_address
from mcpconf.permissions.commandline import program

NAME = "mcp-remote"

_HEADER, _RESOURCE = "--header", "--resource"
_METADATA, _CLIENT = "--static-oauth-client-metadata", "--static-oauth-client-info"
_HEADER_NAME = re.compile(r"[A-Za-z0-9_-]+")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_BLANK = re.compile(r"\s")
_SPACED = re.compile(r"([A-Za-z0-9_-]+:)\s+")


def starts_bridge(argv: Sequence[str]) -> bool:
    launched = recognise(argv)
    if launched.package is not None:
        return str(launched.package) == f"npm:{NAME}"
    return bool(launched.argv) and program(launched.argv[0]) == NAME


@dataclass(frozen=True, slots=True)
class Passed:
    """A server as a bridge is told of it. `own` are the arguments that are about the bridge itself."""

    url: Value
    headers: Values = field(default_factory=dict)
    oauth: OAuth | None = None
    client_id: str | None = None
    own: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """The arguments and variables that tell a bridge what to pass on. `losses`: what it has no words for."""

    args: tuple[Value, ...]
    env: Values
    losses: tuple[str, ...]


def told(passed: Passed) -> Told:
    """References in headers become variables, so that what they stand for is in no command line."""
    oauth = passed.oauth or OAuth()
    args = [passed.url, *passed.own]
    env: dict[str, Value] = {}
    losses = ["it has no `oauth.issuer` for a server"] if oauth.issuer else []
    args += _option(_RESOURCE, oauth.resource)
    args += _option(_METADATA, json.dumps({"scope": " ".join(oauth.scopes)}) if oauth.scopes else None)
    args += _option(_CLIENT, json.dumps({"client_id": passed.client_id}) if passed.client_id else None)
    for name, value in passed.headers.items():
        losses += _unsaid(name, value)
        args += (Value.literal(_HEADER), Value.of((f"{name}:", *(_in_header(part, env) for part in value.parts))))
    return Told(tuple(args), env, tuple(losses))


def _option(name: str, text: str | None) -> tuple[Value, ...]:
    return (Value.literal(name), Value.literal(text)) if text else ()


def _unsaid(name: str, value: Value) -> Iterator[str]:
    if not _HEADER_NAME.fullmatch(name):
        yield f"it takes no header of the name `{name}`"
    elif any("${" in text for text in value.literals):
        yield f"it would replace a part of the text in `headers.{name}`"
    elif value.parts and isinstance(value.parts[0], str) and _BLANK.match(value.parts[0]):
        yield f"it takes the blanks away that `headers.{name}` begins with"


def _in_header(part: str | Reference, env: dict[str, Value]) -> str | Reference:
    """A variable of the bridge by the name of the reference; of two references with one name the second stays as it is."""
    if isinstance(part, str) or not part.name:
        return part
    value = env.setdefault(part.name, Value((part,)))
    return f"${{{part.name}}}" if value.parts == (part,) else part


def read(args: Sequence[Value], env: Mapping[str, Value]) -> tuple[Passed, Values] | None:
    """What the arguments behind `mcp-remote` tell it, and the variables that are the bridge's own.

    None unless `told` gives the same arguments again, word for word, but for blanks that the bridge takes away.
    """
    args = plain(args)
    if not args or not is_address(str(args[0])):
        return None
    said, own = _sorted_out(args[1:])
    headers = dict(_header(value, env) for value in said[_HEADER])
    client = next(_told_in(said[_CLIENT], "client_id"), None)
    scopes = next(_told_in(said[_METADATA], "scope"), None)
    resource = next((value.text for value in said[_RESOURCE]), None)
    oauth = OAuth(resource=resource, scopes=tuple(scopes.split(" ")) if scopes else ())
    passed = Passed(args[0], headers, oauth if oauth.says_something else None, client, own)
    again = told(passed)
    if again.args != tuple(args) or again.losses or any(env.get(name) != value for name, value in again.env.items()):
        return None
    return passed, {name: value for name, value in env.items() if name not in again.env}


def plain(words: Sequence[Value]) -> tuple[Value, ...]:
    """Arguments of the bridge that it reads alike, without the blanks between the name of a header and its text."""
    return tuple(
        _unspaced(word) if number and words[number - 1].text == _HEADER else word for number, word in enumerate(words)
    )


def _unspaced(header: Value) -> Value:
    first, *rest = header.parts or ("",)
    return (
        Value.of((_SPACED.sub(r"\1", first, count=1), *rest))
        if isinstance(first, str) and _SPACED.match(first)
        else header
    )


def alike(one: Sequence[Value], other: Sequence[Value]) -> bool:
    """Whether two command lines start the bridge, and tell it the same."""
    return plain(one) == plain(other) and starts_bridge([str(value) for value in one])


def _sorted_out(words: Sequence[Value]) -> tuple[dict[str, list[Value]], tuple[Value, ...]]:
    """The words behind each option that tells of the server, and all others."""
    said: dict[str, list[Value]] = {option: [] for option in (_HEADER, _RESOURCE, _METADATA, _CLIENT)}
    own: list[Value] = []
    waiting: list[Value] | None = None
    for word in words:
        if waiting is not None:
            waiting.append(word)
            waiting = None
        elif word.text in said:
            waiting = said[word.text]
        else:
            own.append(word)
    return said, tuple(own)


def _header(value: Value, env: Mapping[str, Value]) -> tuple[str, Value]:
    """A variable of the bridge that is one reference stands for that."""
    name, _, rest = str(value.parts[0] if value.parts else "").partition(":")
    parts: list[str | Reference] = []
    for part in (rest, *value.parts[1:]):
        parts += _resolved(part, env) if isinstance(part, str) else [part]
    return name, Value.of(parts)


def _resolved(text: str, env: Mapping[str, Value]) -> Iterator[str | Reference]:
    at = 0
    for match in _VARIABLE.finditer(text):
        given = env.get(match[1], Value()).parts
        if len(given) == 1 and isinstance(given[0], Reference) and given[0].name == match[1]:
            yield text[at : match.start()]
            yield given[0]
            at = match.end()
    yield text[at:]


def _told_in(documents: Sequence[Value], key: str) -> Iterator[str]:
    for value in documents:
        try:
            found = json.loads(value.text or "")
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get(key), str):
            yield found[key]
