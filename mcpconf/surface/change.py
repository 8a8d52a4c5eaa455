"""What changed between two surfaces of a server, as values and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from mcpconf.model.surface import ItemKind
from mcpconf.permissions.change import Verdict
from mcpconf.surface.digests import step

ChangeClass = Literal[
    "added",
    "removed",
    "text",  # what a model reads: descriptions, titles, instructions
    "schema-widening",  # more can be said to a tool than before, or it is not known that less can
    "schema-narrowing",
    "annotation-flip",
    "capability",
    "cosmetic",
]


NOUNS: Mapping[str, str] = {"template": "resource template"}
LONGEST_NAME = 200
"""Characters shown of the name of an item."""


@dataclass(frozen=True, slots=True)
class Said:
    """One difference within an item. `pointer` leads to it from the item on."""

    pointer: str
    change: ChangeClass
    direction: Verdict
    words: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class SurfaceChange:
    """`pointer` leads into the surface: `/tools/search/description`. `gated` is what only some clients see.

    `direction` is about what the server can be made to do, or gets to know. `rule` is the rule that tells of such a thing, if
    one does. `words` are one line for people, of bounded length, with text of others in it: escape it.
    """

    kind: ItemKind | Literal["schemes"]
    name: str
    change: ChangeClass
    direction: Verdict
    pointer: str
    words: str
    gated: bool = False
    rule: str = ""

    @property
    def line(self) -> str:
        """The words, with the item that they are about where they do not name it."""
        named = self.change in ("added", "removed") or self.kind in ("instructions", "capabilities", "schemes")
        words = self.words if named else f"{NOUNS.get(self.kind, self.kind)} `{self.name[:LONGEST_NAME]}`: {self.words}"
        return f"{words} (only for clients that offer sampling, elicitation or roots)" if self.gated else words

    @property
    def label(self) -> str:
        """In one word, what is to be thought of it."""
        return {"wider": "wider", "narrower": "narrower", "both": "unclear"}.get(self.direction, self.change)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an item one is. `label` names it in words: "parameter `path`".

    `inverted` is what lies under `not`, where less that is said lets more through. `returned` is what a tool gives back: it
    is not what the tool is given.
    """

    pointer: str
    label: str = ""
    inverted: bool = False
    returned: bool = False

    def at(self, *steps: str | int, label: str | None = None, inverted: bool = False) -> Place:
        pointer = "".join((self.pointer, *(f"/{step(key)}" for key in steps)))
        return replace(
            self,
            pointer=pointer,
            label=self.label if label is None else label,
            inverted=self.inverted != inverted,
        )

    def wider(self, words: str, rule: str = "") -> Said:
        return self._moved(words, rule, more=not self.inverted)

    def narrower(self, words: str) -> Said:
        return self._moved(words, "", more=self.inverted)

    def _moved(self, words: str, rule: str, *, more: bool) -> Said:
        if more:
            return self._said("schema-widening", "wider", words, rule)
        return self._said("schema-narrowing", "narrower", words)

    def other(self, words: str, rule: str = "") -> Said:
        """Nobody can tell in which direction."""
        return self._said("schema-widening", "both", words, rule)

    def _said(self, change: ChangeClass, direction: Verdict, words: str, rule: str = "") -> Said:
        direction = "same" if self.returned else direction
        return Said(self.pointer, change, direction, f"{self.label}: {words}" if self.label else words, rule)
