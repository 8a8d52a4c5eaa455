"""The user's own npm, run where no project can speak to it: their registry and credentials count, nothing else does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from mcpconf.artifacts.npm_node import npm
from mcpconf.errors import Problem, ProblemKind
from mcpconf.model.base import Json
from mcpconf.ports import Files
from mcpconf.secrets import redact
from mcpconf.workshop import Call, Ran, Workshop

SECONDS = 600.0
LOGS = "cache/_logs"
"""Where npm keeps its log of a run in a room that has the cache too."""

_ALONE = ("--prefix=.", "--no-global", "--location=user", "--no-workspaces", "--no-dry-run", "--no-force")
"""The room is the whole project, so that npm looks for no `.npmrc` or workspace above it (npm 8 to 11, 2026-11)."""

_QUIET = (
    *("--json", "--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--no-color"),
)
_REGISTRY_ONLY = ("--allow-git=none", "--allow-file=none", "--allow-directory=none", "--git=mcpconf-runs-no-git")
"""Npm 11 knows the first three; before it, the name of no program keeps git from being run."""

_NO_ADDRESSES = "--allow-remote=none"

_LAYOUT = (
    *("--ignore-scripts", "--install-strategy=hoisted", "--no-legacy-bundling", "--no-global-style"),
    *("--no-legacy-peer-deps", "--no-strict-peer-deps", "--no-prefer-dedupe", "--no-engine-strict"),
    *("--omit=dev", "--include=optional", "--include=peer", "--no-install-links", "--bin-links", "--package-lock"),
)
"""Whatever of a user's configuration would change which packages there are, and where."""

_HARMLESS = re.compile(
    r"--(?:use-(?:system|openssl|bundled)-ca|use-env-proxy|(?:max-old-space-size|max-http-header-size)=[0-9]{1,9}"
    r"|dns-result-order=[a-z0-9]{1,20}|no-network-family-autoselection)"
)
_WITHOUT_HARMLESS_VALUE = frozenset(f"NPM_CONFIG_{name}" for name in ("OS", "CPU", "LIBC", "ONLY", "PRODUCTION"))
"""Settings for which the command line has no value that means none."""

_CODE = re.compile(r"npm (?:error|ERR!) code (E?[A-Z0-9_]{2,60})\b")
_NUMBERS = re.compile(rb"([0-9]{1,5})\.([0-9]{1,5})\.")
_USER = re.compile(r"//[^/@\s]{0,500}@")
_LONGEST = 300

_NETWORK = frozenset(
    [
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ECONNRESET",
        "ETIMEDOUT",
        "ENETUNREACH",
        "EHOSTUNREACH",
        "EPIPE",
        "FETCH_ERROR",
        "ERR_SOCKET_TIMEOUT",
        "EIDLETIMEOUT",
        "ECONNECTIONTIMEOUT",
        "ERESPONSETIMEOUT",
        "ETRANSFERTIMEOUT",
        "ENETDOWN",
        "EADDRNOTAVAIL",
    ]
)
_REFUSED = frozenset({"E401", "E403", "ENEEDAUTH", "EOTP"})


class NpmError(Exception):
    """Npm ended with an error. `code` is npm's own: `E404`, `ETARGET`, `EINTEGRITY`."""

    def __init__(self, code: str, summary: str) -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary


def view(asked: str, room: str, workshop: Workshop) -> Json | Problem:
    """What the registry tells of `NAME` or `NAME@VERSION`. Raises NpmError."""
    ran = _run(("view", asked, *_ALONE, *_QUIET, "--cache=./cache", *_online(workshop)), room, workshop)
    if isinstance(ran, Problem):
        return ran
    answer = _parsed(ran.out)
    if isinstance(answer, list):
        answer = answer[-1] if answer else None
    if not isinstance(answer, dict):
        return Problem("malformed", f"npm tells nothing that can be read about `{safe(asked)}`", None, UPGRADE)
    return answer


def lock_only(before: str, room: str, workshop: Workshop, *, bundles: bool = False) -> Problem | None:
    """Write `package-lock.json` for the `package.json` of a room; nothing is run. Raises NpmError.

    The cache of this run is the room's own: what somebody wrote into the user's must not become what is approved.
    `bundles`: npm has to look into archives, and takes their addresses in the registry for ones outside it (npm 11.19).
    """
    words = (
        *("install", "--package-lock-only", *_ALONE, *_QUIET, *_LAYOUT, *_REGISTRY_ONLY, "--save", "--tag=latest"),
        *("--lockfile-version=3", "--omit-lockfile-registry-resolved", "--cache=./cache", *_online(workshop)),
        *([f"--before={before}"] if before else []),
        *([] if bundles else [_NO_ADDRESSES]),
    )
    ran = _run(words, room, workshop)
    return ran if isinstance(ran, Problem) else None


def forgets_libc(room: str, workshop: Workshop) -> bool:
    """Whether this npm leaves the family of C libraries out of its lock (before 11.11, npm/cli#9025). Raises NpmError."""
    ran = _run(("--version", *_ALONE), room, workshop)
    match = None if isinstance(ran, Problem) else _NUMBERS.match(ran.out)
    return match is None or (int(match[1]), int(match[2])) < (11, 11)


def clean_install(folder: str, workshop: Workshop) -> Problem | None:
    """Lay out what the `package-lock.json` of a folder says: npm checks each archive by its hash. Raises NpmError.

    The user's cache serves, for npm checks what it takes from there too. How young a package may be was asked when it
    was locked.
    """
    words = (
        "ci",
        *_ALONE,
        *_QUIET,
        *_LAYOUT,
        *_REGISTRY_ONLY,
        _NO_ADDRESSES,
        "--min-release-age=0",
        *_online(workshop),
    )
    ran = _run(words, folder, workshop)
    return ran if isinstance(ran, Problem) else None


UPGRADE = "run it with npm 8.12 or later"


def explained(error: NpmError, what: str) -> Problem:
    """What an error of npm means to people, without the secrets of its words; `what` was asked for."""
    kind, message, hint = _meaning(error, what)
    return Problem(kind, redact(_USER.sub("//", message)), None, hint)


def _meaning(error: NpmError, what: str) -> tuple[ProblemKind, str, str]:
    if error.code in _NETWORK:
        return "unreadable", f"the npm registry cannot be reached ({error.code})", "check the network, and npm's proxy"
    if error.code == "ENOTCACHED":
        return "unreadable", f"`{what}` is not in npm's cache, and the network is off", "run it with a network once"
    if error.code == "E404":
        hint = "check the name; a private package needs its registry and `npm login`"
        return "missing", f"`{what}` is not in the npm registry", hint
    if error.code in _REFUSED:
        return "unreadable", f"the npm registry refuses `{what}` ({error.code})", "`npm login`, or check `~/.npmrc`"
    if error.code == "EINTEGRITY":
        hint = "somebody changed the lock, the registry or a cache: find out who before you lock it anew"
        return "hash", f"`{what}` does not have the locked hash: {error.summary}", hint
    hint = "npm's log in `_logs` of its cache tells more"
    return "unreadable", f"npm fails for `{what}` ({error.code}): {error.summary}", hint


def safe(text: str) -> str:
    """One line of somebody else's text, without user information in its addresses."""
    line = _USER.sub("//", " ".join(text[: 4 * _LONGEST].split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _online(workshop: Workshop) -> tuple[str, ...]:
    return ("--offline",) if workshop.offline else ()


def _run(words: tuple[str, ...], folder: str, workshop: Workshop) -> Ran | Problem:
    program = npm(workshop.machine)
    if isinstance(program, Problem):
        return program
    ran = workshop.programs.run(Call((*program, *words), folder, environment(workshop.machine.facts.env), SECONDS))
    if isinstance(ran, Ran) and ran.code != 0:
        raise _failed(ran)
    return ran


def environment(env: Mapping[str, str]) -> dict[str, str | None]:
    """What may load code into npm, or change what it installs, is taken away; what helps it to the network stays."""
    words = " ".join(word for word in env.get("NODE_OPTIONS", "").split() if _HARMLESS.fullmatch(word))
    others = (name for name in env if name.upper() in _WITHOUT_HARMLESS_VALUE)
    return {"NODE_OPTIONS": words or None, "NODE_PATH": None, "NODE_ENV": None, **dict.fromkeys(others)}


def _failed(ran: Ran) -> NpmError:
    answer = _parsed(ran.out)
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        summary = error.get("summary")
        return NpmError(safe(error["code"]), _summary(summary if isinstance(summary, str) else ""))
    text = ran.err.decode("utf-8", "replace")
    code = _CODE.search(text)
    return NpmError(code[1] if code else f"exit {ran.code}", _summary(text))


def _summary(text: str) -> str:
    """Without secrets before it is cut, which would leave the half of one that nothing knows again."""
    return safe(redact(text[: 4 * _LONGEST]))


def _parsed(data: bytes) -> Json:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def write(path: str, data: bytes, files: Files) -> None:
    """Raises OSError."""
    files.commit(files.stage(path, data, 0o600, None))
