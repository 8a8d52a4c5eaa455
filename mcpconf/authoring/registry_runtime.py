"""What a registry's document wants to say to the program that starts a package: `npx`, `uvx`, `docker run`."""

from __future__ import annotations

from collections.abc import Mapping

from mcpconf.authoring.registry_inputs import Filling
from mcpconf.model.base import Json
from mcpconf.model.entry import Reference, Value
from mcpconf.model.registry import RegistryPackage
from mcpconf.model.written import refused, shown

_IMPLIED = {
    "npm": frozenset({"-y", "--yes"}),
    "pypi": frozenset[str](),
    "oci": frozenset({"run", "-i", "--interactive", "--rm"}),
    "mcpb": frozenset[str](),
}
"""What mcpconf says by itself."""

PROGRAMS = {"npm": "npx", "pypi": "uvx", "oci": "docker", "mcpb": ""}
_ENVIRONMENT = ("-e", "--env")
_OF_A_PROGRAM = {"npm": ("-p", "--package"), "pypi": ("--from",)}
"""What stands before the package if one of its programs is named behind it: `uvx --from NAME PROGRAM`."""


def runtime_words(package: RegistryPackage, filling: Filling) -> list[Value]:
    """Raises RefusedError."""
    return [word for item in package.runtime_arguments for word in filling.words(item)]


def without_program(kind: str, words: list[Value], args: list[Value]) -> tuple[list[Value], str, list[Value]]:
    """The words for the program that starts the package, the program of the package, and the words for that."""
    if words and str(words[-1]) in _OF_A_PROGRAM.get(kind, ()):
        name = args[0].text if args else None
        if not name or name.startswith("-"):
            hint = "ask its publisher"
            raise refused(f"wants {shown(words[-1])} for `{PROGRAMS[kind]}` and names no program", hint)
        return words[:-1], name, args[1:]
    return words, "", args


def environment_of(
    kind: str, package: RegistryPackage, words: list[Value], known: Mapping[str, Json]
) -> dict[str, Json]:
    """Variables that are given to a container on the command line. Raises RefusedError for what a manifest has no words for."""
    found: dict[str, Json] = {}
    at = 0
    while at < len(words):
        text = str(words[at])
        at += 1
        option, equals, _ = text.partition("=")
        if text in _IMPLIED[kind] or text == package.identifier or text.startswith(f"{package.identifier}@"):
            continue
        if kind == "oci" and text in _ENVIRONMENT and at < len(words):
            name, value = _assignment(words[at])
            at += 1
        elif kind == "oci" and equals and option in _ENVIRONMENT:
            name, value = _assignment(_behind(words[at - 1], len(option) + 1))
        else:
            hint = f"`mcpconf add NAME -- {PROGRAMS[kind] or 'COMMAND'} ...` adds a whole command line"
            raise refused(f"wants {shown(text)} for `{PROGRAMS[kind]}`, which a manifest cannot say", hint)
        if name not in known:
            found[name] = str(value)
    return found


def _assignment(word: Value) -> tuple[str, Value]:
    """`NAME=VALUE`; a name alone takes the value that the variable has where the host runs."""
    first = word.parts[0] if word.parts and isinstance(word.parts[0], str) else ""
    name, equals, _ = first.partition("=")
    if not equals:
        return name, Value.of([Reference("env", name)]) if name else Value()
    return name, _behind(word, len(name) + 1)


def _behind(word: Value, length: int) -> Value:
    first, *rest = word.parts
    assert isinstance(first, str)
    return Value.of([first[length:], *rest])
