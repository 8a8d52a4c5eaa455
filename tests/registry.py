"""A registry on this machine: what the v0.1 API answers, and what a hostile one might."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

OFFICIAL = "io.modelcontextprotocol.registry/official"


@dataclass
class Registry:
    """`pages` are the lists that are given out one after the other; `answer` takes the place of everything else."""

    address: str = ""
    servers: list[dict] = field(default_factory=list)
    page: int = 30
    answer: Callable[[str], tuple[int, bytes]] | None = None
    asked: list[str] = field(default_factory=list)

    def publish(self, document: dict, **official) -> None:
        for item in self.servers:
            if item["server"]["name"] == document["name"]:
                item["_meta"][OFFICIAL]["isLatest"] = False
        told = {"status": "active", "isLatest": True, "publishedAt": "2026-01-01T00:00:00Z", **official}
        self.servers.append({"server": document, "_meta": {OFFICIAL: told}})

    def respond(self, target: str) -> tuple[int, bytes]:
        self.asked.append(target)
        if self.answer is not None:
            return self.answer(target)
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        steps = [unquote(step) for step in url.path.split("/")[1:]]
        if steps == ["v0.1", "servers"]:
            return 200, json.dumps(self._list(query)).encode()
        if steps[:2] == ["v0.1", "servers"] and steps[3:4] == ["versions"]:
            return self._one(steps[2], steps[4], deleted="include_deleted" in query)
        return 404, b'{"title": "Not Found"}'

    def _one(self, name: str, version: str, *, deleted: bool) -> tuple[int, bytes]:
        for item in self.servers:
            official = item["_meta"][OFFICIAL]
            fits = official["isLatest"] if version == "latest" else item["server"]["version"] == version
            if item["server"]["name"] == name and fits and (deleted or official["status"] != "deleted"):
                return 200, json.dumps(item).encode()
        return 404, b'{"title": "Not Found"}'

    def _list(self, query: dict) -> dict:
        found = [
            item
            for item in self.servers
            if query["search"].lower() in item["server"]["name"].lower()
            and item["_meta"][OFFICIAL]["status"] != "deleted"
            and (query.get("version") != "latest" or item["_meta"][OFFICIAL]["isLatest"])
        ]
        start = int(query.get("cursor", "0"))
        metadata = {"count": len(found[start : start + self.page])}
        if start + self.page < len(found):
            metadata["nextCursor"] = str(start + self.page)
        return {"servers": found[start : start + self.page], "metadata": metadata}


@contextmanager
def served(registry: Registry) -> Iterator[Registry]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = registry.respond(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
