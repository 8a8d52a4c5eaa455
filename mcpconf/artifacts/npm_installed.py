"""What npm laid out, compared with the lock: no more, no less, and nothing that points out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import normpath

from mcpconf.artifacts.belonging import ANEW
from mcpconf.artifacts.npm_client import NpmError, clean_install, environment, explained, safe, write
from mcpconf.artifacts.npm_closure import fault, found_by, package_json, package_lock
from mcpconf.artifacts.npm_node import find_node
from mcpconf.artifacts.npm_program import inner
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Component, LockedServer
from mcpconf.ports import Files
from mcpconf.workshop import Call, Workshop

_OURS = frozenset({"package.json", "package-lock.json"})
_LINKS = re.compile(r"(?:.+/)?node_modules/\.bin/[^/]+")
_SHIM = re.compile(rb"#!\s*(\S+)(?:\s+(?:-S\s+)?(\S+))?")
_LONGEST_RANGE = 256
_AGAIN = "run it again; if it stays so, the registry gives what was not locked"
_ASK = (
    "const r=process.report;if(r)r.excludeNetwork=true;const g=r?r.getReport():{};"
    "console.log(JSON.stringify([process.platform,process.arch,process.version,"
    "g.header&&g.header.glibcVersionRuntime?'glibc':"
    "(g.sharedObjects||[]).some(f=>f.includes('libc.musl-')||f.includes('ld-musl-'))?'musl':'']))"
)
"""How npm itself tells the family of the C library (npm-install-checks 7, 2026-11)."""


def installed(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:
    """Lay out a closure in an empty folder and see that it is what the lock says."""
    name, files = locked.package.partition(":")[2], workshop.machine.files
    problem = fault(locked.closure) or _contradiction(locked, name)
    if problem is not None:
        return problem
    here = platform(folder, workshop)
    if isinstance(here, Problem):
        return here
    problem = too_old(locked, here)
    if problem is not None:
        return problem
    write(f"{folder}/package.json", package_json(name, locked.version), files)
    write(f"{folder}/package-lock.json", package_lock(name, locked.version, locked.closure), files)
    try:
        problem = clean_install(folder, workshop)
    except NpmError as error:
        return explained(error, f"{name}@{locked.version}")
    if problem is None:
        files.remove(f"{folder}/node_modules/.package-lock.json")
        problem = verify(locked, folder, here, files)
    return problem


def _contradiction(locked: LockedServer, name: str) -> Problem | None:
    """Whether a lock says one thing of the server and another of the package that would be started."""
    own = locked.closure.get(f"node_modules/{name}")
    same = own is not None and (own.name, own.version, own.artifacts) == (name, locked.version, locked.artifacts)
    if same and inner(locked.program):
        return None
    return Problem("invalid", f"the lock contradicts itself about `{name}`", None, ANEW)


@dataclass(frozen=True, slots=True)
class Platform:
    """In Node's own words: `linux`, `x64`, `20.20.2`, `glibc`."""

    os: str
    cpu: str
    node: str
    libc: str


def platform(folder: str, workshop: Workshop) -> Platform | Problem:
    node = find_node(workshop.machine)
    if isinstance(node, Problem):
        return node
    ran = workshop.programs.run(Call((node, "-e", _ASK), folder, environment(workshop.machine.facts.env), 60.0))
    if isinstance(ran, Problem):
        return ran
    try:
        told = json.loads(ran.out)
    except ValueError:
        told = None
    if not isinstance(told, list) or len(told) != 4 or not all(isinstance(item, str) for item in told):
        return Problem("unreadable", f"`{node}` does not tell what it is", None, "check the installation of Node.js")
    return Platform(told[0], told[1], told[2].removeprefix("v"), told[3])


def too_old(locked: LockedServer, here: Platform) -> Problem | None:
    """Whether the server itself says that it does not run on this Node."""
    wanted = locked.requires.get("node", "")
    if not wanted or _engine_fits(wanted, here.node):
        return None
    message = f"`{locked.package.partition(':')[2]}` needs node `{safe(wanted)}`, and here is {here.node}"
    return Problem("invalid", message, None, "install a newer Node.js")


def _engine_fits(wanted: str, node: str) -> bool:
    """What is no range asks for nothing, as for npm. What is longer than any range of a person is taken for none."""
    import nodesemver

    if len(wanted) > _LONGEST_RANGE or nodesemver.valid_range(wanted, False) is None:
        return True
    return bool(nodesemver.satisfies(node, wanted, loose=False, include_prerelease=True))


def verify(locked: LockedServer, folder: str, here: Platform, files: Files) -> Problem | None:
    """Compare a folder in which npm has just installed with the lock.

    The bytes of a package are npm's to check, by the hash of its archive; here it is whether each package is where it
    belongs. What a package brings in a `node_modules` of its own archive is under its hash.
    """
    tree = files.tree(folder)
    if tree is None or isinstance(tree, Problem):
        return tree or Problem("missing", "npm installed nothing", None, _AGAIN)
    problem = _strange(tree) or _unlocked(tree, locked.closure)
    if problem is not None:
        return problem
    there = set()
    for place, component in locked.closure.items():
        if f"{place}/package.json" in tree:
            there.add(place)
            problem = _other(f"{folder}/{place}/package.json", component, files)
            if problem is not None:
                return problem
    missing = locked.closure.keys() - there
    unexplained = sorted(missing - excused(locked.closure, missing, here))
    if unexplained:
        component = locked.closure[unexplained[0]]
        return Problem("missing", f"npm did not install `{component.name}@{component.version}`", None, _AGAIN)
    return _program(locked, f"{folder}/{_own(locked)}/{locked.program}", files)


def _own(locked: LockedServer) -> str:
    return f"node_modules/{locked.package.partition(':')[2]}"


def _strange(tree: Mapping[str, str]) -> Problem | None:
    for path, mark in tree.items():
        kind, _, target = mark.partition(" ")
        if kind == "?" or (kind == "l" and not _inside(path, target)):
            message = f"`{safe(path)}` of the installation is neither a file nor a link to one beside it"
            return Problem("symlink", message, None, _AGAIN)
    return None


def _inside(path: str, target: str) -> bool:
    """Whether a link is npm's own, to a program of a package in the same tree."""
    if not _LINKS.fullmatch(path) or target.startswith("/") or "\\" in target or target[1:2] == ":":
        return False
    return normpath(f"{path.rpartition('/')[0]}/{target}").startswith("node_modules/")


def _unlocked(tree: Iterable[str], closure: Mapping[str, Component]) -> Problem | None:
    places = {place.removeprefix("node_modules/").partition("/node_modules/")[0] for place in closure}
    for path in tree:
        below = path.removeprefix("node_modules/")
        steps = below.split("/")
        package = "/".join(steps[: 2 if below.startswith("@") else 1])
        npms_own = path in _OURS or steps[0] == ".bin"
        if not npms_own and (below == path or package not in places):
            return Problem("hash", f"npm installed `{safe(path)}`, which is not locked", None, _AGAIN)
    return None


def _other(path: str, component: Component, files: Files) -> Problem | None:
    """Whether a package says that it is another one than the lock has there."""
    snapshot = files.read(path)
    found: Json = None
    if snapshot is not None and not isinstance(snapshot, Problem):
        try:
            found = json.loads(snapshot.data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            found = None
    name, version = (found.get("name"), found.get("version")) if isinstance(found, dict) else (None, None)
    if name == component.name and _same_version(version, component.version):
        return None
    message = f"npm installed `{safe(f'{name}@{version}')}` where `{component.name}@{component.version}` is locked"
    return Problem("invalid", message, None, _AGAIN)


def _same_version(written: Json, locked: str) -> bool:
    """Old archives write `v1.0.0` or `1.0.0beta`, which the registry lists as npm reads it."""
    import nodesemver

    try:
        return isinstance(written, str) and bool(nodesemver.eq(written.strip(), locked, loose=True))
    except ValueError:
        return False


def _program(locked: LockedServer, path: str, files: Files) -> Problem | None:
    """The program is there, and Node is what runs it."""
    snapshot = files.read(path)
    if isinstance(snapshot, Problem):
        return snapshot
    shown = f"`{safe(locked.program)}` of `{locked.package.partition(':')[2]}`"
    if snapshot is None:
        return Problem("missing", f"there is no {shown} in its archive", None, "choose another program with `bin`")
    match = _SHIM.match(snapshot.data[:200])
    words = [word.decode("utf-8", "replace").rpartition("/")[2] for word in match.groups() if word] if match else []
    if words and not {"node", "nodejs"} & {*words}:
        hint = "run it without `launch: locked`, or choose another program with `bin`"
        return Problem("not-supported", f"{shown} is started by `{safe(words[-1])}`, not by Node.js", None, hint)
    return None


def excused(closure: Mapping[str, Component], missing: Iterable[str], here: Platform) -> set[str]:
    """Packages that npm rightly leaves out here: optional ones for another platform, and what only these need.

    Npm also leaves out an optional package whose archive it could not get or that has another hash; that is no excuse.
    """
    missing = {place for place in missing if closure[place].layout.get("optional")}
    needed = {place: set(_needed(place, closure)) for place in closure}
    needing: dict[str, set[str]] = {place: set() for place in closure}
    for place in closure:
        for target in {*needed[place], *_wanted(place, closure)}:
            needing[target].add(place)
    left_out = {place for place in missing if not _fits(closure[place], here)}
    waiting = [*left_out]
    while waiting:
        place = waiting.pop()
        around = needing[place] | {*needed[place], *_wanted(place, closure)}
        for other in sorted((around & missing) - left_out):
            if needed[other] & left_out or (needing[other] and needing[other] <= left_out):
                left_out.add(other)
                waiting.append(other)
    return left_out


def _needed(place: str, closure: Mapping[str, Component]) -> Iterator[str]:
    layout = closure[place].layout
    optional = layout.get("optionalDependencies", {})
    loose = {name for name, switches in layout.get("peerDependenciesMeta", {}).items() if switches.get("optional")}
    names = {*layout.get("dependencies", {}), *(layout.get("peerDependencies", {}).keys() - loose)} - {*optional}
    return _targets(sorted(names), place, closure)


def _wanted(place: str, closure: Mapping[str, Component]) -> Iterator[str]:
    return _targets(sorted(closure[place].layout.get("optionalDependencies", {})), place, closure)


def _targets(names: Iterable[str], place: str, closure: Mapping[str, Component]) -> Iterator[str]:
    return (found for name in names if (found := found_by(name, place, closure)) is not None)


def _fits(component: Component, here: Platform) -> bool:
    layout = component.layout
    engine = layout.get("engines", {}).get("node", "")
    listed = _listed(layout.get("os"), here.os) and _listed(layout.get("cpu"), here.cpu)
    if here.os != "linux" and layout.get("libc"):
        return False
    return listed and _listed(layout.get("libc"), here.libc) and (not engine or _engine_fits(engine, here.node))


def _listed(wanted: Json, value: str) -> bool:
    """Npm's lists: some that may be, some with `!` that may not, `any` for all."""
    if not wanted or wanted == ["any"]:
        return True
    if f"!{value}" in wanted:
        return False
    return value in wanted or all(item.startswith("!") for item in wanted)
