"""The doors to the world, as small protocols. `system/` implements them; everything else takes them as arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mcpconf.errors import Problem
from mcpconf.model.facts import Facts as Facts  # noqa: PLC0414 - others take it from here
from mcpconf.model.facts import OperatingSystem as OperatingSystem  # noqa: PLC0414
from mcpconf.model.guard import Guard
from mcpconf.model.indexed import Indexed, IndexRow

if TYPE_CHECKING:
    from mcpconf.model.past import Version
    from mcpconf.model.process import Engines, KeyringItem, Process, Standing
    from mcpconf.model.trust import Keys, Signed

MAXIMUM_BYTES = 64 * 1024 * 1024
"""A larger file is not read: no host writes one, and parsing it would stall the machine."""

FIRST_BYTES = 512
"""As much of a file as tells what runs it."""

TEMPORARY = re.compile(r"\.(?P<name>.+)\.mcpconf-[0-9a-f]{16}")
"""The names under which content is staged beside its target. `name` is the target's, at most 80 characters of it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A regular file at one moment. `resolved` is where the bytes lie after following links; writes go there."""

    path: str
    resolved: str
    data: bytes
    mode: int
    owner: int
    group: int


@dataclass(frozen=True, slots=True)
class Staged:
    """New content, complete and flushed beside its target, one rename away from being there."""

    temporary: str
    target: str


class Files(Protocol):
    """Paths are the machine's (see `Facts`). Nothing outside the machine's root is ever touched."""

    def still(self) -> Files:
        """The same files for one pass of reading, in which folders are taken to stay where they are."""

    def read(self, path: str, within: str = "") -> Snapshot | Problem | None:
        """None only if nothing is there; what cannot be read, or leads by links out of `within`, is a Problem."""

    def begins(self, path: str) -> bytes | Problem | None:
        """The first `FIRST_BYTES` of a file of any size; None only if nothing is there."""

    def digest(self, path: str) -> str | Problem | None:
        """`sha256:HEX` of a file of any size; None only if nothing is there."""

    def items(self, path: str, *keys: str) -> Mapping[str, bytes] | Problem | None:
        """What the table `ItemTable` of a SQLite file of any size has under these keys; None only if no file is there."""

    def column(self, path: str, table: str, name: str) -> tuple[bytes, ...] | Problem | None:
        """What a column of a table of a SQLite file of any size holds, row by row; None only if no file is there."""

    def names(self, folder: str) -> tuple[str, ...] | Problem:
        """Sorted names in a folder; empty if there is no such folder."""

    def folders(self, folder: str) -> tuple[str, ...] | Problem:
        """Sorted names of the folders in a folder, without links to folders; empty if there is no such folder."""

    def resolve(self, path: str) -> str:
        """Where a path leads after its links; the path may not exist. Raises OSError."""

    def exists(self, path: str) -> bool:
        """Whether anything is there, readable or not."""

    def mode(self, path: str) -> int | None:
        """The permissions of a file or folder, of a link's own target; None if nothing is there or can be asked."""

    def stage(self, target: str, data: bytes, mode: int, like: Snapshot | None) -> Staged:
        """Write and flush beside `target`, with the owner of `like`. Raises OSError."""

    def commit(self, staged: Staged) -> None:
        """Rename over the target and flush the folder. Raises OSError."""

    def discard(self, staged: Staged) -> None:
        """Remove a staged file that will not be used."""

    def make_folder(self, path: str, mode: int) -> None:
        """Create a folder and its parents; no error if it is there."""

    def remove(self, path: str) -> None:
        """Remove one file; no error if it is gone."""

    def remove_folder(self, path: str) -> None:
        """Remove a folder if it is empty; no error if it is gone or not empty."""

    def append(self, path: str, data: bytes) -> None:
        """Add to the end of a log in one write, creating it owner-only."""

    def tree(self, folder: str) -> Mapping[str, str] | Problem | None:
        """Every file and link below a folder, by path from there; None if there is no such folder. Links are not followed.

        What is told of each: `- sha256:HEX` of a file, `x sha256:HEX` of one that can be executed, `l TARGET` of a link,
        `?` of anything else. A Problem if any of it cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a manifest comes from: its commit, and whether the file differs from that commit. None outside git."""

    commit: str | None = None
    dirty: bool | None = None


class Past(Protocol):
    """What git keeps of a manifest up to its commit. Two are equal in `repr` if they answer alike."""

    @property
    def shallow(self) -> bool:
        """Whether commits before some other are missing."""

    def versions(self, files: Sequence[str]) -> tuple[Version, ...] | Problem:
        """Each change of these files by a commit, the newest first. A merge counts once for each parent that it differs from."""

    def texts(self, contents: Iterable[str]) -> Iterator[bytes | Problem]:
        """What is stored under the ids of a version, in their order."""

    def before(self, version: Version) -> tuple[Documents, str] | Problem:
        """The documents beside which a file had the content before a version, and the path of the manifest among them."""


class History(Protocol):
    def past(self, path: str) -> Past | Problem | None:
        """What led to the commit of the manifest at a path of the real file system; None outside of git."""

    def origin(self, path: str) -> Origin:
        """The commit of the manifest at a path of the real file system."""

    def tracked(self, path: str) -> bool | Problem:
        """Whether the git repository around this machine path tracks the file."""

    def ignored(self, path: str) -> bool | None:
        """Whether the git repository around this machine path ignores it. None where there is none, or it cannot be known."""

    def earlier(self, path: str) -> Iterator[bytes]:
        """What a file of the real file system held in the last commits that changed it, the newest first; nothing outside git."""

    def author(self, path: str) -> str:
        """The address that git would write into a commit in the folder of a file; empty if it has none."""

    def signed(self, path: str, keys: Keys) -> Signed | Problem | None:
        """Who signed the commit of the manifest at a path; None outside of git."""

    def signed_file(self, data: bytes, signature: bytes, keys: Keys) -> str | Problem:
        """Who signed a file that lies outside of git."""

    def descends(self, path: str, commit: str) -> bool:
        """Whether a commit led to that of the manifest at a path; False also where git does not know it."""

    def version(self) -> str:
        """What git calls its version, such as `2.39.5`; empty if it does not run here."""


@dataclass(frozen=True, slots=True)
class IncludedFile:
    """`file` is how it is told to people, `identity` the same text for the same file however it was reached."""

    file: str
    identity: str
    data: bytes


class Included(Protocol):
    """Reads the files that a manifest names."""

    def identity(self, file: str) -> str:
        """Of the manifest itself."""

    def read(self, including: str, path: str) -> IncludedFile | Problem:
        """The file at `path`, seen from the folder of the file that includes it. The problem has no place."""


class Documents(Included, Protocol):
    """What lies outside the machine that is looked at: the manifest, and mcpconf itself."""

    def manifest(self, path: str) -> bytes:
        """Raises McpconfError (exit 1)."""

    def lock(self, path: str) -> bytes | None:
        """The lock at a path; None if there is none. Raises McpconfError (exit 1) if it cannot be read."""

    def approvals(self, path: str) -> bytes | None:
        """The approvals at a path; None if there are none. Raises McpconfError (exit 1) if they cannot be read."""

    def signature(self, path: str) -> bytes | None:
        """The signature beside a file, `PATH.sig`; None if there is none. Raises McpconfError (exit 1)."""

    def program(self) -> str:
        """Differs between programs that may make different plans of the same machine; "" if that cannot be told."""


class Clock(Protocol):
    def now(self) -> str:
        """UTC, `2026-11-20T18:31:02Z`. For logs and journals, never for plans."""

    def passed(self, day: str) -> bool:
        """Whether a day, `2026-11-20`, is over (UTC): what expires on a day holds until its end."""


class Entropy(Protocol):
    def token(self, length: int) -> bytes:
        """Unpredictable bytes."""


class Locks(Protocol):
    def exclusive(self, path: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the kernel's lock on a file. Raises McpconfError (exit 7) after `timeout` seconds."""

    def guarded(self, guard: Guard, timeout: float) -> AbstractContextManager[None]:
        """Hold a host's own lock, as the host does. Raises McpconfError (exit 7) after `timeout` seconds."""


class AdvisoryIndex(Protocol):
    """OSV records by package, so that what is known of a few packages is read at once."""

    def about(self) -> Indexed | Problem | None:
        """None if there is no index."""

    def records(self, ecosystem: str, *names: str) -> tuple[bytes, ...] | Problem:
        """OSV records of packages, by their normal names, each about one of them; none if there is no index."""

    def current(self) -> bool:
        """False if what the index was built from is there and has changed since."""

    def build(self, source: str, rows: Iterable[IndexRow], about: Callable[[], Indexed]) -> None:
        """Replace the index in its folder, which is there; `about` is asked when all rows are taken. One at a time. Raises OSError."""


class Processes(Protocol):
    def own(self) -> tuple[Process, ...] | Problem | None:
        """Those of this user, but for this one; None where a folder stands for the machine, in which nothing runs."""

    def older(self, moment: str, *words: str) -> tuple[Process, ...] | Problem | None:
        """Those of this user that were started before a moment and have one of these words in their command line."""

    def end(self, process: Process) -> bool:
        """Ask this very process, and no other of its number, to end, and wait a moment; whether it has ended."""

    def contained(self) -> Engines | None:
        """What engines of containers keep, as far as this user may ask them; None where none is installed."""

    def standing(self, *names: str) -> tuple[Standing, ...] | Problem:
        """Which of these variables every program of this user is given though no file says so; never what they hold."""

    def keyring(self) -> tuple[KeyringItem, ...] | Problem | None:
        """What items of the system's keyring are called; None where there is none that tells it without asking anybody."""

    def listens(self, pid: int) -> tuple[str, ...]:
        """Addresses at which a process waits for others, as `127.0.0.1:8080`; none where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, real or a folder that stands for one."""

    facts: Facts
    files: Files
    documents: Documents
    history: History
    clock: Clock
    entropy: Entropy
    locks: Locks
    advisories: AdvisoryIndex
    processes: Processes
