"""What a change of the manifest lets pass that was not let pass before: its policy, and all that is excused or forbidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.merging.join import Join, Origin, Path
from mcpconf.documents.merging.policy import LOOSEST_FIRST, default_word, policy
from mcpconf.model.base import Document
from mcpconf.model.manifest import Manifest
from mcpconf.model.policy import Packages, Policy
from mcpconf.permissions.access import AccessChange
from mcpconf.permissions.change import Direction, Severity

POLICY = "policy"
_GRAVE: Severity = "critical"
"""Whoever may change what judges may do all that it judges."""

_Told = tuple[Direction, str, str]
"""What it does, the key below `policy`, and one line about it."""


def loosened(before: LoadedManifest, after: LoadedManifest) -> Iterator[AccessChange]:
    """Each change of the policy, and of every list that excuses or forbids something."""
    for direction, key, text in policy_changes(before.manifest.policy, after.manifest.policy):
        where = after.where(POLICY, *key.split("."))
        yield AccessChange(POLICY, key, direction, _GRAVE if direction != "narrower" else "low", text, where)
    for section, added, severity in _LISTS:
        yield from _listed(before, after, section, (added, severity))


_LISTS: tuple[tuple[str, Direction, Severity], ...] = (
    ("waivers", "wider", _GRAVE),
    ("ignore", "wider", _GRAVE),
    ("released", "wider", "medium"),
    ("absent", "narrower", "high"),
)
"""What an item more of each list means, and how grave it is to let more pass."""


def _listed(
    before: LoadedManifest, after: LoadedManifest, section: str, means: tuple[Direction, Severity]
) -> Iterator[AccessChange]:
    added, severity = means
    removed: Direction = "narrower" if added == "wider" else "wider"
    old, new = getattr(before.manifest, section), getattr(after.manifest, section)
    for sign, direction, items, others in (("+", added, new, old), ("-", removed, old, new)):
        for index, item in enumerate(items):
            if item not in others:
                where = after.where(section, index) if sign == "+" else after.where(section)
                weight = severity if direction == "wider" else "low"
                yield AccessChange(section, section, direction, weight, f"{sign} {_said(item)}", where)


def _said(item: Document) -> str:
    """What an item says, key by key."""
    told = item.model_dump(mode="json", exclude_unset=True)
    return ", ".join(f"{key} {_word(value)}" for key, value in told.items())


def _word(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_word(item)}" for key, item in value.items())
    return " ".join(map(_word, value)) if isinstance(value, (list, tuple)) else str(value)


def policy_changes(before: Policy, after: Policy) -> Iterator[_Told]:
    """Nothing is passed over: a key that nobody has an order for may let more pass."""
    for name in Policy.model_fields:
        if getattr(before, name) != getattr(after, name):
            yield from _COMPARED.get(name, _other)(before, after, name)


def _other(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    yield "both", name, f"{_word(getattr(before, name))}  ->  {_word(getattr(after, name))}"


def _ordered(name: str, key: str, old: str | None, new: str | None) -> Iterator[_Told]:
    order = LOOSEST_FIRST[name]
    if old != new:
        direction: Direction = "wider" if order.index(new) < order.index(old) else "narrower"
        yield direction, key, f"{old or 'nothing'}  ->  {new or 'nothing'}"


def _single(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    yield from _ordered(name, name, getattr(before, name), getattr(after, name))


def _halves(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    for half in type(before.on_conflict).model_fields:
        old, new = (getattr(side.on_conflict, half) for side in (before, after))
        yield from _ordered(name, f"{name}.{half}", old, new)


def _by_key(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    old, new, own = getattr(before, name), getattr(after, name), {*before.own, *after.own}
    for key in dict.fromkeys((*old, *new)):
        words = (side.get(key) or default_word(name, key, own) for side in (old, new))
        yield from _ordered(name, f"{name}.{key}", *words)


def _cooldown(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    direction: Direction = "wider" if after.cooldown < before.cooldown else "narrower"
    yield direction, name, f"{before.cooldown} days  ->  {after.cooldown} days"


def _admitted(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    """Of a list of what is let in."""
    yield from _items(name, getattr(before, name), getattr(after, name), more="wider")


def _demanded(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    """Of a list of demands."""
    yield from _items(name, getattr(before, name), getattr(after, name), more="narrower")


def _items(key: str, old: Iterable[object], new: Iterable[object], *, more: Direction) -> Iterator[_Told]:
    less: Direction = "wider" if more == "narrower" else "narrower"
    before, after = tuple(old), tuple(new)
    yield from ((more, key, f"+ {_plain(item)}") for item in after if item not in before)
    yield from ((less, key, f"- {_plain(item)}") for item in before if item not in after)


def _plain(item: object) -> str:
    return _said(item) if isinstance(item, Document) else _word(item)


def _packages(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    old, new = before.packages or Packages(), after.packages or Packages()
    yield from _items(f"{name}.deny", old.deny, new.deny, more="narrower")
    if not (old.lists and new.lists):
        if old.lists:
            yield "wider", f"{name}.allow", f"- {_word(old.lists)}: every package is let in"
        elif new.lists:
            yield "narrower", f"{name}.allow", f"+ {_word(new.lists)}: no other package is let in"
        return
    yield from _items(f"{name}.allow", chain(*old.lists), chain(*new.lists), more="wider")


def _own(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    """What is new in Rego is native code's to evaluate: it is not, before whoever merges has agreed to it."""
    later, what = (", which judges once it is merged", "rule") if name == "rego" else ("", "schema")
    for key in dict.fromkeys((*getattr(before, name), *getattr(after, name))):
        old, new = (getattr(side, name).get(key) for side in (before, after))
        if old is None:
            yield "narrower", f"{name}.{key}", f"+ {key}{later}"
        elif new is None:
            yield "wider", f"{name}.{key}", f"- {key}"
        elif old != new:
            yield "both", f"{name}.{key}", f"another {what}{later}"


def _people(before: Policy, after: Policy, name: str) -> Iterator[_Told]:
    for key in dict.fromkeys((*getattr(before, name), *getattr(after, name))):
        old, new = (getattr(side, name).get(key, ()) for side in (before, after))
        yield from _items(f"{name}.{key}", old, new, more="wider")


_COMPARED: Mapping[str, Callable[[Policy, Policy, str], Iterator[_Told]]] = {
    **dict.fromkeys(("unmanaged", "grants", "fail_on", "expired"), _single),
    **dict.fromkeys(("privilege", "rules", "observed"), _by_key),
    **dict.fromkeys(("require", "approvals"), _demanded),
    "on_conflict": _halves,
    "cooldown": _cooldown,
    "registries": _admitted,
    "packages": _packages,
    **dict.fromkeys(("schemas", "rego"), _own),
    "approvers": _people,
    "signers": _people,
}


def judging(before: LoadedManifest, after: LoadedManifest) -> LoadedManifest:
    """The manifest of after, judged as both want it: by the policy of before with what after tightens, what both excuse, and what either forbids.

    Of rules in Rego those of before judge, and no other: a text that nobody has agreed to is not evaluated.
    """
    below, above = (
        side.manifest.model_copy(update={"policy": _stated(side.manifest.policy)}) for side in (before, after)
    )
    join = Join(below, above, 0, before.where, before.origin, {})
    kept: dict[str, tuple[object, ...]] = {
        section: tuple(item for item in getattr(after.manifest, section) if item in getattr(before.manifest, section))
        for section in ("waivers", "ignore")
    }
    places = _places(after, kept)
    forbidden = tuple(item for item in before.manifest.absent if item not in after.manifest.absent)
    kept["absent"] = (*after.manifest.absent, *forbidden)
    of_before = {name: getattr(before.manifest.policy, name) for name in ("approvers", "signers", "rego")}
    judge = policy(join).model_copy(update=of_before)
    manifest: Manifest = after.manifest.model_copy(update={"policy": judge, **kept})
    return LoadedManifest(manifest, after.digest, after.layers, {**after.origins, **places})


def _stated(policy: Policy) -> Policy:
    """The same in so many words, so that a default of one side is held against what the other says."""
    stated = policy.model_copy()
    stated.__pydantic_fields_set__ = {name for name in Policy.model_fields if getattr(policy, name) is not None}
    return stated


def _places(after: LoadedManifest, kept: Mapping[str, Sequence[object]]) -> dict[Path, Origin]:
    """Where what is kept of a list is written."""
    found: dict[Path, Origin] = {}
    for section, items in kept.items():
        every = list(getattr(after.manifest, section))
        for index, item in enumerate(items):
            found[section, index] = after.origin((section, every.index(item)))
    return found
