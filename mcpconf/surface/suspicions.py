"""What in the texts of a surface a person should see before it is approved, by rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mcpconf.model.finding import Severity
from mcpconf.model.surface import Surface
from mcpconf.secrets.escape import escape
from mcpconf.surface.secretive import is_of_files, named
from mcpconf.surface.texts import Text, excerpt, plain, texts
from mcpconf.surface.unseen import unseen
from mcpconf.surface.wording import wording

LONGEST = 1500
"""Characters of one text; 28 of 3,918 public tools have a longer description (2026-11)."""

_LONGEST_INSTRUCTIONS = 4000
_NAMED = 3
_BASE64 = re.compile(r"[A-Za-z0-9+/]{120,}={0,2}")
_PICTURE = re.compile(r"!\[[^\]]{0,200}\]\( ?https?://|<img\b[^>]{0,200}?\bsrc ?= ?[\"']?https?://", re.IGNORECASE)


class Suspicion(NamedTuple):
    """`words` are one line, safe to print, that begins with where it is. `severity` is set where it is not that of the rule."""

    rule: str
    pointer: str
    words: str
    severity: Severity | None = None


def suspicions(surface: Surface, rule: str = "") -> Iterator[Suspicion]:
    """Of one rule, or of all by their ids."""
    for name in (rule,) if rule else _FINDERS:
        yield from _FINDERS[name](surface)


def _hidden(surface: Surface) -> Iterator[Suspicion]:
    for text in texts(surface):
        found = unseen(text.text)
        if found is not None:
            sorts = ", ".join(f"{sort} ({count})" for sort, count in found.sorts.items())
            spelled = f", which spell {excerpt(found.spelled, 0)}" if found.spelled else ""
            yield Suspicion("MCP301", text.pointer, f"{_at(text.pointer)} holds what nobody sees: {sorts}{spelled}")


def _at(pointer: str) -> str:
    return f"`{escape(pointer)}`"


def _read(surface: Surface) -> Iterator[tuple[Text, str]]:
    """Texts in their plain form, without names."""
    return ((text, plain(text.text)) for text in texts(surface) if not text.is_key)


def _worded(rule: str) -> Callable[[Surface], Iterator[Suspicion]]:
    def find(surface: Surface) -> Iterator[Suspicion]:
        for text, read in _read(surface):
            found = wording(read, rule)
            if found is not None:
                said, start = found
                words = f"{_at(text.pointer)} {said.says}: {excerpt(read, start)}"
                yield Suspicion(rule, text.pointer, words, said.severity)

    return find


def _comes_first(surface: Surface) -> Iterator[Suspicion]:
    """One for all: honest servers say such things too, and then often."""
    found = [*_worded("MCP304")(surface)]
    if found:
        more = f"; {len(found) - 1} more texts do" if len(found) > 1 else ""
        yield found[0]._replace(words=found[0].words + more)


def _secretive(surface: Surface) -> Iterator[Suspicion]:
    for text, read in _read(surface):
        found = named(read)
        if found is not None:
            mild = not found.ordered or any(map(is_of_files, (text.item, text.pointer.rpartition("/")[0])))
            does = "tells the model what to do with" if found.ordered else "names"
            words = f"{_at(text.pointer)} {does} `{escape(found.file)}`: {excerpt(read, found.start)}"
            yield Suspicion("MCP305", text.pointer, words, "warning" if mild else None)


def _bulky(surface: Surface) -> Iterator[Suspicion]:
    """One for each sort."""
    read = [text for text in texts(surface) if not text.is_key]
    long = [
        text for text in read if len(text.text) > (_LONGEST_INSTRUCTIONS if text.kind == "instructions" else LONGEST)
    ]
    if long:
        told = ", ".join(f"{_at(text.pointer)} ({len(text.text):,} characters)" for text in long[:_NAMED])
        more = f" and {len(long) - _NAMED} more" if len(long) > _NAMED else ""
        yield Suspicion("MCP306", long[0].pointer, f"{told}{more}: more than anybody reads before approving it")
    for says, holds in (
        ("holds a block of base64, which nobody reads", _encoded),
        ("shows a picture from elsewhere", _pictured),
    ):
        first = next((text for text in read if holds(text.text)), None)
        if first is not None:
            yield Suspicion("MCP306", first.pointer, f"{_at(first.pointer)} {says}")


def _encoded(text: str) -> bool:
    return any(_is_mixed(found[0]) for found in _BASE64.finditer(text))


def _is_mixed(text: str) -> bool:
    """Letters of both sizes and digits: no path, no number, no row of one sign."""
    return text != text.lower() and text != text.upper() and any(map(str.isdigit, text))


def _pictured(text: str) -> bool:
    return _PICTURE.search(text) is not None


_FINDERS: Mapping[str, Callable[[Surface], Iterator[Suspicion]]] = {
    "MCP301": _hidden,
    "MCP302": _worded("MCP302"),
    "MCP303": _worded("MCP303"),
    "MCP304": _comes_first,
    "MCP305": _secretive,
    "MCP306": _bulky,
}
