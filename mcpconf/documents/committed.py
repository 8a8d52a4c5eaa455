"""Documents that mcpconf writes and git keeps: strict to read, and written so that equal ones are equal bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from mcpconf.errors import McpconfError, Where, unusable
from mcpconf.formats.base import FormatError
from mcpconf.formats.json_text import JSON
from mcpconf.formats.text import decode_text
from mcpconf.model.base import Document, Json
from mcpconf.model.written import shape, shown

Read = TypeVar("Read", bound=Document)

_MERGE = re.compile(r"^(?:<{7}|>{7}|\|{7})(?= |\r?$)|^={7}\r?$", re.MULTILINE)
"""How git marks the sides of a merge. No line of JSON begins so."""

_KINDS = {
    "string_type": "text",
    "dict_type": "a map",
    "model_type": "a map",
    "list_type": "a list",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
}


class Kind(NamedTuple):
    """`what` it is called, the `key` that holds its format, the newest `format`, and what to do with one that is broken.

    `forms` says by key what is wrong with a text that has not the form it must have.
    """

    what: str
    key: str
    format: int
    hint: str
    merge_hint: str
    forms: Mapping[str, str]


def load_committed(data: bytes, file: str, kind: Kind, model: type[Read]) -> Read:
    """Raises McpconfError (exit 1): one that cannot be read is never taken for none."""
    what = kind.what
    try:
        parsed = JSON.parse(text := decode_text(data))
    except FormatError as error:
        where = Where(file, error.line, error.column)
        raise _merged(data, file, kind) or unusable(f"the {what} cannot be read: {error}", where, kind.hint) from None
    value = parsed.value
    if parsed.duplicates:
        first = parsed.duplicates[0]
        raise unusable(f"the {what} has `{first.key}` twice", Where(file, first.line, first.column), kind.hint)
    if isinstance(value, dict) and isinstance(value.get(kind.key), int) and value[kind.key] > kind.format:
        raise unusable(f"the {what} was written by a newer mcpconf", Where(file), "upgrade mcpconf")
    if not _is_text(value):
        raise unusable(f"the {what} has half a character in it", Where(file), kind.hint)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _wrong(error.errors(include_url=False)[0], (text, file), kind) from None


def _merged(data: bytes, file: str, kind: Kind) -> McpconfError | None:
    text = data.decode("utf-8", "replace")
    found = _MERGE.search(text)
    if found is None:
        return None
    where = Where(file, text.count("\n", 0, found.start()) + 1)
    return unusable(f"the {kind.what} is an unresolved merge", where, kind.merge_hint)


def _wrong(error: Mapping[str, Any], source: tuple[str, str], kind: Kind) -> McpconfError:
    """One of pydantic's complaints in our words, at the key that it is about."""
    text, file = source
    path = [step for step in error["loc"] if step != "[key]"]
    steps = path[:-1] if error["type"] == "missing" else path
    at = JSON.position(text, tuple(takewhile(lambda step: isinstance(step, str), steps))) or (None, None)
    subject = f"{shown('.'.join(map(str, steps)))} in the {kind.what}" if steps else f"the {kind.what}"
    return unusable(f"{subject} {_fault(error, path, kind)}", Where(file, *at), kind.hint)


def _fault(error: Mapping[str, Any], path: list[str | int], kind: Kind) -> str:
    match error["type"]:
        case "missing":
            return f"has no `{path[-1]}`"
        case "extra_forbidden":
            return "is no known key"
        case "literal_error":
            return f"must be {str(error['ctx']['expected']).replace(chr(39), '`')}, not {shape(error['input'])}"
        case "string_pattern_mismatch":
            form = kind.forms.get(str(path[-1]), "has a character that may not stand there")
            return f"{form}: {shown(error['input'])}"
        case "string_too_long":
            return f"is longer than {error['ctx']['max_length']} characters"
        case other:
            return f"must be {_KINDS.get(other, 'something else')}, not {shape(error['input'])}"


def _is_text(value: Json) -> bool:
    """Whether all of it can be written: JSON can spell one half of a pair of surrogates, and nothing else can."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
