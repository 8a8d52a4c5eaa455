"""Whether what is locked of a server is what the manifest asks for: a lock comes from git, and git from anybody."""

from __future__ import annotations

from typing import Literal

from mcpconf.artifacts import input_digest, kind_of
from mcpconf.artifacts.metadata import METADATA
from mcpconf.model.asked import UNPINNED
from mcpconf.model.lock import LockedServer
from mcpconf.model.manifest import Server

Unlike = Literal["", "changed", "other", "hash", "surface"]
"""`changed`: the manifest says something else than when it was locked. `other`: the lock says something else of its own.
`surface`: what the lock keeps of a surface has not the digests that it keeps of it.
"""

WITHOUT_SIGNATURE = "#without-signature"
"""Ends the name of the artifact that is a bundle without what is signed behind its end."""


def belongs(locked: LockedServer, server: Server) -> Unlike:
    """Why not, "" if it does. Only the digest of the inputs tells nothing: whoever edits a lock can leave it as it is."""
    if locked.input_digest != input_digest(server):
        return "changed"
    if not _same(locked, server) or contradicts_itself(locked):
        return "other"
    if server.hash and not _has_hash(locked, server):
        return "hash"
    return "surface" if edited(locked) else ""


ANEW = "restore the lock from git, or `mcpconf lock --upgrade NAME`, which asks for all of the server again"
"""What to do about a lock that cannot be: `mcpconf lock` alone keeps what still belongs to the manifest."""


def edited(locked: LockedServer) -> str:
    """A JSON pointer to what of a locked surface somebody edited, "" if nothing."""
    if locked.surface is None:
        return ""
    from mcpconf.surface.digests import contradictions

    return next(contradictions(locked.surface), "")


def contradicts_itself(locked: LockedServer) -> bool:
    """Whether a lock says one thing of a server and another of the package that would be installed.

    One that has neither files nor a closure says nothing of it, and nothing is installed from it.
    """
    if not locked.package or not (locked.artifacts or locked.closure):
        return False
    ecosystem, _, name = locked.package.partition(":")
    match ecosystem:
        case "npm":
            return not _is_own(locked, f"node_modules/{name}", name)
        case "pypi":
            alike = [item for item in locked.closure.values() if item.name == name]
            return len(alike) != 1 or not _is_own(locked, name, name)
        case "mcpb":
            return not _is_own_bundle(locked)
        case _:
            return bool(locked.closure)


def _is_own(locked: LockedServer, place: str, name: str) -> bool:
    own = locked.closure.get(place)
    return own is not None and (own.name, own.version, own.artifacts) == (name, locked.version, locked.artifacts)


def _is_own_bundle(locked: LockedServer) -> bool:
    """A bundle is one file, and alone in its closure, where its own manifest tells how it is started."""
    files = [name for name in locked.artifacts if not name.endswith(WITHOUT_SIGNATURE)]
    own = locked.closure.get("")
    if own is None or len(locked.closure) != 1 or len(files) != 1 or own.version != locked.version:
        return False
    return (own.layout.get("name"), own.layout.get("version")) == (own.name, own.version)


def _same(locked: LockedServer, server: Server) -> bool:
    if server.package is None:
        from mcpconf.artifacts.url import endpoint

        stated = endpoint(server) if server.url is not None else {}
        pinned = {key: value for key, value in locked.endpoint.items() if key != METADATA}
        return pinned == stated and not (locked.package or locked.version or locked.closure or locked.program)
    if locked.package != str(server.package) or locked.endpoint:
        return False
    if server.version == UNPINNED:
        return not (locked.version or locked.artifacts or locked.closure or locked.program)
    return _is_version(locked, server)


def _is_version(locked: LockedServer, server: Server) -> bool:
    """By the rules by which the version was chosen. Of a bundle and an image there are no ranges."""
    asked = server.version
    match kind_of(server):
        case "npm":
            from mcpconf.artifacts.npm_versions import satisfies
            from mcpconf.packages.npm import is_exact

            return is_exact(locked.version) and satisfies(locked.version, asked)
        case "pypi":
            return _is_of_pypi(locked.version, asked or "")
        case "oci":
            return (locked.version, locked.program) == (asked or "", server.bin or "")
        case _:
            return asked in (None, locked.version)


def _is_of_pypi(version: str, asked: str) -> bool:
    from mcpconf.packages.pypi import is_exact

    if not is_exact(version):
        return False
    if version == asked:
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(asked if asked[:1] in ("", *"<>=!~") else f"=={asked}")
    except InvalidSpecifier:
        return False
    return wanted.contains(version, prereleases=True)


def _has_hash(locked: LockedServer, server: Server) -> bool:
    """Whether the bytes that are started are those of the manifest, and no others beside them."""
    digests = {name: item.digest for name, item in locked.artifacts.items()}
    match kind_of(server):
        case "oci":
            return digests.get("index") == server.hash[0]
        case "mcpb":
            return [digest for name, digest in digests.items() if not name.endswith(WITHOUT_SIGNATURE)] == [
                *server.hash
            ]
        case "pypi":
            return {*digests.values()} == {*server.hash}
        case "npm":
            return [*digests.values()] == [*server.hash]
        case _:
            return digests == {"": server.hash[0]}
