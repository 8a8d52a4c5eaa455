"""Text for programs, in which references stand as Python's `string.Template` reads them: `${NAME}`, and `$$` for a dollar."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mcpconf.model.entry import Reference, Value, Values
from mcpconf.ports import OperatingSystem

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
"""What `string.Template` takes for a name (docs.python.org/3/library/string.html, 2026-11)."""


def plain(text: str) -> str:
    """Text without references, in which a program sees none either."""
    return text.replace("$", "$$")


@dataclass(slots=True)
class Words:
    """Spells values, and remembers what could not be spelled (`losses`) and what is left to the program (`unsaid`)."""

    os: OperatingSystem
    losses: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)

    def text(self, value: Value, what: str) -> str:
        return "".join(plain(part) if isinstance(part, str) else self._reference(part, what) for part in value.parts)

    def texts(self, values: Values, what: str) -> dict[str, str]:
        return {name: self.text(value, f"{what}.{name}") for name, value in values.items()}

    def refuse(self, reason: str) -> None:
        self.losses.append(reason)

    def leave(self, reason: str) -> None:
        self.unsaid.append(reason)

    def _reference(self, reference: Reference, what: str) -> str:
        if reference.kind == "workspace":
            self.refuse(f"a program has no folder that `${{workspace}}` in `{what}` could stand for")
        elif reference.kind == "home":
            return "${USERPROFILE}" if self.os == "windows" else "${HOME}"
        elif reference.default is not None:
            self.refuse(f"`{reference}` in `{what}` has a default, for which there is no form")
        elif not _NAME.fullmatch(reference.name):
            self.refuse(f"`{reference.name}` in `{what}` is no name of a variable that a program could look up")
        else:
            return f"${{{reference.name}}}"
        return ""
