"""The plan: every change with its reason, as data that can be saved, read, judged and executed without deciding again."""

from __future__ import annotations

import re
from typing import Literal

from mcpconf.model.base import Json, Tolerant
from mcpconf.model.change import Change
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.owned import Owned, Purpose
from mcpconf.model.residue import Residue
from mcpconf.model.state import Applied, AppliedPolicy, Pinned, Tombstone
from mcpconf.model.stored import AdvisoryData, Stored
from mcpconf.model.word import Word

FORMAT_VERSION = "1.0"
_POSITION = re.compile(r"(?::[0-9]+){1,2}\Z|#[^/]*\Z")


class Drift(Tolerant):
    """A difference between the machine and what was last applied. `will` tells what this plan does about it.

    `counted` is false for what is only worth a warning: it moves no exit code. `pointer` is what tells two of one kind at
    one address apart: a field of the entry, or the entry that wins over it.
    """

    id: str
    address: str
    kind: str
    pointer: str = ""
    severity: Literal["critical", "high", "medium", "low"]
    will: Literal["revert", "nothing", "held"]
    message: str
    where: str = ""
    counted: bool = True
    hint: str = ""


class Unmanaged(Tolerant):
    """An entry or grant that the manifest does not put there. `new` means nobody has seen it yet.

    `kept`: policy lets it be, so it is counted and not listed.
    """

    address: str
    identity: str
    kind: Literal["server", "grant"]
    new: bool
    removed: bool
    kept: bool = False
    where: str
    reason: str = ""
    digest: str = ""


class Unknown(Tolerant):
    """What could not be checked. Never the same as unchanged."""

    address: str
    kind: str
    reason: str
    where: str
    hint: str = ""

    @property
    def path(self) -> str:
        return _POSITION.sub("", self.where)

    @property
    def subject(self) -> str:
        return self.address or self.path


_AGAIN = "put it right where the plan points, then `mcpconf plan`"
UNKNOWNS = {
    "malformed": Word("not of its format", "The file is no JSON, TOML or YAML that the host would read.", _AGAIN),
    "duplicate-key": Word(
        "a key that stands twice", "Hosts disagree on which of the two counts.", "remove one, then `mcpconf plan`"
    ),
    "encoding": Word("no UTF-8 text", "The bytes of the file are no text in UTF-8.", _AGAIN),
    "oversized": Word("too large to be read", "No host writes a file or a list of this size.", _AGAIN),
    "not-a-file": Word("no regular file", "A folder, pipe or device lies where a file is expected.", _AGAIN),
    "unreadable": Word(
        "may not be read", "The system, or git, refused to give its content.", "allow it, then `mcpconf plan`"
    ),
    "symlink": Word("a link that leads astray", "It leaves the home or the project, or goes in a circle.", _AGAIN),
    "container": Word("of another shape", "There is a list or a text where the host keeps a map.", _AGAIN),
    "stale": Word("an unfinished apply", "An earlier apply was interrupted half-way.", "`mcpconf recover` settles it"),
    "internal": Word(
        "a bug of mcpconf",
        "The file was read, but mcpconf failed to understand it.",
        "please report it, with the shape of the file; `mcpconf plan` goes on without it",
    ),
}
"""The kinds of what could not be checked."""


class Ignored(Tolerant):
    """What was left out of the comparison, and how often.

    `rule` is `ignore` for what the manifest says not to compare; then `where` is its target, and it holds until `expires`.
    """

    rule: str
    count: int
    where: str = ""
    reason: str = ""
    expires: str = ""


class PlanWaiver(Tolerant):
    """The waiver that a finding is let be by. `expires` is the last day it holds."""

    reason: str
    expires: str
    where: str = ""


class PlanFinding(Tolerant):
    """What is `waived` neither blocks nor counts."""

    rule: str
    severity: str
    subject: str
    address: str
    message: str
    hint: str = ""
    where: str = ""
    evidence: str = ""
    fingerprint: str = ""
    waived: PlanWaiver | None = None


class Declared(Tolerant):
    """What the manifest declares of a server otherwise than when it was last applied; no file of a host says it."""

    server: str
    direction: Literal["wider", "narrower", "both"]
    severity: Literal["critical", "high", "medium", "low"]
    dimension: str
    text: str


class NotEnforced(Tolerant):
    """What the manifest declares of a server and nothing holds it to, by dimensions such as `fs` and `net.out`."""

    server: str
    dimensions: list[str]


class Granted(Tolerant):
    """An approval that the manifest declares, of which server; the change that makes it, and addresses of what is made around it."""

    server: str
    by: str = ""
    made: list[str] = []


class Left(Tolerant):
    """What does not come back with an earlier generation, and why."""

    address: str
    reason: str


class Rollback(Tolerant):
    """The generation that a plan goes back to."""

    generation: int
    time: str
    commit: str | None = None
    stays: list[Left] = []


class Sighting(Tolerant):
    """What people have seen of a thing, and the change that gives it the address under which it is known from then on."""

    digest: str
    by: str


class Records(Tolerant):
    """What the state becomes for each address once its change is committed, or at once where nothing changes.

    `owned` holds in the manifest's words what `entries` holds digests of. `forget` lists addresses that are no longer ours.
    Filled only where a key exists: the digests in it are keyed. `pinned` is what the machine is pinned to afterwards.
    `declared` are the permissions of each server that no file of a host says; None where they stay as they are known.
    `found` is what was taken away before and is left somewhere, though the state did not look for it.
    `relieved` are targets of `mcpconf revoke` that the manifest has dropped, and that are nowhere any more.
    """

    grants: dict[str, Granted] = {}
    seen: dict[str, Sighting] = {}
    entries: dict[str, Applied] = {}
    policies: dict[str, AppliedPolicy] = {}
    owned: dict[str, Owned] = {}
    forget: list[str] = []
    tombstones: list[Tombstone] = []
    found: list[Tombstone] = []
    lifted: list[Tombstone] = []
    relieved: list[str] = []
    declared: dict[str, dict[str, Json]] | None = None
    pinned: Pinned | None = None


class Summary(Tolerant):
    """Counts; zeros are said. `kept` are conflicts left alone because policy says so, `waived` findings let be until a day.

    `converged` are entries changed by hand to what the manifest asks for by now: only the state has to learn of it.
    """

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    revoke: int = 0
    conflict: int = 0
    held: int = 0
    unknown: int = 0
    drift: int = 0
    residue: int = 0
    kept: int = 0
    converged: int = 0
    unmanaged: int = 0
    waived: int = 0
    servers: int = 0
    hosts: int = 0
    bindings: int = 0
    not_installed: int = 0


class Plan(Tolerant):
    """Exactly what apply will do. Holds no time stamp, so the same inputs give the same bytes.

    `exit_code` is what the plan command returns, `detailed_exit_code` with `--detailed-exitcode`. `blocked` means a finding
    about the document as a whole stops everything. `why` is what a person gave as the reason for it. `withheld` are addresses
    that the manifest asks for and that are revoked on this machine. `history_unknown` tells why git could not say of all that
    is unexplained whether a commit took it away. `stop_processes`: those of the residue are ended. `pinned` is the generation that the machine went back to, while that holds what the manifest asks for. `seal` is in saved plans only: the digest under the machine's key.
    """

    format_version: str = FORMAT_VERSION
    mcpconf_version: str
    purpose: Purpose = "apply"
    why: str = ""
    rollback: Rollback | None = None
    pinned: int | None = None
    origin: PlanOrigin
    machine: PlanMachine
    state: PlanState
    targets: list[str] = []
    excludes: list[str] = []
    changes: list[Change] = []
    drift: list[Drift] = []
    unmanaged: list[Unmanaged] = []
    residue: list[Residue] = []
    withheld: list[str] = []
    artifacts: list[Stored] = []
    advisories: AdvisoryData | None = None
    unknowns: list[Unknown] = []
    ignored: list[Ignored] = []
    findings: list[PlanFinding] = []
    declared: list[Declared] = []
    declared_not_enforced: list[NotEnforced] = []
    history_unknown: str = ""
    stop_processes: bool = False
    warnings: list[str] = []
    records: Records = Records()
    summary: Summary = Summary()
    complete: bool = True
    blocked: bool = False
    exit_code: int = 0
    detailed_exit_code: int = 0
    plan_digest: str = ""
    seal: str = ""
