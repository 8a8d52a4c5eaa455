"""References in the place of secrets, so that no literal of the machine gets into a manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.importer.found import Found, Moved
from mcpconf.model.entry import Entry, Reference, Value
from mcpconf.model.observed import ObservedEntry
from mcpconf.secrets import SecretLiteral, find, secret_named

_LONG = 12
"""A shorter secret is taken out only where it was recognised: it may be a part of other words."""

_SHORTEST = 8

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNED = re.compile(
    r"""([A-Za-z][A-Za-z0-9_.-]{0,63})\\*["']?\s{0,4}[=:]\s{0,4}\\*["']?(?:(?:bearer|basic|token)\s+)?\Z""",
    re.IGNORECASE,
)
_PLACE = re.compile(r"args\[(\d+)\]\Z")


def mask(entries: Sequence[ObservedEntry], rows: Mapping[str, HostRow]) -> list[Found]:
    """The entries, each with references for its secrets. The same literal has the same name wherever it stands."""
    secrets = [find(entry.entry) for entry in entries]
    names = _Names(_named_already(entries))
    pairs = list(zip(entries, secrets, strict=True))
    for entry, own in sorted(pairs, key=lambda pair: not rows[pair[0].address.host].dialect.env_names):
        for secret in own:
            names.note(secret, entry)
    told = names.settled()
    masks = _Mask(told)
    found = []
    for entry, own in pairs:
        masked, places = masks.entry(entry.entry, own)
        moved = tuple(Moved(entry, place, name) for place, name in places)
        kept = next((item.place for item in find(masked)), "")
        found.append(Found(entry, rows[entry.address.host], masked, moved, kept))
    plain = frozenset(_plain_variables(found))
    standing = frozenset(told.values()) - plain
    return [replace(item, entry=_named_secrets(item, standing, plain)) for item in found]


def _named_already(entries: Iterable[ObservedEntry]) -> dict[tuple[str, str], str]:
    """Names of variables that hold a variable or header of a server, by the server's identity and the place."""
    found: dict[tuple[str, str], str] = {}
    for item in entries:
        for field, values in (("env", item.entry.env), ("headers", item.entry.headers)):
            for key, value in values.items():
                match value.references:
                    case (Reference("env" | "secret", name, None),) if _NAME.fullmatch(name):
                        found.setdefault((item.identity, f"{field}.{key}"), name)
    return found


class _Names:
    """One name per literal. Names of variables come first; a host that only passes variables on has no choice."""

    def __init__(self, elsewhere: Mapping[tuple[str, str], str]) -> None:
        self._elsewhere = elsewhere
        self._wishes: dict[str, dict[str, None]] = {}

    def note(self, secret: SecretLiteral, entry: ObservedEntry) -> None:
        wishes = self._wishes.setdefault(secret.value, {})
        if named := self._elsewhere.get((entry.identity, secret.place)):
            wishes[named] = None
        wishes.update(dict.fromkeys(_wishes(secret, entry)))

    def settled(self) -> dict[str, str]:
        taken: dict[str, str] = {}
        for value, wishes in self._wishes.items():
            ordered = sorted(wishes, key=lambda name: name.startswith("\0"))
            plain = [name.lstrip("\0") for name in ordered]
            numbered = (f"{plain[-1]}_{number}" for number in range(2, len(self._wishes) + 2))
            name = next(name for name in (*plain, *numbered) if name not in taken)
            taken[name] = value
        return {value: name for name, value in taken.items()}


def _wishes(secret: SecretLiteral, entry: ObservedEntry) -> Iterator[str]:
    """Names for a secret, the best first; those that only come into question at last begin with NUL."""
    server = _capitals(entry.address.server) or "SERVER"
    kind, _, name = secret.place.partition(".")
    if kind == "env":
        if _NAME.fullmatch(name):
            yield name
        yield f"\0{server}_{_capitals(name)}"
        return
    option = name if kind == "headers" else _option(secret, entry.entry)
    word = "TOKEN" if _capitals(option) in ("AUTHORIZATION", "PROXY_AUTHORIZATION", "") else _capitals(option)
    if option.isupper() and _NAME.fullmatch(option):
        yield option
    yield f"\0{_started(word if word.startswith(f'{server}_') else f'{server}_{word}')}"


def _option(secret: SecretLiteral, entry: Entry) -> str:
    """The word in front of a secret: an option, a variable that is set, a parameter of an address."""
    match = _PLACE.match(secret.place)
    value = entry.args[int(match[1])] if match else entry.url if secret.place == "url" else entry.command
    text = "".join(value.literals)
    before = text[: text.find(secret.value)]
    authority = before.rpartition("://")[2]
    if "://" in before and not re.search(r"[/?#@\s]", authority):
        return "password" if ":" in authority else "token"
    assigned = _ASSIGNED.search(before[-128:])
    if assigned:
        return assigned[1]
    index = int(match[1]) if match else 0
    option = (entry.args[index - 1].text or "") if index else ""
    return option.lstrip("-") if option.startswith("-") and text == secret.value else ""


def _capitals(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^A-Z0-9]+", "_", spaced.upper()).strip("_")


def _started(name: str) -> str:
    return f"_{name}" if name[:1].isdigit() else name


class _Mask:
    """Takes known secrets out of entries; long ones wherever they stand, found by their first characters."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._long: dict[str, list[str]] = {}
        for text in names:
            if len(text) >= _LONG:
                self._long.setdefault(text[:_LONG], []).append(text)

    def entry(self, entry: Entry, own: Iterable[SecretLiteral]) -> tuple[Entry, list[tuple[str, str]]]:
        """The masked entry, with place and name of each secret. `own` are those that were recognised in it."""
        known: dict[str, list[str]] = {}
        places: list[tuple[str, str]] = []
        for item in own:
            known.setdefault(item.place, []).append(item.value)

        def masked(value: Value, place: str) -> Value:
            hidden = self._hidden(value, known.get(place, ()))
            places.extend((place, self._names[text]) for text in hidden)
            return self._value(value, hidden)

        masked_entry = replace(
            entry,
            command=masked(entry.command, "command"),
            args=tuple(masked(value, f"args[{index}]") for index, value in enumerate(entry.args)),
            env={key: masked(value, f"env.{key}") for key, value in entry.env.items()},
            cwd=None if entry.cwd is None else masked(entry.cwd, "cwd"),
            url=masked(entry.url, "url"),
            headers={key: masked(value, f"headers.{key}") for key, value in entry.headers.items()},
        )
        return masked_entry, places

    def _hidden(self, value: Value, own: Iterable[str]) -> list[str]:
        """Secrets in a value, the longest first; a short one of another place only if it is all of the value."""
        found = {text for part in value.literals for text in self._in(part)}
        whole = value.text or ""
        if len(whole) >= _SHORTEST and whole in self._names:
            found.add(whole)
        texts = sorted({*found, *own}, key=lambda text: (-len(text), text))
        return [text for text in texts if any(text in part for part in value.literals)]

    def _value(self, value: Value, hidden: Sequence[str]) -> Value:
        if not hidden:
            return value
        pattern = re.compile("|".join(map(re.escape, hidden)))
        return Value.of(part for whole in value.parts for part in self._parts(whole, pattern))

    def _in(self, part: str) -> Iterator[str]:
        for start in range(len(part) - _LONG + 1 if self._long else 0):
            for text in self._long.get(part[start : start + _LONG], ()):
                if part.startswith(text, start):
                    yield text

    def _parts(self, whole: str | Reference, pattern: re.Pattern[str]) -> Iterator[str | Reference]:
        if not isinstance(whole, str):
            yield whole
            return
        at = 0
        for match in pattern.finditer(whole):
            yield whole[at : match.start()]
            yield Reference("secret", self._names[match[0]])
            at = match.end()
        yield whole[at:]


def _plain_variables(found: Iterable[Found]) -> Iterator[str]:
    """Variables that are written as such where a host has another word for secrets."""
    for item in found:
        if item.row.references.secret:
            references = (reference for value in _values(item.entry) for reference in value.references)
            yield from (reference.name for reference in references if reference.kind == "env")


def _named_secrets(item: Found, secret: frozenset[str], plain: frozenset[str]) -> Entry:
    """Variables that hold secrets, as secrets: hosts without a word of their own for these write them as variables.

    `secret` are the names that stand for a literal elsewhere; the others are told by their words.
    """
    if item.row.references.secret:
        return item.entry

    def named(value: Value) -> Value:
        return Value.of(
            Reference("secret", part.name)
            if isinstance(part, Reference)
            and (part.kind, part.default) == ("env", None)
            and (part.name in secret or (part.name not in plain and secret_named(part.name)))
            else part
            for part in value.parts
        )

    entry = item.entry
    return replace(
        entry,
        args=tuple(map(named, entry.args)),
        env={key: named(value) for key, value in entry.env.items()},
        url=named(entry.url),
        headers={key: named(value) for key, value in entry.headers.items()},
    )


def _values(entry: Entry) -> Iterator[Value]:
    yield from (*entry.argv, *entry.env.values(), entry.url, *entry.headers.values())
