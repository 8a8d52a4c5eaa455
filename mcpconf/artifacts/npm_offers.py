"""What the npm registry has of a package, as `npm view` tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mcpconf.artifacts import Wish
from mcpconf.artifacts.npm_client import NpmError, explained, safe, view
from mcpconf.artifacts.npm_versions import choose
from mcpconf.artifacts.offers import Bounds, Offers, Release
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.manifest import Server
from mcpconf.model.moment import spelled
from mcpconf.model.package import Package
from mcpconf.workshop import Workshop


@contextmanager
def offers(name: str, workshop: Workshop) -> Iterator[Offers | Problem]:
    with workshop.trees.room() as room:
        try:
            answer = view(name, room, workshop)
        except NpmError as error:
            answer = explained(error, name)
        yield answer if isinstance(answer, Problem) else _NpmOffers(name, answer, room, workshop)


@dataclass(frozen=True, slots=True)
class _NpmOffers:
    """`answer` is what is told of all versions."""

    name: str
    answer: Mapping[str, Json]
    room: str
    workshop: Workshop

    def best(self, bounds: Bounds) -> Release | Problem:
        server = Server(package=Package("npm", self.name), version=bounds.asked or "*")
        wish = Wish(self.name, server, before=bounds.before, avoided=lambda _, __, version: bounds.avoided(version))
        version = choose(wish, self.answer)
        return version if isinstance(version, Problem) else Release(version, self._published(version))

    def release(self, version: str) -> Release | Problem:
        asked = f"{self.name}@{version}"
        try:
            answer = view(asked, self.room, self.workshop)
        except NpmError as error:
            return explained(error, asked)
        if isinstance(answer, Problem):
            return answer
        if answer.get("version") != version:
            return Problem("missing", f"`{safe(asked)}` is not in the npm registry", None, "check the version")
        withdrawn = answer.get("deprecated")
        told = safe(withdrawn) if isinstance(withdrawn, str) else ""
        return Release(version, self._published(version), told)

    def _published(self, version: str) -> str:
        times = self.answer.get("time")
        return spelled(times.get(version)) if isinstance(times, dict) else ""
