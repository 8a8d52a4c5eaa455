"""An npm registry on this machine: packages made by a test, told and given as a real registry does. It can also lie."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PUBLISHED = "2026-01-01T00:00:00.000Z"


def archive(files: dict[str, str]) -> bytes:
    """The same bytes for the same files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, text in sorted(files.items()):
            info = tarfile.TarInfo(f"package/{name}")
            info.size, info.mode = len(text.encode()), 0o755
            tar.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(raw.getvalue(), mtime=0)


def sha512(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def prints(text: str) -> str:
    """A program of Node that says who it is."""
    return f"#!/usr/bin/env node\nconsole.log({json.dumps(text)})\n"


@dataclass
class Registry:
    """`asked` are the paths that were asked for, in order."""

    address: str = ""
    archives: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, dict] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, name: str, version: str, files: dict[str, str] | None = None, **manifest) -> bytes:
        """A version of a package, in place of one that is there. Gives its archive."""
        short = name.rpartition("/")[2]
        files = {"index.js": prints(f"{name} {version}"), **(files or {})}
        stated = {"name": name, "version": version, **manifest}
        data = archive({**files, "package.json": json.dumps(stated)})
        path = f"/{name}/-/{short}-{version}.tgz"
        self.archives[path] = data
        document = self.documents.setdefault(name, {"name": name, "versions": {}, "time": {}})
        dist = {"integrity": sha512(data), "shasum": hashlib.sha1(data).hexdigest(), "tarball": f"{self.address}{path}"}
        document["versions"][version] = {**stated, "dist": dist}
        document["time"][version] = manifest.get("published", PUBLISHED)
        document["dist-tags"] = {"latest": version}
        return data

    def replace_archive(self, name: str, version: str, data: bytes) -> None:
        """Other bytes than the registry says."""
        self.archives[f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"] = data

    def dist(self, name: str, version: str) -> dict:
        return self.documents[name]["versions"][version]["dist"]

    def answer(self, path: str) -> tuple[int, bytes, str]:
        path = unquote(path.partition("?")[0])
        self.asked.append(path)
        if path in self.archives:
            return 200, self.archives[path], "application/octet-stream"
        document = self.documents.get(path.lstrip("/"))
        if document is None:
            return 404, b'{"error":"Not found"}', "application/json"
        return 200, json.dumps(document).encode(), "application/json"


@contextmanager
def registry() -> Iterator[Registry]:
    served = Registry()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            code, data, kind = served.answer(self.path)
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
