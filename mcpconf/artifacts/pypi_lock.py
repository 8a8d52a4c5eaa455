"""Which version of a PyPI package, and of all that it depends on, on every machine: asked of `uv`, without building any."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from mcpconf.artifacts import UNSET, Wish
from mcpconf.artifacts.pypi_program import read_program
from mcpconf.artifacts.pypi_pylock import Closure, closure, preferences
from mcpconf.artifacts.pypi_uv import Uv, failure, told
from mcpconf.errors import Problem
from mcpconf.model.lock import Attested, Component, LockedServer
from mcpconf.packages.pypi import is_exact
from mcpconf.workshop import Ran

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
"""The oldest version of Python that a lock is made for, and those that are tried when a package asks for more."""

_MOST_ROUNDS = 60
_MOST_SHOWN = 5
_NEWER_PYTHON = re.compile(r"requires Python|does not satisfy Python")
_COMPILE = (
    "pip",
    "compile",
    "wanted.txt",
    "-c",
    "constraints.txt",
    "-o",
    "pylock.toml",
    "--universal",
    "--generate-hashes",
    "--format",
    "pylock.toml",
    "--no-header",
    "--no-annotate",
    "--no-sources",
    "--resolution",
    "highest",
    "--prerelease",
    "if-necessary-or-explicit",
    "--fork-strategy",
    "requires-python",
)


@dataclass(slots=True)
class _Resolution:
    """One package in one room. `excluded` are versions that must not be chosen."""

    uv: Uv
    wish: Wish
    name: str
    excluded: list[str] = field(default_factory=list)

    def chosen(self, requirement: str, python: str, *more: str) -> Closure | Problem:
        """Asked again as long as something is chosen that must not be. An exact version of the manifest is taken."""
        for _ in range(_MOST_ROUNDS):
            found = self._over_pythons(requirement, python, *more)
            if isinstance(found, Problem):
                return self._nothing_left() if self.excluded and found.kind == "missing" else found
            refused = [item for item in found.components.values() if self._is_avoided(item)]
            if not refused:
                return found
            self.excluded += [f"{item.name}!={item.version}" for item in refused]
        return self._nothing_left()

    def _over_pythons(self, requirement: str, python: str, *more: str) -> Closure | Problem:
        for version in PYTHONS[PYTHONS.index(python) :]:
            ran = self._compile(requirement, version, "--no-build", *more)
            if isinstance(ran, Problem):
                return ran
            if ran.code == 0:
                return closure(ran.out)
            text = told(ran)
            if not _NEWER_PYTHON.search(text):
                break
        return failure(text)

    def with_source(self, own: Component, python: str) -> Component | Problem:
        """The package with its source archive. Nothing is built for that: what it is, its wheels tell."""
        ran = self._compile(f"{own.name}=={own.version}", python, "--no-deps")
        found = ran if isinstance(ran, Problem) else closure(ran.out) if ran.code == 0 else failure(told(ran))
        return found if isinstance(found, Problem) else found.components[own.name]

    def _compile(self, requirement: str, python: str, *more: str) -> Ran | Problem:
        known = {} if self.wish.known is None or self.wish.upgrade else self.wish.known.closure
        self.uv.write("wanted.txt", f"{requirement}\n")
        self.uv.write("constraints.txt", "".join(f"{line}\n" for line in self.excluded))
        self.uv.write("pylock.toml", preferences(known))
        return self.uv.attempt(*_COMPILE, "--python-version", python, *self._before(), *more)

    def _before(self) -> tuple[str, ...]:
        """An exact version of the manifest is taken however young it is; what it depends on is not."""
        if not self.wish.before:
            return ()
        named = ("--exclude-newer-package", f"{self.name}=false") if is_exact(self.wish.server.version or "") else ()
        return ("--exclude-newer", self.wish.before, *named)

    def _is_avoided(self, item: Component) -> bool:
        stated = self.wish.server.version or ""
        if item.name == self.name and is_exact(stated) and Version(stated) == Version(item.version):
            return False
        return self.wish.avoided("pypi", item.name, item.version)

    def _nothing_left(self) -> Problem:
        shown = ", ".join(f"`{line.replace('!=', '` ')}" for line in self.excluded[:_MOST_SHOWN])
        more = len(self.excluded) - _MOST_SHOWN
        message = f"no version is left that fits without {shown}{f' and {more} more' if more > 0 else ''}"
        return Problem("missing", message, None, "write an exact version in the manifest, which is taken all the same")


def lock(wish: Wish, uv: Uv) -> LockedServer | Problem:
    """Raises OSError if the room cannot be written to."""
    package, stated = wish.server.package, wish.server.version or ""
    assert package is not None
    requirement = _requirement(package.name, stated)
    if isinstance(requirement, Problem):
        return requirement
    resolution = _Resolution(uv, wish, package.name)
    if not is_exact(stated):
        newest = resolution.chosen(requirement, PYTHONS[-1], "--no-deps")
        if isinstance(newest, Problem):
            return newest
        requirement = f"{package.name}=={newest.components[package.name].version}"
    found = resolution.chosen(requirement, PYTHONS[0])
    if isinstance(found, Problem):
        return found
    own = _agreed(resolution, found)
    read = own if isinstance(own, Problem) else read_program(own, found.requires, wish.server.bin or "", uv)
    if isinstance(own, Problem) or isinstance(read, Problem):
        return own if isinstance(own, Problem) else cast("Problem", read)
    known = wish.known
    return LockedServer(
        input_digest=UNSET,
        package=str(package),
        version=own.version,
        artifacts=own.artifacts,
        closure={**found.components, package.name: own},
        program=read.program,
        requires={"python": found.requires},
        publisher=read.publisher,
        provenance=known.provenance if known and known.artifacts == own.artifacts else Attested(),
    )


def _requirement(name: str, version: str) -> str | Problem:
    try:
        if is_exact(version):
            return f"{name}=={Version(version)}"
        return f"{name}{SpecifierSet(version if version[:1] in '<>=!~' else f'=={version}')}"
    except (InvalidSpecifier, InvalidVersion):
        hint = "write an exact version such as `2026.10.19`, or a range such as `>=2026.1,<2027`"
        return Problem("invalid", f"`{version}` is no version of a PyPI package", None, hint)


def _agreed(resolution: _Resolution, found: Closure) -> Component | Problem:
    """The package with the files that the manifest lists, if it lists any: then no other may be installed."""
    hashes = resolution.wish.server.hash
    own = found.components[resolution.name]
    if not {item.digest for item in own.artifacts.values()}.issuperset(hashes):
        whole = resolution.with_source(own, found.requires.removeprefix(">="))
        if isinstance(whole, Problem):
            return whole
        own = whole
    given = {item.digest for item in own.artifacts.values()}
    for stated in hashes:
        if stated not in given:
            shown = ", ".join(f"`{name}` {item.digest}" for name, item in sorted(own.artifacts.items())[:_MOST_SHOWN])
            message = f"no file of `{own.name}` {own.version} has the hash {stated} of the manifest; there is {shown}"
            return Problem("hash", message, None, "find out which of them is right before you change the manifest")
    kept = {name: item for name, item in own.artifacts.items() if not hashes or item.digest in hashes}
    return own.model_copy(update={"artifacts": kept})
