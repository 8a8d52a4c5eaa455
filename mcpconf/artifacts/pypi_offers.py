"""What the package index has of a PyPI package, as `uv` tells in a lock of that package alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from mcpconf.artifacts.offers import Bounds, Offers, Release
from mcpconf.artifacts.pypi_uv import Uv, failure, told, uv
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.moment import spelled
from mcpconf.packages.pypi import is_exact
from mcpconf.workshop import Ran, Workshop

_MOST_ROUNDS = 60
_COMPILE = (
    *("pip", "compile", "wanted.txt", "-c", "constraints.txt", "--no-deps", "--format", "pylock.toml"),
    *("--universal", "--no-build", "--no-header", "--no-annotate", "--no-sources"),
    *("--prerelease", "if-necessary-or-explicit"),
)
_PYTHON = "3.15"
"""For which a version must be made, however many others it is made for: uv takes an older one for an older Python."""

_ANNOTATED = (
    *("pip", "compile", "wanted.txt", "--no-deps", "--no-build", "--no-header", "--no-annotate", "--no-sources"),
    *("--emit-index-annotation", "--universal", "--python-version", _PYTHON),
)
_FROM = re.compile(r"^\s*# from (https?://\S{1,2000})$", re.MULTILINE)
_YANKED = re.compile(r"is yanked(?: \(reason: \"(.{0,300}?)\"\))?")


def index_of(name: str, version: str, workshop: Workshop) -> str | Problem:
    """The address of the index that uv takes a version from, of all that the user has set up."""
    if not is_exact(version):
        return _no_version(version)
    with uv(workshop) as found:
        if isinstance(found, Problem):
            return found
        found.write("wanted.txt", f"{name}=={version}\n")
        answer = found.run(*_ANNOTATED)
    if isinstance(answer, Problem):
        return answer
    match = _FROM.search(answer.decode("utf-8", "replace"))
    return match[1] if match else Problem("malformed", f"`uv` does not tell where `{name}` is from", None, "upgrade uv")


@contextmanager
def offers(name: str, workshop: Workshop) -> Iterator[Offers | Problem]:
    with uv(workshop) as found:
        yield found if isinstance(found, Problem) else _PypiOffers(name, found)


@dataclass(frozen=True, slots=True)
class _PypiOffers:
    name: str
    uv: Uv

    def best(self, bounds: Bounds) -> Release | Problem:
        """Asked again as long as a version comes that is to be avoided."""
        excluded: list[str] = []
        for _ in range(_MOST_ROUNDS):
            found = self._asked(bounds.asked, bounds.before, excluded)
            if isinstance(found, Problem) or not bounds.avoided(found.version):
                return found
            excluded.append(found.version)
        return Problem("invalid", f"every version of `{self.name}` that was looked at is to be avoided", None, "wait")

    def release(self, version: str) -> Release | Problem:
        return self._asked(f"=={version}", "", ()) if is_exact(version) else _no_version(version)

    def _asked(self, asked: str, before: str, excluded: list[str] | tuple[()]) -> Release | Problem:
        requirement = asked if asked[:1] in ("", *"<>=!~") else f"=={asked}"
        self.uv.write("wanted.txt", f"{self.name}{requirement}\n")
        self.uv.write("constraints.txt", "".join(f"{self.name}!={version}\n" for version in excluded))
        words = ("--exclude-newer", before) if before else ()
        ran = self.uv.attempt(*_COMPILE, "--python-version", _PYTHON, *words)
        if isinstance(ran, Problem):
            return ran
        return _release(ran) if ran.code == 0 else failure(told(ran))


def _no_version(text: str) -> Problem:
    """What is asked for stands in a file whose every line means something to uv."""
    return Problem(
        "invalid", f"`{ascii(text)[1:-1][:80]}` is no version of a PyPI package", None, "lock the server again"
    )


def _release(ran: Ran) -> Release | Problem:
    try:
        package = tomllib.loads(ran.out.decode())["packages"][0]
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
        moments = [moment for file in files if (moment := _moment(file.get("upload-time"))) is not None]
        version = str(package["version"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Problem("malformed", "`uv` gave an answer that is no lock", None, "upgrade uv")
    yanked = _YANKED.search(ran.err.decode("utf-8", "replace"))
    reason = (yanked[1] or "yanked") if yanked else ""
    return Release(version, spelled(min(moments)) if moments else "", reason)


def _moment(value: Json) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)
