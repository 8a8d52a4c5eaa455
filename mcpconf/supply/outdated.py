"""How the locked versions stand against what there is now. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from mcpconf.advisories import Advisories
from mcpconf.advisories.closure import judged
from mcpconf.artifacts import artifacts, kind_of_locked
from mcpconf.artifacts.belonging import belongs
from mcpconf.artifacts.elsewhere import elsewhere
from mcpconf.artifacts.offers import Bounds, Offers, Release, offers
from mcpconf.artifacts.standing import Offered, Outdated, Standing, State
from mcpconf.errors import Problem
from mcpconf.model.asked import UNPINNED
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.packages import is_exact
from mcpconf.permissions.versions import order
from mcpconf.supply.abreast import Tell, abreast, silent
from mcpconf.supply.checking import check
from mcpconf.supply.locking import days_ago, known_names
from mcpconf.workshop import Workshop

_ASKED = ("npm", "pypi")
_NONE_FITS = ("missing", "invalid")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is not chosen: what was published less than `cooldown` days ago, and what `advisories` are about."""

    cooldown: int = 0
    advisories: Advisories | None = None

    def avoided(self, ecosystem: str, name: str, version: str) -> bool:
        return self.advisories is not None and self.advisories.avoided(ecosystem, name, version)


def outdated(path: str, workshop: Workshop, limits: Limits, names: Sequence[str] = (), tell: Tell = silent) -> Outdated:
    """Of every server that is a package, or of some. Raises McpconfError (exit 1) if manifest or lock cannot be read."""
    checked = check(path, workshop.machine.documents)
    known_names(checked, names)
    manifest = checked.manifest.manifest
    limits = replace(limits, cooldown=max(limits.cooldown, manifest.policy.cooldown))
    known = (checked.lock or Lock()).servers
    servers = [
        (name, server)
        for name, server in sorted(manifest.servers.items())
        if server.package is not None and (not names or name in names)
    ]
    standings = abreast(
        lambda item: _standing(item[0], item[1], known.get(item[0]), workshop, limits), servers, workshop, tell
    )
    return Outdated(tuple(standings), limits.advisories, limits.cooldown)


def _standing(name: str, server: Server, locked: LockedServer | None, workshop: Workshop, limits: Limits) -> Standing:
    package = str(server.package)
    if locked is None or locked.package != package or server.version == UNPINNED or belongs(locked, server) == "other":
        return Standing(name, package, "", ("not locked",))
    found = judged(locked, limits.advisories)
    judge = limits.advisories.judge if limits.advisories is not None else None
    copies = artifacts(kind_of_locked(locked)).copies(locked, workshop.machine)
    others = tuple(item for item in elsewhere(copies, locked, judge) if item.worth_telling(locked))
    standing = Standing(name, package, locked.version, (), judged=found, elsewhere=others)
    if unasked := _unasked(locked, workshop):
        return replace(standing, states=_states(standing) or ("unknown",), unasked=unasked)
    now = workshop.machine.clock.now()
    answer = offered(server, locked.version, workshop, limits)
    if isinstance(answer, Problem):
        problem = replace(answer, message=f"`{name}` cannot be looked up: {answer.message}")
        return replace(standing, states=(*_states(standing), "unknown"), problem=problem)
    age = days_between(answer.newest.published, now) if answer.newest is not None else None
    standing = replace(standing, offered=answer, age=age)
    return replace(standing, states=_states(standing) or ("up to date",))


def _unasked(locked: LockedServer, workshop: Workshop) -> str:
    ecosystem = locked.package.partition(":")[0]
    if ecosystem not in _ASKED:
        return f"nobody is asked which versions of {ecosystem} packages there are"
    return "nobody is asked which versions there are: `--offline`" if workshop.offline else ""


def offered(server: Server, locked: str, workshop: Workshop, limits: Limits) -> Offered | Problem:
    package = server.package
    assert package is not None
    before = days_ago(workshop.machine.clock.now(), limits.cooldown)

    def avoided(version: str) -> bool:
        return limits.avoided(package.ecosystem, package.name, version)

    with offers(package, workshop) as found:
        if isinstance(found, Problem):
            return found
        asked = server.version or ""
        exact = is_exact(package.ecosystem, asked)
        newest = _best(found, Bounds("", "", avoided), ("invalid",))
        ripe = newest if not before else _best(found, Bounds("", before, avoided))
        wanted = Release(asked) if exact else _best(found, Bounds(asked, before, avoided))
        mine = found.release(locked)
    if isinstance(newest, Problem) or isinstance(ripe, Problem):
        return newest if isinstance(newest, Problem) else cast("Problem", ripe)
    if isinstance(wanted, Problem) or isinstance(mine, Problem):
        return wanted if isinstance(wanted, Problem) else cast("Problem", mine)
    return Offered(wanted, newest, ripe, mine)


def _best(found: Offers, bounds: Bounds, none_fits: Sequence[str] = _NONE_FITS) -> Release | Problem | None:
    answer = found.best(bounds)
    return None if isinstance(answer, Problem) and answer.kind in none_fits else answer


def _states(standing: Standing) -> tuple[State, ...]:
    bad: list[State] = ["advisory"] if standing.judged is not None and standing.judged.hits else []
    offer = standing.offered
    if offer is None:
        return tuple(bad)
    if offer.mine.withdrawn:
        bad.append("withdrawn")
    return (*bad, *_others(offer, standing))


def _others(offer: Offered, standing: Standing) -> tuple[State, ...]:
    """What the versions are that could be taken instead."""
    ecosystem, locked, wanted = standing.package.partition(":")[0], standing.locked, offer.wanted
    if offer.ripe is not None and _beyond(offer.ripe, standing):
        return ("newer version",) if _greater(ecosystem, offer.ripe.version, locked) else ("safe version",)
    if _beyond(offer.newest, standing):
        return ("newer but too young",)
    return ("newer than wanted",) if wanted is not None and _greater(ecosystem, locked, wanted.version) else ()


def _beyond(release: Release | None, standing: Standing) -> bool:
    """Whether a version is worth to be taken: a greater one, or any other than one that an advisory is about."""
    if release is None or release.version == standing.locked:
        return False
    if standing.judged is not None and standing.judged.own:
        return True
    return _greater(standing.package.partition(":")[0], release.version, standing.locked)


def worth(release: Release, asked: str, server: Server, limits: Limits) -> bool:
    """The same, of the version that the manifest asks for."""
    assert server.package is not None
    ecosystem, name = server.package.ecosystem, server.package.name
    unsafe = asked == UNPINNED or limits.avoided(ecosystem, name, asked)
    return release.version != asked and (unsafe or _greater(ecosystem, release.version, asked))


def _greater(ecosystem: str, version: str, than: str) -> bool:
    old, new = order(ecosystem, than), order(ecosystem, version)
    return old is not None and new is not None and bool(old < new)


def days_between(published: str, now: str) -> int | None:
    """Whole days; None if a moment is not told."""
    try:
        return max((datetime.fromisoformat(now) - datetime.fromisoformat(published)).days, 0)
    except (ValueError, TypeError):
        return None
