"""Servers, several at once, each by a client that offers nothing and by one that offers all."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import anyio
from mcp.client._transport import TransportStreams
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED

from mcpconf.errors import Problem
from mcpconf.model.probe import Clients, Probe, Probed, Transcript
from mcpconf.model.surface import Era
from mcpconf.probing import web
from mcpconf.probing.conversation import BeginAgainError, FailedError, converse
from mcpconf.probing.processes import Nursery, Running
from mcpconf.probing.stdio import line
from mcpconf.probing.wire import Tee
from mcpconf.secrets import redact

_AT_ONCE = 4
_LONGEST = 200
_LAST_BREATHS = 100
"""Of 20 ms: between the end of what a server prints and its own, which a sandbox notices later."""

_TELLING = re.compile(r"error|cannot|can't|not found|no such|usage", re.IGNORECASE)
"""What the line has that tells why a program ended: the very last often tells less."""

_KNOWN_REQUESTS = ("sampling/createMessage", "elicitation/create", "roots/list")


async def ask_all(probes: Sequence[Probe], tell: Callable[[Probed], None]) -> None:
    nursery, gate = Nursery(), anyio.Semaphore(_AT_ONCE)

    async def ask(probe: Probe) -> None:
        async with gate:
            tell(await _Asked(probe, nursery).answer())

    async with anyio.create_task_group() as watching:
        watching.start_soon(nursery.watch)
        async with anyio.create_task_group() as tasks:
            for probe in probes:
                tasks.start_soon(ask, probe)
        watching.cancel_scope.cancel()


class _Asked:
    def __init__(self, probe: Probe, nursery: Nursery) -> None:
        self._probe = probe
        self._nursery = nursery
        self._notes: list[str] = []

    async def answer(self) -> Probed:
        transcripts: list[Transcript] = []
        problem: Problem | None = None
        clients: tuple[Clients, ...] = ("bare", "able")
        try:
            for client in clients:
                transcripts.append(await self._by(client, transcripts[0].era if transcripts else None))
        except FailedError as error:
            problem = error.problem
        notes = tuple(dict.fromkeys(self._notes))
        told = () if problem is not None else tuple(transcripts)
        return Probed(self._probe.name, self._probe.sandboxed, told, notes, problem)

    async def _by(self, client: Clients, era: Era | None) -> Transcript:
        """Raises FailedError."""
        try:
            return await self._conversation(client, era)
        except BeginAgainError as error:
            try:
                return await self._conversation(client, error.era)
            except BeginAgainError:
                raise FailedError(
                    Problem("malformed", "it cannot be told which era of the protocol it is of")
                ) from None

    async def _conversation(self, client: Clients, era: Era | None) -> Transcript:
        """Raises FailedError, BeginAgainError."""
        tee, seconds = Tee(self._probe.limits), self._probe.limits.seconds
        try:
            with anyio.fail_after(seconds):
                async with self._line(tee) as streams:
                    return await converse(streams, tee, client, self._probe.limits, era)
        except Exception as error:  # noqa: BLE001  whatever a server makes of its line is told of that server alone
            raise self._reason(error, tee, era) from None
        finally:
            self._notes += _notes_of(tee)

    def _reason(self, error: Exception, tee: Tee, era: Era | None) -> FailedError | BeginAgainError:
        if tee.fault is not None:
            return FailedError(tee.fault)
        for inner in _leaves(error):
            if isinstance(inner, FailedError | BeginAgainError):
                return inner
        leaf = next(_leaves(error))
        if _is_end(leaf) and era is None and not tee.results:
            return BeginAgainError("initialize")  # it ended at the first question, which old servers do not know
        return FailedError(_problem(leaf, tee, self._probe))

    @asynccontextmanager
    async def _line(self, tee: Tee) -> AsyncIterator[TransportStreams]:
        if self._probe.transport != "stdio":
            async with web.line(self._probe, tee) as streams:
                yield streams
            return
        running = await self._nursery.start(self._probe, tee)
        out, into = running.process.stdout, running.process.stdin
        assert out is not None
        assert into is not None
        try:
            async with anyio.create_task_group() as listening:
                listening.start_soon(running.listen)
                async with line(out, into, tee) as streams:
                    yield streams
                listening.cancel_scope.cancel()
        except Exception as error:  # noqa: BLE001  the same, with how the server ended
            raise await self._ended(running, error) from None
        finally:
            with anyio.CancelScope(shield=True):
                left = await self._nursery.end(running)
            if left:
                self._notes.append(f"it left {left} {'process' if left == 1 else 'processes'} running")

    async def _ended(self, running: Running, error: Exception) -> Exception:
        """The same error; of a server that ended by itself, with how it did."""
        if not any(map(_is_end, _leaves(error))):
            return error
        for _ in range(_LAST_BREATHS):
            if running.process.returncode is not None:
                break
            await anyio.sleep(0.02)
        code = running.process.returncode
        if code is None or running.tee.results or running.tee.fault is not None:
            return error
        return ExitedError(code, running.said)


class ExitedError(Exception):
    """A server ended before it answered anything."""

    def __init__(self, code: int, said: bytes) -> None:
        super().__init__(code)
        self.code = code
        lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        self.last = next((line for line in reversed(lines) if _TELLING.search(line)), lines[-1] if lines else "")


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _is_end(error: BaseException) -> bool:
    return isinstance(error, ExitedError) or (isinstance(error, MCPError) and error.code == CONNECTION_CLOSED)


def _problem(error: BaseException, tee: Tee, probe: Probe) -> Problem:
    if isinstance(error, TimeoutError):
        return Problem(
            "unreadable", f"it did not answer within {probe.limits.seconds:g} s", None, "start it by hand, and see"
        )
    if tee.status in (401, 403):
        hint = "`--header-env NAME=VARIABLE` sends it a header of yours"
        return Problem("unreadable", f"it answers nobody that it does not know (HTTP {tee.status})", None, hint)
    if tee.status:
        return Problem("unreadable", f"it answers with HTTP {tee.status}", None, "check its address")
    if isinstance(error, ExitedError):
        last = f", and said last: {_shown(error.last)}" if error.last else ""
        return Problem(
            "unreadable", f"it ended with {error.code} before it answered{last}", None, "check its arguments"
        )
    if isinstance(error, MCPError):
        return Problem(
            "unreadable",
            f"it answers with error {error.code}: {_shown(error.message)}",
            None,
            "start it by hand, and see",
        )
    if isinstance(error, OSError) and probe.transport == "stdio":
        return Problem(
            "missing",
            f"it cannot be started ({error.strerror or type(error).__name__})",
            None,
            "`mcpconf install`, then again",
        )
    return Problem(
        "unreadable", f"it cannot be reached ({type(error).__name__})", None, "check its address, and the network"
    )


def _shown(text: str) -> str:
    """Text of others: no secret, no more than a line of it. Whoever prints it escapes it."""
    line_of_it = redact(text).partition("\n")[0]
    return line_of_it[:_LONGEST] + ("..." if len(line_of_it) > _LONGEST else "")


def _notes_of(tee: Tee) -> Iterator[str]:
    if tee.garbage:
        yield "it prints what is no message where only messages belong"
    known = [f"`{name}`" for name in _KNOWN_REQUESTS if name in tee.asked]
    if known:
        yield f"it asked its client for {', '.join(known)}, which was refused"
