"""The YAML that stands in front of a Markdown text, between two lines of dashes. It is read, and never written.

Where it is no YAML, hosts take the plain text behind a key for what it looks like, and so does this: Claude Code, opencode
and Kilo Code all put such a text in quotes and try again (their sources, read 2026-11-27).
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from mcpconf.formats.base import BYTE_ORDER_MARK, Duplicate, Format, FormatError, Parsed
from mcpconf.formats.yaml_text import YAML
from mcpconf.model.base import Absence, Json, KeyPath

_OPENING = re.compile(r"---[ \t]*+\r?\n")
_CLOSING = re.compile(r"^---", re.MULTILINE)
_PLAIN = re.compile(r"^([A-Za-z_][A-Za-z0-9_-]*+[ \t]*+:[ \t]++)([^\r\n]*[^\s])", re.MULTILINE)
_SPECIAL = re.compile(r"[{}\[\]*&#!|>%@`'\"]|:(?:\s|$)")
_BLOCK: Final = ("|", ">")
_LINES_BEFORE: Final = 1
"""The line of dashes above the YAML."""


def _head(text: str) -> str:
    """What stands between the lines of dashes; nothing where there are none."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    return text[opening.end() : closing.start()] if opening and closing else ""


def _readable(head: str) -> str:
    """The YAML that hosts read. Raises FormatError, with lines of the YAML alone, where they give up, too."""
    try:
        YAML.parse(head)
    except FormatError as error:
        quoted = _PLAIN.sub(lambda match: match[1] + _quoted(match[2]), head)
        try:
            YAML.parse(quoted)
        except FormatError:
            raise error from None
        return quoted
    return head


def _quoted(text: str) -> str:
    whole = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    if whole or text.startswith(_BLOCK) or not _SPECIAL.search(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse(text: str) -> Parsed:
    """The map in front of the text; an empty one where there is none, or something else than a map."""
    head = _head(text)
    try:
        parsed = YAML.parse(_readable(head)) if head.strip() else Parsed({})
    except FormatError as error:
        at = (error.line + _LINES_BEFORE, error.column or 1) if error.line else None
        raise FormatError(error.kind, error.message, at=at, hint=error.hint) from None
    repeated = (Duplicate(item.path, item.key, item.line + _LINES_BEFORE, item.column) for item in parsed.duplicates)
    return Parsed(parsed.value if isinstance(parsed.value, dict) else {}, tuple(repeated))


def _position(text: str, path: KeyPath) -> tuple[int, int] | None:
    """Of a word in a text, the place of that text."""
    head = _readable(_head(text))
    found = YAML.position(head, path) or (YAML.position(head, path[:-1]) if path else None)
    return (found[0] + _LINES_BEFORE, found[1]) if found else None


def _put(text: str, path: KeyPath, value: Json | Absence) -> NoReturn:  # noqa: ARG001 - the form of every `put`
    raise _only_read()


def _rename(text: str, path: KeyPath, name: str) -> NoReturn:  # noqa: ARG001 - the form of every `rename`
    raise _only_read()


def _only_read() -> FormatError:
    return FormatError("container", "what stands in front of a Markdown text is only read", hint="edit it by hand")


MARKDOWN = Format("markdown", "", parse, _put, _rename, _position, null_is_empty=True)
