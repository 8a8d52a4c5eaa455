"""One file of a manifest: read, its version checked, its names looked up. It may be a layer of several."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from mcpconf.canonical import digest_bytes
from mcpconf.documents.checking import did_you_mean, select
from mcpconf.documents.versions import no_versions
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.formats import yaml
from mcpconf.model.base import Json
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED
from mcpconf.model.written import Fault, shown
from mcpconf.packages.bridge import NAME as BRIDGE
from mcpconf.packages.bridge import starts_bridge
from mcpconf.rules import RULES, WAIVABLE

FORMAT_VERSION = "1"
_APPROVALS = "auto"


@dataclass(frozen=True, slots=True)
class Layer:
    """`value` is what the file says, `tree` knows where; `digest` is of its bytes."""

    file: str
    digest: str
    tree: yaml.Tree
    value: Json
    text: str = field(default="", repr=False)

    def where(self, path: yaml.Path) -> Where:
        """The place of a key, or of the nearest thing around it."""
        return Where(self.file, *self.tree.position(path))

    @property
    def includes(self) -> tuple[tuple[int, str], ...]:
        """The layers below this one, lowest first, with their places in the list."""
        said = self.value.get("include") if isinstance(self.value, dict) else None
        listed = enumerate(said) if isinstance(said, list) else ()
        return tuple((index, path) for index, path in listed if isinstance(path, str))

    @property
    def servers(self) -> Collection[str]:
        """The names of the servers that are written here."""
        said = self.value.get("servers") if isinstance(self.value, dict) else None
        return said if isinstance(said, dict) else {}

    @property
    def own(self) -> Collection[str]:
        """The ids of the rules that are its policy's own."""
        policy = self.value.get("policy") if isinstance(self.value, dict) else None
        said = [policy.get(key) for key in ("schemas", "rego")] if isinstance(policy, dict) else []
        return [name for names in said if isinstance(names, dict) for name in names]


def read_layer(data: bytes | str, file: str) -> Layer:
    """Raises McpconfError (exit 1) if it cannot be parsed, or is of another version."""
    tree = yaml.read(data, file)
    value = _without_empty_sections(tree.value)
    _check_version(value, tree, file)
    raw = data if isinstance(data, bytes) else data.encode()
    return Layer(file, digest_bytes(raw), tree, value, raw.decode("utf-8", "replace"))


def _without_empty_sections(value: Json) -> Json:
    """A section or host with nothing behind it says nothing: `servers:` has none, `cursor:` is `cursor: {}`."""
    if not isinstance(value, dict):
        return value
    said = {key: section for key, section in value.items() if section is not None}
    if isinstance(said.get("hosts"), dict):
        said["hosts"] = {name: {} if host is None else host for name, host in said["hosts"].items()}
    return said


def _check_version(value: Json, tree: yaml.Tree, file: str) -> None:
    """A document of another version is not judged by the rules of this one."""
    if value is None:
        message, hint = "the document is empty", "`mcpconf init` writes a first one"
    elif isinstance(value, dict) and value.get("mcpconf", FORMAT_VERSION) != FORMAT_VERSION:
        message = f"`mcpconf` is no format version that is known here: {shown(value['mcpconf'])}"
        hint = f"this version reads `mcpconf: {FORMAT_VERSION}`; a newer document needs a newer mcpconf"
    else:
        return
    raise McpconfError(ExitCode.NO_PLAN, Problem("invalid", message, Where(file, *tree.position(("mcpconf",))), hint))


_HOST_KEYS = (("hosts", "*"), ("servers", "*", "hosts", "*"), ("groups", "*", "add", "hosts", "*"))
_HOST_LISTS = (("projects", "*", "hosts", "*"), ("released", "*", "hosts", "*"), ("groups", "*", "drop", "hosts", "*"))
SERVER_LISTS = (
    ("hosts", "*", "servers", "*"),
    ("projects", "*", "servers", "*"),
    ("groups", "*", "add", "servers", "*"),
    ("groups", "*", "add", "hosts", "*", "servers", "*"),
    ("groups", "*", "drop", "servers", "*"),
)
BRIDGES = ("servers", "*", "bridge")
"""Where one server names another."""


@dataclass(frozen=True, slots=True)
class Below:
    """Names that the layers below a layer bring along: of servers, and of rules of their policies' own."""

    servers: Collection[str] = ()
    own: Collection[str] = ()

    def and_of(self, layer: Layer) -> Below:
        return Below((*self.servers, *layer.servers), (*self.own, *layer.own))


NOTHING_BELOW = Below()


def faults(layer: Layer, known_hosts: Collection[str], below: Below = NOTHING_BELOW) -> Iterator[Fault]:
    """What is wrong whatever the rest says: versions that are none, and names that nothing has."""
    value, here = layer.value, below.and_of(layer)
    yield from no_versions(value)
    yield from _unknown_hosts(value, known_hosts)
    yield from _unknown_servers(value, dict.fromkeys(here.servers))
    yield from _no_bridges(value)
    yield from _unknown_rules(value, here.own)
    yield from _matching_all(value)
    yield from _unknown_fields(value)


def _unknown_hosts(value: Json, known: Collection[str]) -> Iterator[Fault]:
    listed = "known hosts: " + ", ".join(f"`{name}`" for name in sorted(known))
    named = [(path, path[-1]) for pattern in _HOST_KEYS for path, _ in select(value, pattern)]
    named += [found for pattern in _HOST_LISTS for found in select(value, pattern)]
    for path, name in named:
        if isinstance(name, str) and name not in known:
            yield Fault(f"is no known host: {shown(name)}", did_you_mean(name, known) or listed, path)


def _unknown_servers(value: Json, known: Collection[str]) -> Iterator[Fault]:
    for pattern in (*SERVER_LISTS, BRIDGES):
        for path, name in select(value, pattern):
            if isinstance(name, str) and name not in known:
                hint = did_you_mean(name, known) or "add it to `servers`, or take it out here"
                yield Fault(f"names no server of this manifest: {shown(name)}", hint, path)


def _no_bridges(value: Json) -> Iterator[Fault]:
    """Of those whose launch is said in the same file; the others are judged where they are used."""
    for path, name in select(value, BRIDGES):
        server = value["servers"].get(name) if isinstance(name, str) else None
        if isinstance(server, dict) and not _starts_bridge(server):
            hint = f"give it one whose package is `npm:{BRIDGE}`"
            yield Fault(f"names a server that does not start `{BRIDGE}`: {shown(name)}", hint, path)


def _starts_bridge(server: Mapping[str, Json]) -> bool:
    if "url" in server:
        return False
    if "package" in server:
        return bool(server["package"] == f"npm:{BRIDGE}")
    command = server.get("command")
    words = command if isinstance(command, list) else []
    return not words or not all(isinstance(word, str) for word in words) or starts_bridge(words)


def _unknown_rules(value: Json, own: Collection[str]) -> Iterator[Fault]:
    listed = "known rules: " + ", ".join(f"`{name}`" for name in RULES)
    named: list[tuple[tuple[str | int, ...], Json, Collection[str]]] = []
    for word, rules in (("rules", {*RULES, *own}), ("observed", {*RULES})):
        named += [(path, path[-1], rules) for path, _ in select(value, ("policy", word, "*"))]
    named += [(path, name, {*WAIVABLE, *own}) for path, name in select(value, ("waivers", "*", "rule"))]
    for path, name, known in named:
        if isinstance(name, str) and name not in known:
            yield Fault(f"is no known rule: {shown(name)}", did_you_mean(name, known) or listed, path)


def _matching_all(value: Json) -> Iterator[Fault]:
    for path, when in select(value, ("groups", "*", "when")):
        if when == {}:
            yield Fault("says nothing to match by", "give it `labels` or `os`", path)


def _unknown_fields(value: Json) -> Iterator[Fault]:
    known = tuple(name for name in (*FIELDS_OWNED, *FIELDS_STATED) if name != _APPROVALS)
    listed = "`launch` is the command with its arguments; known fields: " + ", ".join(f"`{name}`" for name in known)
    for path, name in select(value, ("ignore", "*", "field")):
        if name == _APPROVALS:
            hint = "what approves more than is declared is always taken away; declare it, or leave the line out"
            yield Fault(f"cannot be {shown(name)}", hint, path)
        elif isinstance(name, str) and name not in known:
            yield Fault(f"is no field that is compared: {shown(name)}", did_you_mean(name, known) or listed, path)
