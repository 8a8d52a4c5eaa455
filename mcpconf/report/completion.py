"""Completion scripts: static text for each shell, so that a key press starts no program but `sed`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

SERVERS = r"""sed -n '/^servers:/,/^[^ #]/s/^  \([a-z0-9][a-z0-9-]*\):.*/\1/p' mcpconf.yaml 2>/dev/null"""
"""The names of servers in the manifest of this folder, as people write it."""


class Kind(NamedTuple):
    """What a word may be: one of some words, a file, a folder, a server of the manifest; nothing where all are empty."""

    words: tuple[str, ...] = ()
    of: str = ""


class Option(NamedTuple):
    """`takes` is None for a switch. `name` is the value's, for people."""

    spellings: tuple[str, ...]
    help: str
    takes: Kind | None
    name: str
    repeated: bool


class Subcommand(NamedTuple):
    """`argument` is what its first argument may be; None where nobody can tell. `argument_name` is empty if it has none."""

    name: str
    help: str
    options: tuple[Option, ...]
    argument: Kind | None
    argument_name: str


def bash(program: str, commands: Sequence[Subcommand]) -> str:
    return _script(_bash(program, commands))


def zsh(program: str, commands: Sequence[Subcommand]) -> str:
    return _script(_zsh(program, commands))


def fish(program: str, commands: Sequence[Subcommand]) -> str:
    return _script(_fish(program, commands))


SHELLS: Mapping[str, Callable[[str, Sequence[Subcommand]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}


def _script(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


_BASH = """\
_{program}() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= index options= takes= argument=
    local IFS=$'\\n'
    [[ $word == = ]] && word=
    [[ $before == = ]] && before=${{COMP_WORDS[COMP_CWORD-2]}}
    for ((index = 1; index < COMP_CWORD; index++)); do
        [[ ${{COMP_WORDS[index]}} == -* ]] || {{ command=${{COMP_WORDS[index]}}; break; }}
    done
    case $command in
{cases}
        '') options=$'{globals}' argument=$'words\\n{names}' ;;
    esac
    [[ -z $takes && $word == -* ]] && takes=$'words\\n'$options
    takes=${{takes:-$argument}}
    case $takes in
        words*) COMPREPLY=($(compgen -W "${{takes#words}}" -- "$word")) ;;
        servers) COMPREPLY=($(compgen -W "$({servers})" -- "$word")) ;;
        files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")) ;;
        folders) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word")) ;;
    esac
}}
complete -F _{program} {program}"""


def _bash(program: str, commands: Sequence[Subcommand]) -> Iterator[str]:
    yield _BASH.format(
        program=program,
        cases="\n".join(line for command in commands for line in _bash_case(command)),
        globals=_BASH_LINE.join(_GLOBALS),
        names=_BASH_LINE.join(command.name for command in commands),
        servers=SERVERS,
    )


_GLOBALS = ("--version", "--help")
_BASH_LINE = r"\n"


def _bash_case(command: Subcommand) -> Iterator[str]:
    spelled = _BASH_LINE.join(word for option in command.options for word in option.spellings)
    argument = f" argument={_bash_kind(command.argument)}" if command.argument else ""
    yield f"        {command.name}) options=$'{spelled}'{argument}"
    taking: dict[str, list[str]] = {}
    for option in command.options:
        if option.takes is not None:
            taking.setdefault(_bash_kind(option.takes), []).extend(option.spellings)
    if taking:
        yield "            case $before in"
        yield from (f"                {'|'.join(words)}) takes={kind} ;;" for kind, words in taking.items())
        yield "            esac"
    yield "            ;;"


def _bash_kind(kind: Kind) -> str:
    return f"$'{_BASH_LINE.join(('words', *kind.words))}'" if kind.words else kind.of or "nothing"


_ZSH = """\
#compdef {program}
_{program}_servers() {{
    local -a names
    names=(${{(f)"$({servers})"}})
    compadd -a names
}}
_{program}() {{
    local curcontext=$curcontext state line
    local -a commands
    _arguments -C '--version[Print the version.]' '--help[Show what there is.]' '1:command:->command' '*::argument:->argument'
    case $state in
        command)
            commands=({names})
            _describe command commands ;;
        argument)
            case $line[1] in
{cases}
            esac ;;
    esac
}}
if [[ $funcstack[1] == _{program} ]]; then _{program} "$@"; else compdef _{program} {program}; fi"""


def _zsh(program: str, commands: Sequence[Subcommand]) -> Iterator[str]:
    yield _ZSH.format(
        program=program,
        servers=SERVERS,
        names=" ".join(shlex.quote(f"{command.name}:{command.help}") for command in commands),
        cases="\n".join(_zsh_case(program, command) for command in commands),
    )


def _zsh_case(program: str, command: Subcommand) -> str:
    specs = [_zsh_option(program, option, word) for option in command.options for word in option.spellings]
    if command.argument_name:
        specs.append(f"*:{command.argument_name}:{_zsh_kind(program, command.argument or Kind())}")
    return f"                {command.name}) _arguments {' '.join(map(shlex.quote, specs))} ;;"


def _zsh_option(program: str, option: Option, word: str) -> str:
    help_text = option.help.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
    others = f"({' '.join(option.spellings)})" if not option.repeated else "*"
    value = "" if option.takes is None else f":{option.name.replace(':', ' ')}:{_zsh_kind(program, option.takes)}"
    return f"{others}{word}[{help_text}]{value}"


def _zsh_kind(program: str, kind: Kind) -> str:
    if kind.words:
        return f"({' '.join(kind.words)})"
    return {"files": "_files", "folders": "_files -/", "servers": f"_{program}_servers"}.get(kind.of, " ")


def _fish(program: str, commands: Sequence[Subcommand]) -> Iterator[str]:
    first = f"complete -c {program}"
    yield f"{first} -f"
    yield f"{first} -n __fish_use_subcommand -l version -d 'Print the version.'"
    yield f"{first} -l help -d 'Show what there is.'"
    for command in commands:
        yield f"{first} -n __fish_use_subcommand -a {command.name} -d {_fish_quoted(command.help)}"
    for command in commands:
        here = f"{first} -n '__fish_seen_subcommand_from {command.name}'"
        for option in command.options:
            spelled = " ".join(_fish_spelling(word) for word in option.spellings)
            value = "" if option.takes is None else f" {_fish_kind(option.takes)}"
            yield f"{here} {spelled}{value} -d {_fish_quoted(option.help)}"
        if command.argument is not None:
            yield f"{here} {_fish_kind(command.argument).replace('-r ', '').replace('-x ', '-f ')}"


def _fish_spelling(word: str) -> str:
    return f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}"


def _fish_kind(kind: Kind) -> str:
    if kind.words:
        return f"-x -a {_fish_quoted(' '.join(kind.words))}"
    servers = _fish_quoted(f"({SERVERS})")
    known = {"files": "-r -F", "folders": "-x -a '(__fish_complete_directories)'", "servers": f"-x -a {servers}"}
    return known.get(kind.of, "-x")


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
