"""Rules about secrets that stand in clear: in what a host reads, and in what goes into git, where they stay for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mcpconf.errors import Where
from mcpconf.rules.frame import Case, Evidence, Hit, Rule
from mcpconf.secrets import SecretLiteral, describe, find
from mcpconf.secrets.literals import in_document

_NAMED = 5
_DOCUMENTS = "documents"
"""The address of what is in the documents themselves, and in no server of theirs."""


class _Place(NamedTuple):
    case: Case
    secret: SecretLiteral

    def __str__(self) -> str:
        return f"`{self.secret.place}` of {self.case.address}"


@dataclass(frozen=True, slots=True)
class _Group:
    """One secret, with all places where it stands; what this plan repairs is told place by place."""

    kind: str
    value: str = field(repr=False)
    places: tuple[_Place, ...]


def _groups(evidence: Evidence, *, in_git: bool) -> Iterator[_Group]:
    """Of the entries that git tracks, or of the others."""
    found: dict[tuple[str, str, str], dict[tuple[str, str], _Place]] = {}
    ask = _Tracked(evidence)
    for case in evidence.cases:
        for secret in find(case.entry):
            if ask(case) == in_git:
                apart = case.address if case.subject == "repaired" else ""
                places = found.setdefault((case.subject, apart, secret.value), {})
                places.setdefault((case.address, secret.place), _Place(case, secret))
    for (_, _, value), places in found.items():
        first, *_ = places.values()
        yield _Group(first.secret.kind, value, tuple(places.values()))


class _Tracked:
    """Whether git tracks the file of a project that a case was found in. Asked only where there is a secret."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._paths: Mapping[str, str] | None = None

    def __call__(self, case: Case) -> bool:
        if case.subject == "desired":
            return False
        situation = self._evidence.situation
        if self._paths is None:
            entries = situation.observed.entries
            self._paths = {str(e.address): e.file.location.path for e in entries if e.address.project}
        path = self._paths.get(case.address)
        return path is not None and situation.tracked(path) is True


def _literal(evidence: Evidence) -> Iterator[Hit]:
    for group in _groups(evidence, in_git=False):
        first = group.places[0]
        message = f"`{first.case.name}` holds a secret in clear in `{first.secret.place}`{_the_others(group.places)}"
        yield _hit(first.case, message, _shown(group, evidence))


def _the_others(places: Sequence[_Place]) -> str:
    """Without lines, which move."""
    others = [str(place) for place in places[1:]]
    if not others:
        return ""
    more = f" and {len(others) - _NAMED} more places" if len(others) > _NAMED else ""
    return f", and the same one in {', '.join(others[:_NAMED])}{more}"


def _shown(group: _Group, evidence: Evidence) -> str:
    """`env.TOKEN: github token (literal, 40 characters, keyed:7f3a)`, with the lines of all places."""
    told = f"{group.places[0].secret.place}: {group.kind} {describe(group.value, evidence.situation.key)}"
    lines = dict.fromkeys(str(place.case.where) for place in group.places)
    return f"{told} at {', '.join(lines)}" if len(group.places) > 1 else told


def _hit(case: Case, message: str, evidence: str, hint: str = "") -> Hit:
    return Hit(case.subject, case.address, message, hint, case.where, evidence)


def _in_git(evidence: Evidence) -> Iterator[Hit]:
    yield from _in_documents(evidence)
    for group in _groups(evidence, in_git=True):
        first = group.places[0]
        where = f"`{first.secret.place}`, and git tracks the file{_the_others(group.places)}"
        message = f"`{first.case.name}` holds a secret in clear in {where}"
        yield _hit(first.case, message, _shown(group, evidence), _PURGE)


def _in_documents(evidence: Evidence) -> Iterator[Hit]:
    """What stands in a document and in no server of it: in a comment, a reason, what a server showed."""
    told = {secret.value for case in evidence.cases if case.subject == "desired" for secret in find(case.entry)}
    found: dict[tuple[str, str], list[Where]] = {}
    for file, text in evidence.texts:
        for kind, value in in_document(text):
            if value not in told:
                line = text.count("\n", 0, text.find(value)) + 1 if "\n" in text else None
                found.setdefault((kind, value), []).append(Where(file, line))
    alike: dict[tuple[str, str], dict[str, list[Where]]] = {}
    for (kind, value), places in found.items():
        files = " and ".join(sorted({f"`{where.file.rpartition('/')[2]}`" for where in places}))
        alike.setdefault((kind, files), {})[value] = places
    for (kind, files), values in alike.items():
        yield _document(kind, files, values, evidence)


def _document(kind: str, files: str, values: Mapping[str, list[Where]], evidence: Evidence) -> Hit:
    """Told without lines, which move; `evidence` has them."""
    what = "a secret" if len(values) == 1 else f"{len(values)} secrets"
    shown = "; ".join(
        f"{describe(value, evidence.situation.key)} at {', '.join(dict.fromkeys(map(str, places)))}"
        for value, places in values.items()
    )
    message = f"{what} in clear ({kind}) in {files}"
    return Hit("document", _DOCUMENTS, message, _PURGE, next(iter(values.values()))[0], shown)


_PURGE = "rotate it first: whoever cloned the repository has it; then take it out, and out of the history if it must not be found there"

RULES = (
    Rule(
        id="MCP401",
        title="literal secret",
        severity="error",
        threat="credential theft",
        owasp="MCP01:2025",
        check=_literal,
        what="A token, key or password in clear in a variable, header, argument or address. The same one in several places is told once, with all of them.",
        why="Host files are copied, synced and committed. A reference keeps the value out of all of them.",
        example="env: {GITHUB_TOKEN: ghp_...}",
        fix="write a reference, such as `{secret: GITHUB_TOKEN}`, and rotate the secret",
    ),
    Rule(
        id="MCP402",
        title="literal secret in git",
        severity="error",
        threat="credential theft",
        owasp="MCP01:2025",
        check=_in_git,
        what="A secret in clear in an entry of a project's file that git tracks, and, as `validate` and `check` see it, in the manifest, what it includes and its lock, outside of the servers: in a comment, a reason, what a server showed. Only what is one by its form counts there, such as `ghp_...` or an address with a password.",
        why="What is committed is in every clone, and stays in the history when the line is gone.",
        example="the server `db` in .mcp.json, with --dsn postgres://app:...@db.example/prod",
        fix="rotate it, take it out, and purge the history if it must not be found there",
    ),
)
