"""What the words of a command line give a server: paths, mounts, powers of a container, a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.model.package import Recognised
from mcpconf.permissions.commandline import POWERSHELLS, SHELLS, program, split_line
from mcpconf.permissions.walls import inside
from mcpconf.secrets.names import word_set

ENGINES = frozenset({"docker", "podman", "nerdctl"})

_PATH = re.compile(
    r"/|~(?:[/\\]|\Z)|[A-Za-z]:[\\/]|\\\\|\.{1,2}(?:[/\\]|\Z)|file://|\$\{(?:home|workspace)\}|"
    r"\$\{env:(?:HOME|USERPROFILE)\}"
)
_VOLUME = re.compile(r"-[ditP]*v(.*)", re.DOTALL)
_ENV = re.compile(r"-[ditP]*e(.*)", re.DOTALL)
_SHORT = {"-u": "--user", "-p": "--publish", "-P": "--publish-all"}
_READ_ONLY = re.compile(r"(?:\A|,)(?:ro|readonly)(?:=(?:true|1))?(?:,|\Z)")
_POWERS = word_set("--cap-add --device --security-opt --volumes-from --group-add")
_NAMESPACES = word_set("--network --net --pid --ipc --uts --userns --cgroupns")


def is_path(text: str) -> bool:
    return _PATH.match(text) is not None


def paths_in(launched: Recognised) -> tuple[str, ...]:
    """Paths that the arguments name, each once. Of a container only what is mounted: its other paths are its own."""
    if is_container(launched):
        return tuple(dict.fromkeys(path for path, _ in mounts(launched)))
    return tuple(dict.fromkeys(path for word in launched.arguments for path in paths_of_word(word)))


def paths_of_word(word: str) -> tuple[str, ...]:
    """The paths in one argument: itself, behind `--flag=`, or several joined by `,` or `:`."""
    if word.startswith("-") or (not is_path(word) and "=" in word):
        word = word.partition("=")[2]
    if not is_path(word):
        return ()
    for mark in (",", ":"):
        parts = word.split(mark)
        if len(parts) > 1 and all(part[:1] in ("/", "~") for part in parts):
            return tuple(parts)
    return (word,)


def is_container(launched: Recognised) -> bool:
    return launched.package is not None and launched.package.ecosystem == "oci"


def container_options(launched: Recognised) -> tuple[tuple[str, str], ...]:
    """Options in front of the image with the word that follows, whether it is their value or not."""
    return tuple(_engine_options(launched)) if is_container(launched) else ()


def _engine_options(launched: Recognised) -> Iterator[tuple[str, str]]:
    words = launched.argv[: len(launched.argv) - len(launched.arguments) - 1]
    for index, word in enumerate(words):
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            yield name, value if equals else "".join(words[index + 1 : index + 2])
        elif match := _VOLUME.fullmatch(word) or _ENV.fullmatch(word):
            name = "--volume" if _VOLUME.fullmatch(word) else "--env"
            yield name, match[1].removeprefix("=") or "".join(words[index + 1 : index + 2])
        elif word in _SHORT:
            yield _SHORT[word], "".join(words[index + 1 : index + 2])


def mounts(launched: Recognised) -> tuple[tuple[str, bool], ...]:
    """Host paths that a container sees, and whether it can only read them. Volumes with names are not the host's."""
    found: list[tuple[str, bool]] = []
    for name, value in container_options(launched):
        if name == "--volume":
            parts = re.split(r"(?<!\A[A-Za-z]):(?![\\/]{2})", value)
            if is_path(parts[0]):
                found.append((parts[0], len(parts) > 2 and _READ_ONLY.search(parts[-1]) is not None))
        elif name == "--mount":
            keys = dict(part.partition("=")[::2] for part in value.split(","))
            source = keys.get("source") or keys.get("src") or ""
            if is_path(source):
                found.append((source, _READ_ONLY.search(value) is not None))
    return tuple(found)


def passed_names(launched: Recognised) -> tuple[str, ...]:
    """Variables of the host that a container is given by name (`-e NAME`)."""
    options = container_options(launched)
    return tuple(dict.fromkeys(value for name, value in options if name == "--env" and value and "=" not in value))


def container_powers(launched: Recognised) -> frozenset[str]:
    """Options that take a container's walls down: `--privileged`, `--network host`, `--cap-add ALL`."""
    found: set[str] = set()
    for name, value in container_options(launched):
        if name == "--privileged" and value.lower() != "false":
            found.add(name)
        elif (name in _POWERS and not value.startswith("no-new-privileges")) or (
            name in _NAMESPACES and value == "host"
        ):
            found.add(f"{name} {value}")
        elif name == "--user" and value.partition(":")[0] in ("0", "root"):
            found.add("--user root")
    return frozenset(found)


_LIMITS = {
    "--network": "none",
    "--net": "none",
    "--cap-drop": "ALL",
    "--security-opt": "no-new-privileges",
    "--read-only": "",
}


def container_limits(launched: Recognised) -> frozenset[str]:
    """Options that shut a container in further than engines do by themselves: `--network none`, `--read-only`."""
    options = _engine_options(launched) if is_container(launched) else ()
    return frozenset(
        f"{name} {_LIMITS[name]}".strip()
        for name, value in options
        if name in _LIMITS and value.startswith(_LIMITS[name])
    )


_CODE: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(SHELLS, re.compile(r"-[a-zA-Z]*c[a-zA-Z]*")),
    **dict.fromkeys(POWERSHELLS, re.compile(r"-(?:c|command|e|ec|enc|encodedcommand)", re.IGNORECASE)),
    "cmd": re.compile(r"/[ck]", re.IGNORECASE),
    "node": re.compile(r"-e|-p|-pe|--eval(?:=.*)?|--print(?:=.*)?", re.DOTALL),
    "bun": re.compile(r"-e|-p|--eval|--print"),
    "tsx": re.compile(r"-e|-p|--eval|--print"),
    "deno": re.compile(r"eval"),
    "python": re.compile(r"-[bBdEiIOPqsSuvx]*c"),
    "ruby": re.compile(r"-e"),
    "perl": re.compile(r"-[a-zA-Z]*[eE]"),
    "php": re.compile(r"-r"),
    "osascript": re.compile(r"-e"),
    "npx": re.compile(r"-c|--call"),
}
_VALUES = word_set("-W -X -r --require --import --loader -C --conditions -o -O --rcfile -ExecutionPolicy -p --package")
_STARTERS = word_set(
    "env sudo doas nohup nice ionice time timeout exec command setsid stdbuf mise rtx op doppler infisical fnox dotenvx"
    " dotenv direnv aws-vault wsl poetry pdm pipenv volta fnm asdf winpty chamber teller"
)
_PIPE_TO_SHELL = re.compile(r"\|\s{0,8}(?:sudo\s{1,8})?(?:(?:ba|z|da|k|a|fi)?sh|python[0-9.]*|node|iex)\b")
_EVAL = re.compile(r"(?:\A|[;&|]\s{0,8})(?:eval|iex|invoke-expression)\s", re.IGNORECASE)
_LINE_SYNTAX = re.compile(r"\|\||&&|[|;`]|\$\(")
_CMD_SYNTAX = re.compile(r"[&|<>\r\n]")


def shell_launcher(argv: Sequence[str]) -> str | None:
    """What runs text as a program in a command line, `bash -c` or the like; None if words are only passed on.

    `cmd /c npx ...` is how Windows starts a script at all, and so is none; neither is the text that keeps variables.
    """
    words = list(inside(argv))
    if words and any(char.isspace() for char in words[0]):
        if _LINE_SYNTAX.search(words[0]):
            return "a shell line as command"
        split = split_line(words[0])
        if split and (program(split[0]) in _CODE or program(split[0]) in _STARTERS):
            words[:1] = split
    for word in words:
        if _PIPE_TO_SHELL.search(word):
            return "a pipe into an interpreter"
        if _EVAL.search(word):
            return "`eval`"
    return _runs_code(words)


def _runs_code(words: Sequence[str]) -> str | None:
    index = 0
    while index < len(words):
        name = program(words[index])
        if name in _CODE:
            at = _code_option(words, index + 1, _CODE[name])
            if at is None:
                return None
            if name != "cmd":
                return f"`{name} {words[at].partition('=')[0]}`"
            rest = words[at + 1 :]
            if not rest or any(map(_CMD_SYNTAX.search, rest)):
                return "`cmd /c`"
            return shell_launcher(rest)
        if index == 0 and name not in _STARTERS and "=" not in words[0]:
            return None
        index += 1
    return None


def _code_option(words: Sequence[str], start: int, option: re.Pattern[str]) -> int | None:
    """Index of the option behind which code stands; None if a script comes first."""
    index = start
    while index < len(words):
        word = words[index]
        if option.fullmatch(word):
            return index
        is_switch = word.startswith("/" if option.pattern.startswith("/") else "-")
        if not is_switch or word in ("-m", "--", "-jar"):
            return None
        index += 2 if word in _VALUES else 1
    return None
