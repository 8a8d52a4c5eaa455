"""Bundles: one file at one address, unpacked after its digest agrees, and started by its own files alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from mcpconf.artifacts import UNSET, Copy, Wish
from mcpconf.artifacts.belonging import ANEW, WITHOUT_SIGNATURE, contradicts_itself
from mcpconf.artifacts.found import runtime
from mcpconf.artifacts.mcpb_archive import MAXIMUM_BUNDLE, Archive, opened, split
from mcpconf.artifacts.mcpb_manifest import MAXIMUM_MANIFEST, Bundle, parse, refused, validated
from mcpconf.artifacts.mcpb_start import Start, filled, start_of, unanswered
from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem
from mcpconf.model.lock import Artifact, Component, LockedServer
from mcpconf.model.manifest import Server
from mcpconf.packages.mcpb import BUNDLE, STARTER, launch_installed
from mcpconf.ports import Machine, OperatingSystem
from mcpconf.workshop import Call, Workshop

_SYSTEMS: tuple[OperatingSystem, ...] = get_args(OperatingSystem)
_RUNTIMES = {"node": ("node",), "python": ("python3", "python")}
_VERSION = re.compile(rb"([0-9]{1,9}\.[0-9]{1,9}(?:\.[0-9]{1,9})?)\S*\s*\Z")


def lock(wish: Wish, workshop: Workshop) -> LockedServer | Problem:
    """The version is what the bundle says it is. What the lock has is kept as long as the manifest agrees with it."""
    locked = None if wish.upgrade else wish.known
    other = locked is None or locked.package != str(wish.server.package) or contradicts_itself(locked)
    if locked is None or other or _disagreement(wish.server, locked):
        fresh = _locked(wish.server, workshop)
        if isinstance(fresh, Problem):
            return fresh
        locked = fresh
    return (
        _disagreement(wish.server, locked) or next(unanswered_by(locked, wish.server, workshop.machine), None) or locked
    )


def install(locked: LockedServer, folder: str, workshop: Workshop) -> Problem | None:
    """The bundle's files go to `bundle/`; none can be executed but a program that is the server itself."""
    if contradicts_itself(locked):
        message = f"the lock contradicts itself about {_address(locked)}"
        return Problem("invalid", message, None, ANEW)
    described = _described(locked, workshop.machine)
    if isinstance(described, Problem):
        return described
    bundle, start = described
    unfit = _unfit(locked, bundle.server.type, workshop)
    if unfit is not None:
        return unfit
    archive = _fetched(locked, workshop)
    if isinstance(archive, Problem):
        return archive
    executable = start.program if bundle.server.type == "binary" else None
    problem = _unpack(archive, folder, executable, workshop)
    if problem is None and bundle.server.type == "python":
        workshop.trees.add(folder, STARTER, _starter(start).encode())
    return problem


def launch(locked: LockedServer, folder: str, machine: Machine) -> tuple[str, ...] | Problem:
    described = _described(locked, machine)
    if isinstance(described, Problem):
        return described
    bundle, start = described
    args = [filled(word, f"{folder}/{BUNDLE}", machine.facts.home) for word in start.args]
    program = _runtime(bundle.server.type, machine)
    if isinstance(program, Problem):
        return program
    return (*launch_installed(bundle.server.type, program, folder, start.program), *args)


def environment(locked: LockedServer, folder: str, machine: Machine) -> Mapping[str, str]:
    """Variables that the bundle sets for itself; what the manifest says of the same names stands above them."""
    described = _described(locked, machine)
    stated = {} if isinstance(described, Problem) else described[1].env
    return {name: filled(text, f"{folder}/{BUNDLE}", machine.facts.home) for name, text in stated.items()}


def unanswered_by(locked: LockedServer, server: Server, machine: Machine) -> Iterator[Problem]:
    """What the bundle asks its user, and the manifest's `args` and `env` do not answer. Only looks."""
    described = _described(locked, machine)
    if not isinstance(described, Problem):
        yield from unanswered(described[1], described[0], server)


def copies(locked: LockedServer, machine: Machine) -> Iterator[Copy]:  # noqa: ARG001
    return iter(())


def _runtime(kind: str, machine: Machine) -> str | Problem:
    """The path of what starts it; empty for a program that needs nothing."""
    return runtime(_RUNTIMES[kind], machine) if kind in _RUNTIMES else ""


def _unfit(locked: LockedServer, kind: str, workshop: Workshop) -> Problem | None:
    """Whether the machine's runtime is none that the bundle says it runs on; what is no range asks for nothing."""
    import nodesemver

    wanted = locked.requires.get(kind, "").replace(",", " ")
    program = _runtime(kind, workshop.machine)
    if isinstance(program, Problem) or not wanted or nodesemver.valid_range(wanted, False) is None:
        return program if isinstance(program, Problem) else None
    with workshop.trees.room() as room:
        ran = workshop.programs.run(Call((program, "--version"), room, seconds=60))
    told = None if isinstance(ran, Problem) else _VERSION.search(ran.out)
    if isinstance(ran, Problem) or told is None:
        return ran if isinstance(ran, Problem) else Problem("unreadable", f"`{program}` does not tell its version")
    version = ".".join([*told[1].decode().split("."), "0"][:3])
    if nodesemver.satisfies(version, wanted, loose=False, include_prerelease=True):
        return None
    message = f"{_address(locked)} needs {kind} `{locked.requires[kind]}`, and here is {version}"
    return Problem("invalid", message, None, f"install another {kind}")


def _whole(locked: LockedServer) -> Artifact:
    whole = (item for name, item in locked.artifacts.items() if not name.endswith(WITHOUT_SIGNATURE))
    return next(whole, Artifact(digest=UNSET))


def _disagreement(server: Server, locked: LockedServer) -> Problem | None:
    whole = _whole(locked)
    if server.hash and server.hash[0] != whole.digest:
        what = f"the bundle at {_address(locked)} is {whole.digest}, and `hash` says {server.hash[0]}"
        return Problem("hash", what, None, "ask who publishes it; write the new `hash` only if the change is meant")
    if server.version is not None and server.version != locked.version:
        what = f"the bundle at {_address(locked)} says it is version `{locked.version}`, not `{server.version}`"
        return Problem("invalid", what, None, f"write `version: {locked.version}`, or leave it out")
    return None


def _address(locked: LockedServer) -> str:
    return locked.package.partition(":")[2]


def _locked(server: Server, workshop: Workshop) -> LockedServer | Problem:
    assert server.package is not None
    data = workshop.web.get(server.package.name, MAXIMUM_BUNDLE)
    if isinstance(data, Problem):
        return data
    archive = opened(data)
    bundle = archive if isinstance(archive, Problem) else _read(archive)
    if isinstance(bundle, Problem):
        return bundle
    name = server.package.name.rpartition("/")[2] or "bundle"
    content, is_signed = split(data)
    artifacts = {name: Artifact(digest=digest_bytes(data), size=len(data))}
    if is_signed:
        artifacts[name + WITHOUT_SIGNATURE] = Artifact(digest=digest_bytes(content), size=len(content))
    layout = bundle.model_dump(mode="json", exclude_defaults=True)
    first = next(start for start in (start_of(bundle, system) for system in _SYSTEMS) if isinstance(start, Start))
    runtimes = bundle.compatibility.runtimes
    return LockedServer(
        input_digest=UNSET,
        package=str(server.package),
        version=bundle.version,
        artifacts=artifacts,
        closure={"": Component(name=bundle.name, version=bundle.version, layout=layout)},
        program=first.program or f"-m {first.module}",
        requires={kind: runtimes[kind] for kind in _RUNTIMES if kind == bundle.server.type and kind in runtimes},
    )


def _read(archive: Archive) -> Bundle | Problem:
    """The bundle's own manifest, narrowed to the systems that it has a program for."""
    if "manifest.json" not in archive.files:
        return refused("it has no `manifest.json`")
    data = archive.read("manifest.json", MAXIMUM_MANIFEST)
    bundle = data if isinstance(data, Problem) else parse(data)
    if isinstance(bundle, Problem):
        return bundle
    bundle = _with_suffix(bundle, archive)
    answers = {system: _startable(bundle, system, archive) for system in _SYSTEMS}
    able = [system for system, answer in answers.items() if answer is None]
    if not able:
        return next(answer for answer in answers.values() if answer is not None)
    return bundle.for_platforms(able)


def _startable(bundle: Bundle, system: OperatingSystem, archive: Archive) -> Problem | None:
    start = start_of(bundle, system)
    if isinstance(start, Problem):
        return start
    if start.program:
        return None if start.program in archive.files else refused(f"it has no `{start.program}`")
    inner = start.module.replace(".", "/")
    found = (f"{folder}/{inner}{end}".lstrip("/") for folder in start.folders for end in (".py", "/__main__.py"))
    return None if any(name in archive.files for name in found) else refused(f"it has no module `{start.module}`")


def _with_suffix(bundle: Bundle, archive: Archive) -> Bundle:
    """Hosts add `.exe` to a program on Windows."""
    start = start_of(bundle, "windows")
    if bundle.server.type != "binary" or isinstance(start, Problem) or f"{start.program}.exe" not in archive.files:
        return bundle
    return bundle.starting("windows", f"{start.program}.exe")


def _described(locked: LockedServer, machine: Machine) -> tuple[Bundle, Start] | Problem:
    """What the lock keeps of the bundle, and how that is started here."""
    component = locked.closure.get("")
    bundle = validated(component.layout if component is not None else {})
    if isinstance(bundle, Problem):
        return bundle
    start = start_of(bundle, machine.facts.os)
    return start if isinstance(start, Problem) else (bundle, start)


def _fetched(locked: LockedServer, workshop: Workshop) -> Archive | Problem:
    """Not opened before its digest agrees."""
    address = _address(locked)
    if workshop.offline:
        return Problem("missing", f"{address} is not installed, and `--offline` downloads nothing")
    data = workshop.web.get(address, MAXIMUM_BUNDLE)
    if isinstance(data, Problem):
        return data
    wanted = _whole(locked)
    if digest_bytes(data) != wanted.digest:
        what = f"{address} is {digest_bytes(data)}, and the lock says {wanted.digest}"
        return Problem("hash", what, None, "nothing of it was opened; ask who publishes it, then `mcpconf lock`")
    return opened(data)


def _unpack(archive: Archive, folder: str, executable: str | None, workshop: Workshop) -> Problem | None:
    """Raises OSError."""
    for name in archive.files:
        data = archive.read(name)
        if isinstance(data, Problem):
            return data
        workshop.trees.add(folder, f"{BUNDLE}/{name}", data, executable=name == executable)
    return None


def _starter(start: Start) -> str:
    """`python -I` hears no `PYTHONPATH`, and `-S` sees no other packages: the bundle's own are put in their place."""
    own = [start.program.rpartition("/")[0]] if start.program else []
    run = (
        f"runpy.run_path(os.path.join(bundle, {start.program!r}), run_name='__main__')"
        if start.program
        else f"runpy.run_module({start.module!r}, run_name='__main__', alter_sys=True)"
    )
    return f"""import os, runpy, site, sys

site.setquit()
bundle = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bundle")
sys.path[:0] = [os.path.join(bundle, folder) for folder in {[*own, *start.folders]!r}]
{run}
"""
