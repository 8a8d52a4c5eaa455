"""The neutral entry -> one host's spelling, and what that host cannot say."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from mcpconf.hosts.decoding import AUTHORIZATION, Decoded, decode, wrapping
from mcpconf.hosts.encoding import Encoded, is_bearer, spelled_out
from mcpconf.hosts.places import absolute
from mcpconf.hosts.references import Situation, normal
from mcpconf.hosts.vocabulary import Dialect, HostRow
from mcpconf.model.base import Json
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED, Entry, Transport, Value, Values, field_value
from mcpconf.ports import Facts

__all__ = ["Decoded", "Encoded", "Spelled", "cannot_say", "decode", "decode_in_file", "encode", "furnished", "spell"]


def encode(row: HostRow, entry: Entry, facts: Facts, scope: str, project: str = "") -> Encoded:
    """Spell an entry for a scope of this host. A secret or variable is never replaced by its value."""
    situation = _situation(facts, scope, project)
    wrap = row.windows_wrap if facts.os == "windows" and scope == "user" else ()
    return spelled_out(row, entry, situation, wrap)


def decode_in_file(row: HostRow, raw: Json) -> Decoded:
    """Read one entry; where the host refuses it, tell what else it reads no more because of it."""
    decoded = decode(row, raw)
    if decoded.problem is None or row.bad_entry == "entry":
        return decoded
    lost = "no server of this file" if row.bad_entry == "file" else "nothing of its configuration"
    message = f"{decoded.problem.message}; because of it the host reads {lost}"
    return decoded._replace(problem=replace(decoded.problem, message=message))


def furnished(row: HostRow, value: Json, server: str) -> Json:
    """A new entry with the constants that this host wants in it; what the entry says itself goes before them."""
    constants = {
        key: constant.replace("{server}", server) if isinstance(constant, str) else constant
        for key, constant in row.dialect.fixed.items()
    }
    return {**constants, **value}


class Spelled(NamedTuple):
    """An entry in a host's words, what the host reads back, and why it must not be used, if so."""

    encoded: Encoded
    entry: Entry
    losses: tuple[str, ...]


def spell(row: HostRow, entry: Entry, facts: Facts, scope: str, project: str = "") -> Spelled:
    """Encode an entry and read it back. The losses name fields and references, never literal values."""
    encoded = encode(row, entry, facts, scope, project)
    decoded = decode(row, encoded.value)
    if encoded.losses:
        return Spelled(encoded, decoded.entry, encoded.losses)
    if decoded.problem is not None:
        return Spelled(encoded, decoded.entry, (decoded.problem.message,))
    wanted = _expected(row, entry, _situation(facts, scope, project))
    losses = (
        ()
        if wanted == decoded.entry
        else tuple(
            f"`{name}` reads back as something else"
            for name in (*FIELDS_OWNED, *FIELDS_STATED)
            if field_value(wanted, name) != field_value(decoded.entry, name)
        )
    )
    return Spelled(encoded, decoded.entry, losses)


def cannot_say(row: HostRow, entry: Entry, facts: Facts, scope: str, project: str = "") -> tuple[str, ...]:
    """Why this host cannot hold this entry; empty if it can."""
    return spell(row, entry, facts, scope, project).losses


def _situation(facts: Facts, scope: str, project: str) -> Situation:
    return Situation(facts.home, absolute(project, facts) if scope == "project" and project else "")


def _expected(row: HostRow, entry: Entry, situation: Situation) -> Entry:
    """What reading back must give, where the host has several spellings for one thing or none for a default."""
    dialect, forms = row.dialect, row.references
    headers = _normal_values(row, entry.headers, "headers", situation)
    if dialect.bearer:
        headers = {AUTHORIZATION if is_bearer(key, value) else key: value for key, value in headers.items()}
    cwd = None if entry.cwd is None else normal(entry.cwd, forms.of("cwd"), situation)
    argv = [normal(entry.command, forms.of("command"), situation)]
    argv += [normal(value, forms.of("args"), situation) for value in entry.args]
    argv = argv[wrapping([value.text or "" for value in argv], row.windows_wrap) :]
    return replace(
        entry,
        transport=_transport(dialect, entry),
        command=argv[0],
        args=tuple(argv[1:]),
        env=_normal_values(row, entry.env, "env", situation),
        cwd=cwd if cwd is None or cwd.parts else None,
        url=normal(entry.url, forms.of("url"), situation),
        headers=headers,
        enabled=_enabled(dialect, entry),
        oauth=entry.oauth if entry.oauth is not None and entry.oauth.says_something else None,
    )


def _enabled(dialect: Dialect, entry: Entry) -> bool | None:
    if dialect.off is None:
        return None if entry.enabled else entry.enabled
    return True if entry.enabled is None and dialect.off.missing else entry.enabled


def _transport(dialect: Dialect, entry: Entry) -> Transport:
    """Where the host has one word, or none, for two transports, it finds out by itself which one it is."""
    words = dialect.words.get(entry.transport, ())
    if words and words[0]:
        return next(name for name, known in dialect.words.items() if words[0] in known)
    if entry.url.parts and dialect.untyped != "error" and len(set(dialect.url.values())) == 1:
        return dialect.untyped
    return entry.transport


def _normal_values(row: HostRow, values: Values, field: str, situation: Situation) -> dict[str, Value]:
    return {key: normal(value, row.references.of(field), situation) for key, value in values.items()}
