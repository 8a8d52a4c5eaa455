"""Names of tools, and patterns for them in which `*` stands for any text."""

from __future__ import annotations

from functools import cache

EVERY = "*"
"""Every tool of a server, also those it will have tomorrow."""


LONGEST_NAME = 128
"""Characters, as the protocol has it."""


def is_pattern(name: str) -> bool:
    return EVERY in name


def covers(pattern: str, name: str) -> bool:
    """Whether every tool that `name` stands for is one that `pattern` stands for."""
    first, *inner = pattern.split(EVERY)
    if not inner:
        return pattern == name
    last = inner.pop()
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    position, end = len(first), len(name) - len(last)
    for text in inner:
        position = name.find(text, position, end)
        if position < 0:
            return False
        position += len(text)
    return True


def meet(one: str, other: str) -> bool:
    """Whether there is a name that both patterns stand for."""

    @cache
    def common(left: int, right: int) -> bool:
        if left == len(one) or right == len(other):
            return set(one[left:] + other[right:]) <= {EVERY}
        if one[left] == EVERY:
            return common(left + 1, right) or common(left, right + 1)
        if other[right] == EVERY:
            return common(left, right + 1) or common(left + 1, right)
        return one[left] == other[right] and common(left + 1, right + 1)

    return common(0, 0)
