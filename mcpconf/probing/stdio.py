"""The line to a server that is a process: one message in each line, as the SDK's dispatcher wants them.

The transport of the SDK parses lines where nobody else can hear them, drops what it cannot read, and writes it to a log.
"""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import INTERNAL_ERROR, PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCResponse, jsonrpc_message_adapter

from mcpconf.probing.wire import Message, Tee

_CHUNK = 65536

Heard: TypeAlias = SessionMessage | Exception
Streams: TypeAlias = tuple[MemoryObjectReceiveStream[Heard], MemoryObjectSendStream[SessionMessage]]


@asynccontextmanager
async def line(reader: StreamReader, writer: StreamWriter, tee: Tee) -> AsyncIterator[Streams]:
    """Ends for the dispatcher when the server closes its end, or when the tee has heard enough."""
    heard_in, heard = anyio.create_memory_object_stream[Heard](0)
    said, said_out = anyio.create_memory_object_stream[SessionMessage](0)
    async with heard, said, anyio.create_task_group() as tasks:
        tasks.start_soon(_hear, reader, heard_in, tee)
        tasks.start_soon(_say, writer, said_out)
        try:
            yield heard, said
        finally:
            tasks.cancel_scope.cancel()


async def _hear(reader: StreamReader, heard: MemoryObjectSendStream[Heard], tee: Tee) -> None:
    parts: list[bytes] = []
    waiting = 0
    async with heard:
        while tee.fault is None and (chunk := await reader.read(_CHUNK)):
            tee.count(len(chunk))
            *complete, rest = chunk.split(b"\n")
            for number, piece in enumerate(complete):
                whole = b"".join((*parts, piece)) if not number else piece
                parts, waiting = [], 0
                await _hand_on(whole, heard, tee)
            parts.append(rest)
            waiting += len(rest)
            if waiting > tee.limits.message:
                tee.too_much("in one message", tee.limits.message)


async def _hand_on(data: bytes, heard: MemoryObjectSendStream[Heard], tee: Tee) -> None:
    message = tee.take(data) if tee.fault is None else None
    parsed = None if message is None else _parsed(message)
    if parsed is not None:
        try:
            await heard.send(parsed)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return


def _parsed(message: Message) -> SessionMessage | None:
    """Responses are built, not checked: of them only the bytes count, and the dispatcher has to hear of each."""
    number = message.body.get("id")
    if message.kind != "response":
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_python(message.body, by_name=False))
        except ValueError:
            return None
    if not message.id or not isinstance(number, int | str):
        return None
    result = message.body.get("result")
    if isinstance(result, dict):
        return SessionMessage(JSONRPCResponse.model_construct(jsonrpc="2.0", id=number, result=result))
    error = message.body.get("error")
    code = error.get("code") if isinstance(error, dict) else PARSE_ERROR
    text = error.get("message") if isinstance(error, dict) else ""
    told = ErrorData.model_construct(
        code=code if isinstance(code, int) else INTERNAL_ERROR,
        message=text if isinstance(text, str) else "",
        data=error.get("data") if isinstance(error, dict) else None,
    )
    return SessionMessage(JSONRPCError.model_construct(jsonrpc="2.0", id=number, error=told))


async def _say(writer: StreamWriter, said: MemoryObjectReceiveStream[SessionMessage]) -> None:
    async with said:
        async for item in said:
            data = item.message.model_dump_json(by_alias=True, exclude_unset=True)
            try:
                writer.write(f"{data}\n".encode())
                await writer.drain()
            except (ConnectionError, RuntimeError):
                return
