"""How a host calls what servers show: tools to its model, prompts to its user. What is not known of a host is not in its row."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from mcpconf.hosts.tables import Table

Clash = Literal["hides", "renames"]

_CUT = r"[0-9]{1,3}[^0-9]{0,8}[0-9]{1,3}"
_HOLES = re.compile(r"\{(server|name)\}")


class Calls(NamedTuple):
    """`form` is a template with the holes `{server}` and `{name}`; empty where it is not known.

    Where `bare` filled in begins with `begins` filled in, it stands alone. Characters outside the class `keep` become `_`,
    white space in a name the text `spaces`. `squeezed`: the server stands in lower case, each run of other characters than
    letters and digits as one `_`, with none at the ends. What is longer than `longest` loses its end, or with `cut`, such as
    `30...30`, its middle. `clash`: of two alike one hides the other, or both get other names. `taken` are names of the
    host's own.
    """

    form: str = ""
    bare: str = ""
    begins: str = ""
    keep: str = ""
    spaces: str = ""
    squeezed: bool = False
    longest: int = 0
    cut: str = ""
    clash: Clash = "hides"
    taken: frozenset[str] = frozenset()

    def name(self, server: str, name: str) -> str:
        """What an item of a server is called; empty where that is not known."""
        if not self.form:
            return ""
        parts = {"server": _squeezed(server) if self.squeezed else server, "name": self._spaced(name)}
        bare = _filled(self.bare, parts)
        alone = bool(bare) and bare.startswith(_filled(self.begins, parts))
        return self._fitting(self._kept(bare if alone else _filled(self.form, parts)))

    def _spaced(self, name: str) -> str:
        return self.spaces.join(name.split()) if self.spaces else name

    def _kept(self, text: str) -> str:
        return _outside(self.keep).sub("_", text) if self.keep else text

    def _fitting(self, text: str) -> str:
        if not self.longest or len(text) <= self.longest:
            return text
        if not self.cut:
            return text[: self.longest]
        head, middle, tail = re.split(r"([^0-9]+)", self.cut)
        return f"{text[: int(head)]}{middle}{text[-int(tail) :]}"


class Naming(NamedTuple):
    tool: Calls = Calls()
    prompt: Calls = Calls()


def _filled(form: str, parts: dict[str, str]) -> str:
    return _HOLES.sub(lambda hole: parts[hole[1]], form)


@lru_cache(maxsize=64)
def _outside(characters: str) -> re.Pattern[str]:
    return re.compile(f"[^{characters}]")


def _squeezed(server: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", server.lower()).strip("_")


def load_naming(table: Table) -> Naming:
    """Read the table `calls` of a host row. Raises McpconfError (exit 1)."""
    naming = Naming(_calls(table.table("tool", {})), _calls(table.table("prompt", {})))
    table.done()
    return naming


def _calls(table: Table) -> Calls:
    calls = Calls(
        form=table.text("form", ""),
        bare=table.text("bare", ""),
        begins=table.text("begins", ""),
        keep=table.characters("keep"),
        spaces=table.text("spaces", ""),
        squeezed=table.flag("squeezed", default=False),
        longest=int(table.number("longest", 0)),
        cut=table.text("cut", "", like=rf"({_CUT})?"),
        clash=table.word("clash", ("hides", "renames"), "hides"),
        taken=frozenset(table.texts("taken", ())),
    )
    table.done()
    return calls
