"""Which files a manifest consists of: every layer that is included, each once, lowest first."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcpconf.documents.layer import Layer, read_layer
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.written import shown
from mcpconf.ports import Included, IncludedFile

MAXIMUM_DEPTH = 8
MAXIMUM_INCLUDES = 64
MAXIMUM_BYTES = 4 * 1024 * 1024
"""Of all files together; one alone is bounded by its reader."""


def read_layers(top: Layer, included: Included | None) -> tuple[Layer, ...]:
    """`top` and everything below it. Raises McpconfError (exit 1) with every problem, at the line that includes."""
    if included is None:
        problem = Problem("not-supported", "`include` cannot be followed from here", top.where(("include",)))
        raise McpconfError(ExitCode.NO_PLAN, problem)
    walk = _Walk(included)
    walk.visit(top, (included.identity(top.file),))
    if walk.problems:
        raise McpconfError(ExitCode.NO_PLAN, *walk.problems)
    return tuple(walk.layers)


@dataclass(slots=True)
class _Walk:
    included: Included
    layers: list[Layer] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    count: int = 0
    size: int = 0

    def visit(self, layer: Layer, above: tuple[str, ...]) -> None:
        """Read what the layer includes, then let the layer follow. `above` are the files that led here, itself the last."""
        for index, path in layer.includes:
            where = layer.where(("include", index))
            self.count += 1
            if self.count > MAXIMUM_INCLUDES:
                self._refuse(f"more than {MAXIMUM_INCLUDES} files are included", where)
                break
            found = self.included.read(layer.file, path)
            if isinstance(found, Problem):
                self.problems.append(Problem(found.kind, f"{shown(path)} {found.message}", where, found.hint))
            else:
                self._enter(found, above, where)
        self.layers.append(layer)

    def _enter(self, found: IncludedFile, above: tuple[str, ...], where: Where) -> None:
        if found.identity in above:
            self._refuse(f"{shown(found.file)} is included by way of itself", where, "take one of the lines out")
        elif found.identity in self.known:
            return
        elif len(above) > MAXIMUM_DEPTH:
            self._refuse(f"layers are nested deeper than {MAXIMUM_DEPTH}", where, "include the lowest ones directly")
        elif self.size + len(found.data) > MAXIMUM_BYTES:
            self._refuse(f"the layers have more than {MAXIMUM_BYTES:,} bytes together", where)
        else:
            self.known.add(found.identity)
            self.size += len(found.data)
            try:
                layer = read_layer(found.data, found.file)
            except McpconfError as error:
                self.problems += error.problems
            else:
                self.visit(layer, (*above, found.identity))

    def _refuse(self, message: str, where: Where, hint: str = "") -> None:
        self.problems.append(Problem("invalid", message, where, hint))
