"""Secrets that become references, and references that something else still needs."""

from __future__ import annotations

from collections.abc import Iterable

from mcpconf.model.entry import Entry, Value
from mcpconf.reconcile.situation import Situation


def moved_secrets(wanted: Entry, found: Entry, fields: Iterable[str]) -> list[str]:
    """Names of variables and secrets that take the place of a literal in some of the fields."""
    pairs = [pair for name in fields for pair in _pairs(name, wanted, found)]
    return sorted(
        {
            reference.name
            for after, before in pairs
            if before.parts and not before.references
            for reference in after.references
            if reference.kind in ("env", "secret")
        }
    )


def _pairs(name: str, wanted: Entry, found: Entry) -> list[tuple[Value, Value]]:
    """The values that stand at the same place of both."""
    match name:
        case "env":
            return [(wanted.env[key], found.env[key]) for key in wanted.env if key in found.env]
        case "headers":
            return [(wanted.headers[key], found.headers[key]) for key in wanted.headers if key in found.headers]
        case "launch":
            return list(zip(wanted.argv, found.argv, strict=False))
        case "url":
            return [(wanted.url, found.url)]
    return []


def referring(situation: Situation) -> dict[tuple[str, str], set[str]]:
    """Addresses that refer to a secret by name, per file and name: what is there, and what will be."""
    found: dict[tuple[str, str], set[str]] = {}
    both = [(item.file.location.path, item.address, item.entry) for item in situation.observed.entries]
    both += [(item.location.path, item.address, item.entry) for item in situation.desired.entries]
    for path, address, entry in both:
        for value in (*entry.argv, *entry.env.values(), entry.url, *entry.headers.values()):
            for reference in value.references:
                if reference.kind == "secret":
                    found.setdefault((path, reference.name), set()).add(str(address))
    return found
