"""The strict reading of a row's table `entry`: how one server is spelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from mcpconf.hosts.tables import Table
from mcpconf.hosts.vocabulary import Dialect, OAuthKeys, Off, Timeout
from mcpconf.model.base import Json
from mcpconf.model.entry import Transport

_TRANSPORTS: tuple[Transport, ...] = ("stdio", "http", "sse")
_REMOTE: tuple[Transport, ...] = ("http", "sse")


def read_dialect(table: Table) -> Dialect:
    words = table.table("words")
    dialect = Dialect(
        words={transport: words.texts(transport) for transport in _TRANSPORTS if transport in words.keys()},  # noqa: SIM118
        type=table.text("type", "type"),
        typed=table.flag("typed", default=False),
        untyped=table.word("untyped", ("http", "sse", "error"), "http"),
        mixed=table.word("mixed", ("command", "url", "error"), "command"),
        strict=table.flag("strict", default=False),
        **{key: table.text(key, key) for key in ("command", "args", "env")},
        **{key: table.text(key, "") for key in ("env_names", "header_names", "bearer", "token", "cwd")},
        headers=table.keys_at("headers", "headers"),
        url=_url(table),
        url_also=_words(table.table("url_also", {}), _REMOTE),
        oauth=_oauth(table.table("oauth", {})),
        timeout=_timeout(table.table("timeout")) if table.is_table("timeout") else None,
        off=_off(table.table("off")) if table.is_table("off") else None,
        always=frozenset(table.texts("always", ())),
        required=frozenset(table.texts("required", ())),
        dropped=frozenset(table.texts("dropped", ())),
        nulls=frozenset(table.texts("nulls", ())),
        fixed=constants(table.table("fixed", {})),
        skip=_lists(table.table("skip", {})),
        lift={key: _texts(inner) for key, inner in table.tables("lift").items()},
        known=frozenset(table.texts("known", ())),
        runtime=frozenset(table.texts("runtime", ())),
    )
    words.done()
    table.done()
    _check_lift(dialect, table)
    return dialect


def _url(table: Table) -> Mapping[Transport, str]:
    if not table.is_table("url"):
        return dict.fromkeys(_REMOTE, table.text("url", "url"))
    urls = table.table("url")
    found = {transport: urls.text(transport) for transport in _REMOTE if transport in urls.keys()}  # noqa: SIM118
    urls.done()
    return found


def _oauth(table: Table) -> OAuthKeys:
    keys = OAuthKeys(
        resource=table.keys_at("resource"),
        issuer=table.keys_at("issuer"),
        scopes=table.keys_at("scopes"),
        client=table.keys_at("client"),
        spaced=table.flag("spaced", default=False),
        on=table.keys_at("on"),
        more=table.text("more", ""),
    )
    table.done()
    return keys


def _words(table: Table, allowed: Sequence[str]) -> Mapping[str, Any]:
    found = {key: table.word(key, allowed) for key in table.keys()}  # noqa: SIM118
    table.done()
    return found


def _texts(table: Table) -> Mapping[str, str]:
    return {key: table.text(key) for key in table.keys()}  # noqa: SIM118


def _lists(table: Table) -> Mapping[str, tuple[str, ...]]:
    return {key: table.texts(key) for key in table.keys()}  # noqa: SIM118


def constants(table: Table) -> Mapping[str, Json]:
    return {key: table.scalar(key) for key in table.keys()}  # noqa: SIM118


def _timeout(table: Table) -> Timeout:
    timeout = Timeout(
        key=table.text("key"),
        unit=table.word("unit", ("s", "ms")),
        minimum=table.number("min", 0),
        whole=table.flag("whole", default=False),
        most=table.number("max", inf),
    )
    table.done()
    return timeout


def _off(table: Table) -> Off:
    off = Off(table.text("key"), table.flag("is"), table.flag("missing", default=False))
    table.done()
    return off


def _check_lift(dialect: Dialect, table: Table) -> None:
    """Writing the fields one by one must replace the old map, where it stands under the key of one."""
    written = {dialect.command, dialect.args, dialect.env, dialect.type, dialect.cwd, *dialect.url.values()}
    for outer, inner in dialect.lift.items():
        if outer in written and outer not in inner.values():
            raise table.wrong(f"lift.{outer}", f"one of its keys must be read as `{outer}`")
