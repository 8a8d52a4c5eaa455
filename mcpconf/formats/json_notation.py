"""How JSON is spelled: its members in a text, and new values in the style of a file."""

from __future__ import annotations

import json
import re

from mcpconf.formats.json_text import COMMENT, STRING, Dialect, JsonText, without_trailing_commas
from mcpconf.formats.splice import Box, Member, Source
from mcpconf.formats.style import Style
from mcpconf.model.base import Json

_SPACES = re.compile(r"[ \t\r\n]*+")
_KEY = re.compile(rf"({STRING})[ \t\r\n]*+:[ \t\r\n]*+", re.DOTALL)
_PART = re.compile(r"[ \t\r\n]*+,?[ \t\r\n]*+")
COMMENTS = re.compile(rf"(?>(?:[ \t]*+(?:{COMMENT}))*)")
COLON = re.compile(r'"([ \t]*+:[ \t]*+)["\[{\dtfn-]')
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_DECODE = json.JSONDecoder().raw_decode


def _span(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def first_character(blank: str) -> int:
    """The offset of the document's value."""
    return _span(_SPACES, blank, 0)


class JsonNotation:
    """JSON as its editor sees it. `known` is the text that it starts from."""

    def __init__(self, known: JsonText, dialect: Dialect) -> None:
        self._known = known
        self._dialect = dialect
        self._boxes: dict[int, Box] = {}
        self._last: tuple[Source, Box] | None = None

    def box(self, source: Source, start: int) -> Box:
        if source.bare is self._known.bare:
            if start not in self._boxes:
                self._boxes[start] = self._box(source, start)
            return self._boxes[start]
        if self._last is None or self._last[0] is not source or self._last[1].open != start:
            self._last = source, self._box(source, start)
        return self._last[1]

    def _box(self, source: Source, start: int) -> Box:
        if source.bare is self._known.bare:
            blank = self._known.blank
        else:
            blank = source.bare if self._dialect == "json" else without_trailing_commas(source.bare)
        members: list[Member] = []
        is_map = blank[start] == "{"
        position = _span(_SPACES, blank, start + 1)
        while blank[position] not in "}]":
            key, key_end, value = None, position, position
            if is_map and (match := _KEY.match(blank, position)):
                written = match[1]
                key = json.loads(written) if "\\" in written else written[1:-1]
                key_end, value = match.end(1), match.end()
            content, end = _DECODE(blank, value)
            members.append(Member(key, position, key_end, value, end, content))
            position = _span(_PART, blank, end)
        return Box(start, position, tuple(members))

    def written(self, value: Json, style: Style, indent: str, *, lined: bool) -> str:
        if not isinstance(value, (dict, list)) or not value:
            return scalar(value, escapes=style.escapes)
        inner = indent + style.unit
        nested = any(isinstance(item, (dict, list)) for item in value)
        lined = lined and (style.maps_lined if isinstance(value, dict) else style.lists_lined or nested)
        parts = (
            [
                scalar(key, escapes=style.escapes) + style.colon + self.written(item, style, inner, lined=lined)
                for key, item in value.items()
            ]
            if isinstance(value, dict)
            else [self.written(item, style, inner, lined=lined) for item in value]
        )
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if not lined:
            pad = style.map_pad if isinstance(value, dict) else style.list_pad
            return opening + pad + ("," + style.gap).join(parts) + pad + closing
        body = f",{style.eol}{inner}".join(parts) + ("," if style.trailing else "")
        return f"{opening}{style.eol}{inner}{body}{style.eol}{indent}{closing}"

    def key(self, key: str, style: Style) -> str:
        return scalar(key, escapes=style.escapes)

    def again(self, old: str, value: Json) -> str | None:  # noqa: ARG002 - JSON has one way to write a scalar
        return None

    def breaks(self, content: Json) -> bool:  # noqa: ARG002 - JSON breaks lines anywhere
        return True


def scalar(value: Json, *, escapes: bool = False) -> str:
    """JSON of a value without line breaks; half of a surrogate pair is escaped, for UTF-8 has none. Raises ValueError for NaN."""
    text = json.dumps(value, ensure_ascii=escapes, allow_nan=False)
    return _HALF_PAIR.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
