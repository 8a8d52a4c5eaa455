"""Where a thing stands, for people: file and line."""

from __future__ import annotations

from mcpconf.formats import FORMATS
from mcpconf.model.observed import Endpoint, Grant, ObservedEntry, Sampling, Switch


def line_of(item: Endpoint | Grant | ObservedEntry | Sampling | Switch) -> int | None:
    """Found only for what is shown: most entries of a machine never are."""
    if not item.file.text:
        return None
    found = FORMATS[item.file.location.format].position(item.file.text, item.key_path)
    return found[0] if found else None


def place(item: Endpoint | Grant | ObservedEntry | Sampling | Switch) -> str:
    """`file:line` of an entry or approval."""
    line = line_of(item)
    return f"{item.file.location.path}:{line}" if line is not None else item.file.location.path
