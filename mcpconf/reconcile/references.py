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


def replaced_texts(wanted: Entry, found: Entry, fields: Iterable[str]) -> tuple[str, ...]:
    """The texts that references take the place of, if the fields differ in nothing else; else empty."""
    texts: list[str] = []
    for name in fields:
        pairs = _pairs(name, wanted, found)
        if _keys(name, wanted) != _keys(name, found) or not pairs:
            return ()
        for after, before in pairs:
            own = replaced(after, before)
            if after != before and not own:
                return ()
            texts += own
    return tuple(texts)


def _keys(name: str, entry: Entry) -> object:
    match name:
        case "env":
            return sorted(entry.env)
        case "headers":
            return sorted(entry.headers)
        case "launch":
            return len(entry.argv)
    return None


def replaced(after: Value, before: Value) -> tuple[str, ...]:
    """The texts of `before` that references of `after` take the place of; empty if the two differ in anything else."""
    if not before.literals:
        return ()
    text = str(before)
    pieces = [_quoted(part) if isinstance(part, str) else None for part in after.parts]
    gaps: list[str] = []
    at, open_gap = 0, False
    for number, piece in enumerate(pieces):
        if piece is None:
            open_gap = True
            continue
        last = number == len(pieces) - 1
        start = len(text) - len(piece) if last and open_gap else text.find(piece, at) if open_gap else at
        if start < at or not text.startswith(piece, start):
            return ()
        if open_gap:
            gaps.append(text[at:start])
        at, open_gap = start + len(piece), False
    if open_gap:
        gaps.append(text[at:])
    elif at != len(text):
        return ()
    return tuple(gap.replace("$$", "$") for gap in gaps) if all(map(_in_clear, gaps)) else ()


def _quoted(part: str) -> str:
    return str(Value.literal(part))


def _in_clear(gap: str) -> bool:
    return gap != "" and "${" not in gap.replace("$$", "")


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
