"""The line to a server that is an address: the SDK's transports, over a client that hears the bytes of every answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from mcpconf.errors import Problem
from mcpconf.model.probe import Probe
from mcpconf.probing.wire import Tee

_PLAIN = {"accept-encoding": "identity"}
"""What is packed could unpack to anything."""


class StoppedError(httpx2.StreamError):
    """The tee has heard enough."""


@asynccontextmanager
async def line(probe: Probe, tee: Tee) -> AsyncIterator[TransportStreams]:
    """No variable of the environment has a say, and no redirect leaves the origin: the SDK follows none that does."""
    limit, seconds = probe.limits.message, probe.limits.seconds
    headers = {**_PLAIN, **probe.headers}

    def client(*_: Any, **__: Any) -> httpx2.AsyncClient:
        transport = Heard(httpx2.AsyncHTTPTransport(trust_env=False), tee)
        return httpx2.AsyncClient(transport=transport, headers=headers, timeout=seconds, trust_env=False)

    if probe.transport == "sse":
        async with sse_client(probe.url, httpx_client_factory=client) as streams:
            yield streams
        return
    async with (
        client() as http,
        streamable_http_client(probe.url, http_client=http, max_sse_event_size=limit) as streams,
    ):
        yield streams


class Heard(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport, tee: Tee) -> None:
        self._inner = inner
        self._tee = tee

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            self._tee.stop(Problem("malformed", "it sent packed what was not asked to be"))
        if response.status_code >= 400:
            self._tee.status = response.status_code
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        kind = response.headers.get("content-type", "").lower().partition(";")[0].strip()
        response.stream = _Body(response.stream, self._tee, kind)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Body(httpx2.AsyncByteStream):
    """Passes on what it hears. A body of JSON is one message, and of a stream of events each event is."""

    def __init__(self, inner: httpx2.AsyncByteStream, tee: Tee, kind: str) -> None:
        self._inner = inner
        self._tee = tee
        self._events = kind == "text/event-stream"
        self._whole = kind == "application/json"
        self._rest = b""
        self._data: list[bytes] = []
        self._kind = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._hear(chunk)
            if self._tee.fault is not None:
                raise StoppedError(self._tee.fault.message)
            yield chunk
        if self._whole:
            self._tee.take(self._rest)

    def _hear(self, chunk: bytes) -> None:
        self._tee.count(len(chunk))
        *lines, self._rest = (self._rest + chunk).split(b"\n") if self._events else (self._rest + chunk,)
        if len(self._rest) + sum(map(len, self._data)) > self._tee.limits.message:
            self._tee.too_much("in one message", self._tee.limits.message)
        for text in lines:
            self._read(text.rstrip(b"\r"))

    def _read(self, text: bytes) -> None:
        """By https://html.spec.whatwg.org/multipage/server-sent-events.html (2026-11): an empty line ends an event."""
        if text.startswith(b"data:"):
            self._data.append(text[5:].removeprefix(b" "))
        elif text.startswith(b"event:"):
            self._kind = text[6:].removeprefix(b" ")
        elif not text:
            if self._data and self._kind in (b"", b"message"):
                self._tee.take(b"\n".join(self._data))
            self._data, self._kind = [], b""

    async def aclose(self) -> None:
        await self._inner.aclose()
