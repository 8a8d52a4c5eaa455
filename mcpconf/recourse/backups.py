"""Old content of host files that is still kept, and deleting it before its day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mcpconf.documents.store import Store
from mcpconf.operations import LOCK_SECONDS
from mcpconf.ports import Machine
from mcpconf.premises import settled
from mcpconf.transaction import generations
from mcpconf.transaction.generations import Image


@dataclass(frozen=True, slots=True)
class Backup:
    """One file as it was before an apply. `image` is None for content of which nothing is known, so that all may be in it.

    `name` is that of the copy in the state folder, `path` the machine's path of it.
    """

    name: str
    path: str
    image: Image | None

    @property
    def generation(self) -> int:
        return int(self.name.split("/")[1])

    @property
    def may_hold_secret(self) -> bool:
        return self.image is None or self.image.literal


@dataclass(frozen=True, slots=True)
class Which:
    """What to delete: all of it, what a secret may lie in, or what is at least so many days old."""

    all: bool = False
    secrets: bool = False
    days: int | None = None

    def means(self, backup: Backup, today: date) -> bool:
        old = backup.image is not None and self.days is not None and backup.image.age(today) >= self.days
        return self.all or (self.secrets and backup.may_hold_secret) or old


def backups(machine: Machine) -> tuple[Backup, ...]:
    """All that is kept, newest first."""
    store = Store.of(machine)
    images, unnamed = generations.kept(store)
    found = [Backup(image.name, store.path(image.name), image) for image in images]
    return (*found, *(Backup(name, store.path(name), None) for name in unnamed))


def chosen(machine: Machine, which: Which) -> tuple[Backup, ...]:
    today = date.fromisoformat(machine.clock.now()[:10])
    return tuple(backup for backup in backups(machine) if which.means(backup, today))


def purge(
    machine: Machine,
    which: Which,
    confirm: Callable[[tuple[Backup, ...]], bool],
    lock_seconds: float = LOCK_SECONDS,
) -> tuple[Backup, ...] | None:
    """Delete, once that is confirmed, and give what was deleted; None if it was not.

    An apply that did not come to its end is settled first, for it may need what would be deleted.
    """
    store = Store.of(machine)
    if not machine.files.exists(store.folder):
        return ()
    with machine.locks.exclusive(store.lock, lock_seconds):
        settled(store)
        found = chosen(machine, which)
        if not found:
            return ()
        if not confirm(found):
            return None
        generations.forget(store, [backup.name for backup in found])
        return found
