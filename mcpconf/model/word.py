"""The words that plans use have an explanation each, in a table beside what uses them."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """`title` stands behind the word in a plan, `what` says more, `do` what to do next, with a command."""

    title: str
    what: str
    do: str
