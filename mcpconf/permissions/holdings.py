"""What one entry holds, by dimension: the two sides that a change compares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mcpconf.model.entry import Entry, Reference, Value
from mcpconf.model.package import Recognised
from mcpconf.permissions.arguments import (
    container_limits,
    container_powers,
    is_container,
    mounts,
    passed_names,
    paths_in,
    paths_of_word,
    shell_launcher,
)
from mcpconf.permissions.walls import Walls, walls
from mcpconf.secrets import find, secret_named
from mcpconf.secrets.names import word_set

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_OPTION = re.compile(r"--?[A-Za-z][A-Za-z0-9-]*")
_SOURCES = word_set(
    "--registry --userconfig --globalconfig --prefix --node-options --script-shell --index --default-index --index-url"
    " --extra-index-url --find-links --allow-insecure-host --with --with-editable --with-requirements --python"
    " --prerelease --constraints --overrides --config-file --env-file --directory --project --pip-args -i -f -c -w"
)
"""Options of package runners that say where code comes from or what else runs with it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """`content` tells whether two are the same and is never shown; `source` names references and may be."""

    state: Literal["literal", "reference"]
    content: str
    source: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """`front` are words before the package or script, `rest` those behind it that no other part explains.

    `walls` are what it is shut in with, `around` the words of other wrappers.
    """

    entry: Entry
    launched: Recognised
    env: Mapping[str, Value]
    secrets: Mapping[str, Secret]
    paths: tuple[str, ...]
    writable: tuple[str, ...]
    powers: frozenset[str]
    limits: frozenset[str]
    shell: str | None
    front: tuple[str, ...]
    rest: tuple[str, ...]
    walls: Walls | None
    around: tuple[str, ...]


def holdings(entry: Entry, launched: Recognised) -> Holdings:
    env = _environment(entry, launched)
    secrets = _secrets(entry, env)
    read_only = {path for path, only in mounts(launched) if only}
    paths = paths_in(launched)
    shut_in = walls(launched.wrapper)
    return Holdings(
        entry=entry,
        launched=launched,
        env=env,
        secrets=secrets,
        paths=paths,
        writable=tuple(path for path in paths if path not in read_only),
        powers=container_powers(launched),
        limits=container_limits(launched),
        shell=shell_launcher([str(value) for value in entry.argv]),
        front=_front(launched),
        rest=_rest(entry, launched, secrets),
        walls=shut_in,
        around=launched.wrapper if shut_in is None else shut_in.around,
    )


def _environment(entry: Entry, launched: Recognised) -> dict[str, Value]:
    """Variables from every place that sets them: the entry, `env A=b`, `docker -e NAME`."""
    env = {name: Value((Reference("env", name),)) for name in passed_names(launched)}
    for word in launched.wrapper:
        if match := _ASSIGNMENT.fullmatch(word):
            env[match[1]] = _parsed(match[2])
    return {**env, **entry.env}


def _parsed(text: str) -> Value:
    try:
        return Value.parse(text)
    except ValueError:
        return Value.literal(text)


def _secrets(entry: Entry, env: Mapping[str, Value]) -> dict[str, Secret]:
    everywhere = Entry(entry.transport, entry.command, entry.args, env, entry.cwd, entry.url, entry.headers)
    literal = {one.place for one in find(everywhere)}
    held = [(f"env.{name}", name, name, value) for name, value in env.items()]
    held += [(f"headers.{name}", name, f"header {name}", value) for name, value in entry.headers.items()]
    held += [("command", "", "command", entry.command), ("url", "", "url", entry.url)]
    held += [
        (
            f"args[{index}]",
            _option_of(entry.args, index),
            _option_of(entry.args, index) or f"argument {index + 1}",
            value,
        )
        for index, value in enumerate(entry.args)
    ]
    found: dict[str, Secret] = {}
    for place, name, shown, value in held:
        references = [one for one in value.references if _is_secret(one, name)]
        if place in literal:
            found[shown] = Secret("literal", str(value), "")
        elif references:
            found[shown] = Secret(
                "reference", str(value), " ".join(f"${{{one.kind}:{one.name}}}" for one in references)
            )
    return found


def _is_secret(reference: Reference, name: str) -> bool:
    if reference.kind == "env":
        return secret_named(name) or secret_named(reference.name)
    return reference.kind == "secret"


def _option_of(args: tuple[Value, ...], index: int) -> str:
    """The option that an argument belongs to: `--token=x` and the word behind `--token` both to `--token`."""
    for text in (str(args[index]).partition("=")[0], str(args[index - 1]) if index else ""):
        if _OPTION.fullmatch(text):
            return text
    return ""


def _front(launched: Recognised) -> tuple[str, ...]:
    """Words that say how a command runs; of package runners only what changes where code comes from."""
    words = launched.argv[1 : len(launched.argv) - len(launched.arguments)]
    if launched.package is None:
        return words
    if is_container(launched):
        return ()
    kept: list[str] = []
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in _SOURCES:
            kept += [name, value if equals else "".join(words[index + 1 : index + 2])]
    return tuple(kept)


def _rest(entry: Entry, launched: Recognised, secrets: Mapping[str, Secret]) -> tuple[str, ...]:
    """Arguments without paths and secrets: what no other part compares."""
    explained = set(secrets)
    for index, value in enumerate(entry.args):
        option = _option_of(entry.args, index)
        if option in secrets or f"argument {index + 1}" in secrets:
            explained.add(str(value))
    return tuple(
        word
        for word in launched.arguments
        if word not in explained and (is_container(launched) or not paths_of_word(word))
    )
