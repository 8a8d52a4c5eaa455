"""A closure of npm packages: read from npm's own lock, and written as one again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from mcpconf.artifacts.npm_client import UPGRADE, safe
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Artifact, Component
from mcpconf.packages.npm import is_exact

ROOT = "mcpconf-installation"
_NAME = r"(?:@[A-Za-z0-9~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*"
PLACE = re.compile(rf"(?:.+/)?node_modules/({_NAME})")
_PLACE = re.compile(rf"node_modules/{_NAME}(?:/node_modules/{_NAME})*")
_FULL_NAME = re.compile(_NAME)
_LONGEST_NAME = 214
_LONGEST_PLACE = 2000
_MOST = 20_000
_SHA512 = re.compile(r"sha512-[A-Za-z0-9+/]{85}[AQgw]==")
_LONGEST_NOTE = 200
_ARCHIVE = (".tgz", ".tar", ".tar.gz")


def _texts(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _maps(value: Json) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, dict) and all(isinstance(switch, bool) for switch in item.values()) for item in value.values()
    )


def _list(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_LISTS = ("bundleDependencies", "os", "cpu", "libc")
_LAYOUT: dict[str, Callable[[Json], bool]] = {
    **dict.fromkeys(("dependencies", "optionalDependencies", "peerDependencies", "acceptDependencies"), _texts),
    **dict.fromkeys(("bin", "engines"), _texts),
    "peerDependenciesMeta": _maps,
    **dict.fromkeys(_LISTS, _list),
    **dict.fromkeys(("optional", "hasInstallScript", "hasShrinkwrap", "inBundle"), lambda value: value is True),
    "deprecated": lambda value: isinstance(value, str) and len(value) <= _LONGEST_NOTE,
}
"""What is kept of npm's entry. `peer` and `dev` are not: what they mean follows from the rest, and npm's majors differ."""

_DEPENDENCIES = ("dependencies", "optionalDependencies", "peerDependencies")


def archive(name: str, version: str) -> str:
    """The file that a registry gives for a version."""
    return f"{name.rpartition('/')[2]}-{version}.tgz"


def parse_closure(data: bytes) -> dict[str, Component] | Problem:
    """Every package of a `package-lock.json`, by its place. A Problem names what does not come from a registry."""
    try:
        entries = json.loads(data).get("packages")
    except (ValueError, RecursionError, AttributeError):
        entries = None
    if not isinstance(entries, dict):
        return Problem("malformed", "npm wrote a lock that cannot be read", None, UPGRADE)
    closure: dict[str, Component] = {}
    for place, entry in sorted(entries.items(), key=lambda item: (not _is_link(item[1]), item[0])):
        if place:
            component = _component(place, entry)
            if isinstance(component, Problem):
                return component
            closure[place] = component
    return fault(closure) or dict(sorted(closure.items()))


def _is_link(entry: Json) -> bool:
    """Npm's entry for a folder beside the packages, whose own entry says less."""
    return isinstance(entry, dict) and bool(entry.get("link"))


def _component(place: str, entry: Json) -> Component | Problem:
    match = PLACE.fullmatch(place)
    if match is None or not isinstance(entry, dict) or _is_link(entry):
        name, source = (
            (match[1] if match else place),
            entry.get("resolved", place) if isinstance(entry, dict) else place,
        )
        message = f"`{safe(name)}` in the closure comes from `{safe(str(source))}`, which is no registry"
        return Problem("invalid", message, None, OUTSIDE)
    name, version = entry.get("name", match[1]), entry.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not is_exact(version) or not _is_name(name):
        return Problem("invalid", f"`{safe(match[1])}` has no version of a registry", None, OUTSIDE)
    layout = {key: value for key, value in entry.items() if key in _LAYOUT}
    layout |= {key: [layout[key]] for key in _LISTS if isinstance(layout.get(key), str)}
    if isinstance(layout.get("deprecated"), str):
        layout["deprecated"] = " ".join(layout["deprecated"].split())[:_LONGEST_NOTE]
    layout = {key: value for key, value in layout.items() if _LAYOUT[key](value)}
    found = _SHA512.findall(str(entry.get("integrity", "")))
    artifacts = {archive(name, version): Artifact(digest=found[0])} if len(found) == 1 else {}
    return Component(name=name, version=version, artifacts=artifacts, layout=layout)


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and not name.startswith("-") and _FULL_NAME.fullmatch(name) is not None


OUTSIDE = "ask for a version whose dependencies all come from a registry, or run it as an image"


def fault(closure: Mapping[str, Component]) -> Problem | None:
    """What of a closure must not be installed, whoever wrote it: it may come from git, and git from anybody."""
    if len(closure) > _MOST:
        return Problem("oversized", f"the closure has more than {_MOST} packages")
    for place, component in closure.items():
        problem = _fault_of(place, component, closure)
        if problem is not None:
            return problem
    return None


def _fault_of(place: str, component: Component, closure: Mapping[str, Component]) -> Problem | None:
    shown = safe(f"{component.name}@{component.version}")
    if len(place) > _LONGEST_PLACE or not _PLACE.fullmatch(place) or not _FULL_NAME.fullmatch(component.name):
        return Problem("invalid", f"`{safe(place)}` is no place for a package", None, OUTSIDE)
    if not is_exact(component.version):
        return Problem("invalid", f"`{shown}` has no version of a registry", None, OUTSIDE)
    wrong = next((key for key, value in component.layout.items() if not _LAYOUT.get(key, _never)(value)), None)
    if wrong is not None:
        return Problem("invalid", f"`{safe(wrong)}` of `{shown}` means nothing to npm", None, OUTSIDE)
    for name, spec in _asked(component):
        target = found_by(name, place, closure)
        if target is not None and not from_registry(spec) and not closure[target].layout.get("inBundle"):
            message = f"`{shown}` takes `{safe(name)}` from `{safe(spec)}`, which is no registry"
            return Problem("invalid", message, None, OUTSIDE)
    if not component.artifacts and not _bundled(place, component, closure):
        hint = "only a sha512 tells that it is the same; ask for a version whose dependencies have one"
        return Problem("invalid", f"the registry gives no sha512 for `{shown}`", None, hint)
    wanted = {archive(component.name, component.version)} if component.artifacts else set()
    digests = [artifact.digest for artifact in component.artifacts.values()]
    if component.artifacts.keys() != wanted or not all(map(_SHA512.fullmatch, digests)):
        return Problem("invalid", f"`{shown}` must have one sha512, of `{archive(component.name, component.version)}`")
    return None


def _never(value: Json) -> bool:  # noqa: ARG001
    return False


def _bundled(place: str, component: Component, closure: Mapping[str, Component]) -> bool:
    """Whether a package lies in the archive of another one, and so under that one's hash."""
    if not component.layout.get("inBundle"):
        return False
    while "/node_modules/" in place:
        place = place.rpartition("/node_modules/")[0]
        around = closure.get(place)
        if around is not None and around.layout.get("bundleDependencies") and around.artifacts:
            return True
    return False


def _asked(component: Component) -> Iterator[tuple[str, str]]:
    for key in _DEPENDENCIES:
        specs = component.layout.get(key)
        if isinstance(specs, dict):
            yield from specs.items()


def from_registry(spec: str) -> bool:
    """Whether a dependency is asked for by a version, a range, a tag or an alias of such."""
    asked = spec.removeprefix("npm:").rpartition("@")[2] if spec.startswith("npm:") else spec
    return not any(mark in asked for mark in ":/\\") and not asked.lower().endswith(_ARCHIVE)


def found_by(name: str, place: str, closure: Mapping[str, Component]) -> str | None:
    """Where Node finds a package that is asked for from a place: below it, or below what is around it."""
    around = place
    while True:
        candidate = f"{around}/node_modules/{name}" if around else f"node_modules/{name}"
        if candidate in closure:
            return candidate
        if not around:
            return None
        around = around.rpartition("/node_modules/")[0] if "/node_modules/" in around else ""


def package_json(name: str, version: str) -> bytes:
    """A project that needs nothing but one version of a package."""
    return _document({"name": ROOT, "version": "0.0.0", "private": True, "dependencies": {name: version}})


def package_lock(name: str, version: str, closure: Mapping[str, Component]) -> bytes:
    """Npm's lock of that project, without addresses: npm asks its own registry, and compares the hash."""
    packages: dict[str, Json] = {"": {"name": ROOT, "version": "0.0.0", "dependencies": {name: version}}}
    for place, component in sorted(closure.items()):
        match = PLACE.fullmatch(place)
        alias = {} if match is not None and match[1] == component.name else {"name": component.name}
        integrity = {"integrity": next(iter(component.artifacts.values())).digest} if component.artifacts else {}
        layout = {key: value for key, value in component.layout.items() if key in _LAYOUT}
        packages[place] = {**alias, "version": component.version, **integrity, **layout}
    return _document({"name": ROOT, "version": "0.0.0", "lockfileVersion": 3, "requires": True, "packages": packages})


def _document(value: Json) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
