"""`mcpconf.lock`: strict to read, and written so that equal locks are equal bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from pydantic import ValidationError

from mcpconf.documents.paths import UNUSABLE_LOCK
from mcpconf.documents.store import render_document
from mcpconf.errors import McpconfError, Where, unusable
from mcpconf.formats.base import FormatError
from mcpconf.formats.json_text import JSON
from mcpconf.formats.text import decode_text
from mcpconf.model.base import Json
from mcpconf.model.lock import LOCK_FORMAT, Lock
from mcpconf.model.written import shape, shown

_MERGE_HINT = "take one side whole, such as `git checkout --ours mcpconf.lock`, then run `mcpconf lock`"

_MERGE = re.compile(r"^(?:<{7}|>{7}|\|{7})(?= |\r?$)|^={7}\r?$", re.MULTILINE)
"""How git marks the sides of a merge. No line of JSON begins so."""

_DIGEST = "is no digest, `sha256:` with 64 digits or `sha512-` with base64"
_FORMS = {
    "input_digest": _DIGEST,
    "digest": _DIGEST,
    "package": "is no package such as `npm:NAME`",
    "version": "is no version",
}
_KINDS = {
    "string_type": "text",
    "dict_type": "a map",
    "model_type": "a map",
    "list_type": "a list",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
}


def load_lock(data: bytes, file: str) -> Lock:
    """Raises McpconfError (exit 1): a lock that cannot be read is never taken for none."""
    try:
        parsed = JSON.parse(text := decode_text(data))
    except FormatError as error:
        where = Where(file, error.line, error.column)
        raise _merged(data, file) or unusable(f"the lock cannot be read: {error}", where, UNUSABLE_LOCK) from None
    value = parsed.value
    if parsed.duplicates:
        first = parsed.duplicates[0]
        raise unusable(f"the lock has `{first.key}` twice", Where(file, first.line, first.column), UNUSABLE_LOCK)
    if isinstance(value, dict) and isinstance(value.get("mcpconf_lock"), int) and value["mcpconf_lock"] > LOCK_FORMAT:
        raise unusable("the lock was written by a newer mcpconf", Where(file), "upgrade mcpconf")
    if not _is_text(value):
        raise unusable("the lock has half a character in it", Where(file), UNUSABLE_LOCK)
    try:
        return Lock.model_validate(value)
    except ValidationError as error:
        raise _wrong(error.errors(include_url=False)[0], text, file) from None


def _merged(data: bytes, file: str) -> McpconfError | None:
    text = data.decode("utf-8", "replace")
    found = _MERGE.search(text)
    if found is None:
        return None
    return unusable("the lock is an unresolved merge", Where(file, text.count("\n", 0, found.start()) + 1), _MERGE_HINT)


def _wrong(error: Mapping[str, Any], text: str, file: str) -> McpconfError:
    """One of pydantic's complaints in our words, at the key that it is about."""
    path = [step for step in error["loc"] if step != "[key]"]
    steps = path[:-1] if error["type"] == "missing" else path
    at = JSON.position(text, tuple(takewhile(lambda step: isinstance(step, str), steps))) or (None, None)
    subject = f"{shown('.'.join(map(str, steps)))} in the lock" if steps else "the lock"
    return unusable(f"{subject} {_fault(error, path)}", Where(file, *at), UNUSABLE_LOCK)


def _fault(error: Mapping[str, Any], path: list[str | int]) -> str:
    match error["type"]:
        case "missing":
            return f"has no `{path[-1]}`"
        case "extra_forbidden":
            return "is no known key"
        case "literal_error":
            return f"must be {str(error['ctx']['expected']).replace(chr(39), '`')}, not {shape(error['input'])}"
        case "string_pattern_mismatch":
            form = _FORMS.get(str(path[-1]), "has a character that may not stand there")
            return f"{form}: {shown(error['input'])}"
        case "string_too_long":
            return f"is longer than {error['ctx']['max_length']} characters"
        case kind:
            return f"must be {_KINDS.get(kind, 'something else')}, not {shape(error['input'])}"


def _is_text(value: Json) -> bool:
    """Whether all of it can be written: JSON can spell one half of a pair of surrogates, and nothing else can."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def render_lock(lock: Lock) -> bytes:
    """Sorted, what is empty left out."""
    value = lock.model_dump(mode="json", exclude_defaults=True)
    return render_document({"mcpconf_lock": LOCK_FORMAT, "servers": value.get("servers", {})})
