"""What a registry has for a text. All of it is a stranger's text: one line, cut, and nothing that moves the cursor."""

from __future__ import annotations

from mcpconf.errors import ExitCode
from mcpconf.model.base import Json
from mcpconf.model.registry import OFFICIAL, Match, Matches
from mcpconf.report.layout import table
from mcpconf.report.style import Style, plural

_LONGEST_VERSION = 24
_LONGEST_DESCRIPTION = 160


def render_matches(matches: Matches, style: Style) -> str:
    rows = [_row(item, style) for item in matches.found]
    lines = [line for row in table(rows, style.width, 0) for line in row]
    many = plural(len(matches.found), "server")
    end = f"{many} at {style.text(matches.registry)}"
    if matches.more:
        end += ", and more: `--limit` shows them"
    if matches.skipped:
        end += f"; {matches.skipped} cannot be read"
    lines.append(f"{end}.")
    if matches.found:
        lines.append(f"next: mcpconf add NAME{_of(matches.registry, style)}")
    return "".join(f"{line}\n" for line in lines)


def _row(item: Match, style: Style) -> tuple[str, ...]:
    server = item.listing.server
    status = "" if item.listing.status == "active" else item.listing.status
    mark = f"approved as {', '.join(item.approved)}" if item.approved else status
    what = _cut(style.line(server.description or server.title), _LONGEST_DESCRIPTION)
    kinds = ",".join(item.kinds) or "nothing"
    return (
        style.text(server.name),
        _cut(style.line(server.version), _LONGEST_VERSION),
        _cut(style.line(kinds), _LONGEST_VERSION),
        style.text(mark),
        what,
    )


def _of(registry: str, style: Style) -> str:
    return "" if registry == OFFICIAL else f" --registry {style.text(registry)}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def matches_data(matches: Matches) -> dict[str, Json]:
    return {
        "registry": matches.registry,
        "text": matches.text,
        "servers": [_data(item) for item in matches.found],
        "more": matches.more,
        "skipped": matches.skipped,
        "exit_code": int(ExitCode.SUCCESS),
    }


def _data(item: Match) -> dict[str, Json]:
    server = item.listing.server
    return {
        "name": server.name,
        "version": server.version,
        "title": server.title,
        "description": server.description,
        "status": item.listing.status,
        "status_message": item.listing.status_message,
        "kinds": list(item.kinds),
        "repository": server.repository.url,
        "approved_as": list(item.approved),
    }
