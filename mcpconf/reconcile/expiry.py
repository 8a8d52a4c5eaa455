"""Servers whose day has passed, where the manifest says that they go."""

from __future__ import annotations

from collections.abc import Callable, Collection

from mcpconf.model.manifest import Manifest


def expired(manifest: Manifest, past: Callable[[str], bool]) -> frozenset[str]:
    """Names of servers that are not wanted any more, by whether their day is past."""
    if manifest.policy.expired != "remove":
        return frozenset()
    return frozenset(name for name, item in manifest.servers.items() if item.expires is not None and past(item.expires))


def without(manifest: Manifest, names: Collection[str]) -> Manifest:
    """The manifest as if it had never listed these servers."""
    if not names:
        return manifest
    servers = {name: server for name, server in manifest.servers.items() if name not in names}
    hosts = {
        host: item if item.servers is None else item.model_copy(update={"servers": _left(item.servers, names)})
        for host, item in manifest.hosts.items()
    }
    projects = tuple(
        item if item.servers is None else item.model_copy(update={"servers": _left(item.servers, names)})
        for item in manifest.projects
    )
    return manifest.model_copy(update={"servers": servers, "hosts": hosts, "projects": projects})


def _left(servers: tuple[str, ...], names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in servers if name not in names)
