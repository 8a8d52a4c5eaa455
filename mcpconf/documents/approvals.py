"""`mcpconf.approvals`: strict to read, and written so that equal approvals are equal bytes."""

from __future__ import annotations

from mcpconf.documents.committed import Kind, load_committed
from mcpconf.documents.paths import approvals_path
from mcpconf.documents.store import render_document
from mcpconf.model.approvals import APPROVALS_FORMAT, Approvals
from mcpconf.ports import Documents

_HINT = "restore it from git; or remove it, and `mcpconf approve` again what you know"
_MERGE_HINT = "keep the approvals of both sides, the newest of a server last"
_DIGEST = "is no digest, `sha256:` with 64 digits"
_FORMS = {"surface": _DIGEST, "on": "is no day such as `2026-11-20`"}
_KIND = Kind("file of approvals", "mcpconf_approvals", APPROVALS_FORMAT, _HINT, _MERGE_HINT, _FORMS)


def load_approvals(data: bytes, file: str) -> Approvals:
    """Raises McpconfError (exit 1): approvals that cannot be read are never taken for none."""
    return load_committed(data, file, _KIND, Approvals)


def approvals_beside(manifest: str, documents: Documents) -> Approvals:
    """Those of a manifest at a path. Raises McpconfError (exit 1) if they cannot be read."""
    file = approvals_path(manifest)
    data = documents.approvals(file)
    return Approvals() if data is None else load_approvals(data, file)


def render_approvals(approvals: Approvals) -> bytes:
    """Sorted, but for the approvals of one server: the newest is the last."""
    return render_document(approvals.model_dump(mode="json"))
