"""One server more or less in the text of a manifest; comments and layout of everything else stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from mcpconf.documents.checking import select
from mcpconf.documents.layer import SERVER_LISTS
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text, yaml
from mcpconf.model.base import ABSENT, Absence, Element, Json, KeyPath
from mcpconf.model.manifest import Server
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber, find, looks_secret

_YAML = FORMATS["yaml"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A manifest's new text, and where it changed, such as `servers.files` and `hosts.cursor.servers`."""

    text: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revised:
    """What became of a manifest. `without` are the hosts whose own list of servers leaves the new one out."""

    file: str
    action: Literal["add", "remove"]
    server: str
    changed: tuple[str, ...]
    before: bytes
    after: bytes
    written: bool
    scrubber: Scrubber
    hosts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def with_server(data: bytes, file: str, name: str, server: Mapping[str, Json], hosts: Sequence[str]) -> Revision:
    """Add a server, in manifest notation, and name it in the selections of these hosts.

    A host that the manifest does not have yet gets this server alone; one without a selection has every server already.
    Raises McpconfError: exit 64 for a secret in clear, exit 1 where the text cannot be read or edited.
    """
    _refuse_secrets(server)
    known = _map(yaml.read(data, file).value, "hosts")
    text = _put(file, decode_text(data), ("servers", name), dict(server))
    changed = [f"servers.{name}"]
    for host in dict.fromkeys(hosts):
        if host not in known:
            text = _put(file, text, ("hosts", host), {"servers": [name]})
            changed.append(f"hosts.{host}")
        elif "servers" in _map(known, host):
            text = _put(file, text, ("hosts", host, "servers", Element(name)), name)
            changed.append(f"hosts.{host}.servers")
    return Revision(text, tuple(changed))


def without_server(data: bytes, file: str, name: str) -> Revision:
    """Remove a server and every mention of it in selections. A selection that loses all its servers stays, empty.

    Raises McpconfError: exit 1 where the text cannot be read or edited.
    """
    written = yaml.read(data, file).value
    lists: dict[tuple[str | int, ...], None] = {}
    for pattern in SERVER_LISTS:
        lists |= {path[:-1]: None for path, word in select(written, pattern) if word == name}
    text = decode_text(data)
    for section in dict.fromkeys(str(path[0]) for path in lists):
        typed = _YAML.parse(text).value
        for path in lists:
            if path[0] == section:
                _drop(typed, written, path, name)
        text = _put(file, text, (section,), typed[section])
    text = _put(file, text, ("servers", name), ABSENT)
    return Revision(text, (f"servers.{name}", *map(_spelled, lists)))


def _drop(typed: Json, written: Json, path: Sequence[str | int], name: str) -> None:
    """Take a name out of a list of the typed document. As written all of it is text: `1` is a name, `true` another."""
    for step in path:
        typed, written = typed[step], written[step]
    typed[:] = [value for value, word in zip(typed, written, strict=True) if word != name]


def _put(file: str, text: str, path: KeyPath, value: Json | Absence) -> str:
    try:
        return _YAML.put(text, path, value)
    except FormatError as error:
        where = Where(file, error.line, error.column)
        raise McpconfError(ExitCode.NO_PLAN, Problem(error.kind, error.message, where, error.hint)) from None


def _refuse_secrets(server: Mapping[str, Json]) -> None:
    """What is no server at all is left to the loader, which says what is wrong with it."""
    for field in ("env", "headers"):
        for key, value in _map(server, field).items():
            if isinstance(value, dict) and looks_secret(str(value.get("secret"))):
                message = f"the name of the secret for `{field}.{key}` looks like the secret itself"
                raise _usage(message, "give the name of a variable that holds it; and replace the secret, it was typed")
    try:
        entry = neutral(Server.model_validate(server))
    except ValidationError:
        return
    for secret in find(entry):
        hint = "name it with `--secret` or `--header-secret`; and replace the secret, it was typed in clear"
        raise _usage(f"`{secret.place}` holds a secret in clear", hint)


def _map(value: Json, key: str) -> dict[str, Json]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, dict) else {}


def _spelled(path: Iterable[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
