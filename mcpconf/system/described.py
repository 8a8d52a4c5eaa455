"""What runs on a machine that a folder stands for: as its document tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcpconf.model.process import Contained, Engines, KeyringItem, Process, Standing, is_older

if TYPE_CHECKING:
    from mcpconf.documents.machine import ContainerEngine, MachineFacts


class DescribedProcesses:
    """Nothing of it is ever ended."""

    def __init__(self, facts: MachineFacts) -> None:
        self._facts = facts

    def own(self) -> tuple[Process, ...] | None:
        told = self._facts.processes
        return tuple(Process(item.pid, item.argv, item.started, frozenset(item.variables)) for item in told) or None

    def older(self, moment: str, *words: str) -> tuple[Process, ...] | None:
        own = self.own()
        return None if own is None else tuple(item for item in own if is_older(item, moment, words))

    def end(self, process: Process) -> bool:  # noqa: ARG002
        return False

    def contained(self) -> Engines | None:
        engines = self._facts.engines
        kept = tuple(item for name, engine in engines.items() for item in _kept(name, engine))
        return Engines(kept, tuple(name for name, engine in engines.items() if not engine.answers)) if engines else None

    def standing(self, *names: str) -> tuple[Standing, ...]:
        told = self._facts.variables.items()
        return tuple(Standing(name, by) for by, given in told for name in given if name in names)

    def keyring(self) -> tuple[KeyringItem, ...] | None:
        return tuple(KeyringItem(item.service, item.account) for item in self._facts.keyring) or None

    def listens(self, pid: int) -> tuple[str, ...]:
        return next((item.listens for item in self._facts.processes if item.pid == pid), ())


def _kept(name: str, engine: ContainerEngine) -> Iterator[Contained]:
    for container in engine.containers:
        yield Contained(name, "container", container.name, container.image, container.state, container.volumes)
    for image in engine.images:
        yield Contained(name, "image", image.id, image.name)
