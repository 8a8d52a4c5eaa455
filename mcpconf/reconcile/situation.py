"""Everything the reconciler looks at, gathered as values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from mcpconf.artifacts.supplied import NOTHING_SUPPLIED, Supplied
from mcpconf.canonical import digest, keyed
from mcpconf.errors import Problem
from mcpconf.hosts.calls import Naming
from mcpconf.hosts.granting import Wanted
from mcpconf.hosts.precedence import Unread
from mcpconf.model.address import Address
from mcpconf.model.base import Json, KeyPath
from mcpconf.model.desired import Desired, DesiredEntry, Edit
from mcpconf.model.observed import Grant, Observed, ObservedEntry
from mcpconf.model.owned import Purpose
from mcpconf.model.past import NOTHING_TOLD, Hindsight
from mcpconf.model.plan import Declared as NewlyDeclared
from mcpconf.model.plan import Rollback
from mcpconf.model.state import Revoked, State
from mcpconf.model.surface import Surface
from mcpconf.permissions.change import Severity as PrivilegeSeverity
from mcpconf.permissions.extent import Bound
from mcpconf.ports import OperatingSystem
from mcpconf.reconcile.declared import Declared

if TYPE_CHECKING:
    from mcpconf.reconcile.policing import Kept

Treatment = Literal["keep", "warn", "remove"]
OnConflict = Literal["fail", "keep", "overwrite"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the manifest says about things it does not list. `projects` overrides `unmanaged` by host and folder.

    `observed` are the rules whose findings about the machine may fail a run. `privilege` tells for the severity of what a
    change lets a server do whether it is blocked, or has to be approved.
    """

    unmanaged: Treatment = "warn"
    projects: Mapping[tuple[str, str], Treatment] = field(default_factory=dict)
    not_ours: OnConflict = "fail"
    both_changed: OnConflict = "fail"
    grants: Treatment = "warn"
    fail_on: Literal["error", "warning", "info", "none"] = "error"
    observed: frozenset[str] = frozenset()
    privilege: Mapping[PrivilegeSeverity, Literal["block", "approve"]] = field(default_factory=dict)


class Absent(NamedTuple):
    """An identity that must not exist on the machine. `where` is the line of the manifest, `command` what it says there."""

    identity: str
    reason: str
    where: str
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """A server given back to the user; no hosts means all."""

    server: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A difference that is let be until a day: of one field, or of the whole address."""

    target: str
    field: str
    reason: str
    expires: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """The strongest entry in another's way, and its file. `winner` need not exist where its file rules alone."""

    winner: Address
    file: str

    def always(self, loser: Address) -> bool:
        """Whether the other loses everywhere, not only in one project below it."""
        project = self.winner.project
        return not project or f"{loser.project}/".startswith(project.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Choices:
    """What was said on the command line. Targets and excludes are address patterns or item numbers.

    `revoking` is to be revoked beside what already is. `locked`: a lock that does not belong to the manifest stops all.
    `installed`: nothing is written that would start what is not in the store. `live` is what servers showed that were asked
    for it, None where none was to be. `max_privilege`: changes that have to be approved are, up to this severity.
    `stop_processes`: what still runs of what is gone is ended. `tracing` is the server of which everything that is left is to be found, "" for all, None where nobody asks.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    on_conflict: OnConflict | None = None
    allow_mass_removal: bool = False
    move_secrets: bool = False
    revoking: Revoked | None = None
    unpin: bool = False
    locked: bool = False
    installed: bool = False
    live: Mapping[str, Surface | Problem] | None = None
    max_privilege: PrivilegeSeverity | None = None
    tracing: str | None = None
    stop_processes: bool = False


class Rules(Protocol):
    """What hosts do with several entries of one name, by their rows."""

    def shadows(self, entries: Iterable[ObservedEntry], limited: frozenset[Address]) -> Mapping[Address, Shadow]:
        """Entries that do not act as written, with what is in their way. Tool lists count for those in `limited`."""

    def left_over(self, entries: Sequence[ObservedEntry], gone: Address) -> tuple[Address, ...]:
        """Entries that would be all there is of a server once `gone` is deleted, and too little to run it."""

    def clashing(self, entries: Sequence[ObservedEntry], changed: ObservedEntry) -> tuple[Address, ...]:
        """Entries that would not fit together with one that is about to be as `changed`."""

    def unread(self, entry: ObservedEntry) -> Unread:
        """Why a host does not read an entry in its own folder, by what is trusted and approved now."""

    def lost_with(self, host: str) -> Literal["entry", "file", "host"]:
        """What a host reads no more because of one entry that it refuses."""

    def rank(self, address: Address, file: str) -> int:
        """The strength of the place that an address has in a file of its host; 0 is the strongest."""

    def runtime(self, host: str) -> frozenset[str]:
        """Keys of an entry that the host itself writes."""

    def brings(self, host: str, name: str) -> bool:
        """Whether a server of this name may be the host's own, or that of a plugin or account, which stands in no file."""

    def identity(self, host: str, raw: Json) -> str:
        """What a host would take something for if it were an entry; "" if for nothing."""

    def readers(self, file: str, container: KeyPath) -> tuple[str, ...]:
        """Hosts of this machine that read servers at a place of a file."""

    def approvals(self, desired: DesiredEntry) -> tuple[Grant, ...]:
        """Approvals that an entry brings along once it is written."""

    def beside(
        self, desired: DesiredEntry, tool: str, names: Collection[str], effect: Wanted = "auto"
    ) -> Iterable[Grant]:
        """Approvals of a tool, or limits to it, as they would stand in files beside the entry, but for what could be about others of `names`."""

    def respelled(self, grant: Grant, name: str, others: Collection[str]) -> KeyPath | None:
        """The key path of the same approval for a server of another name, which is none of the others."""

    def tool_edits(self, desired: DesiredEntry, raw: Json) -> Mapping[str, tuple[Edit, ...]]:
        """Per field of tools, the edits below an entry, now `raw`, that make it as desired."""

    def naming(self, host: str) -> Naming:
        """How a host calls tools and prompts, as far as that is known."""


class NoRules:
    """Hosts that read each entry by itself."""

    def shadows(self, entries: Iterable[ObservedEntry], limited: frozenset[Address]) -> Mapping[Address, Shadow]:  # noqa: ARG002
        return {}

    def left_over(self, entries: Sequence[ObservedEntry], gone: Address) -> tuple[Address, ...]:  # noqa: ARG002
        return ()

    def clashing(self, entries: Sequence[ObservedEntry], changed: ObservedEntry) -> tuple[Address, ...]:  # noqa: ARG002
        return ()

    def unread(self, entry: ObservedEntry) -> Unread:  # noqa: ARG002
        return ""

    def lost_with(self, host: str) -> Literal["entry", "file", "host"]:  # noqa: ARG002
        return "entry"

    def rank(self, address: Address, file: str) -> int:  # noqa: ARG002
        return 0

    def runtime(self, host: str) -> frozenset[str]:  # noqa: ARG002
        return frozenset()

    def brings(self, host: str, name: str) -> bool:  # noqa: ARG002
        return False

    def identity(self, host: str, raw: Json) -> str:  # noqa: ARG002
        return ""

    def readers(self, file: str, container: KeyPath) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def approvals(self, desired: DesiredEntry) -> tuple[Grant, ...]:  # noqa: ARG002
        return ()

    def beside(
        self,
        desired: DesiredEntry,  # noqa: ARG002
        tool: str,  # noqa: ARG002
        names: Collection[str],  # noqa: ARG002
        effect: Wanted = "auto",  # noqa: ARG002
    ) -> Iterable[Grant]:
        return ()

    def respelled(self, grant: Grant, name: str, others: Collection[str]) -> KeyPath | None:  # noqa: ARG002
        return None

    def tool_edits(self, desired: DesiredEntry, raw: Json) -> Mapping[str, tuple[Edit, ...]]:  # noqa: ARG002
        return {}

    def naming(self, host: str) -> Naming:  # noqa: ARG002
        return Naming()


@dataclass(frozen=True, slots=True)
class Situation:
    """Desired, Observed and Applied, and the rules of this machine.

    `asked` holds the identities of all servers of the manifest, on whatever host; `was` the names that some had before;
    `declared` what it says of each; `bounds` what it declares of those whose files, network or programs it speaks of;
    `limits` the permissions that no file of a host says, and `redeclared` what of them is not as it was last applied.
    `staying` are names on hosts of entries that are no longer remembered and stay, with the approvals that go by them.
    `reach` lists the pairs of host and project ("" for the user's own files) that the manifest puts servers into;
    `policies` files of policy that are kept for hosts, `secrets` texts that no such file may hold;
    `projects` those it matched, with whether their tracked files may be written. `tracked` asks git about a project file,
    `passed_over` whether git ignores it. `environment` holds the names of variables that are set. `literals` are texts of
    the manifest, no secrets. `past`: whether a day of the manifest is over; `expired` are servers that have had theirs.

    `purpose` is what the plan is made for, `command` the words that make such a plan, `reasons` its words for what the table of
    reasons says of the manifest. `rollback` is set where something else than the manifest asks. `hindsight` is what earlier
    commits of the manifest put here.
    """

    desired: Desired
    observed: Observed
    state: State
    policy: Policy = Policy()
    absent: tuple[Absent, ...] = ()
    released: tuple[Released, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    asked: frozenset[str] = frozenset()
    was: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    staying: frozenset[tuple[str, str]] = frozenset()
    declared: Declared = field(default_factory=Declared)
    bounds: Mapping[str, Mapping[str, Bound]] = field(default_factory=dict)
    limits: Mapping[str, dict[str, Json]] = field(default_factory=dict)
    redeclared: tuple[NewlyDeclared, ...] = ()
    reach: frozenset[tuple[str, str]] = frozenset()
    policies: tuple[Kept, ...] = ()
    secrets: frozenset[str] = frozenset()
    projects: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    rules: Rules = field(default_factory=NoRules)
    tracked: Callable[[str], bool | Problem] = lambda _path: False
    passed_over: Callable[[str], bool | None] = lambda _path: None
    environment: Container[str] = frozenset()
    literals: frozenset[str] = frozenset()
    key: bytes | None = None
    home: str = ""
    os: OperatingSystem = "linux"
    uid: int | None = None
    choices: Choices = Choices()
    past: Callable[[str], bool] = lambda _day: False
    expired: frozenset[str] = frozenset()
    purpose: Purpose = "apply"
    command: tuple[str, ...] = ("apply",)
    reasons: Mapping[str, str] = field(default_factory=dict)
    rollback: Rollback | None = None
    warnings: tuple[Problem, ...] = ()
    supplied: Supplied = NOTHING_SUPPLIED
    hindsight: Hindsight = NOTHING_TOLD

    def field_digest(self, value: Json) -> str:
        """Digests in the state are keyed; without a key there is no state to compare with."""
        return keyed(self.key, value) if self.key is not None else digest(value)

    def seen_digest(self, value: Json) -> str:
        """By which a thing that the manifest does not list is known again; empty where there is no key."""
        return keyed(self.key, value) if self.key is not None else ""

    def is_new(self, address: str, seen_digest: str) -> bool:
        """Whether nobody has seen it: before the first apply there is no baseline to be new against."""
        return self.state.baseline is not None and self.state.seen.get(address) != seen_digest

    def is_unknown(self, address: str) -> bool:
        """Whether no person ever said of it that it may stay."""
        return address not in self.state.seen

    def handed_back(self, address: Address, server: str) -> bool:
        return any(item.server == server and (not item.hosts or address.host in item.hosts) for item in self.released)
