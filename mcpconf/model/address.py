"""`host/scope[:PROJECT]/SERVER[#FIELD]`: the one name for a thing in plans, findings, state and `--target`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from mcpconf.model.glob import fits

SCOPES = ("user", "project", "local", "managed", "system", "profile", "plugin", "legacy")
PLUGIN = "plugin"
"""The scope of servers that a plugin or extension of the host brings."""

NAMED = frozenset({"profile", PLUGIN})
"""Scopes whose `project` is no folder, but the name of what has the servers."""

GRANT = "grant:"
SERVER = "server:"
"""Begins the address of a server of the manifest, whichever hosts have it."""

ARTIFACT = "artifact:"
"""Begins the address of the bytes of a server, in the store or elsewhere on the machine."""

SURFACE = "surface:"
"""Begins the address of what a server shows of itself."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """`project` is a folder in the machine's own absolute spelling with `/`, or `~/...` below its home.

    The scope `legacy` is that of entries in a file that a stronger one of the same scope hides.
    """

    host: str
    scope: str
    project: str
    server: str
    field: str = ""

    def __str__(self) -> str:
        scope = f"{self.scope}:{encode(self.project)}" if self.project else self.scope
        text = f"{self.host}/{scope}/{encode(self.server, '/')}"
        return f"{text}#{encode(self.field, '/')}" if self.field else text

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read what `str` wrote. Raises ValueError for anything else."""
        body, hash_mark, part = text.partition("#")
        head, slash, server = body.rpartition("/")
        host, slash_too, place = head.partition("/")
        scope, _, project = place.partition(":")
        if not (slash and slash_too and host and server and scope in SCOPES) or (hash_mark and not part):
            raise ValueError(f"`{text}` is no address; one looks like `cursor/user/github`")
        return cls(host, scope, decode(project), decode(server), decode(part))

    def part(self, name: str) -> Address:
        return replace(self, field=name)


@dataclass(frozen=True, slots=True, order=True)
class GrantAddress:
    """`grant:host/scope[:PROJECT]/FILE-ID#KEY`: an approval, by the file and key that hold it.

    The last step of `key` may be a list element, written `=VALUE`.
    """

    host: str
    scope: str
    project: str
    file: str
    key: tuple[str, ...]

    def __str__(self) -> str:
        scope = f"{self.scope}:{encode(self.project)}" if self.project else self.scope
        return f"{GRANT}{self.host}/{scope}/{encode(self.file, '/')}#{'.'.join(encode(s, '/.') for s in self.key)}"

    def respelled(self, key: tuple[str, ...]) -> GrantAddress:
        return replace(self, key=key)

    def beside(self, text: str) -> GrantAddress:
        """The address of another element of the same list, or of another key of the same map."""
        mark = "=" if self.key[-1].startswith("=") else ""
        return replace(self, key=(*self.key[:-1], f"{mark}{text}"))

    @classmethod
    def parse(cls, text: str) -> GrantAddress:
        if not text.startswith(GRANT):
            raise ValueError(f"`{text}` is no grant address; one starts with `{GRANT}`")
        body, hash_mark, key = text.removeprefix(GRANT).partition("#")
        if not hash_mark:
            raise ValueError(f"`{text}` names no key behind `#`")
        place = Address.parse(body)
        return cls(place.host, place.scope, place.project, place.server, tuple(map(decode, key.split("."))))


_ALWAYS = "%#*?[]"


def encode(text: str, also: str = "") -> str:
    """Percent-encode what would read as syntax, white space and controls, and the characters of `also`."""
    return text.translate(_encoding(also))


class _Encoding(dict[int, str]):
    """Each character is looked at once, however long the text."""

    def __init__(self, also: str) -> None:
        super().__init__()
        self.also = also

    def __missing__(self, number: int) -> str:
        char = chr(number)
        told = char in _ALWAYS or char in self.also or not char.isprintable() or char.isspace()
        self[number] = "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass")) if told else char
        return self[number]


_encoding = lru_cache(maxsize=8)(_Encoding)


def decode(text: str) -> str:
    """Undo `encode`."""
    if "%" not in text:
        return text
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode("utf-8", "surrogatepass"))
    return raw.decode("utf-8", "surrogatepass")


def matches(pattern: str, address: object) -> bool:
    """Whether a `--target` pattern names this address. `*` and `?` stop at `/`, `**` does not.

    A pattern without `/` names a server everywhere: `github` is `**/github`, and the server itself, `server:github`.
    A pattern without `#` covers all fields.
    """
    text = str(address)
    if "#" not in pattern and not text.startswith(GRANT):
        text = text.partition("#")[0]
    if "/" in pattern:
        return fits(pattern, text)
    if text.startswith(SERVER):
        return fits(pattern.removeprefix(SERVER), text.removeprefix(SERVER))
    return fits(f"**/{pattern}", text)
