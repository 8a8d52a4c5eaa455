"""What is said to one server: which era it is of, then what it has, page by page. Nothing is called, and nothing is given.

The SDK's dispatcher numbers and matches messages; its session is not used. That gives a server 10 seconds for its first
answer, where slow ones take more, refuses results that it does not know, and keeps no bytes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from mcp.client._transport import TransportStreams
from mcp.shared.dispatcher import CallOptions, DispatchContext
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.transport_context import TransportContext
from mcp_types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    REQUEST_TIMEOUT,
    UNSUPPORTED_PROTOCOL_VERSION,
    PaginatedRequestParams,
)
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcpconf.errors import Problem
from mcpconf.model.base import Json
from mcpconf.model.probe import Answer, Clients, Limits, Transcript
from mcpconf.model.surface import Era
from mcpconf.probing.wire import Tee

_CLIENT = {"name": "mcp", "version": "0.1.0"}
"""What a client of the SDK is called that nobody gave a name: a server that lies to whoever asks lies to all of those.

It never changes, for a server can show it, and its surface would change with it.
"""

_OFFERS: Mapping[Clients, dict[str, Json]] = {
    "bare": {},
    "able": {"sampling": {}, "elicitation": {"form": {}, "url": {}}, "roots": {"listChanged": True}},
}
_META = "io.modelcontextprotocol"
_LISTS = (
    ("tools", "tools/list"),
    ("prompts", "prompts/list"),
    ("resources", "resources/templates/list"),
    ("resources", "resources/list"),
)
_OPTIONAL = "resources/templates/list"
"""Servers with resources often lack it; of the others, who offers the capability has to answer."""

_RESTARTS = 2


class FailedError(Exception):
    """The server could not be asked."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class BeginAgainError(Exception):
    """The era is another than it seemed: this conversation says nothing, and a new one may begin in that era."""

    def __init__(self, era: Era) -> None:
        super().__init__(era)
        self.era = era


@dataclass(slots=True)
class Asking:
    """One client that asks one server."""

    dispatcher: JSONRPCDispatcher[TransportContext]
    tee: Tee
    client: Clients
    limits: Limits
    era: Era | None = None
    protocol: str = ""
    answers: list[Answer] = field(default_factory=list)
    late: bool = False
    """Whether the server gave no answer to `server/discover` in time."""

    _number: int = 0

    @property
    def first(self) -> float:
        return min(self.limits.first, self.limits.seconds / 3)

    async def ask(self, method: str, params: Mapping[str, Json], seconds: float | None = None) -> tuple[bytes, Json]:
        """The result, as it came and as JSON. Raises MCPError, FailedError."""
        self._number += 1
        self.tee.wanted = str(self._number)
        options: CallOptions = {"request_id": self._number, "cancel_on_abandon": False, "headers": {}}
        if seconds is not None:
            options["timeout"] = seconds
        version = self.protocol if method != "initialize" else ""
        if version:
            options["headers"] = {"mcp-protocol-version": version, "mcp-method": method}
        sent = dict(params)
        if version in MODERN_PROTOCOL_VERSIONS:
            sent["_meta"] = self._envelope(version)
        try:
            await self.dispatcher.send_raw_request(method, sent or None, options)
        except MCPError:
            if self.tee.wanted not in self.tee.results:
                if self.tee.fault is not None:
                    raise FailedError(self.tee.fault) from None
                raise
        if self.tee.fault is not None:
            raise FailedError(self.tee.fault)
        found = self.tee.results.get(self.tee.wanted)
        if found is None or not isinstance(found[1], dict):
            raise FailedError(Problem("malformed", f"its answer to `{method}` is no result"))
        return found

    def _envelope(self, version: str) -> dict[str, Json]:
        return {
            f"{_META}/protocolVersion": version,
            f"{_META}/clientInfo": _CLIENT,
            f"{_META}/clientCapabilities": _OFFERS[self.client],
        }

    async def settle(self, era: Era | None) -> dict[str, Json]:
        """The first result, of the era that the server is of; a known one is taken at its word. Raises MCPError, FailedError."""
        if era != "initialize":
            found = await self._discover(wait=self.limits.seconds if era else self.first)
            if found is not None:
                return found
        try:
            return await self._initialize()
        except MCPError as error:
            mutual = _mutual(error)
            if not mutual or era is not None:
                raise
            raise BeginAgainError("discover") from None

    async def _discover(self, wait: float) -> dict[str, Json] | None:
        """None for a server of the other era: every error tells that, but one that names a version of this era."""
        self.protocol = LATEST_MODERN_VERSION
        for _ in range(2):
            try:
                raw, result = await self.ask("server/discover", {}, wait)
            except MCPError as error:
                mutual = _mutual(error)
                if mutual and mutual != self.protocol:
                    self.protocol = mutual
                    continue
                self.late = error.code == REQUEST_TIMEOUT
                return None
            versions = result.get("supportedVersions")
            known = [
                item for item in MODERN_PROTOCOL_VERSIONS if item in (versions if isinstance(versions, list) else ())
            ]
            if not known:
                return None
            self.era, self.protocol = "discover", known[-1]
            self.answers.append(Answer("server/discover", raw))
            return dict(result)
        return None

    async def _initialize(self) -> dict[str, Json]:
        self.protocol = ""
        params = {
            "protocolVersion": LATEST_HANDSHAKE_VERSION,
            "capabilities": _OFFERS[self.client],
            "clientInfo": _CLIENT,
        }
        raw, result = await self.ask("initialize", params)
        version = result.get("protocolVersion")
        if not isinstance(version, str) or not version.isprintable() or not 0 < len(version) <= 64:
            raise FailedError(Problem("malformed", "it does not tell which version of the protocol it speaks"))
        self.era, self.protocol = "initialize", version
        self.answers.append(Answer("initialize", raw))
        await self.dispatcher.notify("notifications/initialized", None, {"headers": {"mcp-protocol-version": version}})
        return dict(result)

    async def all_pages(self, method: str) -> list[Answer]:
        """Raises MCPError, FailedError."""
        for _ in range(_RESTARTS + 1):
            pages = await self._pages(method)
            if pages is not None:
                return pages
        raise FailedError(Problem("malformed", f"it does not know the cursors any more that it gave for `{method}`"))

    async def _pages(self, method: str) -> list[Answer] | None:
        """None if a cursor was not known any more: the protocol has a client begin anew then."""
        pages: list[Answer] = []
        page = PaginatedRequestParams()
        for _ in range(self.limits.pages):
            try:
                raw, result = await self.ask(method, page.model_dump(by_alias=True, exclude_none=True))
            except MCPError as error:
                if error.code == INVALID_PARAMS and page.cursor is not None:
                    return None
                raise
            pages.append(Answer(method, raw))
            try:
                page = PaginatedRequestParams(cursor=result.get("nextCursor"))
            except ValidationError:
                problem = Problem("malformed", f"it gives a cursor for `{method}` that is no text")
                raise FailedError(problem) from None
            if page.cursor is None:
                return pages
        raise FailedError(Problem("oversized", f"`{method}` has more than {self.limits.pages} pages"))

    async def lists(self, capabilities: Json) -> None:
        """Raises MCPError, FailedError."""
        stated = capabilities if isinstance(capabilities, dict) else {}
        for capability, method in _LISTS:
            if stated.get(capability) is None:
                continue
            try:
                self.answers += await self.all_pages(method)
            except MCPError as error:
                if error.code != METHOD_NOT_FOUND or method != _OPTIONAL:
                    raise

    async def is_modern_after_all(self) -> bool:
        """Asked once more of a server that was slow to begin: some answer only when they are warm."""
        if self.era == "discover" or not self.late:
            return False
        self.protocol = LATEST_MODERN_VERSION
        try:
            _, result = await self.ask("server/discover", {}, self.first)
        except MCPError:
            return False
        versions = result.get("supportedVersions")
        return isinstance(versions, list) and not {*MODERN_PROTOCOL_VERSIONS}.isdisjoint(map(str, versions))


async def converse(streams: TransportStreams, tee: Tee, client: Clients, limits: Limits, era: Era | None) -> Transcript:
    """Raises MCPError, FailedError, BeginAgainError."""
    async with _dispatching(JSONRPCDispatcher(*streams)) as dispatcher:
        asking = Asking(dispatcher, tee, client, limits)
        first = await asking.settle(era)
        await asking.lists(first.get("capabilities"))
        spoken = asking.protocol
        if era is None and await asking.is_modern_after_all():
            raise BeginAgainError("discover")
        assert asking.era is not None
        return Transcript(client, asking.era, spoken, tuple(asking.answers))


@asynccontextmanager
async def _dispatching(
    dispatcher: JSONRPCDispatcher[TransportContext],
) -> AsyncIterator[JSONRPCDispatcher[TransportContext]]:
    async with anyio.create_task_group() as tasks:
        await tasks.start(dispatcher.run, _refuse, _ignore)
        try:
            yield dispatcher
        finally:
            tasks.cancel_scope.cancel()


async def _refuse(_context: DispatchContext[TransportContext], method: str, _params: Any) -> dict[str, Json]:
    """What a server asks of its client: a sign of life it gets, and nothing else."""
    if method == "ping":
        return {}
    raise MCPError(code=METHOD_NOT_FOUND, message="this client only lists")


async def _ignore(_context: DispatchContext[TransportContext], _method: str, _params: Any) -> None:
    return


def _mutual(error: MCPError) -> str:
    """The newest version of this era that an error says the server speaks; "" for any other error."""
    data = error.error.data if error.code == UNSUPPORTED_PROTOCOL_VERSION else None
    named = data.get("supported") if isinstance(data, dict) else None
    known = [item for item in MODERN_PROTOCOL_VERSIONS if isinstance(named, list) and item in named]
    return known[-1] if known else ""
