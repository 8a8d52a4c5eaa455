"""An upgrade never takes an older version than there is, unless something is known about that one."""

from __future__ import annotations

import pytest

from mcpconf.artifacts import UNSET, Wish, input_digest
from mcpconf.documents.manifest import load_manifest
from mcpconf.model.lock import LockedServer
from mcpconf.supply.locking import _goes_back

MANIFEST = b'mcpconf: 1\nservers:\n  files: {package: "npm:files", version: "^1.0"}\nhosts: {cursor: {}}\n'
SERVER = load_manifest(MANIFEST, "m", ["cursor"]).manifest.servers["files"]


def locked(version: str, digest: str = UNSET) -> LockedServer:
    return LockedServer(input_digest=digest, package="npm:files", version=version)


@pytest.mark.parametrize(
    ("version", "upgrade", "bad", "back"),
    [
        ("1.1.0", True, False, True),
        ("1.3.0", True, False, False),
        ("1.2.0", True, False, False),
        ("1.1.0", True, True, False),
        ("1.1.0", False, False, False),
    ],
)
def test_what_there_is_stays_before_something_older(version: str, *, upgrade: bool, bad: bool, back: bool):
    known = locked("1.2.0", input_digest(SERVER))
    wish = Wish("files", SERVER, known, upgrade, avoided=lambda _kind, _name, _version: bad)
    assert _goes_back(wish, locked(version)) is back
    assert not _goes_back(Wish("files", SERVER, None, upgrade), locked(version))
    changed = Wish("files", SERVER, locked("1.2.0"), upgrade)
    assert not _goes_back(changed, locked(version))
