"""A manifest as one of several layers writes it."""

from __future__ import annotations

from pydantic import model_validator

from mcpconf.model.manifest import Manifest, Server
from mcpconf.model.written import Name


class LayerServer(Server):
    """Its other half may be in a layer below, so that it is not judged alone."""

    @model_validator(mode="after")
    def _check(self) -> LayerServer:
        return self


class LayerManifest(Manifest):
    servers: dict[Name, LayerServer] = {}  # type: ignore[assignment]  # a map that nobody writes to
