"""A package index on loopback, made of tiny wheels, and a home of one's own that uses it."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from mcpconf.workshop import Workshop

ANY = "py3-none-any"


def wheel(
    name: str,
    version: str,
    files: dict[str, str] | None = None,
    requires: tuple[str, ...] = (),
    scripts: dict[str, str] | None = None,
    *,
    tag: str = ANY,
    headers: str = "",
    record: dict[str, str] | None = None,
) -> tuple[str, bytes]:
    """File name and bytes, equal for equal arguments. `record` replaces the content that RECORD tells of a file."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    needed = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    entries = "".join(f"{script} = {target}\n" for script, target in (scripts or {}).items())
    content = {
        **(files or {}),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}{headers}",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
        **({f"{info}/entry_points.txt": f"[console_scripts]\n{entries}"} if scripts else {}),
    }
    told = {**content, **(record or {})}
    lines = [f"{path},{_hash(told[path])},{len(told[path])}" for path in content]
    content[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""])
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in content.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), text)
    return f"{stem}-{tag}.whl", data.getvalue()


def _hash(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"


def source(name: str, version: str, mark: Path) -> tuple[str, bytes]:
    """An archive that leaves a mark when anybody builds it."""
    stem = f"{name.replace('-', '_')}-{version}"
    files = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "setup.py": f"open({str(mark)!r}, 'w').close()\nfrom setuptools import setup\nsetup(name={name!r})\n",
    }
    data = BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{stem}/{path}")
            entry.size = len(text)
            archive.addfile(entry, BytesIO(text.encode()))
    return f"{stem}.tar.gz", data.getvalue()


@dataclass
class Index:
    """What it has, by file name. `told` are digests that it tells instead of the right ones, `keeping` its `Cache-Control`."""

    files: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    yanked: set[str] = field(default_factory=set)
    published: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    keeping: str = ""
    address: str = ""

    def add(self, *made: tuple[str, bytes]) -> Index:
        self.files |= dict(made)
        return self

    def page(self, name: str) -> bytes | None:
        """https://packaging.python.org/en/latest/specifications/simple-repository-api (JSON, 1.1)."""
        listed = [
            {
                "filename": file,
                "url": f"/files/{file}",
                "hashes": {"sha256": self.told.get(file) or hashlib.sha256(data).hexdigest()},
                "size": len(data),
                "upload-time": self.published.get(file, "2026-01-01T00:00:00Z"),
                "yanked": file in self.yanked,
            }
            for file, data in sorted(self.files.items())
            if file.partition("-")[0].replace("_", "-").lower() == name
        ]
        document = {"meta": {"api-version": "1.1"}, "name": name, "files": listed}
        return json.dumps(document).encode() if listed else None


class _Answers(BaseHTTPRequestHandler):
    index: Index

    def do_GET(self) -> None:
        self.index.requests.append(self.path)
        kind, _, rest = self.path.lstrip("/").partition("/")
        body = self.index.page(rest.strip("/")) if kind == "simple" else self.index.files.get(rest)
        self.send_response(200 if body is not None else 404)
        self.send_header(
            "Content-Type", "application/vnd.pypi.simple.v1+json" if kind == "simple" else "application/zip"
        )
        if self.index.keeping:
            self.send_header("Cache-Control", self.index.keeping)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body or b"")

    do_HEAD = do_GET  # noqa: N815  the base class names it

    def log_message(self, *arguments: object) -> None: ...


@contextmanager
def serving(index: Index) -> Iterator[Index]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"index": index}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    index.address = f"http://127.0.0.1:{server.server_port}/simple"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def at_home(folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Workshop:
    """A workshop of somebody whose home is `folder`, and whose uv asks this index alone."""
    folder.mkdir(exist_ok=True)
    python = Path(sys._base_executable).resolve().parent
    usual = {"HOME": str(folder), "UV_DEFAULT_INDEX": index.address, "UV_HTTP_RETRIES": "0"}
    for name, value in {**usual, "PATH": str(python), **environment}.items():
        monkeypatch.setenv(name, value)
    return workshop(real_machine())
