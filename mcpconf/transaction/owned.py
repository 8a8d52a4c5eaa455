"""What was ours after each apply, kept beside its pre-images and longer than those: what a rollback goes back to."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mcpconf.documents.store import Store, render_document
from mcpconf.errors import Problem, Where
from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.owned import OwnedValues
from mcpconf.model.plan import Records
from mcpconf.model.state import State
from mcpconf.transaction.generations import FOLDER, OWNED, numbers


def _name(number: int) -> str:
    return f"{FOLDER}/{number}/{OWNED}"


def path_of(store: Store, number: int) -> str:
    return store.path(_name(number))


def load(store: Store, number: int) -> OwnedValues | Problem:
    """What was ours after the apply of that number."""
    path = path_of(store, number)
    found = store.machine.files.read(path)
    if found is None:
        return Problem("missing", f"nothing is kept of generation {number}", Where(path), "`mcpconf history` lists all")
    if isinstance(found, Problem):
        return found
    try:
        values = OwnedValues.model_validate_json(found.data)
        for text in (*values.entries, *values.lacking):
            Address.parse(text)
        for text in values.beside:
            GrantAddress.parse(text)
    except ValueError:
        hint = "`mcpconf history` lists those that can be read"
        return Problem("malformed", f"what is kept of generation {number} cannot be read", Where(path), hint)
    return values


def every(store: Store) -> Iterator[OwnedValues | Problem]:
    """Newest first."""
    for number in numbers(store):
        if _kept(store, number):
            yield load(store, number)


def _kept(store: Store, number: int) -> bool:
    return store.machine.files.exists(path_of(store, number))


def keep(store: Store, values: OwnedValues) -> None:
    """What an entry does not say is left out. Raises OSError."""
    entries = {address: value.model_dump(exclude_defaults=True) for address, value in values.entries.items()}
    document = {**values.model_dump(exclude={"entries"}), "entries": entries}
    store.write(_name(values.generation), render_document(document))


def drop(store: Store, number: int) -> None:
    """Forget a generation that never came about. Raises OSError."""
    store.machine.files.remove(path_of(store, number))


def filled(store: Store, values: OwnedValues, before: State, after: State, records: Records) -> OwnedValues:
    """The values with all that is ours in the state `after`, as far as it is known.

    Those that no record changes are as they were in the state `before`.
    """
    number = next((item for item in numbers(store) if item <= before.serial and _kept(store, item)), None)
    known = load(store, number) if number is not None else None
    entries = known.entries if isinstance(known, OwnedValues) else {}
    made = _made(records, before, after)
    entries = {address: value for address, value in entries.items() if address in after.entries and address not in made}
    entries |= {address: value for address, value in records.owned.items() if address in made}
    lacking, beside = sorted(set(after.entries) - set(entries)), sorted(after.grants)
    return values.model_copy(update={"entries": entries, "lacking": lacking, "beside": beside})


def _made(records: Records, before: State, after: State) -> Collection[str]:
    """Addresses whose record is in effect."""
    return {
        address
        for address, applied in records.entries.items()
        if after.entries.get(address) == applied and before.entries.get(address) != applied
    }
