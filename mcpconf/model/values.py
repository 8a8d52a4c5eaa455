"""Text that reaches a server, as people write it: with references in it, and with secrets only by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema

from mcpconf.model.entry import Reference, Value
from mcpconf.model.written import Fault, RefusedError, refused, shape, shown

REFERENCES = "`${workspace}`, `${home}`, `${env:NAME}`, `${env:NAME:-default}` and `${secret:NAME}`"
_ENVIRONMENT_NAME = re.compile(r"[^=\x00\s]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SCHEME = re.compile(r"https?://(?=[^/?#\\])", re.IGNORECASE)
_AUTHORITY_END = re.compile(r"[/?#\\]")
_PLACE = re.compile(r"/|~(?=/|$)|[A-Za-z]:[/\\]|\$\{(?:home|workspace|env:)")
_ROOT = re.compile(r"~(?=/|$)|/(?!/)|[A-Za-z]:/(?!/)")


def _value(value: object) -> Value:
    if isinstance(value, Value):
        return value
    if value is None:
        raise refused("has no value", 'write `""` for empty text')
    if not isinstance(value, str):
        raise refused(f"must be text, not {shape(value)}", "write lists and maps as one text, in quotes")
    if "\0" in value:
        raise refused("holds a NUL character")
    try:
        return Value.parse(value)
    except ValueError:
        raise refused(
            "holds a `$` that starts no known reference", f"write `$$` for a dollar; known are {REFERENCES}"
        ) from None


def _value_or_secret(value: object) -> Value:
    if not isinstance(value, dict):
        return _value(value)
    unknown = sorted(key for key in value if key not in ("secret", "prefix"))
    if unknown or "secret" not in value:
        raise refused("must be text or `{secret: NAME, prefix: TEXT}`", "`prefix` may be left out")
    name, prefix = value["secret"], value.get("prefix", "")
    if not isinstance(name, str) or not _SECRET_NAME.fullmatch(name):
        raise RefusedError(
            Fault("must be a name of letters, digits, `_`, `.` and `-`", "never the secret itself", ("secret",))
        )
    if not isinstance(prefix, str) or "\0" in prefix:
        raise RefusedError(Fault("must be text without NUL", at=("prefix",)))
    return Value.of([prefix, Reference("secret", name)])


def _address(value: object) -> Value:
    """An address of a server. User names and passwords have no place in one: hosts print and log addresses."""
    address = _value(value)
    if not address.parts:
        raise refused("is empty", "write `https://host/path`")
    if any(char.isspace() or not char.isprintable() for part in address.literals for char in part):
        raise refused("holds white space or an invisible character", "percent-encode it")
    text = "".join(part if isinstance(part, str) else "\0" for part in address.parts)
    scheme = _SCHEME.match(text)
    if scheme is None and not text.startswith("\0"):
        raise refused("must begin with `https://` or `http://` and a host")
    if "@" in _AUTHORITY_END.split(text[scheme.end() :] if scheme else text, maxsplit=1)[0]:
        raise refused("holds a user name or password", "send it in `headers`, as `{secret: NAME}`")
    return address


def _folder(value: object) -> object:
    """`~/...`, `/...` or `C:/...`, without a slash at the end. `*` and `?` stay."""
    if not isinstance(value, str) or not value:
        raise refused(f"must be a folder such as `~/src/api`, not {shape(value)}")
    if "\\" in value:
        raise refused("holds a backslash", "write `/` between folders, on Windows too")
    if any(not char.isprintable() for char in value):
        raise refused("holds an invisible character")
    if not _ROOT.match(value):
        raise refused(
            f"must begin with `~/`, `/` or a drive, not {shown(value)}", "the machine must find it from anywhere"
        )
    if {".", "..", ""} & set(value.rstrip("/").split("/")[1:]):
        raise refused("holds an empty step, `.` or `..`", "write the path it stands for")
    if "**" in value:
        raise refused(f"holds `**`: {shown(value)}", "write one `*` for each step of the path")
    return value.rstrip("/") or "/"


def _written_folder(value: object) -> Value:
    """A path that does not depend on where a program is started. `~` stands for the home folder, as in `projects`."""
    path = _value(value)
    text = str(path)
    if any(reference.kind == "secret" for reference in path.references):
        raise refused("holds a secret", "a path is shown everywhere")
    if not _PLACE.match(text):
        raise refused(
            f"is no place that can be found from anywhere: {shown(text)}",
            "begin it with `/`, `~/`, a drive, `${home}`, `${workspace}` or `${env:NAME}`",
        )
    if {".", ".."} & set(re.split(r"[/\\]", text)):
        raise refused("holds `.` or `..` as a step", "write the path it stands for")
    if "*" in text or "?" in text:
        raise refused(f"holds a pattern: {shown(text)}", "a folder stands for all that lies below it")
    if any(not char.isprintable() for char in text):
        raise refused("holds an invisible character")
    return path


def _variable_name(value: object) -> object:
    if isinstance(value, str) and _ENVIRONMENT_NAME.fullmatch(value):
        return value
    raise refused(
        f"is no name of an environment variable: {shape(value)}",
        "write the name alone; `env` of the server has the value",
    )


def is_header(name: str) -> bool:
    """Whether a header may be called so (RFC 9110)."""
    return _HEADER_NAME.fullmatch(name) is not None


def _names(pattern: re.Pattern[str], message: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, dict):
            faults = [Fault(message, at=(key,)) for key in value if not pattern.fullmatch(str(key))]
            if faults:
                raise RefusedError(*faults)
        return value

    return check


def _header_lines(headers: dict[str, Value]) -> dict[str, Value]:
    """A line end in a header's value would start another header; two spellings of one name would be sent twice."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for name, value in headers.items():
        first = seen.setdefault(name.lower(), name)
        if first != name:
            faults.append(Fault(f"is the same header as `{first}`", "upper and lower case make no difference", (name,)))
        if any(end in text for text in value.literals for end in "\r\n"):
            faults.append(Fault("holds a line end", "a header is one line", (name,)))
    if faults:
        raise RefusedError(*faults)
    return headers


_TEXT_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_SECRET_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"secret": {"type": "string", "pattern": f"^{_SECRET_NAME.pattern}$"}, "prefix": {"type": "string"}},
    "required": ["secret"],
    "additionalProperties": False,
}


def _map_schema(names: re.Pattern[str]) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"anyOf": [_TEXT_SCHEMA, _SECRET_SCHEMA]},
            "propertyNames": {"pattern": f"^{names.pattern}$"},
        }
    )


_NOTATION = PlainSerializer(str)

WrittenValue: TypeAlias = Annotated[Value, PlainValidator(_value), _NOTATION, WithJsonSchema(_TEXT_SCHEMA)]
Arguments: TypeAlias = tuple[WrittenValue, ...]
WrittenSecret: TypeAlias = Annotated[Value, PlainValidator(_value_or_secret), _NOTATION]
Address: TypeAlias = Annotated[
    Value,
    PlainValidator(_address),
    _NOTATION,
    WithJsonSchema({"type": "string", "pattern": r"^(?:[Hh][Tt][Tt][Pp][Ss]?://|\$\{)"}),
]
Folder: TypeAlias = Annotated[
    str, BeforeValidator(_folder), WithJsonSchema({"type": "string", "pattern": "^(?:~$|~/|/|[A-Za-z]:/)"})
]
WrittenFolder: TypeAlias = Annotated[
    Value,
    PlainValidator(_written_folder),
    _NOTATION,
    WithJsonSchema({"type": "string", "pattern": r"^(?:/|~$|~/|[A-Za-z]:[/\\]|\$\{)"}),
]
VariableName: TypeAlias = Annotated[
    str,
    BeforeValidator(_variable_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_ENVIRONMENT_NAME.pattern}$"}),
]
Environment: TypeAlias = Annotated[
    dict[str, WrittenSecret],
    BeforeValidator(_names(_ENVIRONMENT_NAME, "is no name of an environment variable")),
    _map_schema(_ENVIRONMENT_NAME),
]
Headers: TypeAlias = Annotated[
    dict[str, WrittenSecret],
    BeforeValidator(_names(_HEADER_NAME, "is no name of a header")),
    AfterValidator(_header_lines),
    _map_schema(_HEADER_NAME),
]
