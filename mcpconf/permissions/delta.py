"""The change of privilege between two entries."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from urllib.parse import urlsplit

from mcpconf.model.entry import Entry
from mcpconf.model.package import Recognised
from mcpconf.model.tools import EVERY
from mcpconf.permissions import dimensions
from mcpconf.permissions.arguments import paths_of_word
from mcpconf.permissions.broad import too_broad
from mcpconf.permissions.change import SEVERITIES, PrivilegeChange, Severity, gained, lost, ordered, replaced
from mcpconf.permissions.holdings import Holdings, holdings
from mcpconf.permissions.paths import place, shown
from mcpconf.permissions.shutting import shut_in, told
from mcpconf.permissions.tools import approval, tool_changes
from mcpconf.ports import OperatingSystem

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def privilege(
    before: Entry | None,
    after: Entry | None,
    *,
    home: str,
    os: OperatingSystem,
    recognise: Callable[[Entry], Recognised],
) -> tuple[PrivilegeChange, ...]:
    """What becomes possible or impossible when `before` is replaced by `after`, the gravest first.

    None stands for no server. `recognise` tells what an entry launches: `packages.recognise_entry`.
    """
    old = None if before is None else holdings(before, recognise(before))
    new = None if after is None else holdings(after, recognise(after))
    if old is None or new is None:
        return ordered(_one_side(old, new, home, os))
    changes = ordered(
        chain(
            _server(old, new),
            dimensions.version(old, new),
            dimensions.paths(old, new, home, os),
            dimensions.secrets(old, new),
            dimensions.env(old, new),
            dimensions.execution(old, new),
            dimensions.remaining(old, new),
            dimensions.network(old, new),
            dimensions.limits(old, new, home, os),
            shut_in(old, new, home, os),
            tool_changes(old.entry, new.entry),
        )
    )
    if not changes and _arguments(old, home, os) != _arguments(new, home, os):
        return (replaced("command", "medium", "arguments changed"),)
    return changes


def _arguments(held: Holdings, home: str, os: OperatingSystem) -> list[object]:
    """Arguments with each path taken apart, so that only another spelling of it is no change."""
    seen: list[object] = []
    for word in held.launched.arguments:
        found = paths_of_word(word)
        seen += [word.removesuffix(found[0]), *(place(path, home, os) for path in found)] if found else [word]
    return seen


def _one_side(old: Holdings | None, new: Holdings | None, home: str, os: OperatingSystem) -> list[PrivilegeChange]:
    if new is not None:
        return [gained("server", _weight(new, home, os), f"new server {_described(new, home, os)}")]
    return [] if old is None else [lost("server", f"server removed: {old.launched.identity or 'not understood'}")]


def _weight(new: Holdings, home: str, os: OperatingSystem) -> Severity:
    weights: list[Severity] = ["medium"]
    if new.shell is not None or new.powers or (new.launched.floating and new.secrets):
        weights.append("critical")
    if new.entry.auto:
        weights.append("critical" if EVERY in new.entry.auto else "high")
    if new.secrets or _is_remote(new.launched.identity):
        weights.append("high")
    weights += [dimensions.variable_weight(name)[1] for name in new.env if name not in new.secrets]
    weights += ["critical" for path in new.paths if too_broad(path, home, os)]
    return min(weights, key=SEVERITIES.index)


def _is_remote(identity: str) -> bool:
    if not identity.startswith("url:"):
        return False
    try:
        host = urlsplit(identity.removeprefix("url:")).hostname
    except ValueError:
        return True
    return host not in _LOOPBACK


def _described(new: Holdings, home: str, os: OperatingSystem) -> str:
    launched = new.launched
    injected = [name for name in new.env if dimensions.variable_weight(name)[0] == "exec"]
    parts = [
        launched.identity or "not understood",
        *([f"through {launched.package}"] if launched.package and launched.identity.startswith("url:") else ()),
        *(
            (launched.version or "no version", *(("floating",) if launched.floating else ()))
            if launched.package
            else ()
        ),
        *([told(new, home, os)] if new.walls is not None else ()),
        *([new.shell] if new.shell else ()),
        *sorted(new.powers),
        *(f"secret {name}" for name in sorted(new.secrets)),
        *(f"path {shown(path, home, os)}" for path in sorted(new.paths)),
        *(f"variable {name}" for name in sorted(injected)),
        *(approval(name) for name in new.entry.auto or ()),
        *(["disabled"] if new.entry.enabled is False else ()),
    ]
    return ", ".join(parts)


def _server(old: Holdings, new: Holdings) -> list[PrivilegeChange]:
    first, second = old.launched, new.launched
    if first.identity != second.identity:
        return [replaced("server", "high", f"{first.identity or 'none'}  ->  {second.identity or 'none'}")]
    if first.package != second.package:
        return [replaced("server", "high", f"{first.package or 'no bridge'}  ->  {second.package or 'no bridge'}")]
    return []
