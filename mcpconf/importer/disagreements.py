"""The same server, configured differently: which value stands where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mcpconf.formats import FORMATS
from mcpconf.hosts.places import absolute
from mcpconf.importer.found import Found, squeezed
from mcpconf.model.base import ABSENT, lookup
from mcpconf.ports import Facts
from mcpconf.reconcile.places import place

NOT_SET = "(not set)"


@dataclass(frozen=True, slots=True)
class Variant:
    """A value and the places that have it, as `file:line`."""

    value: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is `launches`, `args`, `env.NAME`, ...; the variants are those of most places first."""

    field: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`folder` holds all its files, if they are one project's; absolute, else ""."""

    server: str
    folder: str
    differences: tuple[Difference, ...]


def disagreements(founds: Sequence[Found], joined: Iterable[Sequence[Found]], facts: Facts) -> tuple[Disagreement, ...]:
    """Among entries of one name, and among those that `joined` names as one server."""
    found = []
    for alike in _alike(founds, joined):
        differences = tuple(_differences(alike))
        if differences:
            found.append(Disagreement(_often([item.name for item in alike]), _folder(alike, facts), differences))
    return tuple(found)


def _folder(alike: Sequence[Found], facts: Facts) -> str:
    projects = {item.observed.address.project for item in alike}
    return absolute(projects.pop(), facts) if len(projects) == 1 and "" not in projects else ""


def _alike(founds: Sequence[Found], joined: Iterable[Sequence[Found]]) -> list[list[Found]]:
    leader: dict[str, str] = {}

    def lead(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for together in joined:
        for item in together[1:]:
            leader[lead(squeezed(item.name))] = lead(squeezed(together[0].name))
    sets: dict[str, list[Found]] = {}
    for item in founds:
        sets.setdefault(lead(squeezed(item.name)), []).append(item)
    return list(sets.values())


def _often(names: Sequence[str]) -> str:
    return max(names, key=names.count)


def _differences(alike: Sequence[Found]) -> Iterator[Difference]:
    if len(alike) < 2:
        return
    same = len({item.launched.identity for item in alike}) == 1
    told = [(dict(_fields(item, same=same)), item) for item in alike]
    names = dict.fromkeys(name for fields, _ in told for name in fields)
    columns = {name: [(fields.get(name, NOT_SET), item) for fields, item in told] for name in names}
    for name, cells in columns.items():
        variants = _variants(name, cells if same else [(value, item) for value, item in cells if value != NOT_SET])
        if len(variants) > 1 and not (name == "transport" and _one_fits(alike)):
            yield Difference(name, variants)


def _one_fits(alike: Sequence[Found]) -> bool:
    """An address without a type is whatever the others say."""
    return bool(frozenset.intersection(*(item.transports for item in alike)))


def _variants(name: str, cells: Sequence[tuple[str, Found]]) -> tuple[Variant, ...]:
    places: dict[str, dict[str, None]] = {}
    for value, item in cells:
        places.setdefault(value, {})[_place(item, name)] = None
    ordered = sorted(places.items(), key=lambda pair: -len(pair[1]))
    return tuple(Variant(value, tuple(where)) for value, where in ordered)


def _place(item: Found, name: str) -> str:
    """The line of the field, or of the entry where the field has none."""
    file = item.observed.file
    for steps in _steps(item, name):
        if lookup(item.observed.raw, steps) is not ABSENT:
            found = FORMATS[file.location.format].position(file.text, (*item.observed.key_path, *steps))
            if found is not None:
                return f"{file.location.path}:{found[0]}"
    return place(item.observed)


def _steps(item: Found, name: str) -> Iterator[tuple[str, ...]]:
    """Where the host may have the field, below its entry."""
    dialect = item.row.dialect
    field, _, key = name.partition(".")
    addresses: list[tuple[str, ...]] = [(word,) for word in dialect.url.values()]
    keys: dict[str, list[tuple[str, ...]]] = {
        "launches": [*addresses, (dialect.command,)],
        "url": addresses,
        "transport": [(dialect.type,)],
        "command": [(dialect.command,)],
        "args": [(dialect.args,)],
        "cwd": [(dialect.cwd,)],
        "env": [(dialect.env, key)],
        "headers": [(*dialect.headers, key)],
        "timeout": [(dialect.timeout.key,)] if dialect.timeout is not None else [],
        "enabled": [(dialect.off.key,)] if dialect.off is not None else [],
    }
    yield from (steps for steps in keys.get(field, ()) if all(steps))


def _fields(item: Found, *, same: bool) -> Iterator[tuple[str, str]]:
    """What can be compared: all of it where the entries are the same thing, else what they are and how they are kept."""
    entry = item.entry
    yield "name", item.name
    if same and entry.url.parts:
        yield "transport", " or ".join(sorted(item.transports))
        yield "url", str(entry.url)
    elif same:
        yield "command", line(item.split[0])
        yield "args", line(item.split[1]) or "(none)"
    else:
        yield "launches", str(entry.url) if entry.url.parts else line(entry.argv)
    if entry.cwd is not None:
        yield "cwd", str(entry.cwd)
    yield from ((f"env.{key}", str(value)) for key, value in sorted(entry.env.items()))
    yield from ((f"headers.{key}", str(value)) for key, value in sorted(entry.headers.items()))
    yield from ((f"oauth.{key}", str(value)) for key, value in item.oauth.items())
    if entry.timeout is not None:
        yield "timeout", f"{entry.timeout:g} s"
    yield "enabled", "off" if entry.enabled is False else "on"


def line(values: Iterable[object]) -> str:
    """Words in one line, those with spaces in quotes: for people, no shell reads it."""
    words = [str(value) for value in values]
    return " ".join(f"'{word}'" if not word or " " in word else word for word in words)
