"""The state folder of one machine and user: state, key, journal, pre-images, log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeVar

from mcpconf.canonical import key_name
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.state import RevokedList, State
from mcpconf.ports import Machine, Snapshot

Stored = TypeVar("Stored", State, RevokedList)

KEY_LENGTH = 32
STATE_FORMAT = 1
STATES = ("state.json", "state.json.bak")
REVOKED = "revoked.json"
"""What was revoked here, once more: it needs no key, and must outlive a state that is lost."""


@dataclass(frozen=True, slots=True)
class Store:
    machine: Machine
    folder: str

    @classmethod
    def of(cls, machine: Machine) -> Store:
        return cls(machine, machine.facts.state_folder)

    @property
    def lock(self) -> str:
        return f"{self.folder}/lock"

    @property
    def log(self) -> str:
        return f"{self.folder}/log.jsonl"

    def path(self, name: str) -> str:
        return f"{self.folder}/{name}"

    def prepare(self, lock_seconds: float = 30.0) -> bytes:
        """Make the folder and the key if they are missing, and give the key.

        Made under the lock, for a second key would make all that was digested under the first useless. Not called by a
        holder of the lock before the key is there. Raises McpconfError.
        """
        key = self.key()
        if key is not None:
            return key
        try:
            self.machine.files.make_folder(self.folder, 0o700)
            with self.machine.locks.exclusive(self.lock, lock_seconds):
                key = self.key() or self._new_key()
        except OSError as error:
            message = f"the state folder cannot be written ({error.strerror or error})"
            hint = "give yourself write permission there, or set `XDG_STATE_HOME` to another folder below your home"
            raise McpconfError(ExitCode.NO_PLAN, Problem("write", message, Where(self.folder), hint)) from None
        return key

    def _new_key(self) -> bytes:
        """A state that was digested under another key says nothing any more, and must not seem to. Raises OSError."""
        found = self.machine.files.read(self.path("key"))
        if isinstance(found, Problem):
            raise OSError(found.message)
        for name in STATES:
            self.machine.files.remove(self.path(name))
        key = self.machine.entropy.token(KEY_LENGTH)
        self.write("key", key)
        return key

    def key(self) -> bytes | None:
        """The secret behind keyed digests; None if there is none. A damaged key counts as lost, and the state with it."""
        snapshot = self.machine.files.read(self.path("key"))
        return snapshot.data if isinstance(snapshot, Snapshot) and len(snapshot.data) == KEY_LENGTH else None

    def write(self, name: str, data: bytes) -> None:
        """Replace a file of ours at once and for good. Raises OSError."""
        path = self.path(name)
        files = self.machine.files
        files.make_folder(path.rpartition("/")[0], 0o700)
        staged = files.stage(path, data, 0o600, None)
        try:
            files.commit(staged)
        except OSError:
            files.discard(staged)
            raise

    def load(self) -> tuple[State, tuple[Problem, ...]]:
        """The applied state. Unreadable state falls back to its backup, then to none, with a warning each time.

        What was revoked here is known as long as one of two files can be read. Raises McpconfError (exit 1) if there is one
        and neither can, and for the state of a newer mcpconf, which must not be overwritten.
        """
        state, warnings = self._applied()
        snapshot = self.machine.files.read(self.path(REVOKED))
        if snapshot is None:
            return state or State(), warnings
        found = snapshot if isinstance(snapshot, Problem) else _parse(snapshot.data, self.path(REVOKED), RevokedList)
        if isinstance(found, RevokedList):
            return (state or State()).model_copy(update={"revoked": found.revoked}), warnings
        if state is None:
            hint = "restore it; or remove it, and `mcpconf revoke` again what must not come back"
            message = "what was revoked on this machine cannot be read"
            raise McpconfError(ExitCode.NO_PLAN, Problem("malformed", message, Where(self.path(REVOKED)), hint))
        hint = "the state knows it too; the next change writes the file anew"
        problem = Problem("malformed", "the list of what was revoked cannot be read", Where(self.path(REVOKED)), hint)
        return state, (*warnings, problem)

    def _applied(self) -> tuple[State | None, tuple[Problem, ...]]:
        if self.key() is None:
            return None, self._lost()
        warnings: list[Problem] = []
        for name in STATES:
            snapshot = self.machine.files.read(self.path(name))
            if snapshot is None:
                continue
            found = snapshot if isinstance(snapshot, Problem) else _parse(snapshot.data, self.path(name), State)
            if isinstance(found, State):
                return found, tuple(warnings)
            warnings.append(found)
        return None, tuple(warnings)

    def _lost(self) -> tuple[Problem, ...]:
        """Why nothing is remembered, where something was: a state without its key, or a key that cannot be read."""
        key = self.machine.files.read(self.path("key"))
        if key is None and not self.machine.files.exists(self.path("state.json")):
            return ()
        hint = "the machine is compared as at first contact; nothing is deleted for that"
        return (
            Problem("unreadable", "the key of the state is missing or cannot be read", Where(self.path("key")), hint),
        )

    def save(self, state: State) -> None:
        """The previous state stays as `state.json.bak`, unless it was unreadable: then the backup is the better one.

        What is revoked is written first, so that a crash leaves either all of it or nothing. Raises OSError.
        """
        revoked = render_document(RevokedList(revoked=state.revoked).model_dump())
        known = self.machine.files.read(self.path(REVOKED))
        if (state.revoked or known is not None) and (not isinstance(known, Snapshot) or known.data != revoked):
            self.write(REVOKED, revoked)
        old = self.machine.files.read(self.path("state.json"))
        if isinstance(old, Snapshot) and isinstance(_parse(old.data, old.path, State), State):
            self.write("state.json.bak", old.data)
        self.write("state.json", render_document(state.model_dump()))

    def key_name(self) -> str:
        """Tells two keys apart without telling the key."""
        key = self.key()
        return "" if key is None else key_name(key)


def render_document(value: object) -> bytes:
    """JSON as mcpconf writes its own: sorted, indented, one final newline."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def _parse(data: bytes, path: str, model: type[Stored]) -> Stored | Problem:
    from pydantic import ValidationError

    lost = "the machine is compared as at first contact; nothing is deleted for that"
    try:
        value = json.loads(data)
        if isinstance(value, dict) and isinstance(value.get("format"), int) and value["format"] > STATE_FORMAT:
            raise McpconfError(
                ExitCode.NO_PLAN,
                Problem("invalid", "the state was written by a newer mcpconf", Where(path), "upgrade mcpconf"),
            )
        return model.model_validate(value)
    except (ValueError, RecursionError, ValidationError):
        return Problem("malformed", "the state cannot be read", Where(path), lost)
