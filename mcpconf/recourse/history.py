"""What was done to a machine, and the generations that it can go back to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mcpconf.documents.store import Store
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.base import Json
from mcpconf.model.owned import OwnedValues
from mcpconf.ports import Machine
from mcpconf.transaction import owned

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}Z?)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class History:
    """Newest first. `current` is the number of the generation that the machine was left in; 0 if there is none."""

    generations: tuple[OwnedValues | Problem, ...]
    current: int


@dataclass(frozen=True, slots=True)
class Log:
    """Lines in the order in which they were written. `damaged` is the number of those that cannot be read."""

    lines: tuple[dict[str, Json], ...]
    damaged: int


def history(machine: Machine) -> History:
    """Every generation that something is kept of."""
    store = Store.of(machine)
    found = tuple(owned.every(store))
    numbers = [item.generation for item in found if isinstance(item, OwnedValues)]
    serial = store.load()[0].serial
    return History(found, max((number for number in numbers if number <= serial), default=0))


def log(machine: Machine, since: str = "", limit: int | None = None) -> Log:
    """What is in the log since a moment, at most the last lines.

    Raises McpconfError: exit 64 for a moment that is none, exit 1 if the log cannot be read.
    """
    if since and not _MOMENT.fullmatch(since):
        message, hint = f"`{since[:40]}` is no date", "write it as `2027-06-30`, or with a time as `2027-06-30T12:00`"
        raise McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
    store = Store.of(machine)
    found = store.machine.files.read(store.log)
    if isinstance(found, Problem):
        raise McpconfError(ExitCode.NO_PLAN, found)
    texts = found.data.decode("utf-8", "replace").splitlines() if found is not None else []
    read = [_line(text) for text in texts if text.strip()]
    lines = [line for line in read if line is not None and str(line["time"]) >= since]
    return Log(
        tuple(lines if limit is None else lines[max(len(lines) - limit, 0) :]), sum(line is None for line in read)
    )


def _line(text: str) -> dict[str, Json] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("time"), str) else None


def generation(machine: Machine, number: int) -> OwnedValues:
    """What was ours then. Raises McpconfError (exit 1) with the generations that there are."""
    store = Store.of(machine)
    found = owned.load(store, number)
    if isinstance(found, OwnedValues):
        return found
    there = [str(item.generation) for item in owned.every(store) if isinstance(item, OwnedValues)]
    hint = f"there are {', '.join(there)}; `mcpconf history` says more" if there else "nothing was applied here yet"
    where = found.where or Where(store.folder)
    raise McpconfError(ExitCode.NO_PLAN, Problem(found.kind, found.message, where, hint))
