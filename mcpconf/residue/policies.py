"""Lists of an administrator that still allow what is gone, so that anybody may put it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.hosts.places import fixed_path
from mcpconf.model.base import Json
from mcpconf.packages import recognise
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.documents import Document, Found, Said, Told, address, launches, named_in
from mcpconf.residue.looking import Looked, Surroundings, nodes

_FORBIDS = re.compile(r"den(?:y|ied)|block|exclude|disabled|forbid", re.IGNORECASE)


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    return named_in(around, gone, _documents(around), _allowed, _told)


def _documents(around: Surroundings) -> Iterator[Document]:
    """Files of policy that hosts read and mcpconf does not keep; their servers are looked at with the other files."""
    facts = around.machine.facts
    kept: dict[str, str] = {}
    for row in around.rows.values():
        for policy in row.policies:
            kept.setdefault(fixed_path(row, policy.path, facts) or "", policy.syntax)
    for file in around.observed.files:
        if file.location.scope in ("managed", "system"):
            kept.setdefault(file.location.path, file.location.format)
    for path, notation in sorted(kept.items()):
        if path and path not in around.policies:
            yield Document(path, notation=notation)


def _allowed(value: Json) -> Iterator[Said]:
    started = {said.at for said in launches(value)}
    for at, node in nodes(value):
        if any(isinstance(step, str) and _FORBIDS.search(step) for step in at) or at[:-1] in started:
            continue
        if isinstance(node, str):
            yield Said(at, address(node))
        elif isinstance(node, list) and node and all(isinstance(word, str) for word in node):
            yield Said(at, recognise(node).identity, tuple(node))


def _told(found: Found) -> Told:
    message = f"`{found.gone.identity}` is still on a list of what an administrator allows"
    return Told(message, f"ask whoever keeps {found.document.path} to take it off", "low")
