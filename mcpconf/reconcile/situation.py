"""Everything the reconciler looks at, gathered as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mcpconf.canonical import digest, keyed
from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.base import Json
from mcpconf.model.desired import Desired
from mcpconf.model.observed import Observed
from mcpconf.model.state import State
from mcpconf.ports import OperatingSystem

Treatment = Literal["keep", "warn", "remove"]
OnConflict = Literal["fail", "keep", "overwrite"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the manifest says about things it does not list. `projects` overrides `unmanaged` by project folder."""

    unmanaged: Treatment = "warn"
    projects: Mapping[str, Treatment] = field(default_factory=dict)
    not_ours: OnConflict = "fail"
    both_changed: OnConflict = "fail"
    grants: Literal["keep", "warn"] = "warn"
    fail_on: Literal["error", "warning", "info", "none"] = "error"


@dataclass(frozen=True, slots=True)
class Absent:
    """An identity that must not exist on the machine. `where` is the line of the manifest."""

    identity: str
    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class Released:
    """A server given back to the user; no hosts means all."""

    server: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What was said on the command line. Targets and excludes are address patterns or item numbers."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    on_conflict: OnConflict | None = None
    allow_mass_removal: bool = False
    move_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """Desired, Observed and Applied, and the rules of this machine.

    `managed_hosts` are those the manifest names, `projects` the folders it matched with whether their tracked files may be
    written. `shadowed` maps an address to the stronger one that overrides it; `partial` tells which entries would be left
    of a server, too little to run it, once an address is gone. `tracked` asks git about a project file. `environment` holds
    the names of variables that are set. `literals` are texts of the manifest, which are no secrets.
    """

    desired: Desired
    observed: Observed
    state: State
    policy: Policy = Policy()
    absent: tuple[Absent, ...] = ()
    released: tuple[Released, ...] = ()
    managed_hosts: frozenset[str] = frozenset()
    projects: Mapping[str, bool] = field(default_factory=dict)
    shadowed: Mapping[Address, Address] = field(default_factory=dict)
    partial: Callable[[Address], tuple[Address, ...]] = lambda _address: ()
    tracked: Callable[[str], bool | Problem] = lambda _path: False
    environment: frozenset[str] = frozenset()
    literals: frozenset[str] = frozenset()
    key: bytes | None = None
    home: str = ""
    os: OperatingSystem = "linux"
    choices: Choices = Choices()
    warnings: tuple[Problem, ...] = ()

    def field_digest(self, value: Json) -> str:
        """Digests in the state are keyed; without a key there is no state to compare with."""
        return keyed(self.key, value) if self.key is not None else digest(value)

    def handed_back(self, address: Address, server: str) -> bool:
        return any(item.server == server and (not item.hosts or address.host in item.hosts) for item in self.released)
