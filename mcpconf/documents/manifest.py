"""`mcpconf.yaml` with the layers that it includes: from bytes to one manifest whose every part acts in this version."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from mcpconf.canonical import digest
from mcpconf.documents.checking import check, problems
from mcpconf.documents.include import read_layers
from mcpconf.documents.layer import NOTHING_BELOW, Layer, faults, read_layer
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.formats import yaml
from mcpconf.model.manifest import Manifest, Server
from mcpconf.ports import Included
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Situation
from mcpconf.rules.frame import Evidence, cases

Origins = Mapping[yaml.Path, tuple[int, yaml.Path]]


@dataclass(frozen=True, slots=True)
class LoadedManifest:
    """`layers` are its files, lowest first; the last one was named. `digest` covers the bytes of all.

    `origins` tells for a key of the merged manifest in which layer and under which key it is written, and what lies below
    it with it. A key that is not in it is where it is in the last layer. `written` is the manifest as somebody wrote it, where `manifest`
    has more filled in.
    """

    manifest: Manifest
    digest: str
    layers: tuple[Layer, ...]
    origins: Origins = field(default_factory=dict)
    written: Manifest | None = None

    @classmethod
    def in_memory(cls, manifest: Manifest) -> LoadedManifest:
        """A manifest that was made by a program: it has no file, and no lines."""
        value = manifest.model_dump(mode="json", by_alias=True, exclude_unset=True)
        whole = digest(value)
        return cls(manifest, whole, (Layer("manifest", whole, yaml.Tree(value, {}), value),))

    @property
    def as_written(self) -> Mapping[str, Server]:
        """The servers, before anything was filled in."""
        return (self.written or self.manifest).servers

    def evidence(self, situation: Situation, draft: Draft) -> Evidence:
        """What rules look at."""
        asked = cases(self.manifest, situation, draft, self.where)
        return Evidence(self.manifest, situation, draft, self.where, asked, written=self.as_written)

    @property
    def file(self) -> str:
        return self.layers[-1].file

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Each file, as it is written."""
        return tuple((layer.file, layer.text) for layer in self.layers)

    def where(self, *path: str | int) -> Where:
        """The place of `("servers", "files", "args", 0)`, or of the nearest thing around it, in its own layer."""
        number, at = self.origin(path)
        return self.layers[number].where(at)

    def origin(self, path: yaml.Path) -> tuple[int, yaml.Path]:
        """The layer that says it, and the key under which it does."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                number, at = self.origins[path[:length]]
                return number, (*at, *path[length:])
        return len(self.layers) - 1, path


def load_manifest(
    data: bytes | str, file: str, known_hosts: Collection[str], included: Included | None = None
) -> LoadedManifest:
    """Raises McpconfError (exit 1) with every problem, of whatever layer.

    `known_hosts` are the names that `hosts` may have; `included` reads the files that are included.
    """
    top = read_layer(data, file)
    if not top.includes:
        manifest = check(Manifest, top.value, top.tree, file, faults(top, known_hosts))
        return LoadedManifest(manifest, top.digest, (top,))
    layers = read_layers(top, included)
    return _merged(layers, _checked(layers, known_hosts))


def _checked(layers: Sequence[Layer], known_hosts: Collection[str]) -> list[Manifest]:
    """Each layer by itself; its servers need not be complete."""
    from mcpconf.model.layer import LayerManifest

    found: list[Problem] = []
    checked: list[Manifest] = []
    below = NOTHING_BELOW
    for layer in layers:
        try:
            wrong = faults(layer, known_hosts, below)
            checked.append(check(LayerManifest, layer.value, layer.tree, layer.file, wrong))
        except McpconfError as error:
            found += error.problems
        below = below.and_of(layer)
    if found:
        raise McpconfError(ExitCode.NO_PLAN, *found)
    return checked


def _merged(layers: tuple[Layer, ...], checked: Sequence[Manifest]) -> LoadedManifest:
    from mcpconf.documents.merging import Join, merge

    merged = LoadedManifest(Manifest(mcpconf=1), digest([layer.digest for layer in layers]), layers)
    found: list[Problem] = []
    for number, (layer, above) in enumerate(zip(layers, checked, strict=True)):
        join = Join(merged.manifest, above, number, merged.where, merged.origin, dict(merged.origins))
        manifest = merge(join)
        found += problems(join.faults, layer.tree, layer.file)
        merged = LoadedManifest(manifest, merged.digest, layers, join.origins)
    if found:
        raise McpconfError(ExitCode.NO_PLAN, *found)
    return merged
