"""What is imported as it is, and worth a second look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcpconf.importer.bridging import is_bridged
from mcpconf.importer.found import Found
from mcpconf.importer.homes import names_home
from mcpconf.packages.bridge import NAME
from mcpconf.permissions import shell_launcher
from mcpconf.ports import Facts


@dataclass(frozen=True, slots=True)
class Note:
    """`kind`: bridge, opaque, whole-line, switched-off, not-switched-off, timeout, oauth, tools, home."""

    found: Found
    kind: str
    message: str


def notes(founds: Sequence[Found], facts: Facts) -> list[Note]:
    return [Note(found, kind, message) for found in founds for kind, message in _about(found, facts)]


def _about(found: Found, facts: Facts) -> Iterator[tuple[str, str]]:
    entry = found.entry
    reason = shell_launcher([str(value) for value in entry.argv])
    if reason and found.launched.package is None:
        yield "opaque", f"what it starts is hidden: {reason}; kept word for word"
    elif found.launched.arguments and not found.split[1]:
        yield "whole-line", "the whole command line stands in `command`; kept word for word"
    if found.bridge is not None:
        yield "bridge", f"it is reached through `{NAME}`: a server of its own here, which `bridge` names"
    elif is_bridged(found) and "http" in found.row.dialect.words:
        address = found.launched.identity.removeprefix("url:")
        yield "bridge", f"it starts `{NAME}` to reach {address}, and {found.row.title} could reach that itself"
    if entry.enabled is False:
        yield "switched-off", "switched off, and imported as that"
    if switch := found.observed.idle_switch:
        yield "not-switched-off", f"`{switch}` looks as if it were off, but {found.row.title} does not know the key"
    if entry.timeout is not None and found.seconds is None:
        yield (
            "timeout",
            f"a timeout of {entry.timeout:g} s stays with the host: a manifest has whole seconds of one day",
        )
    if entry.oauth is not None and entry.oauth.more:
        yield "oauth", "the rest of its sign-in settings stays with the host"
    if entry.call is not None or entry.without or entry.auto:
        yield "tools", "its lists of tools stay with the host"
    if names_home(entry, facts):
        yield "home", "it names a folder of this home, where `${home}` would hold on other machines too"
