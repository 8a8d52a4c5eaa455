"""Whether a package's name is made to be taken for another one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from mcpconf.model.package import Package

_AFFIXES = frozenset(
    {"mcp", "server", "servers", "mcpserver", "modelcontextprotocol", "model", "context", "protocol", "official"}
)
"""Words that say no more than that this is a server."""

_SEPARATOR = re.compile(r"[-_.\s]+")
_DIGITS = re.compile(r"[0-9]+")
_LONGEST = 128
_SHORTEST_ONE = 6
_SHORTEST_TWO = 9
_DIGITS_DRAWN = {"0": "o", "1": "l", "3": "e", "5": "s", "|": "l"}
_LETTERS_DRAWN = {
    **dict(zip("авсԁеһіјкӏмноԛрѕтуѵԝх", "abcdehijklmhoqpstyvwx", strict=True)),
    **dict(zip("αβεηικνορτυχ", "abenikvoptux", strict=True)),
    **dict(zip("ıɡոօս", "ignou", strict=True)),  # noqa: RUF001  what the table is about
}
_LOOKS = str.maketrans({**_DIGITS_DRAWN, **_LETTERS_DRAWN})
"""Digits, and letters of other scripts, that are drawn like a Latin letter (Unicode's confusables, the common ones)."""

_DRAWN = (("rn", "m"), ("vv", "w"), ("cl", "d"))


Kind = Literal["letters", "owner", "affix", "registry"]
"""What is different: some letters of the name, who owns it, words that many names have, the registry."""


class Likeness(NamedTuple):
    """`other` is the name that it may be taken for, `how` the difference in words."""

    other: Package
    kind: Kind
    how: str


def alike(package: Package, others: Iterable[Package]) -> Iterator[Likeness]:
    """Those of the others whose name this one may be taken for; never itself, nor what the same owner publishes."""
    for other in others:
        found = _difference(package, other)
        if found is not None:
            yield Likeness(other, *found)


def strange_letters(text: str) -> str:
    """A word with letters of several scripts that look like one, such as a Cyrillic one in `Slack`; "" if there is none."""
    for word in unicodedata.normalize("NFKC", text)[:_LONGEST].split():
        if re.search("[A-Za-z]", word) and any(letter in _LETTERS_DRAWN for letter in word.casefold()):
            return word
    return ""


_Difference: TypeAlias = tuple[Kind, str] | None


def _difference(package: Package, other: Package) -> _Difference:
    if package == other or "mcpb" in (package.ecosystem, other.ecosystem):
        return None
    mine, theirs = _parts(package), _parts(other)
    if package.ecosystem != other.ecosystem:
        crossed = {package.ecosystem, other.ecosystem} == {"npm", "pypi"}
        same = mine.name == theirs.name and mine.core and not (mine.owner or theirs.owner)
        return ("registry", "the same name in another registry") if crossed and same else None
    if mine.owner and mine.owner == theirs.owner:
        return None
    if not mine.core or not theirs.core:
        return _owners(mine, theirs)
    if mine.name == theirs.name:
        return None if package.ecosystem == "oci" else ("owner", "the same name of another owner")
    if mine.core == theirs.core:
        return ("affix", "the same name but for words that many servers have in theirs")
    return _letters(_drawn(mine.core), _drawn(theirs.core))


def _owners(mine: Parts, theirs: Parts) -> _Difference:
    """Names that say nothing by themselves, as in `@playwright/mcp`: their owners tell them apart."""
    if mine.core or theirs.core or not (mine.owner and theirs.owner):
        return None
    return _letters(_drawn(mine.owner), _drawn(theirs.owner))


def _letters(mine: Drawn, theirs: Drawn) -> _Difference:
    if mine.skeleton == theirs.skeleton:
        return ("letters", "a name of letters that look the same")
    shorter = min(len(mine.text), len(theirs.text))
    most = 2 if shorter >= _SHORTEST_TWO else 1 if shorter >= _SHORTEST_ONE else 0
    if not most or len(mine.letters ^ theirs.letters) > 2 * most or mine.without_digits == theirs.without_digits:
        return None
    distance = _distance(mine.text, theirs.text, most)
    words = "one letter" if distance == 1 else f"{distance} letters"
    return ("letters", f"a name that differs by {words}") if distance <= most else None


class Drawn(NamedTuple):
    """A text, and what of it two texts are compared by first."""

    text: str
    skeleton: str
    letters: frozenset[str]
    without_digits: str


@lru_cache(maxsize=4096)
def _drawn(text: str) -> Drawn:
    return Drawn(text, skeleton(text), frozenset(text), _DIGITS.sub("", text))


class Parts(NamedTuple):
    """`core` is the name without the words that every server's name has."""

    owner: str
    name: str
    core: str


@lru_cache(maxsize=4096)
def _parts(package: Package) -> Parts:
    text = unicodedata.normalize("NFKC", package.name).casefold()[-_LONGEST:]
    owner, _, name = text.rpartition("/")
    words = [word for word in _SEPARATOR.split(name) if word]
    core = [word for word in words if word not in _AFFIXES]
    return Parts(owner.removeprefix("@"), "-".join(words), "-".join(core))


def skeleton(text: str) -> str:
    """The text as it looks: equal for texts that a reader takes for each other."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LOOKS)
    for drawn, like in _DRAWN:
        plain = plain.replace(drawn, like)
    return plain


def _distance(mine: str, theirs: str, most: int) -> int:
    """Letters to change, add, drop or swap with a neighbour; more than `most` is not counted further."""
    if abs(len(mine) - len(theirs)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(theirs) + 1))
    for row, letter in enumerate(mine, 1):
        now = [row]
        for column, other in enumerate(theirs, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == theirs[column - 2] and mine[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]
