"""What the manifest lets a server do: which tools, folders, addresses, variables, programs, and what of the client.

What is left out is not limited, as for tools. Only `enforce` turns that round: a launch that holds a server to its
permissions gives no folder, address or variable that they do not name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from mcpconf.model.endpoint import Endpoint, parse_endpoint
from mcpconf.model.tools import LONGEST_NAME, covers, meet
from mcpconf.model.values import VariableName, WrittenFolder
from mcpconf.model.written import Boolean, Fault, Part, RefusedError, Texts, refused, shape, shown

MAXIMUM_TOOLS = 1000
"""Of one list; each is held against those of the others."""

MAXIMUM_ITEMS = 1000
"""Of any other list."""

ANY = "any"
NONE = "none"


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


def _listed(read: Callable[[str], object], what: str) -> BeforeValidator:
    """`none` as an empty list, `any` as it is, else a list whose items are each read."""

    def check(value: object) -> object:
        if value in (ANY, NONE):
            return ANY if value == ANY else ()
        if not isinstance(value, (list, tuple)):
            raise refused(f"must be `{NONE}`, `{ANY}` or a list of {what}, not {shape(value)}")
        if len(value) > MAXIMUM_ITEMS:
            raise refused(f"names more than {MAXIMUM_ITEMS:,} {what}")
        faults: list[Fault] = []
        found: list[object] = []
        for index, item in enumerate(value):
            try:
                found.append(_item(item, read, what))
            except RefusedError as error:
                faults += [Fault(fault.message, fault.hint, (index, *fault.at)) for fault in error.faults]
        if faults:
            raise RefusedError(*faults)
        return tuple(dict.fromkeys(found))

    return BeforeValidator(check)


def _item(item: object, read: Callable[[str], object], what: str) -> object:
    if not isinstance(item, str):
        if isinstance(item, Endpoint):
            return item
        raise refused(f"must be text, not {shape(item)}")
    if item in (ANY, NONE):
        raise refused(f"cannot stand in a list of {what}", f"write `{item}` in place of the list")
    return read(item)


_ENDPOINT = "write `host:port`, `*.suffix:port`, an address, or a range such as `10.0.0.0/8`; without a port, all ports"
_PROGRAM = re.compile(r"[^\s/\\:\"'`$;&|<>*?\x00-\x1f]{1,255}")
_CAPABILITY = re.compile(r"(?:CAP_)?([A-Z][A-Z_]{1,40})")


def _endpoint(text: str) -> Endpoint:
    try:
        return parse_endpoint(text)
    except ValueError as error:
        raise refused(f"{error}: {shown(text)}", _ENDPOINT) from None


def _program(text: str) -> str:
    if _PROGRAM.fullmatch(text):
        return text
    raise refused(
        f"is no name of a program: {shown(text)}", "write its name alone, such as `git`, without folder or options"
    )


def _capability(text: object) -> str:
    match = _CAPABILITY.fullmatch(text.upper()) if isinstance(text, str) else None
    if match is None:
        raise refused(f"is no capability: {shape(text)}", "write it as `NET_ADMIN`, or `ALL`")
    return match[1]


def _list_schema(pattern: str = "") -> WithJsonSchema:
    item: dict[str, Any] = {"type": "string", **({"pattern": pattern} if pattern else {})}
    return WithJsonSchema({"anyOf": [{"enum": [NONE, ANY]}, {"type": "array", "items": item}]})


WrittenEndpoint: TypeAlias = Annotated[Endpoint, PlainValidator(lambda item: item), PlainSerializer(str)]
Endpoints: TypeAlias = Annotated[
    Literal["any"] | tuple[WrittenEndpoint, ...], _listed(_endpoint, "addresses"), _list_schema()
]
"""Nothing is an empty tuple."""

Programs: TypeAlias = Annotated[Literal["any"] | tuple[str, ...], _listed(_program, "programs"), _list_schema()]
Capability: TypeAlias = Annotated[str, BeforeValidator(_capability), WithJsonSchema({"type": "string"})]


class Folder(Part):
    """A file, or a folder with all that lies below it."""

    path: WrittenFolder
    mode: Literal["ro", "rw"]


class Network(Part):
    """`out`: where it may connect to. `listen`: from where others may connect to it."""

    out: Endpoints | None = None
    listen: Literal["none", "loopback", "any"] | None = None


class Client(Part):
    """What the server may ask of the host that runs it: an answer of its model, an answer of its user, its folders."""

    sampling: Literal["deny", "ask", "allow"] | None = None
    elicitation: Literal["deny", "form", "url"] | None = None
    roots: tuple[WrittenFolder, ...] | None = None
    ui: Literal["deny", "allow"] | None = None


class RunAs(Part):
    """`nobody` owns no file. `caps` are Linux capabilities without `CAP_`, `sockets` paths of sockets it may speak to."""

    user: Literal["nobody", "self", "root"] = "self"
    privileged: Boolean = False
    caps: tuple[Capability, ...] = ()
    sockets: tuple[WrittenFolder, ...] = ()


Enforcement = Literal["bwrap", "docker", "host"]
"""What holds a server to its permissions: bubblewrap, a container, or the sandbox of the host that starts it."""


class Permissions(Part):
    """None is what is not said. `env` are names of variables; `env` of the server says which of them hold secrets."""

    tools: Tools | None = None
    fs: tuple[Folder, ...] | None = None
    net: Network | None = None
    env: tuple[VariableName, ...] | None = None
    exec: Programs | None = None
    client: Client | None = None
    run_as: RunAs | None = None
    enforce: Enforcement | None = None

    @model_validator(mode="after")
    def _check(self) -> Permissions:
        faults = tuple(_folder_faults(self))
        if faults:
            raise RefusedError(*faults)
        return self


def _folder_faults(permissions: Permissions) -> Iterator[Fault]:
    for name in ("fs", "env"):
        if len(getattr(permissions, name) or ()) > MAXIMUM_ITEMS:
            yield Fault(f"names more than {MAXIMUM_ITEMS:,}", at=(name,))
            return
    known: dict[str, str] = {}
    for index, folder in enumerate(permissions.fs or ()):
        path = str(folder.path).rstrip("/")
        if known.setdefault(path, folder.mode) != folder.mode:
            yield Fault(f"stands there twice, with other modes: {shown(path)}", "keep one", ("fs", index, "path"))


_HERE = ("fs", "net", "env", "exec", "run_as", "enforce")


def faults_beside(
    permissions: Permissions, *, is_remote: bool, variables: Iterable[tuple[str, ...]]
) -> Iterator[Fault]:
    """What does not go together with the rest of the server. The last step of where a variable is set is its name."""
    if is_remote:
        for name in sorted(permissions.model_fields_set.intersection(_HERE)):
            hint = "it runs elsewhere; `oauth.scopes` says what it may do there"
            yield Fault("means nothing for a server with `url`", hint, ("permissions", name))
        return
    for at in variables:
        if permissions.env is not None and at[-1] not in permissions.env:
            yield Fault("is not in `permissions.env`", "add it there, or do not set it", at)
