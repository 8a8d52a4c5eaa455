"""How people write the parts of a document. Every scalar arrives as text; these types read it and say what is wrong.

A validator's message continues the sentence that begins with the key: "`servers.files.timeout` must be a whole number".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, ConfigDict, PlainValidator, StringConstraints, WithJsonSchema

from mcpconf.model.base import Document
from mcpconf.model.entry import Reference, Value

REFERENCES = "`${workspace}`, `${home}`, `${env:NAME}`, `${env:NAME:-default}` and `${secret:NAME}`"
_ENVIRONMENT_NAME = re.compile(r"[^=\0\s]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SCHEME = re.compile(r"https?://(?![/?#])", re.IGNORECASE)
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_AUTHORITY_END = re.compile(r"[/?#\\]")
_ROOT = re.compile(r"~(?=/|$)|/(?!/)|[A-Za-z]:/(?!/)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Part(Document):
    """A map inside a document. Its validator is built only if it is made on its own, which saves start-up time."""

    model_config = ConfigDict(defer_build=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one key. `at` leads from the checked value to it."""

    message: str
    hint: str = ""
    at: tuple[str | int, ...] = ()
    kind: Literal["invalid", "not-supported"] = "invalid"


class RefusedError(ValueError):
    """Raised by validators; carries every fault of the value they checked."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


def refused(message: str, hint: str = "") -> RefusedError:
    return RefusedError(Fault(message, hint))


def shown(text: object) -> str:
    """Text from a document in backticks, cut and with invisible characters escaped, so that it can be printed."""
    plain = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(text)[:81])
    return f"`{plain}`" if len(plain) <= 80 else f"`{plain[:80]}...`"


def shape(value: object) -> str:
    """What was found where something else must be."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "nothing" if value is None else shown(value)


def _boolean(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, bool):
        return value
    raise refused(f"must be `true` or `false`, not {shape(value)}")


def _integer(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"0|[1-9][0-9]{0,8}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise refused(f"must be a whole number, not {shape(value)}")


def _seconds(value: object) -> object:
    number = _integer(value)
    if isinstance(number, int) and 1 <= number <= 86_400:
        return number
    raise refused(f"must be between 1 and 86400 seconds, not {shape(value)}")


def _day(value: object) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            raise refused(f"is no day of the calendar: {shown(value)}") from None
        return value
    raise refused(f"must be a date such as `2027-06-30`, not {shape(value)}")


def _sentence(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    raise refused(f"must be text, not {'empty' if value == '' else shape(value)}")


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
        raise RefusedError(Fault(f"must be text, not {shape(prefix)}", at=("prefix",)))
    return Value.of([prefix, Reference("secret", name)])


def _address(value: object) -> Value:
    """An address of a server. User names and passwords have no place in one: hosts print and log addresses."""
    address = _value(value)
    text = str(address)
    if not address.parts:
        raise refused("is empty", "write `https://host/path`")
    if any(char.isspace() or not char.isprintable() for part in address.literals for char in part):
        raise refused("holds white space or an invisible character", "percent-encode it")
    if isinstance(address.parts[0], str):
        scheme = _SCHEME.match(address.parts[0])
        if scheme is None:
            raise refused(f"must begin with `https://` or `http://`, not {shape(value)}")
        text = text[scheme.end() :]
    if "@" in _AUTHORITY_END.split(_REFERENCE.sub("", text), maxsplit=1)[0]:
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
    return value.rstrip("/") or "/"


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


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


_TEXT_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_SECRET_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"secret": {"type": "string", "pattern": f"^{_SECRET_NAME.pattern}$"}, "prefix": {"type": "string"}},
    "required": ["secret"],
    "additionalProperties": False,
}

Boolean: TypeAlias = Annotated[bool, BeforeValidator(_boolean)]
FormatVersion: TypeAlias = Annotated[Literal[1], BeforeValidator(_integer)]
Seconds: TypeAlias = Annotated[
    int, BeforeValidator(_seconds), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 86_400})
]
Day: TypeAlias = Annotated[
    str, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": f"^{_DATE.pattern}$"})
]
Sentence: TypeAlias = Annotated[str, BeforeValidator(_sentence), WithJsonSchema({"type": "string", "minLength": 1})]
Texts: TypeAlias = tuple[Sentence, ...]
OneOrMany: TypeAlias = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]

WrittenValue: TypeAlias = Annotated[Value, PlainValidator(_value), WithJsonSchema(_TEXT_SCHEMA)]
WrittenSecret: TypeAlias = Annotated[
    Value, PlainValidator(_value_or_secret), WithJsonSchema({"anyOf": [_TEXT_SCHEMA, _SECRET_SCHEMA]})
]
Address: TypeAlias = Annotated[
    Value,
    PlainValidator(_address),
    WithJsonSchema({"type": "string", "pattern": r"^(?:[Hh][Tt][Tt][Pp][Ss]?://|\$\{)"}),
]
Folder: TypeAlias = Annotated[
    str, BeforeValidator(_folder), WithJsonSchema({"type": "string", "pattern": "^(?:~$|~/|/|[A-Za-z]:/)"})
]
Environment: TypeAlias = Annotated[
    dict[str, WrittenSecret],
    BeforeValidator(_names(_ENVIRONMENT_NAME, "is no name of an environment variable")),
]
Headers: TypeAlias = Annotated[
    dict[str, WrittenSecret],
    BeforeValidator(_names(_HEADER_NAME, "is no name of a header")),
    AfterValidator(_header_lines),
]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""A portable server name."""
