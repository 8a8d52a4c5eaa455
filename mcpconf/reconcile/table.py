"""The table of reasons: what to do about one address, from what is desired, observed and was last applied.

| desired | observed                | applied          | result                                        |
|---------|-------------------------|------------------|-----------------------------------------------|
| x       | none                    | none             | create `new`                                  |
| x       | none                    | any              | create `removed_by_hand` (drift)              |
| x       | equal                   | any              | nothing; `recorded` if applied differs        |
| x       | differs                 | equals observed  | update `manifest_changed`                     |
| x       | differs                 | equals desired   | update `drifted`                              |
| x       | differs, same identity  | equals neither   | conflict `both_changed`                       |
| x       | differs, same identity  | none             | conflict `not_ours`                           |
| x       | differs, other identity | none or neither  | conflict `name_taken`                         |
| none    | none                    | any              | `gone`: forgotten, its tombstone stays        |
| none    | same identity           | any              | delete `revoked` or `revoked_and_changed`     |
| none    | other identity          | any              | unmanaged `name_reused`                       |
| none    | any                     | none             | unmanaged                                     |

Applied is a digest per field, so each field is judged alone and the entry takes the gravest verdict. What must be absent
and what could not be read are settled before this table is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from mcpconf.compare import differing, owned_fields
from mcpconf.model.base import Json
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import field_value
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.state import Applied

Outcome = Literal["nothing", "recorded", "create", "update", "delete", "conflict", "unmanaged", "gone"]

FieldDigest: TypeAlias = Callable[[Json], str]
"""The keyed digest of a field's JSON form, as the state holds it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fields` names what differs, with the reason for each."""

    outcome: Outcome
    reason: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def decide(
    desired: DesiredEntry | None, observed: ObservedEntry | None, applied: Applied | None, digest: FieldDigest
) -> Verdict:
    """One row of the table. At least one of the three is there."""
    if desired is not None:
        return _wanted(desired, observed, applied, digest)
    if observed is None:
        return Verdict("gone")
    if applied is None:
        return Verdict("unmanaged")
    if observed.identity != applied.identity:
        return Verdict("unmanaged", "name_reused")
    untouched = all(digest(field_value(observed.entry, name)) == known for name, known in applied.fields.items())
    return Verdict("delete", "revoked" if untouched else "revoked_and_changed")


def reworded(verdict: Verdict, reasons: Mapping[str, str]) -> Verdict:
    """The verdict in other words, where something else than the manifest asks."""
    if not reasons:
        return verdict
    fields = tuple((name, reasons.get(reason, reason)) for name, reason in verdict.fields)
    return replace(verdict, reason=reasons.get(verdict.reason, verdict.reason), fields=fields)


def _wanted(
    desired: DesiredEntry, observed: ObservedEntry | None, applied: Applied | None, digest: FieldDigest
) -> Verdict:
    if observed is None:
        return Verdict("create", "new" if applied is None else "removed_by_hand")
    names = differing(desired.entry, observed.entry, desired.stated)
    if not names:
        return Verdict("nothing" if _known(desired, applied, digest) else "recorded")
    reasons = tuple((name, _reason(name, desired, observed, applied, digest)) for name in names)
    found = {reason for _, reason in reasons}
    if found <= {"manifest_changed", "drifted"}:
        return Verdict("update", "drifted" if "drifted" in found else "manifest_changed", reasons)
    if observed.identity != desired.identity:
        return Verdict("conflict", "name_taken", reasons)
    return Verdict("conflict", "not_ours" if applied is None else "both_changed", reasons)


def _reason(
    name: str, desired: DesiredEntry, observed: ObservedEntry, applied: Applied | None, digest: FieldDigest
) -> str:
    if applied is None:
        return "not_ours"
    last = applied.fields.get(name)
    if last is None or last == digest(field_value(observed.entry, name)):
        return "manifest_changed"  # a field the manifest did not state before is ours from now on
    return "drifted" if last == digest(field_value(desired.entry, name)) else "both_changed"


def _known(desired: DesiredEntry, applied: Applied | None, digest: FieldDigest) -> bool:
    return applied is not None and field_digests(desired, digest) == applied.fields


def converged(desired: DesiredEntry, applied: Applied | None, digest: FieldDigest) -> bool:
    """Whether an entry that is as desired was not written so by mcpconf: a person came to the same value."""
    last = applied.fields if applied is not None else {}
    return any(last.get(name, value) != value for name, value in field_digests(desired, digest).items())


def field_digests(desired: DesiredEntry, digest: FieldDigest) -> dict[str, str]:
    """What the state keeps of an entry once it is written."""
    return {name: digest(field_value(desired.entry, name)) for name in owned_fields(desired.stated)}
