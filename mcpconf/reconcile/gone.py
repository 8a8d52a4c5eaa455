"""Servers that were taken away from this machine altogether: what must not be left anywhere, beside files of hosts too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from mcpconf.model.address import GRANT, Address
from mcpconf.model.revocation import Revocation
from mcpconf.model.state import Tombstone
from mcpconf.packages import title_of
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.records import secrets_alone
from mcpconf.reconcile.situation import Absent, Situation
from mcpconf.secrets.names import secret_named


@dataclass(frozen=True, slots=True)
class Gone:
    """One thing, by what it is. `names` are what the manifest and hosts called it, `arguments` digests of command lines.

    `environment` are the names of its variables, `secrets` those of the secrets that it was given.
    `programs` are those that it started and that serve nothing else, `state_paths` is where it kept what is its own.
    """

    identity: str
    address: str
    names: frozenset[str]
    environment: frozenset[str]
    arguments: frozenset[str]
    by: Revocation | None = None
    secrets: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    state_paths: frozenset[str] = frozenset()

    @property
    def mark(self) -> str:
        """What tells it from all else: what it is, or the address of a secret whose server stays."""
        return self.address if Address.parse(self.address).field else self.identity

    @property
    def title(self) -> str:
        return Address.parse(self.address).server

    @property
    def is_vague(self) -> bool:
        return is_vague(self.identity)

    def is_it(self, identity: str, arguments: str) -> bool:
        return identity == self.identity and (not self.is_vague or arguments in self.arguments)


def is_vague(identity: str) -> bool:
    """Whether another program of the same name would be taken for it, so that only its command line tells."""
    return identity.startswith("command:") and not ("/" in identity or " -m " in identity)


class Taken(NamedTuple):
    """What was taken away: whole servers, and `secrets` that servers which stay are not given any more."""

    gone: tuple[Gone, ...] = ()
    secrets: tuple[Gone, ...] = ()


NOTHING_TAKEN = Taken()


def taken(situation: Situation, draft: Draft) -> Taken:
    if situation.purpose not in ("apply", "revoke"):
        return NOTHING_TAKEN
    return Taken(_gone(situation, draft), _secrets(situation, draft))


def _gone(situation: Situation, draft: Draft) -> tuple[Gone, ...]:
    """What the manifest still has under another name or in another place is not gone, nor what it gave to the user."""
    found: dict[str, Gone] = {}
    for name, mark, by in _marks(situation, draft):
        if mark.identity and not mark.address.startswith(GRANT):
            known = found.get(mark.identity)
            item = replace(_of(name, mark, by), address=mark.entry)
            found[mark.identity] = item if known is None else _joined(known, item)
    for absent in situation.absent:
        if absent.identity and absent.identity not in found:
            found[absent.identity] = _forbidden(situation, absent)
    asked = situation.choices.tracing
    return tuple(found[identity] for identity in sorted(found) if not asked or asked in found[identity].names)


def _secrets(situation: Situation, draft: Draft) -> tuple[Gone, ...]:
    told = [(mark, item.by) for item in situation.hindsight.bygone for mark in secrets_alone(item.mark)]
    by = {mark.address: commit for mark, commit in reversed(told)}
    marks = {mark.address: mark for mark in (*draft.gone, *(mark for mark, _ in told))}
    alone = [
        mark for address, mark in sorted(marks.items()) if mark.entry != address and mark.identity in situation.asked
    ]
    kept = (mark for mark in alone if not situation.handed_back(Address.parse(mark.entry), mark.called))
    found = [_of("", mark, by.get(mark.address)) for mark in kept]
    asked = situation.choices.tracing
    return tuple(item for item in found if not asked or asked in item.names)


def _marks(situation: Situation, draft: Draft) -> Iterator[tuple[str, Tombstone, Revocation | None]]:
    here = [revoked for revoked in situation.state.revoked if not revoked.part]
    yield from ((revoked.server, mark, None) for revoked in here for mark in revoked.marks)
    told = {item.mark.identity: item.by for item in reversed(situation.hindsight.bygone)}
    left = [("", mark, told.get(mark.identity)) for mark in draft.gone]
    asked = situation.choices.tracing is not None
    left += [("", mark, told.get(mark.identity)) for mark in (situation.state.verified if asked else ())]
    left += [(item.server, item.mark, item.by) for item in situation.hindsight.bygone]
    for name, mark, by in left:
        if mark.identity in situation.asked or mark.address.startswith(GRANT):
            continue
        if not situation.handed_back(Address.parse(mark.address), name or mark.called):
            yield name, mark, by


def _forbidden(situation: Situation, item: Absent) -> Gone:
    """What the manifest wants to be nowhere was never at an address of its own."""
    name, nothing = title_of(item.identity), frozenset[str]()
    arguments = frozenset({situation.field_digest([*item.command])} if item.command else ())
    return Gone(item.identity, str(Address("any", "user", "", name)), frozenset({name}), nothing, arguments)


def _of(name: str, mark: Tombstone, by: Revocation | None) -> Gone:
    names = frozenset({name, mark.called, Address.parse(mark.address).server}) - {""}
    arguments = frozenset({mark.arguments}) - {""}
    secrets = frozenset({*mark.secrets, *filter(secret_named, mark.environment)})
    programs, paths = frozenset({mark.program}) - {""}, frozenset(mark.state_paths)
    return Gone(
        mark.identity, mark.address, names, frozenset(mark.environment), arguments, by, secrets, programs, paths
    )


def _joined(one: Gone, other: Gone) -> Gone:
    return Gone(
        one.identity,
        one.address,
        one.names | other.names,
        one.environment | other.environment,
        one.arguments | other.arguments,
        one.by or other.by,
        one.secrets | other.secrets,
        one.programs | other.programs,
        one.state_paths | other.state_paths,
    )
