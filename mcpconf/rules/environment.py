"""A rule about what a server is given to start with: nothing that makes it run other bytes than those that were approved."""

from __future__ import annotations

from collections.abc import Iterator

from mcpconf.artifacts.environment import reopening
from mcpconf.artifacts.pinning import from_store
from mcpconf.model.finding import Severity
from mcpconf.model.package import Recognised
from mcpconf.packages import recognise_entry
from mcpconf.packages.sources import names_source
from mcpconf.permissions.arguments import container_options
from mcpconf.permissions.commandline import program
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.secrets.names import word_set

_STORES = word_set("aws-vault chamber direnv doppler dotenv dotenvx fnox infisical phase teller")
"""Programs that start another one with all that they keep."""


def _reopened(evidence: Evidence) -> Iterator[Hit]:
    """A variable that says from where packages come is judged by what it says."""
    for case in evidence.cases:
        locked = case.server is not None and case.name in evidence.manifest.servers
        severity: Severity = "error" if locked and from_store(evidence.manifest, case.name) else "warning"
        told = {name for name, value in case.entry.env.items() if names_source(name, value)}
        for name, opening in reopening(case.entry.env.keys() - told, evidence.situation.os).items():
            message = f"`{case.name}` is given `{name}`, which {opening.reason}"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=name, severity=severity)


def _handed_on(evidence: Evidence) -> Iterator[Hit]:
    for case in evidence.cases:
        for words in _sources(recognise_entry(case.entry)):
            message = f"`{case.name}` gets variables that its entry does not list: `{words}`"
            yield Hit(case.subject, case.address, message, where=case.where, evidence=words)


def _sources(launched: Recognised) -> Iterator[str]:
    """What hands on a whole file, store or environment, without the values or names in it."""
    yield from (f"{program(word)}" for word in launched.wrapper if program(word) in _STORES)
    own = container_options(launched)
    if own:
        yield from sorted({name for name, _ in own if name in ("--env-file", "--env-host")})
    else:
        front = launched.argv[: len(launched.argv) - len(launched.arguments)]
        yield from sorted({name for word in front if (name := word.partition("=")[0]) == "--env-file"})


RULES = (
    Rule(
        id="MCP404",
        title="variables that nobody listed",
        severity="warning",
        threat="credential theft",
        owasp="MCP01:2025",
        check=_handed_on,
        what="A command line that hands a server a whole file, store or environment of variables: `--env-file`, `--env-host`, `doppler run`, `aws-vault exec`, `dotenvx run`.",
        why="Whatever is put there later reaches the server as well, and no review of its entry shows it.",
        example="docker run -i --rm --env-file ~/.secrets mcp/files",
        fix="name the variables that the server needs in `env`",
    ),
    Rule(
        id="MCP112",
        title="variable that opens the way for other code",
        severity="error",
        threat="code injection, installer spoofing",
        owasp="MCP05:2025",
        check=_reopened,
        what="A variable by which a server, or what it starts, loads code from elsewhere: `NODE_OPTIONS`, `PYTHONPATH`, `LD_PRELOAD`, `npm_config_*`, `UV_*`, `PIP_*`, `BASH_ENV` and the like.",
        why="Every byte of an installation is checked, and one such variable makes the program run other bytes all the same. For a server with `launch: locked` it is an error, for others a warning.",
        example="env: {NODE_OPTIONS: --require /tmp/x.js}",
        fix="leave the variable out; what the server needs belongs into its package or its arguments",
    ),
)
