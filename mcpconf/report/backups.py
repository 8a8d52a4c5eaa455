"""Old content that is kept, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from mcpconf.model.base import Json
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style, plural


class _Image(Protocol):
    @property
    def path(self) -> str: ...

    @property
    def expires(self) -> str: ...

    @property
    def literal(self) -> bool: ...

    @property
    def first(self) -> bool: ...


class Kept(Protocol):
    """One file as it was; `image` is None where nothing is known of it."""

    @property
    def path(self) -> str: ...

    @property
    def generation(self) -> int: ...

    @property
    def image(self) -> _Image | None: ...

    @property
    def may_hold_secret(self) -> bool: ...


def render_backups(found: Sequence[Kept], style: Style) -> str:
    return "".join(f"{line}\n" for line in _lines(found, style))


def _lines(found: Sequence[Kept], style: Style) -> Iterator[str]:
    if not found:
        yield "No old content is kept."
        return
    yield style.paint(f"{plural(len(found), 'backup')}, deleted by apply after their day", "bold")
    yield from listed(found, style)
    if any(item.may_hold_secret for item in found):
        yield from hang("hint: ", "rotate the secrets, then `mcpconf backups purge --secrets`", style.width)


def listed(found: Sequence[Kept], style: Style) -> Iterator[str]:
    rows = [_row(item, style) for item in found]
    colours = ["yellow" if item.may_hold_secret else "" for item in found]
    for lines, colour in zip(table(rows, style.width), colours, strict=True):
        yield from (style.paint(line, colour) for line in lines)


def _row(item: Kept, style: Style) -> tuple[str, ...]:
    if item.image is None:
        return "unknown content", f"generation {item.generation}", "", "", style.path(item.path)
    note = "a secret may be in it" if item.image.literal else "before mcpconf" if item.image.first else ""
    before = f"before generation {item.generation}"
    return style.path(item.image.path), before, f"until {item.image.expires}", note, style.path(item.path)


def backups_data(found: Sequence[Kept]) -> list[dict[str, Json]]:
    return [
        {
            "path": item.path,
            "generation": item.generation,
            "file": item.image.path if item.image is not None else None,
            "expires": item.image.expires if item.image is not None else None,
            "first": item.image.first if item.image is not None else None,
            "may_hold_secret": item.may_hold_secret,
        }
        for item in found
    ]


def render_purged(found: Sequence[Kept], style: Style) -> str:
    if not found:
        return "Nothing to delete.\n"
    lines = [style.paint(f"Deleted {plural(len(found), 'backup')}.", "green"), *listed(found, style)]
    return "".join(f"{line}\n" for line in lines)
