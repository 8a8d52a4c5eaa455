"""Containers that were stopped and images that were fetched: they start again without asking anybody for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.commands import typed
from mcpconf.model.process import Contained
from mcpconf.packages import recognise
from mcpconf.reconcile.gone import Gone
from mcpconf.residue.looking import Leftover, Looked, Surroundings

_KIND = "oci:"


def look(around: Surroundings, gone: Sequence[Gone]) -> Looked:
    """No engine is asked where nothing that is gone was an image."""
    wanted = {item.identity: item for item in gone if item.identity.startswith(_KIND)}
    if not wanted:
        return Looked(skipped="nothing that is gone was an image")
    kept = around.machine.processes.contained()
    if kept is None:
        return Looked(skipped="no engine of containers is installed here")
    problems = tuple(_unasked(program) for program in kept.silent)
    return Looked(tuple(_left(wanted, kept.kept)), problems, unsure=frozenset(wanted if problems else ()))


def _unasked(program: str) -> Problem:
    hint = f"start it, or see what {typed(program, 'container', 'ls')} says"
    return Problem("unreadable", f"`{program}` does not answer, so what it keeps is not known", None, hint)


def _left(wanted: dict[str, Gone], kept: Sequence[Contained]) -> Iterator[Leftover]:
    for item in kept:
        gone = wanted.get(recognise(["docker", "run", item.image]).identity) if item.image else None
        if gone is None:
            continue
        where = f"{item.program} {item.kind} {item.name}"
        if item.kind == "image":
            message = f"`{item.image}` is still there as an image, and starts without being fetched"
            yield Leftover(gone, where, message, typed(item.program, "image", "rm", item.image), "low")
        else:
            message = f"`{gone.identity}` is still a container, `{item.name}`" + (
                f", {item.state}" if item.state else ""
            )
            if item.volumes:
                message += f", with what it keeps in {', '.join(f'`{name}`' for name in item.volumes)}"
            remove = typed(item.program, "container", "rm", "--force", "--volumes", item.name)
            if item.volumes:
                remove += f", then {typed(item.program, 'volume', 'rm', *item.volumes)}"
            yield Leftover(gone, where, message, remove, "medium")
