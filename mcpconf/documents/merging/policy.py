"""`policy` and `launch`: a layer above may only tighten."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from mcpconf.documents.merging.join import Join, Path
from mcpconf.model.policy import OnConflict, Packages, PackagesOfLayers, Policy
from mcpconf.rules import RULES

LOOSEST_FIRST: Mapping[str, tuple[str | None, ...]] = {
    "unmanaged": ("keep", "warn", "remove"),
    "grants": ("keep", "warn", "remove"),
    "fail_on": ("none", "error", "warning", "info"),
    "expired": ("warn", "remove"),
    "on_conflict": ("overwrite", "keep", "fail"),
    "privilege": (None, "approve", "block"),
    "rules": (None, "none", "info", "warning", "error"),
    "observed": (None, "none", "info", "warning", "error"),
    "launch": ("pinned", "locked"),
}
"""The words of each key."""


def launch(join: Join) -> Any:
    if "launch" not in join.below.model_fields_set:
        join.take(("launch",))
        return join.above.launch
    return _tighter(join, ("launch",), "launch", _Words(join.below.launch, join.above.launch))


def policy(join: Join) -> Policy:
    if "policy" not in join.below.model_fields_set:
        join.take(("policy",))
        return join.above.policy
    said = {name: _PARTS[name](join, name) for name in join.above.policy.model_fields_set}
    return join.below.policy.model_copy(update=said)


class _Words(NamedTuple):
    """What is said below and above. `unsaid`: below it is only the default."""

    below: Any
    above: Any
    unsaid: bool = False


def _tighter(join: Join, path: Path, key: str, words: _Words) -> Any:
    """The tighter word of the two; a looser one above is refused."""
    order = LOOSEST_FIRST[key]
    if order.index(words.above) < order.index(words.below):
        limit = f"the default `{words.below}`" if words.unsaid else f"`{words.below}`"
        hint = "leave it out; a layer may only tighten what an earlier one grants"
        join.refuse(path, f"is `{words.above}`, looser than {limit} of an earlier layer", hint)
        return words.below
    if words.unsaid or words.above != words.below:
        join.take(path)
    return words.above


def _word(join: Join, name: str) -> Any:
    below, above = join.below.policy, join.above.policy
    words = _Words(getattr(below, name), getattr(above, name), name not in below.model_fields_set)
    return _tighter(join, ("policy", name), name, words)


def _cooldown(join: Join, name: str) -> int:
    """The longer of two times."""
    below, above = join.below.policy.cooldown, join.above.policy.cooldown
    if above < below:
        hint = "leave it out; a layer may only tighten what an earlier one grants"
        join.refuse(("policy", name), f"is `{above}`, shorter than `{below}` of an earlier layer", hint)
        return below
    if name not in join.below.policy.model_fields_set or above != below:
        join.take(("policy", name))
    return above


def _registries(join: Join, name: str) -> tuple[str, ...]:
    """Those that both name: one more would be one more place that code may come from."""
    below, above = join.below.policy.registries, join.above.policy.registries
    for index, host in enumerate(above):
        if host not in below:
            hint = "ask for it in that layer"
            join.refuse(("policy", name, index), f"is `{host}`, which no earlier layer names", hint, ("policy", name))
    kept = tuple(host for host in above if host in below)
    if kept != below:
        for number, host in enumerate(kept):
            join.take(("policy", name, number), ("policy", name, above.index(host)))
    return kept


def _on_conflict(join: Join, name: str) -> OnConflict:
    below, above = join.below.policy.on_conflict, join.above.policy.on_conflict
    said = {}
    for half in sorted(above.model_fields_set):
        unsaid = name not in join.below.policy.model_fields_set or half not in below.model_fields_set
        words = _Words(getattr(below, half), getattr(above, half), unsaid)
        said[half] = _tighter(join, ("policy", name, half), name, words)
    return below.model_copy(update=said)


def _require(join: Join, name: str) -> tuple[str, ...]:
    return _united(join, ("policy", name), join.below.policy.require, join.above.policy.require)


def _united(join: Join, path: Path, below: tuple[Any, ...], above: tuple[Any, ...]) -> tuple[Any, ...]:
    words = list(below)
    for index, word in enumerate(above):
        if word not in words:
            join.take((*path, len(words)), (*path, index))
            words.append(word)
    return tuple(words)


def _words(join: Join, name: str) -> dict[str, Any]:
    """A word per key."""
    words = dict(getattr(join.below.policy, name))
    for key, word in getattr(join.above.policy, name).items():
        below = words.get(key) or default_word(name, key, join.below.policy.own)
        words[key] = _tighter(join, ("policy", name, key), name, _Words(below, word, key not in words))
    return words


def default_word(name: str, key: str, own: Collection[str] = ()) -> str | None:
    """The severity of a rule, or of one of the policy's own of the layers below, that no policy speaks of.

    What is only observed is at most a warning.
    """
    if key in own and name == "rules":
        return "error"
    if name == "privilege" or key not in RULES:
        return None
    severity = RULES[key].severity
    return "warning" if name == "observed" and severity == "error" else severity


def _packages(join: Join, name: str) -> Packages | None:
    below, above = join.below.policy.packages, join.above.policy.packages
    if below is None or above is None:
        join.take(("policy", name))
        return above
    path = ("policy", name)
    deny = _united(join, (*path, "deny"), below.deny, above.deny)
    if above.allow is None:
        return below.model_copy(update={"deny": deny})
    join.take((*path, "allow"))
    if len(below.lists) == 1:
        join.origins[*path, "lists", 0] = join.origin((*path, "allow"))
    join.take((*path, "lists", len(below.lists)), (*path, "allow"))
    return PackagesOfLayers(allow=above.allow, deny=deny, every=(*below.lists, above.allow))


def _own(join: Join, name: str) -> dict[str, Any]:
    """Rules of the policy's own, of one form; an id is never of two."""
    found = dict(getattr(join.below.policy, name))
    what = "schema" if name == "schemas" else "rule"
    for key, own in getattr(join.above.policy, name).items():
        path = ("policy", name, key)
        if key in join.below.policy.own and found.get(key) != own:
            join.refuse(path, f"is another {what} than that of an earlier layer", "give it another name")
        elif key not in found:
            join.take(path)
            found[key] = own
    return found


def _people(join: Join, name: str) -> dict[str, Any]:
    """Whoever says first whom to ask has said it: one more would be one more who can let things pass."""
    below: dict[str, Any] = getattr(join.below.policy, name)
    above: dict[str, Any] = getattr(join.above.policy, name)
    for key, people in above.items():
        if not below:
            join.take(("policy", name, key))
        elif below.get(key) != people:
            hint = "ask for it in that layer"
            join.refuse(("policy", name, key), "names others than an earlier layer", hint, ("policy", name))
    return below or above


def _approvals(join: Join, name: str) -> tuple[Any, ...]:
    return _united(join, ("policy", name), join.below.policy.approvals, join.above.policy.approvals)


_PARTS: Mapping[str, Callable[[Join, str], Any]] = {
    "unmanaged": _word,
    "grants": _word,
    "fail_on": _word,
    "expired": _word,
    "cooldown": _cooldown,
    "registries": _registries,
    "on_conflict": _on_conflict,
    "require": _require,
    "privilege": _words,
    "rules": _words,
    "observed": _words,
    "packages": _packages,
    "schemas": _own,
    "rego": _own,
    "approvers": _people,
    "signers": _people,
    "approvals": _approvals,
}
