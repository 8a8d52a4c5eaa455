"""Sign-ins that are files of their own, told by their names. They are not opened."""

from __future__ import annotations

import re

from mcpconf.hosts.stores.kept import Kept, Look
from mcpconf.hosts.stores.place import Store
from mcpconf.ports import Files

_HASH = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")
_SHOWN = 2
"""Steps of the path that the key of a sign-in has: the folder tells which version of a program keeps it."""


def look(files: Files, store: Store, path: str, hole: str) -> Look:
    """`hole` is the server's name, or the digest of its address; what is neither is a sign-in for nobody in particular."""
    mode = files.mode(path)
    if mode is None:
        return Look(present=files.exists(path))
    key = tuple(path.split("/")[-_SHOWN:])
    by_name = any("{server}" in pattern for pattern in store.path.values())
    mark = hole if not by_name and _HASH.fullmatch(hole) else ""
    return Look(True, (Kept(key, server=hole if by_name else "", mark=mark),), mode)
