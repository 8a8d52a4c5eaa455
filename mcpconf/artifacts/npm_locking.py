"""From a wish to a locked npm package: version, closure, program, publisher."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mcpconf.artifacts import UNSET, Wish
from mcpconf.artifacts.npm_client import LOGS, NpmError, explained, lock_only, safe, view, write
from mcpconf.artifacts.npm_closure import OUTSIDE, fault, from_registry, package_json, package_lock, parse_closure
from mcpconf.artifacts.npm_libc import with_libc
from mcpconf.artifacts.npm_program import program_of
from mcpconf.artifacts.npm_versions import choose, exact, published_by, publisher, satisfies
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Component, LockedServer, Publisher
from mcpconf.packages.npm import is_exact
from mcpconf.ports import Files
from mcpconf.workshop import Workshop

_GONE = "name a version that is there, or `mcpconf lock --upgrade`"
_CHANGED = "find out why one version has other bytes than before; until then do not use it"
_FETCHED = re.compile(
    r"silly fetch manifest (?P<name>@?[^\s@]{1,214})@(?P<spec>\S{1,500})"
    r"|silly placeDep \S+ (?P<placed>@?[^\s@]{1,214})@\S* .{0,500}? want: (?P<wanted>\S{1,500})"
    r"|Refusing to fetch \"(?P<refused>@?[^\s@]{1,214})@(?P<from>\S{1,500})\""
)
"""What npm 8 to 11 write into their log (2026-11)."""

_LONGEST_LOG = 4 * 1024 * 1024
_DEPENDENCIES = ("dependencies", "optionalDependencies")


def locked(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    assert wish.server.package is not None
    name = wish.server.package.name
    if name.startswith("-"):
        return Problem("invalid", f"`{name}` is no package name", None, "check `package`")
    if workshop.offline:
        hint = "run it without `--offline`; what is locked already stays so"
        return Problem("unreadable", f"`{name}` cannot be locked without the network", None, hint)
    with workshop.trees.room() as room:
        try:
            return _Locking(wish, name, room, workshop).run()
        except NpmError as error:
            return explained(error, name)


@dataclass(frozen=True, slots=True)
class _Locking:
    """One wish, and the room in which npm is asked about it. Methods raise NpmError."""

    wish: Wish
    name: str
    room: str
    workshop: Workshop

    @property
    def known(self) -> LockedServer | None:
        """What was locked of the same package, unless all of it is to be chosen anew."""
        known = self.wish.known
        same = known is not None and known.package == str(self.wish.server.package) and not self.wish.upgrade
        return known if same else None

    @property
    def files(self) -> Files:
        return self.workshop.machine.files

    def run(self) -> LockedServer | Problem:
        version = self._version()
        if isinstance(version, Problem):
            return version
        told = self._told(version)
        if isinstance(told, Problem):
            return told
        outside = _asked_outside(f"{self.name}@{version}", told)
        closure = outside or self._closure(version, told)
        if isinstance(closure, Problem):
            return closure
        own = closure.get(f"node_modules/{self.name}")
        if own is None or own.version != version or not own.artifacts:
            return Problem("malformed", f"npm did not lock `{self.name}@{version}` itself", None, _CHANGED)
        return self._disagreement(own, told) or self._server(own, closure, told)

    def _version(self) -> str | Problem:
        asked = self.wish.server.version
        if self.known is not None and is_exact(self.known.version) and satisfies(self.known.version, asked):
            return self.known.version
        if stated := exact(asked):
            return stated
        answer = view(self.name, self.room, self.workshop)
        return answer if isinstance(answer, Problem) else choose(self.wish, answer)

    def _told(self, version: str) -> Mapping[str, Json] | Problem:
        """What the registry tells of one version."""
        asked = f"{self.name}@{version}"
        gone = Problem("missing", f"`{safe(asked)}` is not in the npm registry", None, _GONE)
        try:
            answer = view(asked, self.room, self.workshop)
        except NpmError as error:
            if error.code not in ("E404", "ETARGET"):
                raise
            whole = view(self.name, self.room, self.workshop)  # a package that does not exist is another problem
            return whole if isinstance(whole, Problem) else gone
        if isinstance(answer, Problem):
            return answer
        told: Mapping[str, Json] = answer
        return told if (told.get("name"), told.get("version")) == (self.name, version) else gone

    def _closure(self, version: str, told: Mapping[str, Json]) -> dict[str, Component] | Problem:
        """A version that the manifest names may be younger than its dependencies must be: npm keeps what it finds locked."""
        seed = {} if self.known is None or fault(self.known.closure) else self.known.closure
        if not seed and self.wish.before and not published_by(version, self.wish.before, told.get("time")):
            young = self._resolved(version, {}, "")
            if isinstance(young, Problem):
                return young
            seed = {place: item for place, item in young.items() if place == f"node_modules/{self.name}"}
        return self._resolved(version, seed, self.wish.before)

    def _resolved(self, version: str, seed: Mapping[str, Component], before: str) -> dict[str, Component] | Problem:
        lock = f"{self.room}/package-lock.json"
        write(f"{self.room}/package.json", package_json(self.name, version), self.files)
        if seed:
            write(lock, package_lock(self.name, version, seed), self.files)
        else:
            self.files.remove(lock)
        problem = self._asked(before)
        if problem is not None:
            return problem
        found = self.files.read(lock)
        if found is None or isinstance(found, Problem):
            return found or Problem("missing", f"npm wrote no lock for `{self.name}@{version}`", None, _CHANGED)
        closure = parse_closure(found.data)
        return closure if isinstance(closure, Problem) else with_libc(closure, seed, self.room, self.workshop)

    def _asked(self, before: str) -> Problem | None:
        """Whatever npm fails for, a dependency from elsewhere is told first.

        Where it stops at an address though no dependency has one, it stands before an archive with a bundle in it.
        """
        try:
            return lock_only(before, self.room, self.workshop)
        except NpmError as error:
            culprit = self._culprit()
            if culprit is None and error.code != "EALLOWREMOTE":
                raise
        return culprit or lock_only(before, self.room, self.workshop, bundles=True)

    def _culprit(self) -> Problem | None:
        """Which dependency npm was asked to get from elsewhere: only its log names it."""
        for name, spec in self._fetched():
            if not from_registry(spec):
                message = (
                    f"`{safe(name)}` in the closure of `{self.name}` comes from `{safe(spec)}`, which is no registry"
                )
                return Problem("invalid", message, None, OUTSIDE)
        return None

    def _fetched(self) -> Iterator[tuple[str, str]]:
        names = self.files.names(f"{self.room}/{LOGS}")
        for file in () if isinstance(names, Problem) else names:
            log = self.files.read(f"{self.room}/{LOGS}/{file}")
            if log is not None and not isinstance(log, Problem):
                text = log.data[:_LONGEST_LOG].decode("utf-8", "replace")
                for match in _FETCHED.finditer(text):
                    name, spec = (part for part in match.groups() if part is not None)
                    yield name, spec

    def _disagreement(self, own: Component, told: Mapping[str, Json]) -> Problem | None:
        """The lock, the registry and the manifest must mean the same bytes."""
        shown = f"{self.name}@{own.version}"
        digest = next(iter(own.artifacts.values())).digest
        dist = told.get("dist")
        registry = dist.get("integrity") if isinstance(dist, dict) else None
        if isinstance(registry, str) and digest not in registry.split():
            message = f"`{shown}` is locked with `{digest}`, and the registry now gives `{safe(registry)}`"
            return Problem("hash", message, None, _CHANGED)
        stated = self.wish.server.hash
        if stated and stated[0] != digest:
            message = f"the manifest has the hash `{stated[0]}` for `{shown}`, and the registry `{digest}`"
            return Problem("hash", message, None, "correct `hash`, if the registry is right")
        return None

    def _server(
        self, own: Component, closure: dict[str, Component], told: Mapping[str, Json]
    ) -> LockedServer | Problem:
        program = program_of(own, self.wish.server.bin or "")
        if isinstance(program, Problem):
            return program
        node = own.layout.get("engines", {}).get("node", "")
        before = Publisher() if self.wish.known is None else self.wish.known.publisher
        return LockedServer(
            input_digest=UNSET,
            package=str(self.wish.server.package),
            version=own.version,
            artifacts=own.artifacts,
            closure=closure,
            program=program,
            requires={"node": node} if node else {},
            publisher=publisher(told, before),
        )


def _asked_outside(shown: str, told: Mapping[str, Json]) -> Problem | None:
    """Direct dependencies are refused before npm is sent to where they come from."""
    for key in _DEPENDENCIES:
        asked = told.get(key)
        for name, spec in sorted(asked.items()) if isinstance(asked, dict) else ():
            if not isinstance(spec, str) or not from_registry(spec):
                message = f"`{shown}` takes `{safe(name)}` from `{safe(str(spec))}`, which is no registry"
                return Problem("invalid", message, None, OUTSIDE)
    return None
