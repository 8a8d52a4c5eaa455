"""How locked versions stand against what there is now, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.advisories import Advisories
from mcpconf.advisories.closure import Hit, Judged
from mcpconf.artifacts.offers import Release
from mcpconf.artifacts.standing import Outdated, Standing
from mcpconf.model.base import Json
from mcpconf.report.data import problem_data
from mcpconf.report.findings import render_problems
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style, plural

_HEAD = ("SERVER", "LOCKED", "WANTED", "NEWEST", "AGE", "STATE")
NO_DATA = "advisories: unknown; no OSV records are on this machine (`--advisories PATH`)"


def render_outdated(found: Outdated, style: Style) -> str:
    if not found.standings:
        return "No server of the manifest is a package.\n"
    rows = [_HEAD, *(tuple(map(style.text, _row(standing))) for standing in found.standings)]
    lines = [line for row in table(rows, style.width, indent=0) for line in row]
    lines[0] = style.paint(lines[0], "bold")
    details = [(style.text(item.name), style.text(text)) for item in found.standings for text in _details(item)]
    lines += [line for row in table(details, style.width) for line in row]
    lines += hang("", _about(found.advisories, style), style.width)
    if found.cooldown:
        lines.append(f"cooldown: {plural(found.cooldown, 'day')}")
    problems = [standing.problem for standing in found.standings if standing.problem is not None]
    text = "".join(f"{line}\n" for line in lines)
    return text + (f"\n{render_problems(tuple(problems), style)}" if problems else "")


def _row(standing: Standing) -> tuple[str, ...]:
    offer = standing.offered
    wanted, newest = ("?", "?") if offer is None else (_version(offer.wanted), _version(offer.newest))
    age = "" if standing.age is None else f"{standing.age} d"
    return standing.name, standing.locked or "-", wanted, newest, age, ", ".join(standing.states)


def _version(release: Release | None) -> str:
    return release.version if release is not None else "none"


def _details(standing: Standing) -> Iterator[str]:
    """What a state alone does not say."""
    if standing.judged is not None:
        yield from map(hit_text, standing.judged.hits)
        yield from (f"{name} cannot be held against {standing.locked}" for name in standing.judged.undecided)
    if standing.offered is not None and standing.offered.mine.withdrawn:
        yield f"withdrawn: {standing.offered.mine.withdrawn}"
    if standing.unasked:
        yield standing.unasked
    for item in standing.elsewhere:
        known = f", {', '.join(known.id for known in item.known)}" if item.known else ""
        yield f"{item.copy.started_by} would run {item.copy.version or 'some version'}{known}, from {item.copy.path}"


def hit_text(hit: Hit) -> str:
    """`GHSA-... (high), fixed in 2.4.0`, with the package unless it is the server's own."""
    known = hit.known
    of = "" if hit.own else f" in {hit.package} {hit.version}"
    what = "malware" if known.malware else known.severity
    grave = f" ({what})" if what else ""
    fixed = f", fixed in {', '.join(known.fixed)}" if known.fixed else ", no fix known"
    return f"{known.id}{grave}{of}{fixed}"


def _about(advisories: Advisories | None, style: Style) -> str:
    if advisories is None:
        return NO_DATA
    some = plural(advisories.count, "record")
    missing = [name for name, known in (("npm", "npm"), ("PyPI", "pypi")) if known not in advisories.ecosystems]
    unknown = f"; nothing about {' or '.join(missing)} packages: unknown" if missing else ""
    unread = f"; {plural(advisories.unread, 'file')} could not be read" if advisories.unread else ""
    return f"advisories: {some}, the newest of {style.text(advisories.newest[:10]) or 'no known day'}{unknown}{unread}"


def outdated_data(found: Outdated) -> dict[str, Json]:
    return {
        "format_version": "1.0",
        "servers": [_standing_data(standing) for standing in found.standings],
        "advisories": _advisories_data(found.advisories),
        "cooldown": found.cooldown,
        "exit_code": int(found.exit_code),
    }


def _standing_data(standing: Standing) -> dict[str, Json]:
    offer = standing.offered
    return {
        "server": standing.name,
        "package": standing.package,
        "locked": standing.locked or None,
        "wanted": _release_data(offer.wanted) if offer is not None else None,
        "newest": _release_data(offer.newest) if offer is not None else None,
        "old_enough": _release_data(offer.ripe) if offer is not None else None,
        "age": standing.age,
        "states": list(standing.states),
        "withdrawn": (offer.mine.withdrawn or None) if offer is not None else None,
        "advisories": judged_data(standing.judged),
        "unasked": standing.unasked or None,
        "problem": problem_data(standing.problem) if standing.problem is not None else None,
        "elsewhere": [
            {
                "path": item.copy.path,
                "version": item.copy.version,
                "started_by": item.copy.started_by,
                "advisories": None if item.verdict is None else [known.id for known in item.known],
            }
            for item in standing.elsewhere
        ],
    }


def _release_data(release: Release | None) -> Json:
    return None if release is None else {"version": release.version, "published": release.published or None}


def _advisories_data(advisories: Advisories | None) -> Json:
    if advisories is None:
        return None
    return {
        "records": advisories.count,
        "newest": advisories.newest or None,
        "ecosystems": sorted(advisories.ecosystems),
        "unread": advisories.unread,
    }


def judged_data(judged: Judged | None) -> Json:
    if judged is None:
        return None
    return {"affected": [hit_data(hit) for hit in judged.hits], "undecided": list(judged.undecided)}


def hit_data(hit: Hit) -> dict[str, Json]:
    known = hit.known
    return {
        "id": known.id,
        "aliases": list(known.aliases),
        "package": hit.package,
        "version": hit.version,
        "severity": known.severity or None,
        "malware": known.malware,
        "summary": known.summary,
        "fixed": list(known.fixed),
    }
