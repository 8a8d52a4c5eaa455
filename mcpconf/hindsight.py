"""What earlier commits of the manifest put on this machine, as far as something is found there that they may explain.

A manifest of the past is read as one of today: with the lock beside it, for this machine's groups, hosts and folders. It is
done only for commits that changed a server which could be meant, those first whose text is most like what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from mcpconf.documents.blocks import REST, another, blocks, changed
from mcpconf.errors import McpconfError, Problem
from mcpconf.hosts.signins import names_one_of
from mcpconf.model.past import Bygone, Hindsight, Version, Wanted
from mcpconf.ports import Documents, Past

MOST_READ = 64
"""Manifests of the past that are read in full. One takes about as long as a plan of its servers."""


class _Ended(NamedTuple):
    """Servers as they were before a commit changed them, `likeness` the most words of a wanted server that are there."""

    version: Version
    servers: frozenset[str]
    likeness: int


AsItWas = Callable[[Documents, str], Iterable[Bygone]]
"""What a manifest would put on this machine, without the commit that ended it. Raises McpconfError."""


def look_back(past: Past | Problem | None, files: Sequence[str], wanted: Wanted, as_it_was: AsItWas) -> Hindsight:
    if not any(wanted):
        return Hindsight()
    if past is None:
        is_seen = any(wanted._replace(all_gone=False))
        return Hindsight(unknown="the manifest is not in a git repository" if is_seen else "")
    if isinstance(past, Problem):
        return Hindsight(unknown=past.message)
    versions = past.versions(files)
    if isinstance(versions, Problem):
        return Hindsight(unknown=versions.message)
    cut = _Cut(past, versions)
    likest = sorted(_ended(cut, wanted), key=lambda item: (-item.likeness, item.version.merges))
    ended = _once(likest)
    found: dict[tuple[str, ...], Bygone] = {}
    unread = cut.unread
    for item in ended[:MOST_READ]:
        entries = _before(past, item, as_it_was)
        unread += entries is None
        for bygone in entries or ():
            mark = bygone.mark
            key = (mark.address, mark.identity, mark.arguments, *mark.environment, "", *bygone.auto)
            found.setdefault(key, bygone)
    order = {version.by.commit: number for number, version in reversed([*enumerate(versions)])}
    newest = sorted(found.values(), key=lambda bygone: order[bygone.by.commit])
    return Hindsight(tuple(newest), _missing(past, unread, ended))


def _missing(past: Past, unread: int, ended: Sequence[_Ended]) -> str:
    if past.shallow:
        return "the repository of the manifest is a shallow clone (`git fetch --unshallow`)"
    if unread:
        return f"{unread} earlier versions of the manifest cannot be read"
    alike = len(ended) > MOST_READ and ended[MOST_READ].likeness == ended[0].likeness
    return f"only {MOST_READ} of {len(ended)} earlier versions of it were read" if alike else ""


def _ended(cut: _Cut, wanted: Wanted) -> Iterator[_Ended]:
    """Newest first."""
    for version, before, after in cut.pairs():
        likeness = {name: _likeness(before[name], wanted) for name in changed(before, after)}
        if REST in likeness:  # a host that is left out need not be named beside a server
            likeness[REST] = max(_likeness(text, wanted) for text in before.values())
        meant = frozenset(name for name, like in likeness.items() if like or name in wanted.names)
        meant |= {name for name in likeness if wanted.marks and names_one_of(before.get(name, ""), wanted.marks)}
        meant |= {name for name in likeness if wanted.all_gone and another(before, after, name)}
        if meant:
            yield _Ended(version, meant, max(likeness[name] for name in meant))


def _likeness(text: str, wanted: Wanted) -> int:
    return max((_words(text, words) for words in wanted.launches), default=0)


@lru_cache(maxsize=65_536)
def _words(text: str, words: tuple[str, ...]) -> int:
    return sum(word in text for word in words) if words[0] in text else 0


class _Cut:
    """Each content is fetched and cut once, and equal texts of servers are kept once. `unread` counts those that git cannot give."""

    def __init__(self, past: Past, versions: Sequence[Version]) -> None:
        self._past = past
        self._versions = versions
        self._texts: dict[str, str] = {}
        self.unread = 0

    def pairs(self) -> Iterator[tuple[Version, dict[str, str], dict[str, str]]]:
        known: dict[str, dict[str, str]] = {"": {}}
        contents = dict.fromkeys(content for version in self._versions for content in (version.after, version.before))
        contents.pop("", None)
        for content, data in zip(contents, self._past.texts(contents), strict=True):
            self.unread += isinstance(data, Problem)
            text = "" if isinstance(data, Problem) else data.decode("utf-8", "replace")
            known[content] = {name: self._texts.setdefault(text, text) for name, text in blocks(text).items()}
        for version in self._versions:
            yield version, known[version.before], known[version.after]


def _once(ended: Collection[_Ended]) -> list[_Ended]:
    """One manifest of each content: a change and its merge may have the same before."""
    found: dict[tuple[str, str], _Ended] = {}
    for item in ended:
        found.setdefault((item.version.file, item.version.before), item)
    return [*found.values()]


def _before(past: Past, ended: _Ended, as_it_was: AsItWas) -> list[Bygone] | None:
    """None where that manifest cannot be read any more."""
    documents = past.before(ended.version)
    if isinstance(documents, Problem):
        return None
    try:
        entries = [*as_it_was(*documents)]
    except McpconfError:
        return None
    return [
        item._replace(by=ended.version.by) for item in entries if REST in ended.servers or item.server in ended.servers
    ]
