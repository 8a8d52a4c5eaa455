"""Plain commands: a program, and the script or module it runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mcpconf.model.package import Recognised
from mcpconf.packages.pypi import options, uv_subcommand
from mcpconf.packages.remote import url_identity
from mcpconf.permissions.commandline import POWERSHELLS, SHELLS, program, without_defaults
from mcpconf.secrets import looks_secret
from mcpconf.secrets.names import word_set


@dataclass(frozen=True, slots=True)
class _Interpreter:
    """Options that take a value, options behind which code stands, subcommands behind which a script stands."""

    values: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    module: frozenset[str] = frozenset()
    subcommands: frozenset[str] = frozenset()


def _interpreter(values: str = "", code: str = "", module: str = "", subcommands: str = "") -> _Interpreter:
    return _Interpreter(word_set(values), word_set(code), word_set(module), word_set(subcommands))


_SHELL = _interpreter(values="-o -O --rcfile --init-file", code="-c")
_NODE = _interpreter(
    values="-r --require --import --loader --experimental-loader -C --conditions --env-file --title --inspect-port",
    code="-e --eval -p --print -pe",
)
_INTERPRETERS: dict[str, _Interpreter] = {
    "node": _NODE,
    "tsx": _interpreter(values="--tsconfig --env-file -r --require --import", code="-e --eval -p --print"),
    "ts-node": _interpreter(values="-P --project -r --require -O", code="-e --eval -p --print"),
    "bun": _interpreter(
        values="--cwd -c --config -r --preload --env-file --filter", code="-e --eval -p --print", subcommands="run"
    ),
    "deno": _interpreter(
        values="--config -c --import-map --lock --env-file", code="eval", subcommands="run task serve"
    ),
    "python": _interpreter(values="-W -X --check-hash-based-pycs", code="-c", module="-m"),
    "ruby": _interpreter(values="-I -r -C -E", code="-e"),
    "perl": _interpreter(values="-I -M", code="-e -E"),
    "php": _interpreter(values="-d -c -z", code="-r", subcommands="artisan"),
    "sail": _interpreter(subcommands="artisan php"),
    "java": _interpreter(values="-cp -classpath --class-path -p --module-path --add-opens", module="-jar -m --module"),
    "dotnet": _interpreter(values="--project --fx-version --roll-forward -c -f", subcommands="run exec tool dnx"),
    "go": _interpreter(values="-C -mod -tags -exec", subcommands="run"),
    "cargo": _interpreter(values="--manifest-path -p --package --bin --config", subcommands="run"),
    "npm": _interpreter(values="--prefix -C -w --workspace", subcommands="run run-script exec x"),
    "npx": _interpreter(code="-c --call"),
    "pnpm": _interpreter(values="--dir -C --filter -F", subcommands="run exec dlx"),
    "yarn": _interpreter(values="--cwd", subcommands="run exec dlx workspace"),
    "cmd": _interpreter(code="/c /k"),
    **dict.fromkeys(
        POWERSHELLS, _interpreter(values="-ExecutionPolicy -File", code="-command -c -encodedcommand -e -ec")
    ),
    **dict.fromkeys(SHELLS, _SHELL),
}
_SWITCHES = frozenset({"--verbose", "-v", "--debug", "--quiet", "-q", "--stdio", "-y", "--yes"})
_OF_MANY = frozenset({"uv", "mcp", "fastmcp", "mcpconf", "mcp-proxy", "supergateway"})
"""Programs that serve what they are told to, whoever asks."""

_LINE = re.compile(r"[|;&<>\r\n\"`]|\$\(")
_SHELL_CODE = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*\Z")


def read(words: tuple[str, ...]) -> Recognised:
    """`command:` with the program and its first plain argument. Code is never part of it, as an argument or as a line."""
    if _LINE.search(words[0]):
        return Recognised("command:(shell line)", None, "", None, words, words[1:])
    name = program(words[0].partition("=")[0])
    if name == "uv":
        identity, behind = _uv(words)
    elif name in _INTERPRETERS:
        identity, behind = _script(name, words, _INTERPRETERS[name])
    else:
        identity, behind = _plain(name, words), 1
    return Recognised(f"command:{identity}", None, "", None, words, words[behind:])


def own_program(words: tuple[str, ...]) -> str:
    """The program of a command line that is nothing but the server's own, as it is written; "" for one that runs other things too."""
    name = program(words[0])
    shared = name in _INTERPRETERS or name in _OF_MANY
    return "" if shared or _LINE.search(words[0]) or looks_secret(words[0]) else words[0]


def opaque(words: tuple[str, ...]) -> Recognised:
    """A command of which only the program may be told."""
    name = program(words[0])
    return Recognised(f"command:{'' if looks_secret(name) else name}", None, "", None, words, words[1:])


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _script(name: str, words: tuple[str, ...], interpreter: _Interpreter) -> tuple[str, int]:
    subcommands: list[str] = []
    index = 1
    while index < len(words):
        word = words[index]
        index += 1
        if _is_code(name, word, interpreter):
            return _joined(name, *subcommands, "-c" if name in SHELLS else word.lower()), index
        if word in interpreter.module:
            return _joined(name, *subcommands, word, _shown("".join(words[index : index + 1]))), index + 1
        if word in interpreter.values:
            index += 1
        elif word in interpreter.subcommands and not subcommands:
            subcommands.append(word)
        elif word != "--" and not word.startswith("-"):
            return _joined(name, *subcommands, _shown(word)), index
    return _joined(name, *subcommands), len(words)


def _is_code(name: str, word: str, interpreter: _Interpreter) -> bool:
    if name in SHELLS:
        return _SHELL_CODE.match(word) is not None
    return (word.lower() if name in POWERSHELLS or name == "cmd" else word) in interpreter.code


def _plain(name: str, words: Sequence[str]) -> str:
    """A word right behind an unknown option may be its value, even a secret: it names nothing."""
    for before, word in pairwise(words):
        behind_option = before.startswith("-") and "=" not in before and before not in _SWITCHES
        if not word.startswith("-") and not behind_option:
            return _joined(name, _shown(word))
    return name


def _uv(words: tuple[str, ...]) -> tuple[str, int]:
    """`uv run` with the script joined to the folder that `--directory` names: without it all `server.py` are one."""
    at, directory = uv_subcommand(words)
    if words[at : at + 1] != ("run",):
        return _joined("uv", *words[at : at + 1]), min(at + 1, len(words))
    run = options(words, at + 1)
    folder = (run.directory or directory).replace("\\", "/").rstrip("/")
    rest = words[run.start :]
    if not rest:
        return "uv run", len(words)
    name = program(rest[0])
    if run.module:
        identity, behind = _joined("-m", _shown(rest[0])), 1
    elif name in _INTERPRETERS:
        identity, behind = _script(name, rest, _INTERPRETERS[name])
    elif name in ("mcp", "fastmcp"):
        identity, behind = _joined(name, *rest[1:2], _shown("".join(rest[2:3]))), 3
    else:
        identity, behind = _shown(rest[0]), 1
    head, space, last = identity.rpartition(" ")
    if folder and not re.match(r"/|~|[A-Za-z]:|\$\{", last):
        last = f"{_shown(folder)}/{last}"
    return f"uv run {head}{space}{last}", min(run.start + behind, len(words))


def _shown(word: str) -> str:
    """A word as part of a name: no secret, no user information, one kind of slash."""
    word = without_defaults(word)
    if "://" in word:
        return url_identity(word).removeprefix("url:")
    word = word.partition("=")[0]
    return "" if looks_secret(word) else word.replace("\\", "/").removeprefix("./")
