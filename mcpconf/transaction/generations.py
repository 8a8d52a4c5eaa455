"""Pre-images: the files as they were before an apply. The only place where a removed secret may still lie."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from mcpconf.documents.store import Store, render_document
from mcpconf.errors import Problem
from mcpconf.model.base import Document
from mcpconf.ports import Snapshot
from mcpconf.transaction.prepare import Prepared

FOLDER = "generations"
OWNED = "owned.json"
_OWN = ("meta.json", OWNED)
LITERAL_DAYS = 7
PREIMAGE_DAYS = 30
FIRST_TOUCH_DAYS = 90
GENERATIONS = 10


class Image(Document):
    """One file as it was. `path` is the machine's, `name` ours. It is deleted on the day `expires`.

    `literal`: a text that may be a secret left the file with this apply. `first`: we had never written to it before.
    """

    path: str
    name: str
    expires: str
    literal: bool
    first: bool

    def age(self, today: date) -> int:
        """Days since it was written."""
        return _days(literal=self.literal, first=self.first) - (date.fromisoformat(self.expires) - today).days


class Generation(Document):
    """The pre-images of one apply."""

    images: list[Image]


def next_number(store: Store, serial: int) -> int:
    """A number that no earlier apply has used, even one that never came to its end."""
    return max([serial, *numbers(store)]) + 1


def keep(store: Store, number: int, prepared: list[Prepared], known: frozenset[str]) -> Generation:
    """Write the pre-images; what is known of them comes first, so that none is ever forgotten. Raises OSError."""
    today = date.fromisoformat(store.machine.clock.now()[:10])
    existing = [item for item in prepared if item.before is not None]
    images = [
        _image(item, f"{FOLDER}/{number}/{position}", today, first=item.work.path not in known)
        for position, item in enumerate(existing)
    ]
    generation = Generation(images=images)
    _describe(store, number, generation)
    for item, image in zip(existing, images, strict=True):
        store.write(image.name, item.before or b"")
    return generation


def keep_another(store: Store, number: int, item: Prepared) -> Image:
    """A pre-image of a file that somebody changed after the others were kept. Raises OSError."""
    generation = load(store, number) or Generation(images=[])
    today = date.fromisoformat(store.machine.clock.now()[:10])
    image = _image(item, f"{FOLDER}/{number}/{len(generation.images)}", today, first=False)
    _describe(store, number, Generation(images=[*generation.images, image]))
    store.write(image.name, item.before or b"")
    return image


def _describe(store: Store, number: int, generation: Generation) -> None:
    store.write(f"{FOLDER}/{number}/meta.json", render_document(generation.model_dump()))


def _image(item: Prepared, name: str, today: date, *, first: bool) -> Image:
    literal = removes_literal(item)
    expires = str(today + timedelta(days=_days(literal=literal, first=first)))
    return Image(path=item.work.path, name=name, expires=expires, literal=literal, first=first)


def _days(*, literal: bool, first: bool) -> int:
    return LITERAL_DAYS if literal else FIRST_TOUCH_DAYS if first else PREIMAGE_DAYS


def removes_literal(item: Prepared) -> bool:
    """Whether a text that may be a secret leaves the file with this apply: what could not be digested may be one."""
    return any(
        change.moved_secrets
        or (change.precondition is not None and (change.precondition.value or "keyed:").startswith("keyed:"))
        for change in item.work.changes
    )


def kept(store: Store) -> tuple[list[Image], list[str]]:
    """Every pre-image that is there, newest first, and the names of files that nothing is known of."""
    images: list[Image] = []
    unknown: list[str] = []
    for number in numbers(store):
        generation = load(store, number)
        known = {image.name: image for image in (generation.images if generation is not None else ())}
        found = store.machine.files.names(store.path(f"{FOLDER}/{number}"))
        names = [] if isinstance(found, Problem) else [f"{FOLDER}/{number}/{name}" for name in found]
        images += [known[name] for name in names if name in known]
        unknown += [name for name in names if name not in known and not name.endswith(_OWN)]
    return images, unknown


def prune(store: Store) -> None:
    """Delete pre-images whose day has come, and the oldest beyond the number kept. Raises OSError.

    First backups, and those that were announced with a date, stay till their day. What nobody knows anything of goes. What
    was ours after an apply can be told longer than what the files held before it.
    """
    today = store.machine.clock.now()[:10]
    told = [number for number in numbers(store) if store.machine.files.exists(store.path(f"{FOLDER}/{number}/{OWNED}"))]
    for position, number in enumerate(numbers(store)):
        generation = load(store, number)
        kept = {
            image.name.rpartition("/")[2]
            for image in (generation.images if generation is not None else ())
            if image.expires > today and (position < GENERATIONS or image.first or image.literal)
        }
        if kept:
            kept.add("meta.json")
        if number in told[:GENERATIONS]:
            kept.add(OWNED)
        drop(store, number, kept)


def forget(store: Store, names: Collection[str]) -> None:
    """Delete copies by their names, whatever their day. Raises OSError."""
    for number in numbers(store):
        found = store.machine.files.names(store.path(f"{FOLDER}/{number}"))
        known = set() if isinstance(found, Problem) else set(found)
        left = {name for name in known if f"{FOLDER}/{number}/{name}" not in names}
        if left != known:
            drop(store, number, left if left - {*_OWN} else left - {"meta.json"})


def drop(store: Store, number: int, kept: set[str] | None = None) -> None:
    """Remove what lies in a generation, but for the names kept. Raises OSError."""
    folder = store.path(f"{FOLDER}/{number}")
    names = store.machine.files.names(folder)
    for name in names if not isinstance(names, Problem) else ():
        if name not in (kept or ()):
            store.machine.files.remove(f"{folder}/{name}")
    if not kept:
        store.machine.files.remove_folder(folder)


def load(store: Store, number: int) -> Generation | None:
    """What is known of the pre-images of one apply; None if nothing is."""
    snapshot = store.machine.files.read(store.path(f"{FOLDER}/{number}/meta.json"))
    if not isinstance(snapshot, Snapshot):
        return None
    try:
        return Generation.model_validate(json.loads(snapshot.data))
    except (ValueError, RecursionError):
        return None


def numbers(store: Store) -> Iterator[int]:
    """Newest first."""
    names = store.machine.files.names(store.path(FOLDER))
    found = [] if isinstance(names, Problem) else [int(name) for name in names if name.isdecimal() and name.isascii()]
    return iter(sorted(found, reverse=True))
