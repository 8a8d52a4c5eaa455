"""The one pattern language of host rows: text with `{holes}`, for paths, map keys and list elements.

Matching gives every reading: `mcp__git__hub__x` under `mcp__{server}__{tool}` may name `git` or `git__hub`. `{begin}` in a
rule is the beginning of names of tools, and stands for all of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import NamedTuple

from mcpconf.hosts.vocabulary import At, Rule
from mcpconf.model.base import ANY_KEY, Element, Json, KeyPath, Step, held_at

LONGEST_TEXT = 1024
"""Characters. A longer text matches no pattern with two holes: no name is that long, and readings grow with it."""

MOST_READINGS = 16
"""Readings of one text that are followed further. Hosts split at the leftmost place, which is among them."""

_HOLE = re.compile(r"\{([a-z]+)\}")
_CONDITION = re.compile(r"(?P<key>[a-z][A-Za-z_.]*(\[\])?|\*)=(?P<pattern>.+)|!(?P<without>[a-z][A-Za-z_]*)")
_CLASSES: Mapping[str, re.Pattern[str]] = {
    "hash": re.compile(r"[0-9a-f]{16,}"),
    "agents": re.compile("agents?|modes?"),
}
"""Holes that not every text fits: a digest, a folder of agents."""

Bindings = Mapping[str, str]


class Template(NamedTuple):
    """`literals` has one text more than there are `holes`."""

    literals: tuple[str, ...]
    holes: tuple[str, ...]


@lru_cache(maxsize=512)
def template(text: str) -> Template:
    parts = _HOLE.split(text)
    return Template(tuple(parts[::2]), tuple(parts[1::2]))


class Condition(NamedTuple):
    """What a map in a list says under a key; None: nothing, or null.

    A key that ends in `[]` holds a list of such texts; one with dots leads into maps; `*` is any key, by its name.
    """

    key: str
    pattern: str | None


@lru_cache(maxsize=512)
def conditions(step: str) -> tuple[Condition, ...]:
    """What `[key=pattern&list[]=pattern&!key]` asks of a list element that is a map; nothing for any other step.

    The first of them says what is there.
    """
    if not (step.startswith("[") and step.endswith("]")):
        return ()
    found = [_CONDITION.fullmatch(part) for part in step[1:-1].split("&")]
    if found[0] is None or found[0]["without"] or not all(found):
        return ()
    return tuple(Condition(match["key"] or match["without"], match["pattern"]) for match in found if match)


def element(step: str) -> tuple[str, str]:
    """The key and the pattern of `[key=pattern]`, a list element that is a map; the key is empty for any other step."""
    match conditions(step):
        case (Condition(key, str(pattern)),):
            return key, pattern
    return "", step


def steps(at: At, bindings: Bindings) -> KeyPath:
    """The key path that a pattern stands for; of alternatives, the first. Raises KeyError if a hole has no value."""
    return tuple(_written(alternatives[0], bindings) for alternatives in at)


def _written(step: str, bindings: Bindings) -> Step:
    wanted = conditions(step)
    if wanted:
        texts = [None if pattern is None else fill(pattern, bindings) for _, pattern in wanted]
        also = zip((key for key, _ in wanted[1:]), texts[1:], strict=True)
        return Element(texts[0] or "", wanted[0].key, tuple(also))
    return Element(fill(inside(step), bindings)) if step.startswith("[") else fill(step, bindings)


def inside(step: str) -> str:
    """The pattern of a list element that is a text: `[text]`, or `[,text]` where the list may also be one text with commas."""
    return step[1:-1].removeprefix(",")


def words(text: str) -> Iterator[str]:
    """What stands between the commas and blanks of a text, of those outside of its brackets."""
    depth, begin = 0, 0
    for index, char in enumerate(f"{text},"):
        depth += (char == "(") - (char == ")" and depth > 0)
        if not depth and (char == "," or char.isspace()):
            if index > begin:
                yield text[begin:index]
            begin = index + 1


def holes(pattern: str) -> frozenset[str]:
    """Names of what a step leaves open."""
    return frozenset(template(pattern).holes)


def fill(pattern: str, bindings: Bindings) -> str:
    """Write the text that a pattern stands for. Raises KeyError if a hole has no value."""
    return _HOLE.sub(lambda match: bindings[match[1]], pattern)


def readings(pattern: str, text: str) -> Iterator[Bindings]:
    """Every way in which `text` can be read as `pattern`, leftmost splits first. Holes are never empty."""
    parts = template(pattern)
    first, last = parts.literals[0], parts.literals[-1]
    if not parts.holes:
        if text == first:
            yield {}
        return
    if len(text) <= len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return
    inner = text[len(first) : len(text) - len(last)]
    if len(parts.holes) > 1 and len(inner) > LONGEST_TEXT:
        return
    yield from _split(parts, inner)


def _split(parts: Template, text: str) -> Iterator[Bindings]:
    """Choose where each inner literal lies. The stack holds (holes filled, position, values so far)."""
    stack: list[tuple[int, tuple[str, ...], str]] = [(0, (), text)]
    while stack:
        index, values, rest = stack.pop()
        if index == len(parts.holes) - 1:
            if _fits(parts.holes[index], rest):
                yield dict(zip(parts.holes, (*values, rest), strict=True))
            continue
        literal = parts.literals[index + 1]
        found = []
        at = rest.find(literal, 1)
        while at != -1:
            if _fits(parts.holes[index], rest[:at]):
                found.append((index + 1, (*values, rest[:at]), rest[at + len(literal) :]))
            at = rest.find(literal, at + 1)
        stack.extend(reversed(found))


def _fits(hole: str, text: str) -> bool:
    needed = _CLASSES.get(hole)
    return bool(text) and (needed is None or needed.fullmatch(text) is not None)


class Found(NamedTuple):
    """A value that a key path pattern leads to, with what its holes stand for."""

    path: KeyPath
    value: Json
    bindings: Bindings


class Blocked(NamedTuple):
    """A value of a wrong type on the way: the pattern needs a `needed` here."""

    path: KeyPath
    value: Json
    needed: str


def find(at: At, value: Json) -> Iterator[Found | Blocked]:
    """Follow a key path pattern into a parsed document. One path is found once per reading."""
    level: list[Found] = [Found((), value, {})]
    for step in at:
        following: list[Found] = []
        for found in level:
            for result in _step(step, found):
                if isinstance(result, Blocked):
                    yield result
                else:
                    following.append(result)
        level = following
    yield from level


def _step(alternatives: tuple[str, ...], found: Found) -> Iterator[Found | Blocked]:
    if alternatives[0].startswith("[,"):
        for pattern in alternatives:
            yield from _elements(inside(pattern), _in_words(found.value), found)
    elif alternatives[0].startswith("["):
        if not isinstance(found.value, list):
            yield Blocked(found.path, found.value, "list")
            return
        for pattern in alternatives:
            wanted = conditions(pattern)
            yield from _maps(wanted, found) if wanted else _elements(inside(pattern), found.value, found)
    elif not isinstance(found.value, dict):
        yield Blocked(found.path, found.value, "map")
    else:
        for pattern in alternatives:
            yield from _keys(pattern, found.value, found)


def _keys(pattern: str, values: dict[str, Json], found: Found) -> Iterator[Found]:
    if "{" not in pattern:
        if pattern in values:
            yield Found((*found.path, pattern), values[pattern], found.bindings)
        return
    for key, value in values.items():
        yield from _readings(pattern, key, key, Found(found.path, value, found.bindings))


def _elements(pattern: str, items: list[Json], found: Found) -> Iterator[Found]:
    for text in dict.fromkeys(item for item in items if isinstance(item, str)):
        yield from _readings(pattern, text, Element(text), Found(found.path, text, found.bindings))


def _in_words(value: Json) -> list[Json]:
    """The words of a text, or of the texts in a list."""
    texts = value if isinstance(value, list) else [value]
    return [word for text in texts if isinstance(text, str) for word in words(text)]


def _maps(wanted: tuple[Condition, ...], found: Found) -> Iterator[Found]:
    """Elements that are maps, by the texts under some keys; of several with the same texts, the first.

    Several may have one key that is told by its name.
    """
    named: dict[tuple[Element, int], Json] = {}
    for index, item in enumerate(found.value):
        for texts in product(*(_texts(item, each) for each in wanted)) if isinstance(item, dict) else ():
            (_, first), *others = zip(wanted, texts, strict=True)
            also = tuple((condition.key, text) for condition, text in others)
            number = index if wanted[0].key == ANY_KEY else 0
            named.setdefault((Element(first or "", wanted[0].key, also), number), item)
    for (step, _), item in named.items():
        level: list[Bindings] = [found.bindings]
        for (_, pattern), text in zip(wanted, (step.value, *(text for _, text in step.also)), strict=True):
            if pattern is not None and text is not None:
                level = [more for bindings in level for more in _agreeing(pattern, text, bindings)]
        yield from (Found((*found.path, step), item, bindings) for bindings in level)


def _texts(item: dict[str, Json], wanted: Condition) -> Sequence[str | None]:
    """The texts that a map has under a key; one None where it must have none, and has none."""
    if wanted.key == ANY_KEY:
        return tuple(item)
    held, listed = held_at(item, wanted.key), wanted.key.endswith("[]")
    if wanted.pattern is None:
        return (None,) if held is None else ()
    texts = held if listed and isinstance(held, list) else () if listed else (held,)
    return tuple(dict.fromkeys(text for text in texts if isinstance(text, str)))


def _readings(pattern: str, text: str, step: Step, found: Found) -> Iterator[Found]:
    """`found` has the value at the step but the path before it."""
    for bindings in _agreeing(pattern, text, found.bindings):
        yield Found((*found.path, step), found.value, bindings)


def _agreeing(pattern: str, text: str, known: Bindings) -> Iterator[Bindings]:
    """What the holes stand for, beside those that are known. A hole bound on the way must be bound alike here."""
    for bindings in islice(readings(pattern, text), MOST_READINGS):
        if all(known.get(hole, value) == value for hole, value in bindings.items()):
            yield {**known, **bindings}


def leads_to(at: At, path: KeyPath) -> bool:
    """Whether a key path is one that a pattern stands for."""
    return len(at) == len(path) and all(
        isinstance(step, str) and any(any(readings(pattern, step)) or pattern == step for pattern in alternatives)
        for alternatives, step in zip(at, path, strict=True)
    )


def effect(rule: Rule, found: Found) -> str:
    """What a rule does by the text that was found; empty if it does nothing."""
    if rule.equals is not None and (type(found.value) is not type(rule.equals) or found.value != rule.equals):
        return ""
    if "" in rule.effect:
        return rule.effect[""]
    word: Json = found.bindings.get("effect", found.value)
    word = str(word).lower() if isinstance(word, bool) else word
    return rule.effect.get(word, "") if isinstance(word, str) else ""
