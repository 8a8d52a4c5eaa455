"""What a form of the servers is: a module per consumer gives one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mcpconf.exporting.permitted import Permitted
from mcpconf.exporting.sdk.words import Words
from mcpconf.model.base import Json

Entries = Mapping[str, tuple[Permitted, Json]]
"""By the name of a server, what is permitted of it and how the form says it."""


@dataclass(frozen=True, slots=True)
class Form:
    """How one consumer reads servers. `checked` is the version of its package that was read, and the day.

    `entry` spells one server and tells its words what cannot be said; `document` puts together what the program loads.
    `lists_tools`: the consumer itself offers no other tools than those that are listed; otherwise the program has to take
    them out, by the list beside the servers. `asks`: the consumer can ask before a tool acts.
    """

    title: str
    checked: str
    entry: Callable[[Permitted, Words], Json]
    document: Callable[[Entries], dict[str, Json]]
    lists_tools: bool
    asks: bool


def stdio(server: Permitted, words: Words) -> dict[str, Json]:
    """A program as the SDK of the protocol starts it (`mcp.StdioServerParameters`), which most consumers pass on to it."""
    entry = server.entry
    found: dict[str, Json] = {
        "command": words.text(entry.command, "command"),
        "args": [words.text(value, "args") for value in entry.args],
    }
    if entry.env:
        found["env"] = words.texts(entry.env, "env")
    if entry.cwd is not None:
        found["cwd"] = words.text(entry.cwd, "cwd")
    return found


def remote(server: Permitted, words: Words) -> dict[str, Json]:
    """An address, with headers where there are any."""
    entry = server.entry
    found: dict[str, Json] = {"url": words.text(entry.url, "url")}
    if entry.headers:
        found["headers"] = words.texts(entry.headers, "headers")
    return found


def seconds(timeout: float) -> float:
    return int(timeout) if timeout == int(timeout) else timeout


def untimed(server: Permitted, words: Words) -> None:
    """For a form in which no timeout can be said."""
    if server.entry.timeout is not None:
        words.leave("`timeout` is left to the program")


def approval(server: Permitted, words: Words) -> Json:
    """`require_approval`, which the Responses API and the Agents SDK spell alike.

    Tools that are not named in such a list act unasked there, so that without a list of all tools each has to ask.
    """
    if server.tools is None:
        if "*" in server.unasked:
            return "never"
        if server.unasked:
            words.leave("`auto` is not written: without a list of all tools, each has to ask")
        return "always"
    if not server.unasked or not server.asking:
        return "never" if server.unasked else "always"
    return {"always": {"tool_names": list(server.asking)}, "never": {"tool_names": list(server.unasked)}}
