"""The library face: the same plan and apply as the command line, as typed functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mcpconf import operations
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.model.manifest import Manifest
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.ports import Machine
from mcpconf.reconcile.situation import Choices, OnConflict
from mcpconf.system.facts import real_machine, refuse_foreign_home, rooted_machine

if TYPE_CHECKING:
    from pathlib import PurePath

__all__ = ["Manifest", "apply", "load", "plan"]


def load(path: str | PurePath) -> Manifest:
    """Read and check a manifest. Raises McpconfError with every problem found, each with file, line and column."""
    return operations.manifest(str(path)).manifest


def plan(
    manifest: Manifest | str | PurePath,
    *,
    root: str | PurePath | None = None,
    targets: Sequence[str] = (),
    excludes: Sequence[str] = (),
    on_conflict: OnConflict | None = None,
) -> Plan:
    """What apply would do to this machine, or to the folder `root` that stands for one. Writes nothing.

    Raises McpconfError if no plan can be made.
    """
    choices = Choices(tuple(targets), tuple(excludes), on_conflict)
    return operations.plan(_machine(root), _source(manifest), choices).plan


def apply(
    manifest: Manifest | str | PurePath,
    *,
    root: str | PurePath | None = None,
    targets: Sequence[str] = (),
    excludes: Sequence[str] = (),
    on_conflict: OnConflict | None = None,
) -> Outcome:
    """Plan and execute without asking. The outcome's `exit_code` tells how it ended; it is not raised.

    Raises McpconfError if no plan can be made, if another mcpconf holds the lock, or if root would write to a home that is
    not its own.
    """
    if root is None:
        refuse_foreign_home()
    choices = Choices(tuple(targets), tuple(excludes), on_conflict)
    return operations.apply(_machine(root), _source(manifest), lambda _plan, _scrubber: "not asked", choices)


def _machine(root: str | PurePath | None) -> Machine:
    return real_machine() if root is None else rooted_machine(str(root))


def _source(manifest: Manifest | str | PurePath) -> str | LoadedManifest:
    return LoadedManifest.in_memory(manifest) if isinstance(manifest, Manifest) else str(manifest)
