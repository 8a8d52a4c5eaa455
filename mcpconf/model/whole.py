"""What is wrong with a manifest as a whole, although each part of it is right."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.model.manifest import Manifest, is_pattern
from mcpconf.model.policy import MAXIMUM_PATTERNS
from mcpconf.model.written import Fault, shown


def faults_of(manifest: Manifest) -> Iterator[Fault]:
    yield from _listed_twice(manifest)
    yield from _too_many_patterns(manifest)
    yield from _named_twice(manifest)


def _too_many_patterns(manifest: Manifest) -> Iterator[Fault]:
    for name in ("waivers", "ignore"):
        if sum(is_pattern(item.target) for item in getattr(manifest, name)) > MAXIMUM_PATTERNS:
            hint = "name what they are about, or use fewer"
            yield Fault(f"has more than {MAXIMUM_PATTERNS:,} targets with `*` or `?`", hint, (name,))


def _named_twice(manifest: Manifest) -> Iterator[Fault]:
    """A former name is that of one server, which has another one now."""
    known: dict[str, str] = {}
    for name, server in manifest.servers.items():
        for index, former in enumerate(server.was):
            at = ("servers", name, "was", index)
            if former in manifest.servers:
                whose = "its own" if former == name else "that of another one"
                yield Fault(f"is the name of a server now, {whose}: {shown(former)}", "leave it out", at)
            elif former in known:
                yield Fault(f"is a former name of {shown(known[former])} too: {shown(former)}", "keep one", at)
            known.setdefault(former, name)


def _listed_twice(manifest: Manifest) -> Iterator[Fault]:
    """One folder may stand there again for other hosts. What patterns match is known on the machine only."""
    listed: dict[str, set[str]] = {}
    for index, project in enumerate(manifest.projects):
        if is_pattern(project.path):
            continue
        hosts = set(manifest.hosts if project.hosts is None else project.hosts) or {""}
        known = listed.setdefault(project.path, set())
        again = sorted(known & hosts)
        if again:
            named = f" for `{again[0]}`" if again[0] else ""
            yield Fault(f"is listed twice{named}", "only the first one would count", ("projects", index, "path"))
        known |= hosts
