"""Which files of plugins count: a host keeps a plugin in a folder for each version that it had."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mcpconf.model.address import PLUGIN
from mcpconf.model.observed import Location


def newest(found: Iterable[Location]) -> Iterator[Location]:
    """Of a plugin that lies there in several versions, the files of the newest."""
    kept: dict[tuple[str, ...], Location] = {}
    for item in found:
        key = (item.file, item.project) if item.scope == PLUGIN else (item.file, item.project, item.path)
        if key not in kept or _version(item.path) > _version(kept[key].path):
            kept[key] = item
    return iter(kept.values())


def _version(path: str) -> list[tuple[int, str]]:
    """Numbers by their size, words behind them."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,9})", path)]
