"""What an index of advisories was built from, as text and as data."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.model.base import Json
from mcpconf.model.indexed import Got, Indexed
from mcpconf.report.style import Style, plural

_NAMES = {"npm": "npm", "pypi": "PyPI"}


def index_text(found: Indexed) -> str:
    """`213004 records about npm and PyPI, the newest of 2026-11-20`."""
    kinds = " and ".join(_NAMES.get(name, name) for name in found.ecosystems)
    unread = f"; {plural(found.unread, 'file')} could not be read" if found.unread else ""
    return (
        f"{plural(found.records, 'record')} about {kinds}, the newest of {found.newest[:10] or 'no stated day'}{unread}"
    )


def render_index(found: Indexed, style: Style, got: Sequence[Got] = ()) -> str:
    lines = [
        f"{item.ecosystem}: {'got' if item.fresh else 'nothing newer;'} {item.size:,} bytes, {item.digest}\n"
        for item in got
    ]
    return f"{''.join(lines)}Indexed {style.text(index_text(found))}.\n"


def index_data(found: Indexed, got: Sequence[Got] = ()) -> dict[str, Json]:
    archives: list[Json] = [
        {"ecosystem": item.ecosystem, "digest": item.digest, "size": item.size, "fresh": item.fresh} for item in got
    ]
    return {
        "format_version": "1.0",
        "source": found.source,
        "records": found.records,
        "newest": found.newest or None,
        "ecosystems": [*found.ecosystems],
        "unread": found.unread,
        "archives": archives,
    }
