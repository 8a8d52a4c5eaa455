"""What hosts really run, for people: per host and folder, the servers with what wins, and what does not act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.model.effective import (
    EffectiveFolder,
    EffectiveHost,
    EffectiveReport,
    EffectiveServer,
    EntryPlace,
    IdleEntry,
)
from mcpconf.report.layout import hang
from mcpconf.report.style import Style, listing, plural

_SIGNS = {"runs": "", "off": "off", "nothing": "does not run"}
_COLOURS = {"runs": "", "off": "dim", "nothing": "yellow"}
_MERGED = {
    "entry": "",
    "keys": "   files are merged key by key",
    "both": "   one name in two files: both run",
}


def render_effective(report: EffectiveReport, style: Style) -> str:
    return "".join(f"{line}\n" for line in _lines(report, style))


def _lines(report: EffectiveReport, style: Style) -> Iterator[str]:
    if not report.hosts:
        yield "No host is on this machine: `mcpconf hosts` tells where each was looked for."
    for number, host in enumerate(report.hosts):
        if number:
            yield ""
        yield style.paint(host.id, "bold") + f"   {style.text(host.title)}{'' if host.installed else ' (not found)'}"
        yield from (style.paint(line, "dim") for line in hang("  ", _summary(host), style.width))
        yield from _unread(host, style)
        user = next((folder for folder in host.folders if not folder.folder), EffectiveFolder(folder=""))
        for folder in host.folders:
            yield from _folder(folder, user, style)


def _summary(host: EffectiveHost) -> str:
    states = [server.state for folder in host.folders if not folder.folder for server in folder.servers]
    runs, projects = states.count("runs"), sum(bool(folder.folder) for folder in host.folders)
    off, nothing = states.count("off"), states.count("nothing")
    parts = [
        f"{plural(runs, 'server')} {'runs' if runs == 1 else 'run'} anywhere",
        f"{off} off" if off else "",
        f"{nothing} without effect" if nothing else "",
        f"{plural(projects, 'project')} {'says' if projects == 1 else 'say'} more" if projects else "",
    ]
    return listing(parts) + _MERGED[host.merge]


def _unread(host: EffectiveHost, style: Style) -> Iterator[str]:
    for problem in host.unread:
        where = f"{style.path(str(problem['file']))}{':' + str(problem['line']) if problem['line'] else ''}"
        yield "  " + style.paint(f"? {where}", "yellow")
        yield from hang(
            "    ", f"{style.text(str(problem['message']))}; what it says of servers is not known", style.width
        )


def _folder(folder: EffectiveFolder, user: EffectiveFolder, style: Style) -> Iterator[str]:
    """Of a project, what is there as it is everywhere is only counted."""
    known = user.servers if folder.folder else []
    told = [server for server in folder.servers if server not in known]
    if not told:
        return
    title = f"in {style.path(folder.folder)}" if folder.folder else "anywhere"
    rest = len(folder.servers) - len(told)
    yield "  " + style.paint(title, "bold") + (f"   and {plural(rest, 'server')} as anywhere" if rest else "")
    for server in told:
        yield from _server(server, style)


def _server(server: EffectiveServer, style: Style) -> Iterator[str]:
    sign = f"   {_SIGNS[server.state]}" if _SIGNS[server.state] else ""
    yield "    " + style.paint(f"{style.text(server.name)}{sign}", _COLOURS[server.state])
    start = _start(server, style)
    if start:
        yield from hang("      ", start, style.width)
    for label, text in _facts(server, style):
        yield from hang(f"      {label}: ", text, style.width)
    for item in server.idle:
        yield from (style.paint(line, "dim") for line in _idle(item, style))


def _start(server: EffectiveServer, style: Style) -> str:
    launch = server.values.get("launch")
    words = " ".join(map(str, launch)) if isinstance(launch, list) else str(server.values.get("url", ""))
    return style.text(words)


def _facts(server: EffectiveServer, style: Style) -> Iterator[tuple[str, str]]:
    if server.origins:
        yield "merged", _origins(server, style)
    elif server.parts:
        yield "from", _at(server.parts[0], style)
    if server.call is not None:
        yield "only tools", ", ".join(map(style.text, server.call)) or "none"
    if server.without:
        yield "not tools", ", ".join(map(style.text, server.without))
    if server.unasked:
        every = server.unasked == ["*"]
        yield "without asking", "all tools" if every else ", ".join(map(style.text, server.unasked))
    if server.also_read_by:
        yield "also read by", ", ".join(server.also_read_by)


def _origins(server: EffectiveServer, style: Style) -> str:
    files: dict[str, list[str]] = {}
    for key, where in server.origins.items():
        files.setdefault(where, []).append(key)
    return "; ".join(f"{', '.join(map(style.text, keys))} from {style.path(where)}" for where, keys in files.items())


def _idle(item: IdleEntry, style: Style) -> Sequence[str]:
    reason = f" ({style.path(item.by)})" if item.by else ""
    return hang("      no effect: ", f"{_at(item, style)}: {style.text(item.message)}{reason}", style.width)


def _at(place: EntryPlace, style: Style) -> str:
    return f"{style.path(place.file)}{f':{place.line}' if place.line else ''}"
