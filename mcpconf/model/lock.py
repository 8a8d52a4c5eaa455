"""The lock: what each server of the manifest is, to the byte. In git, sorted, without a moment or an address of a registry, and so the same on every machine."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from mcpconf.model.base import Document, Json
from mcpconf.model.surface import Surface

LOCK_FORMAT: Literal[1] = 1

Digest = Annotated[str, StringConstraints(pattern=r"^(?:sha256:[0-9a-f]{64}|sha512-[A-Za-z0-9+/]{85}[AQgw]==)$")]
"""`sha256:HEX`, or for what npm publishes `sha512-BASE64`."""

PackageName = Annotated[str, StringConstraints(pattern=r"^(?:(?:npm|pypi|oci|mcpb):[^\s]+)?$")]

_LONGEST = 256

Word = Annotated[str, StringConstraints(max_length=_LONGEST, pattern=r"^(?:[^\s\x00-\x1f-][^\s\x00-\x1f]*)?$")]
"""It stands on command lines and in files that clients read, so it can be neither an option nor a line."""

Name = Annotated[str, StringConstraints(max_length=_LONGEST, pattern=r"^[^\s\x00-\x1f-][^\x00-\x1f\x7f]*$")]
"""Of a bundle it may have spaces."""

Provenance = Literal["verified", "absent", "unknown", "invalid"]


class Artifact(Document):
    """One file that a registry gives. `size` is in bytes, where the registry tells it."""

    digest: Digest
    size: int | None = None


class Component(Document):
    """One package of a closure, the server's own included.

    `artifacts` are its files by name, of which each machine takes the one that is made for it. `marker` tells on which
    machines a PyPI package is needed (PEP 508). `layout` is what npm needs beside that to lay the package out: whatever
    npm's own lock says of it but addresses and licences. Of a bundle it is what its manifest says of how it is started.
    """

    name: Name
    version: Word
    artifacts: dict[str, Artifact] = {}
    marker: str = ""
    layout: dict[str, Json] = {}


class Publisher(Document):
    """Who answers for a package, as its registry tells. `repository_id` survives a repository that is made anew."""

    owners: list[str] = []
    repository: str = ""
    repository_id: str = ""


class Attested(Document):
    """Whether somebody vouches for where a package was built. `identity` is the repository and workflow that did."""

    state: Provenance = "unknown"
    identity: str = ""


class LockedServer(Document):
    """One server of the manifest.

    `input_digest` covers what the manifest says about it that matters here. `artifacts` are the files of the server's own
    package; for a program its digest by operating system, under "" if it is the same everywhere; for an image under `index`
    what its tag names, and beside it the images in that by platform. `closure` has every
    package that runs, by the place it is laid out in (npm) or by name (PyPI). `program` is what of the package is started:
    a path in an npm package or a bundle, `-m MODULE` or `MODULE:FUNCTION` of a PyPI package. `requires` tells of an
    interpreter which versions do (`node`, `python`). `endpoint` is the identity of an address. `surface` is what it showed of
    itself when it was last asked; None if it never was.
    """

    input_digest: Digest
    package: PackageName = ""
    version: Word = ""
    artifacts: dict[str, Artifact] = {}
    closure: dict[str, Component] = {}
    program: str = ""
    requires: dict[str, str] = {}
    publisher: Publisher = Publisher()
    provenance: Attested = Attested()
    endpoint: dict[str, Json] = {}
    surface: Surface | None = None


class Lock(Document):
    mcpconf_lock: Literal[1] = LOCK_FORMAT
    servers: dict[str, LockedServer] = {}
