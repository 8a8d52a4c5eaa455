"""The family of C libraries that a native package needs, where npm itself forgets to lock it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.artifacts.npm_client import forgets_libc, view
from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.lock import Component
from mcpconf.workshop import Workshop


def with_libc(
    closure: dict[str, Component], known: Mapping[str, Component], room: str, workshop: Workshop
) -> dict[str, Component] | Problem:
    """The closure as npm 11.11 would have locked it, so that the lock does not depend on who wrote it. Raises NpmError."""
    silent = [*_silent(closure)]
    if not silent or not forgets_libc(room, workshop):
        return closure
    told: dict[str, Component] = {}
    for place in silent:
        families = _families(closure[place], known.get(place), room, workshop)
        if isinstance(families, Problem):
            return families
        if families:
            layout = {**closure[place].layout, "libc": families}
            told[place] = closure[place].model_copy(update={"layout": layout})
    return {**closure, **told}


def _silent(closure: Mapping[str, Component]) -> Iterator[str]:
    for place, component in closure.items():
        layout = component.layout
        if layout.get("optional") and "linux" in layout.get("os", ()) and "libc" not in layout and component.artifacts:
            yield place


def _families(component: Component, known: Component | None, room: str, workshop: Workshop) -> Json | Problem:
    if known is not None and (known.version, known.artifacts) == (component.version, component.artifacts):
        return known.layout.get("libc")
    told = view(f"{component.name}@{component.version}", room, workshop)
    if isinstance(told, Problem):
        return told
    families = told.get("libc")
    listed = [families] if isinstance(families, str) else families if isinstance(families, list) else []
    return [family for family in listed if isinstance(family, str)]
