"""Which version of an npm package is meant, and who answers for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cmp_to_key

from mcpconf.artifacts import Wish
from mcpconf.errors import Problem
from mcpconf.model.asked import UNPINNED
from mcpconf.model.base import Json
from mcpconf.model.lock import Publisher
from mcpconf.model.moment import moment_of
from mcpconf.packages.npm import is_exact

_MOST_OWNERS = 500
_LONGEST = 200
_HOSTED = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org", "": "github.com"}
_SHORT = re.compile(r"(?:(github|gitlab|bitbucket):)?([\w.-]+/[\w.-]+)", re.ASCII)
_ADDRESS = re.compile(r"(?:git\+)?(?:https?|ssh|git)://(?:[^/@\s]*@)?([A-Za-z0-9.-]+)(?::[0-9]+)?[/:]([^\s?#]+)")
_COPY = re.compile(r"(?:[\w.-]+)@([A-Za-z0-9.-]+):([^\s?#]+)", re.ASCII)


def exact(version: str | None) -> str:
    """The one version that is asked for, as npm writes it; "" for a range."""
    text = version or ""
    return text.removeprefix("v").partition("+")[0] if is_exact(text) else ""


def satisfies(version: str, asked: str | None) -> bool:
    """By npm's own rules: a prerelease only if the range names one."""
    if exact(asked):
        return version == exact(asked)
    import nodesemver

    return bool(nodesemver.satisfies(version, _range(asked), loose=False))


def _range(asked: str | None) -> str:
    return "*" if asked in (None, UNPINNED) else str(asked)


def choose(wish: Wish, answer: Mapping[str, Json]) -> str | Problem:
    """The greatest version of the range that is neither avoided nor too young. Npm's order of its answer is none."""
    package = wish.server.package
    assert package is not None
    versions = _versions(answer.get("versions"))
    fitting = [version for version in versions if satisfies(version, wish.server.version)]
    shown = f"`{package.name}` with `{_range(wish.server.version)}`"
    if not fitting:
        hint = f"the newest that is there is {_newest(versions)}" if versions else "check the name"
        return Problem("missing", f"no version of {shown} is in the npm registry", None, hint)
    allowed = [version for version in fitting if not wish.avoided("npm", package.name, version)]
    if not allowed:
        hint = "widen the range to a version that is safe"
        return Problem("invalid", f"every version of {shown} is to be avoided", None, hint)
    times = answer.get("time")
    old = [version for version in allowed if published_by(version, wish.before, times)]
    if not old:
        hint = "wait, or name an exact version"
        return Problem("missing", f"no version of {shown} is from before {wish.before}", None, hint)
    return _newest(old)


def _newest(versions: list[str]) -> str:
    import nodesemver

    def order(one: str, other: str) -> int:
        return int(nodesemver.compare(one, other, loose=False)) or (one > other) - (one < other)

    return max(versions, key=cmp_to_key(order))


def _versions(value: Json) -> list[str]:
    """Npm prints a single version without its list."""
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return sorted({version for version in listed if isinstance(version, str) and is_exact(version)})


def published_by(version: str, before: str, times: Json) -> bool:
    """Whether a version was published by a moment. One of which that is not told may be young."""
    if not before:
        return True
    limit, moment = moment_of(before), moment_of(times.get(version) if isinstance(times, dict) else None)
    return limit is not None and moment is not None and moment <= limit


def publisher(answer: Mapping[str, Json], known: Publisher) -> Publisher:
    """Owners and repository of a version. Not every registry tells its owners: then those that are known stay."""
    owners = sorted({name for item in _list(answer.get("maintainers")) if (name := _owner(item))})
    return Publisher(owners=owners[:_MOST_OWNERS] or known.owners, repository=repository(answer.get("repository")))


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value] if value else []


def _owner(item: Json) -> str:
    """The name alone: `name <address>`, or a map."""
    name = item.get("name") if isinstance(item, dict) else item
    return name.partition("<")[0].strip()[:_LONGEST] if isinstance(name, str) else ""


def repository(value: Json) -> str:
    """`https://host/owner/name`, however a package writes its repository; "" for what is none."""
    text = value.get("url") if isinstance(value, dict) else value
    if not isinstance(text, str) or len(text) > 10 * _LONGEST:
        return ""
    text = text.strip()
    if match := _SHORT.fullmatch(text):
        host, path = _HOSTED[match[1] or ""], match[2]
    elif match := _ADDRESS.match(text) or _COPY.match(text):
        host, path = match[1], match[2]
    else:
        return ""
    path = path.strip("/").removesuffix(".git")
    return f"https://{host.lower()}/{path}" if path else ""
