"""The strict loader of places where sign-ins are kept."""

from __future__ import annotations

import tomllib

from mcpconf.errors import Where, unusable
from mcpconf.hosts.stores import STORES
from mcpconf.hosts.stores.place import Keeper, Store
from mcpconf.hosts.tables import Table
from mcpconf.hosts.vocabulary import At, PerSystem

_SYSTEMS = ("linux", "macos", "windows")


def load_keeper(text: str, source: str) -> Keeper:
    """Read a program that keeps sign-ins. Raises McpconfError (exit 1) that names the key."""
    try:
        table = Table(tomllib.loads(text), source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise unusable(f"it is no valid TOML: {error}", Where(source)) from None
    keeper = Keeper(
        id=table.text("id", like=r"[a-z0-9][a-z0-9-]*"),
        title=table.text("title"),
        docs=table.text("docs"),
        checked=table.text("checked", like=r"\d{4}-\d\d-\d\d.*"),
        base={name: per_system(paths) for name, paths in table.tables("base").items()},
        stores=tuple(read_store(item) for item in table.list("store")),
    )
    table.done()
    return keeper


def read_store(table: Table) -> Store:
    kind = table.word("kind", tuple(STORES), "document")
    at: At = table.path("at") if kind == "document" else ()
    store = Store(
        id=table.text("id"),
        kind=kind,
        path=paths_of(table, "path"),
        at=at,
        server=table.keys_at("server"),
        url=table.keys_at("url"),
        expires=table.keys_at("expires"),
        unit=table.word("unit", ("s", "ms"), "ms"),
        proof=table.keys_at("proof"),
    )
    table.done()
    return store


def paths_of(table: Table, key: str, default: str | None = None) -> PerSystem:
    """One path for every system, or one for each."""
    if table.is_table(key):
        return per_system(table.table(key))
    path = table.path_pattern(key) if default is None else table.path_pattern(key, default)
    return dict.fromkeys(_SYSTEMS, path) if path else {}


def per_system(table: Table) -> PerSystem:
    """A path pattern for each operating system that has one."""
    paths = {system: table.path_pattern(system, table.path_pattern("any", "")) for system in _SYSTEMS}
    table.done()
    return {system: path for system, path in paths.items() if path}
