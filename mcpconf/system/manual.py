"""The manual that comes with this version: one Markdown file a page."""

from __future__ import annotations

from importlib.resources import files

_ENDING = ".md"


def manual() -> dict[str, str]:
    """The text of every page, by name."""
    folder = files("mcpconf") / "docs"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(_ENDING))
    return {name.removesuffix(_ENDING): (folder / name).read_text("utf-8") for name in names}
