"""In which sentences two texts differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.secrets import cleaned
from mcpconf.surface.change import Place, Said

MOST_PASSAGES = 8
"""Of one text; the others are counted."""

LONGEST_PASSAGE = 240
"""Characters shown of each side. What is shown begins shortly before the first difference."""

_MOST_SENTENCES = 400
"""More of them on one side are not held against each other one by one, which would take quadratic time."""

_CONTEXT = 40
_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")


def text_changes(old: str, new: str, place: Place) -> Iterator[Said]:
    """One for each passage that differs, at most MOST_PASSAGES and one that counts the others; none for equal texts."""
    if old == new:
        return
    passages = [*_passages(_sentences(old), _sentences(new))]
    if not passages:
        yield _said(place, f"only white space differs: {_quoted(*_around(old, new))}")
    for before, after in passages[:MOST_PASSAGES]:
        yield _said(place, _quoted(*_around(before, after)))
    if len(passages) > MOST_PASSAGES:
        yield _said(place, f"{len(passages) - MOST_PASSAGES} more passages differ")


def _said(place: Place, words: str) -> Said:
    return Said(place.pointer, "text", "same", f"{place.label}: {words}" if place.label else words)


def quoted(text: str, longest: int = LONGEST_PASSAGE) -> str:
    """The beginning of a text of others, in quotes. What is secret by its form is gone before half of it cannot be told."""
    if len(text) > longest:
        text = cleaned(text)
    return f'"{text}"' if len(text) <= longest else f'"{text[:longest]}..." ({len(text)} characters)'


def first_sentence(text: str) -> str:
    return quoted(_BREAK.split(text.strip()[:LONGEST_PASSAGE], maxsplit=1)[0], LONGEST_PASSAGE // 2) if text else ""


def _quoted(old: str, new: str) -> str:
    if not old or not new:
        return f"+ {quoted(new)}" if new else f"- {quoted(old)}"
    return f"{quoted(old)}  ->  {quoted(new)}{_alike(old, new)}"


def _alike(old: str, new: str) -> str:
    """The first characters that differ by their numbers, where one of them may only look like the other."""
    one, other = next(((one, other) for one, other in zip(old, new, strict=False) if one != other), ("", ""))
    return f" (U+{ord(one):04X}  ->  U+{ord(other):04X})" if one and one.isascii() != other.isascii() else ""


def _sentences(text: str) -> list[str]:
    return [part for part in _BREAK.split(text) if part and not part.isspace()]


def _passages(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Runs of sentences that stand in one text only, each with what stands in its place in the other."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(before), len(after)) > _MOST_SENTENCES or not (before and after):
        if before or after:
            yield " ".join(before), " ".join(after)
        return
    from difflib import SequenceMatcher

    for tag, first, last, begin, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield " ".join(before[first:last]), " ".join(after[begin:stop])


def _around(old: str, new: str) -> tuple[str, str]:
    """Both sides without what they begin and end with alike, but for a few words, where they are long."""
    if max(len(old), len(new)) <= LONGEST_PASSAGE or not (old and new):
        return old, new
    shortest = min(len(old), len(new))
    start = next((index for index in range(shortest) if old[index] != new[index]), shortest)
    end = next((index for index in range(shortest - start) if old[-1 - index] != new[-1 - index]), shortest - start)
    first, last = max(0, start - _CONTEXT), max(0, end - _CONTEXT)
    return _cut(old, first, last), _cut(new, first, last)


def _cut(text: str, first: int, last: int) -> str:
    return f"{'...' if first else ''}{text[first : len(text) - last]}{'...' if last else ''}"
