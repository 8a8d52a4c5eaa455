"""Manifest, host rows and facts to what this machine should have, spelled the way each host reads it back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

from mcpconf.errors import Problem, Where
from mcpconf.hosts.dialect import furnished
from mcpconf.hosts.filling import Names
from mcpconf.hosts.limits import Subject, unkept, unsandboxed
from mcpconf.hosts.names import CANNOT_NAME, another_name, misnamed, one_name_for_two
from mcpconf.hosts.places import Destination, Disk, absolute, destination, spelled
from mcpconf.hosts.tools import left_out, without_the_rest
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import Address
from mcpconf.model.base import KeyPath
from mcpconf.model.desired import Desired, DesiredEntry
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import HostSelection, Manifest, Project, Server
from mcpconf.model.word import Word
from mcpconf.ports import Facts
from mcpconf.resolve.bridging import Carried, carried, carrier
from mcpconf.resolve.servers import neutral
from mcpconf.resolve.shared import agreed
from mcpconf.resolve.wish import Wish, stated, wished

CANNOT_SAY = "cannot-say"
"""What a binding is reported under that a host has no words for."""

UNMET = "not-locked"
"""What a binding is reported under whose command line only a lock can tell."""

UNHELD = "MCP213"
"""What a binding is reported under that nothing can hold to its permissions; a rule, for it can be told without a machine."""

UNMET_WORD = Word(
    "the lock does not tell what to start",
    "The manifest asks for a range of versions, or for the store, and the lock has no answer that belongs to it.",
    "`mcpconf lock`, commit it, then `mcpconf plan`",
)

CANNOT_SAY_WORD = Word(
    "the host has no words for it",
    "A transport, a variable, a name or another part of the server cannot be written for this host; the binding is left "
    "out, and held where the manifest names it.",
    "leave the server out for that host, or change the part that is named, then `mcpconf plan`",
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What resolving needs beside the manifest. `exists` and `names` ask the machine about paths and folders.

    `unmet` are servers of which nothing tells how to start them as asked, `stored` those that are started from the user's store.
    `shown` are the tools of servers, as far as they are locked.
    """

    rows: Mapping[str, HostRow]
    facts: Facts
    installed: frozenset[str]
    exists: Callable[[str], bool]
    tracked: Callable[[str], bool]
    names: Names = dataclass_field(default=lambda _folder: ())
    where: Callable[..., Where] = dataclass_field(default=lambda *_path: Where("mcpconf.yaml"))
    unmet: Mapping[str, Problem] = dataclass_field(default_factory=dict)
    stored: Container[str] = frozenset()
    shown: Mapping[str, Collection[str]] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Binding:
    """One server for one host and scope. `named` means the manifest names this very pair."""

    row: HostRow
    name: str
    scope: str
    project: str
    named: bool
    manifest: Manifest = dataclass_field(compare=False)

    @property
    def server(self) -> Server:
        return self.manifest.servers[self.name]

    @property
    def called(self) -> str:
        """The name that the server has in this host."""
        override = self.server.hosts.get(self.row.id)
        return (override.name if override else None) or self.name

    @property
    def bridge(self) -> str:
        """The server that carries it to its host; "" if it needs none."""
        return carrier(self.row, self.server)

    @property
    def stranded(self) -> bool:
        """Whether nothing carries it to a host that cannot reach it."""
        server = self.server
        return server.url is not None and not self.bridge and server.effective_transport not in self.row.dialect.words

    @property
    def started(self) -> tuple[str, ...]:
        """The servers of the manifest that its host comes to know."""
        return tuple(name for name in (self.name, self.bridge) if name in self.manifest.servers)


def resolve(manifest: Manifest, resolution: Resolution) -> Desired:
    """Every binding that its host can say; the others become findings."""
    entries: dict[tuple[str, KeyPath, str], DesiredEntry] = {}
    findings: dict[str, Finding] = {}
    unkept_limits: list[Finding] = []
    memory = _Memory(resolution)
    for binding in dict.fromkeys(_bindings(manifest, resolution)):
        answer = _bind(binding, memory)
        if isinstance(answer, DesiredEntry):
            first = entries.setdefault((answer.location.path, answer.key_path, binding.row.id), answer)
            if first.server != answer.server and first.address == answer.address:
                answer = _one_name_for_two(first, binding, resolution)
            elif first.address != answer.address:
                same_place = f"`{first.address}` is written to the same place"
                answer = _refuse(binding, resolution, (same_place,))
        if isinstance(answer, Finding):
            findings.setdefault(answer.address, answer)
        else:
            unkept_limits += _unkept(binding, answer, memory.wish(binding), resolution)
    kept, disputed = agreed(entries.values(), CANNOT_SAY)
    return Desired(kept, (*findings.values(), *disputed, *unkept_limits))


def _bindings(manifest: Manifest, resolution: Resolution) -> Iterator[_Binding]:
    for host, selection in manifest.hosts.items():
        if host in resolution.installed or selection.create:
            yield from _selected(resolution.rows[host], selection, manifest)
    for project in manifest.projects:
        folder = absolute(project.path, resolution.facts)
        if resolution.exists(folder):
            yield from _in_project(manifest, project, folder, resolution)


def _selected(row: HostRow, selection: HostSelection, manifest: Manifest) -> Iterator[_Binding]:
    names = selection.servers if selection.servers is not None else manifest.offered
    for name in names:
        yield _Binding(row, name, "user", "", selection.servers is not None, manifest)


def _in_project(manifest: Manifest, project: Project, folder: str, resolution: Resolution) -> Iterator[_Binding]:
    hosts = project.hosts if project.hosts is not None else tuple(manifest.hosts)
    names = project.servers if project.servers is not None else manifest.offered
    for host in hosts:
        if host in resolution.installed or (host in manifest.hosts and manifest.hosts[host].create):
            for name in names:
                yield _Binding(resolution.rows[host], name, "project", folder, project.servers is not None, manifest)


class _Memory:
    """What many bindings share: one server reads the same in every project, one project has one file per host."""

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self._wishes: dict[tuple[str, ...], Wish] = {}
        self._entries: dict[tuple[str, ...], Carried] = {}
        self._targets: dict[tuple[str, ...], Destination | None] = {}

    def target(self, binding: _Binding) -> Destination | None:
        key = (binding.row.id, binding.scope, binding.project)
        if key not in self._targets:
            facts, disk = self.resolution.facts, Disk(self.resolution.exists, self.resolution.names)
            self._targets[key] = destination(binding.row, facts, binding.scope, binding.project, disk)
        return self._targets[key]

    def wish(self, binding: _Binding) -> Wish:
        key = (binding.row.id, binding.scope, binding.name)
        if key in self._wishes:
            return self._wishes[key]
        entry, losses = self._neutral(binding)
        entry = without_the_rest(binding.row, entry, self.resolution.shown.get(binding.name, ()))
        wish = wished(binding.row, entry, self.resolution.facts, binding.scope, binding.project)
        if losses:
            wish = replace(wish, words=wish.words._replace(losses=losses))
        if not wish.names_workspace:
            self._wishes[key] = wish
        return wish

    def _neutral(self, binding: _Binding) -> Carried:
        host, bridge, servers = binding.row.id, binding.bridge, binding.manifest.servers
        key = (binding.name, bridge, host if bridge or host in binding.server.hosts else "")
        if key not in self._entries:
            entry = neutral(binding.server.on(host))
            self._entries[key] = carried(entry, bridge, servers, host) if bridge else Carried(entry)
        return self._entries[key]


def _bind(binding: _Binding, memory: _Memory) -> DesiredEntry | Finding:
    resolution = memory.resolution
    unmet = next(filter(None, (_unmet(name, binding, resolution) for name in binding.started)), None)
    if unmet is not None:
        return replace(
            _refuse(binding, resolution, (unmet.message,)),
            rule=UNHELD if unmet.kind == "permission" else UNMET,
            severity="error",
            message=unmet.message,
            hint=unmet.hint,
        )
    target = memory.target(binding)
    if target is None:
        return _refuse(binding, resolution, (f"it has no {binding.scope} scope that can be written",))
    if message := misnamed(binding.row, binding.name, binding.called):
        return _misnamed(binding, resolution, message)
    wish = memory.wish(binding)
    reasons = (
        *wish.said.refused,
        *wish.words.losses,
        *_store_in_project(binding, resolution),
        *_workspace_in_git(binding, wish, target, resolution),
    )
    if reasons:
        return _refuse(binding, resolution, reasons)
    return _desired(binding, wish, target, resolution)


def _unmet(name: str, binding: _Binding, resolution: Resolution) -> Problem | None:
    return resolution.unmet.get(name) or unsandboxed(binding.row, binding.manifest.servers[name])


def _desired(binding: _Binding, wish: Wish, target: Destination, resolution: Resolution) -> DesiredEntry:
    encoded = wish.words.encoded
    return DesiredEntry(
        address=Address(binding.row.id, binding.scope, target.location.project, binding.called),
        server=binding.name,
        entry=wish.words.entry,
        encoded=furnished(binding.row, encoded.value, binding.called),
        identity=wish.identity,
        location=target.location,
        key_path=target.key_path(binding.called, binding.project),
        parts=encoded.parts,
        declares=encoded.declares,
        stated=frozenset(stated(binding.server, wish.wanted)),
        protect=binding.server.protect,
        said=wish.neutral,
        denied=wish.said.denied,
        state_paths=binding.server.state_paths,
        where=resolution.where("servers", binding.name),
    )


def _unkept(binding: _Binding, desired: DesiredEntry, wish: Wish, resolution: Resolution) -> Iterator[Finding]:
    required = "enforced-tools" in binding.manifest.policy.require
    subject = Subject(binding.row.title, binding.name, str(desired.address), desired.where)
    shown = resolution.shown.get(binding.name, ())
    as_locked = bool(shown and wish.neutral.without) and not left_out(wish.neutral, shown)
    yield from unkept(wish.said, subject, required=required, as_locked=as_locked)


def _workspace_in_git(binding: _Binding, wish: Wish, target: Destination, resolution: Resolution) -> Iterator[str]:
    """An absolute folder must not get into a file that others check out elsewhere."""
    if binding.row.references.workspace or binding.scope != "project" or not resolution.tracked(target.location.path):
        return
    if wish.names_workspace:
        yield "`${workspace}` would become this machine's folder in a file tracked by git"


def _store_in_project(binding: _Binding, resolution: Resolution) -> Iterator[str]:
    if binding.scope == "project" and any(name in resolution.stored for name in binding.started):
        yield "it is started from this user's store, which a project's file cannot name"


def _refuse(binding: _Binding, resolution: Resolution, reasons: Sequence[str]) -> Finding:
    project = spelled(binding.project, resolution.facts) if binding.project else ""
    address = Address(binding.row.id, binding.scope, project, binding.called)
    selection = f"projects` for `{project}" if project else f"hosts.{binding.row.id}.servers"
    return Finding(
        rule=CANNOT_SAY,
        severity="error" if binding.named else "warning",
        subject="desired",
        address=str(address),
        message=f"{binding.row.title} cannot take `{binding.name}`: {'; '.join(reasons)}",
        hint=f"leave `{binding.name}` out of `{selection}`" + (", or give it a `bridge`" if binding.stranded else ""),
        where=_place(binding, resolution),
    )


def _one_name_for_two(first: DesiredEntry, binding: _Binding, resolution: Resolution) -> Finding:
    """Whichever of the two were written, the other would be missing without a word."""
    message = one_name_for_two(binding.row.id, (first.server, binding.name), binding.called)
    return replace(_misnamed(binding, resolution, message), severity="error", address=str(first.address))


def _misnamed(binding: _Binding, resolution: Resolution, message: str) -> Finding:
    refused = _refuse(binding, resolution, ())
    hint = f"{another_name(binding.row.id, binding.name)}, or {refused.hint}"
    return replace(refused, rule=CANNOT_NAME, message=message, hint=hint)


def _place(binding: _Binding, resolution: Resolution) -> Where:
    """The line of the name that the host is given, if it has one of its own there, else the server's."""
    own = ("hosts", binding.row.id, "name") if binding.called != binding.name else ()
    return resolution.where("servers", binding.name, *own)
