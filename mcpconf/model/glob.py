"""Patterns of addresses: `*` and `?` stop at `/`, `**` does not. Matched in linear time, whoever wrote them."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKENS = re.compile(r"\*{2,}|\*|\?|[^*?]")
_WILD = {"*", "**", "?"}
_FEW = 2
"""Runs of stars that a regular expression may try all ways of."""


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is of this pattern."""
    tokens = _tokens(pattern)
    if not _WILD.intersection(tokens):
        return pattern == text
    if sum("*" in item for item in tokens) <= _FEW:
        return _expression(tokens).fullmatch(text) is not None
    return _Automaton.of(tokens).fits(text)


@lru_cache(maxsize=1024)
def _tokens(pattern: str) -> tuple[str, ...]:
    """Characters, `?`, `*` and `**`. Of several stars in a row, one `**` says as much, even where `*` and `**` meet."""
    return tuple("**" if len(token) > 1 else token for token in _TOKENS.findall(pattern))


@lru_cache(maxsize=1024)
def _expression(tokens: tuple[str, ...]) -> re.Pattern[str]:
    wild = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(wild.get(token) or re.escape(token) for token in tokens), re.DOTALL)


class _Automaton:
    """Each bit of a state stands for the tokens before it having been read."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self._end = 1 << len(tokens)
        self._stars = _bits(tokens, "*", "**")
        self._crossing = _bits(tokens, "**")
        self._any = _bits(tokens, "?")
        self._exact = {token: _bits(tokens, token) for token in set(tokens) - _WILD}

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, tokens: tuple[str, ...]) -> _Automaton:
        return cls(tokens)

    def fits(self, text: str) -> bool:
        state = self._past_stars(1)
        for char in text:
            slash = char == "/"
            read = state & (self._exact.get(char, 0) | (0 if slash else self._any))
            state = self._past_stars(read << 1 | state & (self._crossing if slash else self._stars))
        return bool(state & self._end)

    def _past_stars(self, state: int) -> int:
        """A run of stars may stand for nothing. No two of them are neighbours."""
        return state | (state & self._stars) << 1


def _bits(tokens: tuple[str, ...], *wanted: str) -> int:
    return sum(1 << index for index, token in enumerate(tokens) if token in wanted)
