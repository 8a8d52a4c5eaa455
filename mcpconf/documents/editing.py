"""Changes in the text of a manifest; comments and layout of everything else stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mcpconf.documents.checking import select
from mcpconf.documents.layer import SERVER_LISTS
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text, yaml
from mcpconf.formats.yaml import Path
from mcpconf.model.base import ABSENT, Absence, Element, Json, KeyPath
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Server
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber, find, looks_secret

_YAML = FORMATS["yaml"]

RevisingAction = Literal["add", "remove", "adopt", "forget", "rename"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A manifest's new text, and where it changed, such as `servers.files` and `hosts.cursor.servers`."""

    text: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revised:
    """What became of a manifest.

    `without` are the hosts whose own list of servers leaves the new one out; `notes` tell what else follows from it, `findings`
    what speaks against it. `previous` is the name that the server had before, `addresses` are those on the machine whose
    value it takes over.
    """

    file: str
    action: RevisingAction
    server: str
    changed: tuple[str, ...]
    before: bytes
    after: bytes
    written: bool
    scrubber: Scrubber
    hosts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    previous: str = ""
    addresses: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    next: Literal["plan", "lock"] = "plan"


class Draft:
    """A manifest's text under edit; `changed` are the places that became other ones.

    Methods raise McpconfError (exit 1) where the text cannot be read or edited.
    """

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        self.text = decode_text(data)
        self.changed: dict[str, None] = {}

    @property
    def revision(self) -> Revision:
        return Revision(self.text, tuple(self.changed))

    @property
    def written(self) -> Json:
        """What the text says by now; every scalar is text."""
        return yaml.read(self.text, self.file).value

    def tell(self, *path: str | int) -> None:
        self.changed[_spelled(path)] = None

    def put(self, path: KeyPath, value: Json | Absence) -> None:
        self.text = self._done(lambda: _YAML.put(self.text, path, value))

    def rename(self, path: KeyPath, name: str) -> None:
        """Give a key another name, in its place."""
        self.text = self._done(lambda: _YAML.rename(self.text, path, name))

    def reshape(self, section: str, change: Callable[[Json, Json], None]) -> None:
        """Change a section through lists, whose elements no key path names: its typed value, beside the written one."""
        typed = _YAML.parse(self.text).value[section]
        change(typed, self.written[section])
        self.put((section,), typed)

    def lists_with(self, name: str) -> list[Path]:
        """The lists of servers that name one."""
        written = self.written
        found = [path[:-1] for pattern in SERVER_LISTS for path, word in select(written, pattern) if word == name]
        return list(dict.fromkeys(found))

    def drop(self, paths: Iterable[Path], name: str) -> None:
        """Take a name out of lists. One that loses all its names stays, empty."""
        self.respell(paths, lambda word: ABSENT if word == name else word)

    def respell(self, paths: Iterable[Path], spelled: Callable[[str], str | Absence]) -> None:
        """Change words of lists, or take them out. As written all of it is text: `1` is a name, `true` another."""
        sections: dict[str, list[Path]] = {}
        for path in paths:
            sections.setdefault(str(path[0]), []).append(path[1:])
            self.tell(*path)

        def change(typed: Json, written: Json, below: Sequence[Path]) -> None:
            for path in below:
                here, there = _at(typed, path), _at(written, path)
                new = [(value, word, spelled(word)) for value, word in zip(here, there, strict=True)]
                here[:] = [value if after == word else after for value, word, after in new if after is not ABSENT]

        for section, below in sections.items():
            self.reshape(section, lambda typed, written, below=below: change(typed, written, below))  # type: ignore[misc]

    def _done(self, edit: Callable[[], str]) -> str:
        try:
            return edit()
        except FormatError as error:
            where = Where(self.file, error.line, error.column)
            raise McpconfError(ExitCode.NO_PLAN, Problem(error.kind, error.message, where, error.hint)) from None


def _at(value: Json, path: Path) -> Json:
    for step in path:
        value = value[step]
    return value


def with_server(data: bytes, file: str, name: str, server: Mapping[str, Json], hosts: Sequence[str]) -> Revision:
    """Add a server, in manifest notation, and name it in the selections of these hosts.

    A host that the manifest does not have yet gets this server alone; one without a selection has every server already.
    Raises McpconfError: exit 64 for a secret in clear, exit 1 where the text cannot be read or edited.
    """
    draft = Draft(data, file)
    enter(draft, name, server, hosts)
    return draft.revision


def enter(draft: Draft, name: str, server: Mapping[str, Json], hosts: Sequence[str]) -> None:
    _refuse_secrets(server)
    draft.put(("servers", name), dict(server))
    draft.tell("servers", name)
    known = _map(draft.written, "hosts")
    for host in dict.fromkeys(hosts):
        if host not in known:
            draft.put(("hosts", host), {"servers": [name]})
            draft.tell("hosts", host)
        elif "servers" in _map(known, host):
            draft.put(("hosts", host, "servers", Element(name)), name)
            draft.tell("hosts", host, "servers")


def without_server(data: bytes, file: str, name: str) -> Revision:
    """Remove a server and every mention of it in selections. A selection that loses all its servers stays, empty.

    Raises McpconfError: exit 1 where the text cannot be read or edited.
    """
    draft = Draft(data, file)
    leave(draft, name)
    return draft.revision


def leave(draft: Draft, name: str) -> None:
    draft.tell("servers", name)
    draft.drop(draft.lists_with(name), name)
    draft.put(("servers", name), ABSENT)


def _refuse_secrets(server: Mapping[str, Json]) -> None:
    """What is no server at all is left to the loader, which says what is wrong with it."""
    for field in ("env", "headers"):
        for key, value in _map(server, field).items():
            if isinstance(value, dict) and looks_secret(str(value.get("secret"))):
                message = f"the name of the secret for `{field}.{key}` looks like the secret itself"
                raise _usage(message, "give the name of a variable that holds it; and replace the secret, it was typed")
    try:
        entry = neutral(Server.model_validate(server))
    except ValueError:
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
