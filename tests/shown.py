"""What pretended servers answer, as transcripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mcpconf.model.probe import Answer, Clients, Transcript
from mcpconf.model.surface import Surface
from mcpconf.model.surface_wish import SurfaceWish
from mcpconf.surface.reading import Violation
from mcpconf.surface.snapshot import Asking, surface_of

STDIO = Asking("stdio")


def answer(method: str, result: Any) -> Answer:
    return Answer(method, result if isinstance(result, bytes) else json.dumps(result).encode())


def old_era(*answers: Answer, client: Clients = "bare", **hello: Any) -> Transcript:
    said = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "toy", "version": "1"}, **hello}
    return Transcript(client, "initialize", "2025-11-25", (answer("initialize", said), *answers))


def new_era(*answers: Answer, client: Clients = "bare", **hello: Any) -> Transcript:
    said = {
        "supportedVersions": ["2026-07-28"],
        "capabilities": {},
        "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "toy", "version": "1"}},
        "ttlMs": 1000,
        "cacheScope": "public",
        "resultType": "complete",
        **hello,
    }
    return Transcript(client, "discover", "2026-07-28", (answer("server/discover", said), *answers))


def tools(*items: Any) -> Answer:
    return answer("tools/list", {"tools": list(items)})


def tool(name: str = "search", **more: Any) -> dict[str, Any]:
    return {"name": name, "inputSchema": {"type": "object"}, **more}


def surface(*transcripts: Transcript, wish: SurfaceWish | None = None, asking: Asking = STDIO) -> Surface:
    found = surface_of(transcripts, asking, wish or SurfaceWish())
    assert isinstance(found, Surface), found
    return found


def refused(*transcripts: Transcript) -> Sequence[Violation]:
    found = surface_of(transcripts, STDIO, SurfaceWish())
    assert not isinstance(found, Surface), found
    return found
