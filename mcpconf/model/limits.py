"""What the manifest lets a server do: which tools, which folders, which addresses, which variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mcpconf.model.tools import LONGEST_NAME, covers, meet
from mcpconf.model.values import WrittenValue
from mcpconf.model.written import Fault, OneOrMany, Part, RefusedError, Texts, shown

MAXIMUM_TOOLS = 1000
"""Of one list; each is held against those of the others."""


class Tools(Part):
    """`call`: what may be called, all if it is left out. `auto`: what acts without asking, nothing if it is left out."""

    call: Texts | None = None
    auto: Texts = ()
    without: Annotated[Texts, Field(alias="except")] = ()

    @model_validator(mode="after")
    def _check(self) -> Tools:
        faults = tuple(_tool_faults(self))
        if faults:
            raise RefusedError(*faults)
        return self


def _tool_faults(tools: Tools) -> Iterator[Fault]:
    for key, names in (("call", tools.call or ()), ("auto", tools.auto), ("except", tools.without)):
        if len(names) > MAXIMUM_TOOLS:
            yield Fault(f"names more than {MAXIMUM_TOOLS:,} tools", "use patterns, such as `read_*`", at=(key,))
            return
        for index, name in enumerate(names):
            if len(name) > LONGEST_NAME:
                yield Fault(f"is too long for a tool: {shown(name)}", at=(key, index))
                return
    for index, name in enumerate(tools.auto):
        if tools.call is not None and not any(covers(item, name) for item in tools.call):
            yield Fault(
                f"is not in `call`: {shown(name)}", "what acts without asking must be callable", ("auto", index)
            )
        for item in tools.without:
            if meet(item, name):
                hint = f"`except` takes `{item}` away; name what is left of it"
                yield Fault(f"meets `except`: {shown(name)}", hint, ("auto", index))


class Folders(Part):
    path: WrittenValue
    mode: Literal["ro", "rw"]


class Network(Part):
    out: OneOrMany = ()


Enforcement = Literal["bwrap", "docker", "host"]
"""What holds a server to its permissions: bubblewrap, a container, or the sandbox of the host that starts it."""


class Permissions(Part):
    tools: Tools | None = None
    fs: tuple[Folders, ...] = ()
    net: Network | None = None
    env: Texts = ()
    enforce: Enforcement | None = None
