"""Strict reading of one table of a host row: every key is taken once, and a key that nobody took is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mcpconf.errors import McpconfError, Where, unusable
from mcpconf.model.base import Json

LONGEST = 400
"""Characters in a pattern. Rows are written by people; a longer one is an attack on the reader."""


class _Required:
    pass


_REQUIRED: Any = _Required()


class Table:
    """A TOML table with its place in the document. All readers raise McpconfError (exit 1) with that place."""

    def __init__(self, values: Mapping[str, Json], source: str, pointer: str = "") -> None:
        self._values = dict(values)
        self._left = set(self._values)
        self._source = source
        self._pointer = pointer

    def keys(self) -> list[str]:
        return list(self._values)

    def is_table(self, key: str) -> bool:
        return isinstance(self._values.get(key), dict)

    def wrong(self, key: str, message: str) -> McpconfError:
        pointer = ".".join(part for part in (self._pointer, key) if part)
        return unusable(message, Where(self._source, pointer=pointer))

    def done(self) -> None:
        """Raise for the keys that no reader took."""
        if self._left:
            key = min(self._left)
            raise self.wrong(key, f"`{key}` is no key here; the keys are {_listing(set(self._values) - self._left)}")

    def _take(self, key: str, kind: type, default: Json = _REQUIRED) -> Json:
        self._left.discard(key)
        value = self._values.get(key, default)
        if value is _REQUIRED:
            raise self.wrong(key, f"`{key}` is missing")
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.wrong(key, f"`{key}` must be a {kind.__name__}, not a {type(value).__name__}")
        return value

    def text(self, key: str, default: str = _REQUIRED, *, like: str = "") -> str:
        text: str = self._take(key, str, default)
        if len(text) > LONGEST or (like and not re.fullmatch(like, text)):
            raise self.wrong(key, f"`{text[:40]}` is no valid `{key}`")
        return text

    def path_pattern(self, key: str, default: str = _REQUIRED) -> str:
        text = self.text(key, default)
        if text.count("{") != text.count("}"):
            raise self.wrong(key, f"`{text}` has a bracket that is not closed")
        return text

    def flag(self, key: str, *, default: bool = _REQUIRED) -> bool:
        value: bool = self._take(key, bool, default)
        return value

    def number(self, key: str, default: float) -> float:
        value: float = self._take(key, int, default)
        return value

    def scalar(self, key: str) -> Json:
        """Text, truth or number; None if there is none."""
        self._left.discard(key)
        value = self._values.get(key)
        if not isinstance(value, (str, bool, int, type(None))):
            raise self.wrong(key, f"`{key}` must be a text, a number or a truth value")
        return value

    def texts(self, key: str, default: Sequence[str] = _REQUIRED) -> tuple[str, ...]:
        values = self._take(key, list, default)
        if not all(isinstance(value, str) and len(value) <= LONGEST for value in values):
            raise self.wrong(key, f"`{key}` must be a list of texts")
        return tuple(values)

    def word(self, key: str, allowed: Sequence[str], default: str = _REQUIRED) -> Any:
        word = self._take(key, str, default)
        if word not in allowed and word is not default:
            raise self.wrong(key, f"`{word}` is none of {_listing(allowed)}")
        return word

    def words(self, key: str, allowed: Sequence[str], default: Sequence[str] = _REQUIRED) -> tuple[str, ...]:
        """One word or a list of words."""
        words = (self.text(key),) if isinstance(self._values.get(key), str) else self.texts(key, default)
        for word in words:
            if word not in allowed:
                raise self.wrong(key, f"`{word}` is none of {_listing(allowed)}")
        return words

    def keys_at(self, key: str, default: str = "") -> tuple[str, ...]:
        """One key, or the keys that lead into each other; empty for none."""
        if isinstance(self._values.get(key), list):
            return self.texts(key)
        text = self.text(key, default)
        return (text,) if text else ()

    def path(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A key path pattern: a list whose items are texts or lists of alternative texts."""
        steps = self._take(key, list)
        path = tuple(
            (step,) if isinstance(step, str) else tuple(step) for step in steps if isinstance(step, (str, list))
        )
        if not path or len(path) != len(steps) or not all(isinstance(word, str) for step in path for word in step):
            raise self.wrong(key, f"`{key}` must be a list of texts, or of lists of alternative texts")
        if any(len({word.startswith("[") for word in step}) != 1 for step in path):
            raise self.wrong(key, "the alternatives of a step must all be keys, or all be list elements")
        return path

    def regex(self, key: str, default: str) -> re.Pattern[str]:
        try:
            return re.compile(self.text(key, default))
        except re.error as error:
            raise self.wrong(key, f"`{key}` is no regular expression: {error}") from None

    def characters(self, key: str) -> str:
        """The inside of a character class, as regular expressions have them; empty for none."""
        text = self.text(key, "")
        try:
            re.compile(f"[{text}]" if text else "")
        except re.error as error:
            raise self.wrong(key, f"`{key}` is no class of characters: {error}") from None
        return text

    def table(self, key: str, default: Mapping[str, Json] = _REQUIRED) -> Table:
        return Table(self._take(key, dict, default), self._source, self._below(key))

    def tables(self, key: str) -> dict[str, Table]:
        values = self._take(key, dict, {})
        for name, value in values.items():
            if not isinstance(value, dict):
                raise self.wrong(f"{key}.{name}", f"`{name}` must be a table")
        return {name: Table(value, self._source, f"{self._below(key)}.{name}") for name, value in values.items()}

    def list(self, key: str, default: Sequence[Json] = _REQUIRED) -> Iterable[Table]:
        values = self._take(key, list, default)
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.wrong(f"{key}[{index}]", "a list of tables is expected here")
        return [Table(value, self._source, f"{self._below(key)}[{index}]") for index, value in enumerate(values)]

    def _below(self, key: str) -> str:
        return f"{self._pointer}.{key}" if self._pointer else key


def _listing(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words)) or "none"
