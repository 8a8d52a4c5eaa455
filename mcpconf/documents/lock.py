"""`mcpconf.lock`: strict to read, and written so that equal locks are equal bytes."""

from __future__ import annotations

import json

from pydantic import ValidationError

from mcpconf.documents.store import render_document
from mcpconf.errors import Where, unusable
from mcpconf.formats.base import FormatError
from mcpconf.formats.json_text import JSON
from mcpconf.formats.text import decode_text
from mcpconf.model.base import Json
from mcpconf.model.lock import LOCK_FORMAT, Lock

HINT = "restore it from git, or remove it and run `mcpconf lock`"


def load_lock(data: bytes, file: str) -> Lock:
    """Raises McpconfError (exit 1): a lock that cannot be read is never taken for none."""
    try:
        parsed = JSON.parse(decode_text(data))
    except FormatError as error:
        raise unusable(f"the lock cannot be read: {error}", Where(file, error.line, error.column), HINT) from None
    value = parsed.value
    if parsed.duplicates:
        first = parsed.duplicates[0]
        raise unusable(f"the lock has `{first.key}` twice", Where(file, first.line, first.column), HINT)
    if isinstance(value, dict) and isinstance(value.get("mcpconf_lock"), int) and value["mcpconf_lock"] > LOCK_FORMAT:
        raise unusable("the lock was written by a newer mcpconf", Where(file), "upgrade mcpconf")
    if not _is_text(value):
        raise unusable("the lock has half a character in it", Where(file), HINT)
    try:
        return Lock.model_validate(value)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        pointer = "/".join(str(step) for step in wrong["loc"])
        raise unusable(f"the lock breaks its contract: {wrong['msg']}", Where(file, pointer=pointer), HINT) from None


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
