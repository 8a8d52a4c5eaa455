"""`mcpconf.yaml`: from bytes to a manifest whose every part acts in this version."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mcpconf.canonical import digest, digest_bytes
from mcpconf.documents.checking import check, did_you_mean, select
from mcpconf.documents.support import unsupported
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.formats import yaml
from mcpconf.model.base import Json
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED
from mcpconf.model.manifest import Manifest
from mcpconf.model.written import Fault, shown
from mcpconf.rules import RULES, WAIVABLE

FORMAT_VERSION = "1"
_APPROVALS = "auto"


@dataclass(frozen=True, slots=True)
class LoadedManifest:
    """`digest` is of the file's bytes; `tree` knows where each key is written."""

    manifest: Manifest
    file: str
    digest: str
    tree: yaml.Tree

    @classmethod
    def in_memory(cls, manifest: Manifest) -> LoadedManifest:
        """A manifest that was made by a program: it has no file, and no lines."""
        value = manifest.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return cls(manifest, "manifest", digest(value), yaml.Tree(value, {}))

    def where(self, *path: str | int) -> Where:
        """The place of `("servers", "files", "args", 0)`, or of the nearest thing around it."""
        return Where(self.file, *self.tree.position(path))


def load_manifest(data: bytes | str, file: str, known_hosts: Collection[str]) -> LoadedManifest:
    """Raises McpconfError (exit 1) with every problem. `known_hosts` are the names that `hosts` may have."""
    tree = yaml.read(data, file)
    value = _without_empty_sections(tree.value)
    _check_version(value, tree, file)
    manifest = check(Manifest, value, tree, file, _faults(value, known_hosts))
    raw = data if isinstance(data, bytes) else data.encode()
    return LoadedManifest(manifest, file, digest_bytes(raw), tree)


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


def _faults(value: Json, known_hosts: Collection[str]) -> Iterator[Fault]:
    yield from unsupported(value)
    yield from _unknown_hosts(value, known_hosts)
    yield from _unknown_servers(value)
    yield from _unknown_rules(value)
    yield from _matching_all(value)
    yield from _unknown_fields(value)


def _unknown_hosts(value: Json, known: Collection[str]) -> Iterator[Fault]:
    listed = "known hosts: " + ", ".join(f"`{name}`" for name in sorted(known))
    named = [(path, path[-1]) for pattern in _HOST_KEYS for path, _ in select(value, pattern)]
    named += [found for pattern in _HOST_LISTS for found in select(value, pattern)]
    for path, name in named:
        if isinstance(name, str) and name not in known:
            yield Fault(f"is no known host: {shown(name)}", did_you_mean(name, known) or listed, path)


def _unknown_servers(value: Json) -> Iterator[Fault]:
    servers = value.get("servers") if isinstance(value, dict) else None
    known = servers if isinstance(servers, dict) else {}
    for pattern in SERVER_LISTS:
        for path, name in select(value, pattern):
            if isinstance(name, str) and name not in known:
                hint = did_you_mean(name, known) or "add it to `servers`, or take it out here"
                yield Fault(f"names no server of this manifest: {shown(name)}", hint, path)


def _unknown_rules(value: Json) -> Iterator[Fault]:
    listed = "known rules: " + ", ".join(f"`{name}`" for name in RULES)
    named: list[tuple[tuple[str | int, ...], Json, Collection[str]]] = []
    for word in ("rules", "observed"):
        named += [(path, path[-1], RULES) for path, _ in select(value, ("policy", word, "*"))]
    named += [(path, name, WAIVABLE) for path, name in select(value, ("waivers", "*", "rule"))]
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
