"""Programs that only start another program: `cmd /c`, `env A=b`, `mise x --`. What they start is what counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mcpconf.permissions.commandline import SHELLS, plain_line, program, split_line
from mcpconf.permissions.walls import behind, kept_by
from mcpconf.secrets.names import word_set

_MOST_WRAPPERS = 16
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_CMD_SYNTAX = re.compile(r"[&|<>\r\n]")
_SHELL_OPTION = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*\Z")
_BUILT_IN = word_set(
    ". source eval cd export set unset alias trap exit return read if then for while until case function test [ shift"
    " umask ulimit wait pushd popd"
)
_LAUNCHERS = word_set(
    "npx bunx pnpx npm pnpm yarn bun uvx uv pipx docker podman nerdctl node deno python ruby php java dotnet cmd env"
    " mise op doppler tsx ts-node"
) | (SHELLS)


@dataclass(frozen=True, slots=True)
class _Prefix:
    """How a wrapper is written: its subcommand, options that take a value, plain words before the command.

    `dashes`: the command begins behind `--`, nowhere else.
    """

    subcommands: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    words: int = 0
    dashes: bool = False


def _behind_dashes(*subcommands: str) -> _Prefix:
    return _Prefix(frozenset(subcommands), dashes=True)


_PREFIXES: dict[str, _Prefix] = {
    "aws-vault": _behind_dashes("exec"),
    "chamber": _behind_dashes("exec"),
    "devbox": _behind_dashes("run"),
    "direnv": _Prefix(frozenset({"exec"}), words=1),
    "doppler": _behind_dashes("run"),
    "dotenv": _behind_dashes(),
    "dotenvx": _behind_dashes("run"),
    "flox": _behind_dashes("activate"),
    "fnm": _behind_dashes("exec"),
    "fnox": _behind_dashes("exec", "run", "x"),
    "infisical": _behind_dashes("run"),
    "mise": _behind_dashes("x", "exec"),
    "op": _behind_dashes("run"),
    "phase": _behind_dashes("run"),
    "rtx": _behind_dashes("x", "exec"),
    "secretspec": _behind_dashes("run"),
    "teller": _behind_dashes("run"),
    "varlock": _behind_dashes("run"),
    "asdf": _Prefix(frozenset({"exec"})),
    **dict.fromkeys(
        ("conda", "mamba", "micromamba"), _Prefix(word_set("run"), word_set("-n -p --name --prefix --cwd"))
    ),
    "pdm": _Prefix(frozenset({"run"})),
    "pipenv": _Prefix(frozenset({"run"})),
    "poetry": _Prefix(frozenset({"run"})),
    "volta": _Prefix(frozenset({"run"}), frozenset({"--node", "--npm", "--pnpm", "--yarn"})),
    "caffeinate": _Prefix(),
    "command": _Prefix(),
    "firejail": _Prefix(),
    "flatpak-spawn": _Prefix(),
    "xvfb-run": _Prefix(
        values=word_set("-e -f -n -p -s -w --error-file --auth-file --server-num --server-args --wait")
    ),
    "doas": _Prefix(values=frozenset({"-u", "-C"})),
    "exec": _Prefix(values=frozenset({"-a"})),
    "ionice": _Prefix(values=frozenset({"-c", "-n"})),
    "nice": _Prefix(values=frozenset({"-n"})),
    "nohup": _Prefix(),
    "setsid": _Prefix(),
    "stdbuf": _Prefix(values=frozenset({"-i", "-o", "-e"})),
    "sudo": _Prefix(values=frozenset({"-u", "-g", "-C", "-h", "-p", "-U", "-D", "-R", "-T", "--user", "--group"})),
    "time": _Prefix(),
    "timeout": _Prefix(values=frozenset({"-s", "-k", "--signal", "--kill-after"}), words=1),
    "winpty": _Prefix(),
    "xargs": _Prefix(values=word_set("-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs")),
    "wsl": _Prefix(values=frozenset({"-d", "-u", "--distribution", "--user", "--cd"})),
    "env": _Prefix(values=frozenset({"-u", "-C", "--unset", "--chdir"})),
}


def unwrap(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The wrapper's words and those of the command it starts. A wrapper that does more than start it stays."""
    wrapper: tuple[str, ...] = ()
    words = tuple(argv)
    for _ in range(_MOST_WRAPPERS):
        step = _step(words)
        if step is None:
            break
        wrapper += step[0]
        words = step[1]
    return wrapper, words


def _step(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    if not words:
        return None
    split = _whole_line(words)
    if split is not None:
        return (), split
    if len(words) == 1:
        return None
    if _ASSIGNMENT.match(words[0]):
        return words[:1], words[1:]
    name = program(words[0])
    if name == "cmd":
        return _cmd(words)
    if name in SHELLS:
        return _shell(words)
    kept = kept_by(words)
    start = behind(words) if name == "bwrap" else len(words) if kept is None else len(words) - len(kept[1])
    if start < len(words):
        return words[:start], words[start:]
    prefix = _PREFIXES.get(name)
    return None if prefix is None else _prefixed(words, prefix)


def _whole_line(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Words of a command that holds its arguments too; a path with spaces in it stays one word."""
    first = words[0]
    if not any(char.isspace() for char in first):
        return None
    split = split_line(first)
    if split is None or len(split) < 2 or not split[0] or any(mark in first for mark in "|;&<>`\n"):
        return None
    if program(split[0]) in _LAUNCHERS:
        return split + words[1:]
    is_path = first[0] in "/~\\." or first[1:2] == ":" or first.startswith("${")
    return None if is_path or len(words) > 1 else split


def _cmd(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    for index, word in enumerate(words[1:], 1):
        if word.lower() in ("/c", "/k"):
            rest = words[index + 1 :]
            return None if not rest or any(map(_CMD_SYNTAX.search, rest)) else (words[: index + 1], rest)
        if not word.startswith("/"):
            return None
    return None


def _shell(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    for index, word in enumerate(words[1:], 1):
        if _SHELL_OPTION.match(word):
            inner = plain_line(words[index + 1]) if len(words) == index + 2 else None
            return None if not inner or inner[0] in _BUILT_IN else (words[: index + 1], inner)
        if not word.startswith("-"):
            return None
    return None


def _prefixed(words: tuple[str, ...], prefix: _Prefix) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    if prefix.subcommands and words[1] not in prefix.subcommands:
        return None
    if prefix.dashes:
        start = words.index("--") + 1 if "--" in words else len(words)
    else:
        start = skip_options(words, 2 if prefix.subcommands else 1, prefix.values) + prefix.words
        start += words[start : start + 1] == ("--",)
    return (words[:start], words[start:]) if start < len(words) else None


def skip_options(words: Sequence[str], start: int, values: frozenset[str]) -> int:
    """Index of the first word that is no option and no option's value; `--` ends the options."""
    index = start
    while index < len(words):
        word = words[index]
        if word == "--":
            return index + 1
        if not word.startswith("-") or word == "-":
            return index
        index += 2 if word in values else 1
    return len(words)
