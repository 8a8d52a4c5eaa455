"""How TOML is spelled: keys, strings, arrays and inline tables in a text, and new values in the style of a file."""

from __future__ import annotations

import re

from mcpconf.formats.base import FormatError
from mcpconf.formats.splice import Box, Member, Source
from mcpconf.formats.style import Style
from mcpconf.formats.toml_text import loaded
from mcpconf.model.base import Json

_BASIC = r'"(?>(?:[^"\\\n]++|\\.)*)"'
_LITERAL = r"'[^'\n]*+'"
STRING = (
    r'"""(?>(?:[^"\\]++|\\.|""?(?!"))*)"{3,5}'
    r"|'''(?>(?:[^']++|''?(?!'))*)'{3,5}"
    rf"|{_BASIC}|{_LITERAL}"
)
PART = re.compile(rf"[A-Za-z0-9_-]++|{_BASIC}|{_LITERAL}", re.DOTALL)
COMMENTS = re.compile(r"(?:[ \t]*+#[^\r\n]*+)?")
COLON = re.compile(rf"^[ \t]*+(?:[\w.-]++|{_BASIC}|{_LITERAL})([ \t]*+=[ \t]*+)", re.MULTILINE | re.DOTALL)
_DOT = re.compile(r"[ \t]*+\.[ \t]*+")
_EQUALS = re.compile(r"[ \t]*+=[ \t]*+")
_COMMA = re.compile(r"[ \t\r\n]*+,?[ \t\r\n]*+")
_TO_COMMENT = re.compile(rf"""(?>(?:[^"'#]++|{STRING})*)""", re.DOTALL)
_TO_BRACKET = re.compile(rf"""(?>(?:[^"'\[\]{{}}]++|{STRING})*)""", re.DOTALL)
_STRING = re.compile(STRING, re.DOTALL)
_LINE = re.compile(r"[^\r\n]*+")
_PLAIN = re.compile(r"[^,\]}\r\n]*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f\ufeff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


class DottedKeyError(Exception):
    """The inline table at `offset` has a dotted key, so that its members are not its values."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def without_comments(text: str) -> str:
    """Replace comments by as many blanks. Takes valid TOML."""
    pieces: list[str] = []
    position = 0
    while (stop := end(_TO_COMMENT, text, position)) < len(text):
        after = end(_LINE, text, stop)
        pieces += text[position:stop], " " * (after - stop)
        position = after
    return "".join((*pieces, text[position:]))


def keys_at(bare: str, start: int) -> tuple[tuple[str, ...], int]:
    """The parts of the key that begins at an offset, and its end."""
    spans = parts_at(bare, start)
    return tuple(_unquoted(bare[first:last]) for first, last in spans), spans[-1][1]


def parts_at(bare: str, start: int) -> list[tuple[int, int]]:
    """The offsets of these parts."""
    spans: list[tuple[int, int]] = []
    position = start
    while True:
        after = end(PART, bare, position)
        spans.append((position, after))
        dot = end(_DOT, bare, after)
        if dot == after:
            return spans
        position = dot


def _unquoted(part: str) -> str:
    if part[0] not in "\"'":
        return part
    return loaded_value(part) if "\\" in part and part[0] == '"' else part[1:-1]


def loaded_value(text: str) -> Json:
    return loaded(f"x = {text}")["x"]


def value_from(bare: str, key_end: int) -> int:
    """Where the value begins whose key ends at an offset."""
    return end(_EQUALS, bare, key_end)


def value_end(bare: str, start: int) -> int:
    if bare[start] in "\"'":
        return end(_STRING, bare, start)
    if bare[start] not in "[{":
        return start + len(bare[start : end(_PLAIN, bare, start)].rstrip(" \t"))
    depth, position = 0, start
    while True:
        position = end(_TO_BRACKET, bare, position)
        depth += 1 if bare[position] in "[{" else -1
        position += 1
        if not depth:
            return position


class TomlNotation:
    """TOML's arrays and inline tables as their editor sees them."""

    def box(self, source: Source, start: int) -> Box:
        """Raises DottedKeyError."""
        bare = source.bare
        members: list[Member] = []
        is_map = bare[start] == "{"
        content = loaded_value(source.text[start : value_end(bare, start)])
        position = end(_COMMA, bare, start + 1)
        while bare[position] not in "]}":
            key, key_end, value = None, position, position
            if is_map:
                keys, key_end = keys_at(bare, position)
                if len(keys) > 1:
                    raise DottedKeyError(start)
                key, value = keys[0], value_from(bare, key_end)
            stop = value_end(bare, value)
            held = content[len(members) if key is None else key]
            members.append(Member(key, position, key_end, value, stop, held))
            position = end(_COMMA, bare, stop)
        return Box(start, position, tuple(members))

    def written(self, value: Json, style: Style, indent: str, *, lined: bool) -> str:
        if not isinstance(value, (dict, list)) or not value:
            return scalar(value)
        if isinstance(value, dict):
            items = [
                f"{key_text(key)}{style.colon}{self.written(item, style, indent, lined=False)}"
                for key, item in value.items()
            ]
            return "{" + style.map_pad + ", ".join(items) + style.map_pad + "}"
        inner = indent + style.unit
        lined = lined and style.lists_lined
        items = [self.written(item, style, inner, lined=lined) for item in value]
        if not lined:
            return "[" + style.list_pad + ("," + style.gap).join(items) + style.list_pad + "]"
        body = f",{style.eol}{inner}".join(items) + ("," if style.trailing else "")
        return f"[{style.eol}{inner}{body}{style.eol}{indent}]"

    def key(self, key: str, style: Style) -> str:  # noqa: ARG002 - keys have one spelling
        return key_text(key)

    def again(self, old: str, value: Json) -> str | None:
        """Literal strings stay literal."""
        fits = isinstance(value, str) and "'" not in value and not _ESCAPED.search(value.translate({34: "", 92: ""}))
        return f"'{value}'" if fits and old.startswith("'") and not old.startswith("'''") else None

    def breaks(self, content: Json) -> bool:
        return isinstance(content, list)


def key_text(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _quoted(key)


def renamed_key(old: str, name: str) -> str:
    """A key in place of another; it keeps quotes that the old one had without need."""
    needless = old[0] in "\"'" and _BARE_KEY.fullmatch(old[1:-1])
    if needless and old[0] == "'" and "'" not in name and not _ESCAPED.search(name.translate({34: "", 92: ""})):
        return f"'{name}'"
    return _quoted(name) if needless else key_text(name)


def scalar(value: Json) -> str:
    """TOML of a scalar or of an empty container. Raises FormatError for what TOML cannot say."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        raise FormatError("container", "TOML has no null", hint="leave the key out")
    if isinstance(value, (dict, list)):
        return "[]" if isinstance(value, list) else "{}"
    return repr(value)


def _quoted(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise FormatError("encoding", "half of a surrogate pair cannot be written in TOML") from None
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}", text) + '"'
