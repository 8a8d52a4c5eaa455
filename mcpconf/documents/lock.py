"""`mcpconf.lock`: strict to read, and written so that equal locks are equal bytes."""

from __future__ import annotations

from mcpconf.documents.committed import Kind, load_committed
from mcpconf.documents.paths import UNUSABLE_LOCK
from mcpconf.documents.store import render_document
from mcpconf.model.lock import LOCK_FORMAT, Lock

_MERGE_HINT = "take one side whole, such as `git checkout --ours mcpconf.lock`, then run `mcpconf lock`"
_DIGEST = "is no digest, `sha256:` with 64 digits or `sha512-` with base64"
_FORMS = {
    "input_digest": _DIGEST,
    "digest": _DIGEST,
    "package": "is no package such as `npm:NAME`",
    "version": "is no version",
}
_KIND = Kind("lock", "mcpconf_lock", LOCK_FORMAT, UNUSABLE_LOCK, _MERGE_HINT, _FORMS)


def load_lock(data: bytes, file: str) -> Lock:
    """Raises McpconfError (exit 1): a lock that cannot be read is never taken for none."""
    return load_committed(data, file, _KIND, Lock)


def render_lock(lock: Lock) -> bytes:
    """Sorted, what is empty left out."""
    value = lock.model_dump(mode="json", exclude_defaults=True)
    return render_document({"mcpconf_lock": LOCK_FORMAT, "servers": value.get("servers", {})})
