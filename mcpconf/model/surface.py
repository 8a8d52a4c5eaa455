"""The tool surface: what a server shows of itself to a client, item by item, as the lock keeps it.

Everything in it is text of others: it is escaped wherever it is shown, and it is never obeyed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import StringConstraints

from mcpconf.model.base import Document, Json

ItemKind = Literal["instructions", "capabilities", "tool", "prompt", "template", "resource"]

ItemDigest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]

Era = Literal["initialize", "discover"]
"""How a conversation begins: revisions to 2025-11-25 with `initialize`, from 2026-07-28 with `server/discover`."""


class Item(Document):
    """One thing that a server shows. `value` is all of it, unknown keys too, in the form that its digest is of."""

    digest: ItemDigest
    value: Json


class Context(Document):
    """What a surface may depend on beside the bytes of the server: how it was asked.

    `arguments` are as the manifest writes them, `variables` the names of those that were set, `identity` is `anonymous` or
    the header that was sent. The clock, the language and the home of the server are always the same.
    """

    era: Era
    protocol: str
    transport: Literal["stdio", "http", "sse"]
    arguments: list[str] = []
    variables: list[str] = []
    identity: str = "anonymous"


class Listing(Document):
    """Items by name; of a template by its `uriTemplate`, of a resource by its `uri`."""

    instructions: Item | None = None
    capabilities: Item | None = None
    tools: dict[str, Item] = {}
    prompts: dict[str, Item] = {}
    templates: dict[str, Item] = {}
    resources: dict[str, Item] = {}

    def items(self) -> Iterator[tuple[ItemKind, str, Item]]:
        if self.instructions is not None:
            yield "instructions", "", self.instructions
        if self.capabilities is not None:
            yield "capabilities", "", self.capabilities
        for kind, found in self._parts():
            yield from ((kind, name, item) for name, item in sorted(found.items()))

    def _parts(self) -> Iterator[tuple[ItemKind, dict[str, Item]]]:
        yield from (("tool", self.tools), ("prompt", self.prompts))
        yield from (("template", self.templates), ("resource", self.resources))


class Surface(Listing):
    """`digest` is of all that `named` gives. The items are what every client sees.

    `gated` is what only a client sees that offers sampling, elicitation and roots, and what it sees otherwise than others.
    `about` is what the server says of itself (`serverInfo`, supported versions): kept to be read, and compared with
    nothing, for it proves nothing. `schemes` are of the resources, which are data of users and not kept one by one unless
    the manifest asks for it.
    """

    digest: ItemDigest
    context: Context
    about: dict[str, Json] = {}
    schemes: list[str] = []
    gated: Listing = Listing()

    def named(self) -> dict[str, str]:
        """The digest of each item under a name such as `tool/search`, `gated/tool/sample`; and of each scheme, `scheme/file`."""
        gated = {f"gated/{name}": digest for name, digest in _named(self.gated).items()}
        return _named(self) | gated | {f"scheme/{scheme}": _of_scheme(scheme) for scheme in self.schemes}


def _of_scheme(scheme: str) -> str:
    """As of an item of the kind `scheme` whose value is null (see `surface.digests.item_digest`)."""
    return "sha256:" + hashlib.sha256(f"mcpconf/surface/v1\0scheme\0{scheme}\0null".encode()).hexdigest()


def _named(listing: Listing) -> dict[str, str]:
    return {"/".join(filter(None, (kind, name))): item.digest for kind, name, item in listing.items()}
