"""What each dimension of a change gives or takes. The table of severities is in the package's `__init__`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpconf.model.entry import OAuth, Value
from mcpconf.permissions.broad import too_broad
from mcpconf.permissions.change import Dimension, PrivilegeChange, Severity, gained, lost, replaced
from mcpconf.permissions.commandline import program
from mcpconf.permissions.holdings import Holdings
from mcpconf.permissions.paths import differences, shown
from mcpconf.permissions.versions import older
from mcpconf.ports import OperatingSystem
from mcpconf.secrets.names import word_set

_INJECTION = word_set(
    "PATH NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES"
    " DYLD_LIBRARY_PATH DYLD_FRAMEWORK_PATH PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONUSERBASE PERL5LIB PERL5OPT RUBYLIB"
    " RUBYOPT GEM_PATH BASH_ENV ENV SHELLOPTS PS4 ZDOTDIR PROMPT_COMMAND JAVA_TOOL_OPTIONS _JAVA_OPTIONS CLASSPATH"
    " GIT_SSH GIT_SSH_COMMAND GIT_EXTERNAL_DIFF GIT_PAGER GIT_CONFIG_GLOBAL PAGER EDITOR BROWSER COMSPEC PATHEXT"
    " UV_INDEX UV_INDEX_URL UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_PYTHON UV_FIND_LINKS PIP_INDEX_URL"
    " PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_CONFIG_FILE NPM_CONFIG_REGISTRY NPM_CONFIG_USERCONFIG DOCKER_HOST"
    " NPM_CONFIG_PREFIX NPM_CONFIG_SCRIPT_SHELL BUN_INSTALL DENO_DIR PHP_INI_SCAN_DIR PHPRC"
)
"""Variables that choose which code runs (names compared without regard to case, as Windows does)."""

_ROUTING = re.compile(
    r"(?:HTTPS?|ALL|FTP)_PROXY|NODE_TLS_REJECT_UNAUTHORIZED|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|(?:REQUESTS|CURL)_CA_BUNDLE"
    r"|PYTHONHTTPSVERIFY|GIT_SSL_NO_VERIFY|.*_(?:BASE_URL|API_URL|API_BASE|ENDPOINT|SERVER_URL|HOST)",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"read.?only|restrict|allow|den[iy]|sandbox|disable|enable|safe|isolat|toolset|permission|scope|unsafe|danger",
    re.IGNORECASE,
)
_LIMITING_OPTION = re.compile(
    r"--?(?:read[-_]?only|isolated|sandbox(?:ed)?|safe(?:[-_]mode)?|restrict(?:ed)?|no[-_](?:write|network|exec|delete)"
    r"|disable[-_][a-z-]+|headless|dry[-_]run)",
    re.IGNORECASE,
)
_OPENING_OPTION = re.compile(
    r"--?(?:allow[-_][a-z-]+|no[-_]sandbox|unsafe[a-z-]*|unrestricted|dangerously[a-z-]*|yolo|insecure|enable[-_][a-z-]+"
    r"|full[-_]access|allow[-_]?all)|-A",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"[?&]([A-Za-z0-9_.\[\]-]{1,64})=([^&#]*)")
_ELEVATING = frozenset({"sudo", "doas"})
_PASSING = re.compile(r"(?:.*[/\\])?cmd(?:\.exe)?|/[a-z](?::[a-z]+)?", re.IGNORECASE | re.DOTALL)
"""The words by which Windows starts a script."""


def version(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    first, second = before.launched, after.launched
    if first.floating is None or second.floating is None:
        return
    text = f"{first.version or 'no version'}  ->  {second.version or 'no version'}"
    if second.floating and not first.floating:
        yield gained("version", "high", f"{text}  (pinned -> floating)")
    elif first.floating and not second.floating:
        yield lost("version", f"{text}  (floating -> pinned)")
    elif first.version != second.version and first.package == second.package:
        back = second.package is not None and older(second.package, second.version, first.version)
        yield replaced("version", "high", f"{text}  (older)") if back else replaced("version", "medium", text)


def paths(before: Holdings, after: Holdings, home: str, os: OperatingSystem) -> Iterator[PrivilegeChange]:
    gone, new = differences(before.paths, after.paths, home, os)
    old_text = ", ".join(sorted(shown(path, home, os) for path in gone))
    new_text = ", ".join(sorted(shown(path, home, os) for path in new))
    critical = any(too_broad(path, home, os) for path in new)
    severity: Severity = "critical" if critical else "high"
    if gone and new:
        yield replaced("path", severity, f"{old_text}  ->  {new_text}")
    elif new:
        left = [path for path in before.paths if path not in after.paths]
        old_text = ", ".join(sorted(shown(path, home, os) for path in left))
        yield gained("path", severity, f"{old_text}  ->  {new_text}" if left else f"+ {new_text}")
    elif gone:
        came = [path for path in after.paths if path not in before.paths]
        new_text = ", ".join(sorted(shown(path, home, os) for path in came))
        yield lost("path", f"{old_text}  ->  {new_text}" if came else f"- {old_text}")
    else:
        yield from _writable(before, after, home, os)


def _writable(before: Holdings, after: Holdings, home: str, os: OperatingSystem) -> Iterator[PrivilegeChange]:
    gone, new = differences(before.writable, after.writable, home, os)
    for path in new:
        severity: Severity = "critical" if too_broad(path, home, os) else "high"
        yield gained("path", severity, f"{shown(path, home, os)} read-only  ->  writable")
    for path in gone:
        yield lost("path", f"{shown(path, home, os)} writable  ->  read-only")


def secrets(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    for name in sorted({*before.secrets, *after.secrets}):
        old, new = before.secrets.get(name), after.secrets.get(name)
        if old is None:
            yield gained("secret", "high", f"+ {name}")
        elif new is None:
            yield lost("secret", f"- {name}")
        elif old.state != new.state and new.state == "literal":
            yield gained("secret", "high", f"{name}  reference  ->  literal, secret exposed")
        elif old.state != new.state:
            yield lost("secret", f"{name}  literal  ->  reference, secret no longer in the file")
        elif old.content != new.content:
            yield replaced(
                "secret", "high", f"{name}  {old.source or 'literal'}  ->  {new.source or 'another literal'}"
            )


def env(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    secret = {*before.secrets, *after.secrets}
    for name in sorted({*before.env, *after.env} - secret):
        yield from _variable(name, before.env.get(name), after.env.get(name))


def _variable(name: str, old: Value | None, new: Value | None) -> Iterator[PrivilegeChange]:
    if old == new:
        return
    dimension, severity = variable_weight(name)
    if _LIMIT.search(name) and dimension == "env":
        mark = "+ " if old is None else "- " if new is None else ""
        yield replaced("env", "high", f"{mark}{name}{'' if mark else '  changed'}  (may limit the server)")
    elif old is None:
        yield gained(dimension, severity, f"+ {name}")
    elif new is None:
        yield lost(dimension, f"- {name}")
    else:
        yield replaced(dimension, severity, f"{name}  changed")


def variable_weight(name: str) -> tuple[Dimension, Severity]:
    """What a variable can do by its name."""
    if name.upper() in _INJECTION:
        return "exec", "critical"
    return ("network", "high") if _ROUTING.fullmatch(name) else ("env", "low")


def execution(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    """Shells, container walls, wrappers, and where code comes from."""
    if before.shell is None and after.shell is not None:
        yield gained("exec", "critical", f"+ {after.shell}")
    elif before.shell is not None and after.shell is None:
        yield lost("exec", f"- {before.shell}")
    elif before.shell is not None and (before.entry.argv != after.entry.argv):
        yield replaced("exec", "critical", f"text behind {before.shell}  changed")
    for power in sorted(after.powers - before.powers):
        yield gained("exec", "critical", f"+ {power}")
    for power in sorted(before.powers - after.powers):
        yield lost("exec", f"- {power}")
    yield from (gained("sandbox", "high", f"- {limit}") for limit in sorted(before.limits - after.limits))
    yield from (lost("sandbox", f"+ {limit}") for limit in sorted(after.limits - before.limits))
    yield from _wrapper(before, after)
    yield from _program(before, after)


def _wrapper(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    old, new = (
        [word for word in one.around if "=" not in word and not _PASSING.fullmatch(word)] for one in (before, after)
    )
    raised_before, raised_after = (not _ELEVATING.isdisjoint(map(program, words)) for words in (old, new))
    if raised_after and not raised_before:
        yield gained("exec", "critical", "+ run as another user")
    elif raised_before and not raised_after:
        yield lost("exec", "- run as another user")
    elif old != new and (before.shell is None) == (after.shell is None):
        yield replaced("exec", "medium", f"started by {_names(old)}  ->  {_names(new)}")


def _names(wrapper: list[str]) -> str:
    return program(wrapper[0]) if wrapper else "nothing"


def _program(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    """The same server started by another file, or with options that choose code."""
    if not _comparable(before, after):
        return
    old, new = "".join(before.launched.argv[:1]), "".join(after.launched.argv[:1])
    if "command" in before.secrets or "command" in after.secrets:
        if old != new:
            yield replaced("exec", "high", "program file changed")
    elif program(old) != program(new):
        yield replaced("command", "low", f"{program(old) or 'none'}  ->  {program(new) or 'none'}")
    elif old != new:
        yield replaced("exec", "high", f"{old}  ->  {new}")
    if before.front != after.front:
        names = sorted(
            {
                word.partition("=")[0]
                for word in {*before.front} ^ {*after.front}
                if re.match(r"--[a-z-]+(?:=|\Z)", word)
            }
        )
        yield replaced("exec", "high", f"start options changed{': ' + ', '.join(names) if names else ''}")


def _comparable(before: Holdings, after: Holdings) -> bool:
    """Whether two command lines start the same thing, so that their words can be compared."""
    first, second = before.launched, after.launched
    return first.identity == second.identity and bool(first.argv) and bool(second.argv)


def remaining(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    """Arguments that no other dimension explains."""
    old, new = ({word.partition("=")[0] for word in one.rest if word.startswith("-")} for one in (before, after))
    for name in sorted(old ^ new):
        opens = bool(_OPENING_OPTION.fullmatch(name))
        if opens or _LIMITING_OPTION.fullmatch(name):
            is_wider = opens == (name in new)
            text = f"{'+' if name in new else '-'} {name}"
            yield gained("command", "high", text) if is_wider else lost("command", text)
    first, second = (
        [word for word in one.rest if not _OPENING_OPTION.match(word) and not _LIMITING_OPTION.match(word)]
        for one in (before, after)
    )
    if first != second and _comparable(before, after) and before.shell is None is after.shell:
        yield replaced("command", "medium", "arguments changed")


def network(before: Holdings, after: Holdings) -> Iterator[PrivilegeChange]:
    """Headers and parameters of an address. Another host or path is another server and told there."""
    secret = {*before.secrets, *after.secrets}
    old, new = before.entry.headers, after.entry.headers
    for name in sorted({*old, *new}):
        if f"header {name}" not in secret and old.get(name) != new.get(name):
            severity: Severity = "high" if _LIMIT.search(name) else "low"
            mark = "+ " if name not in old else "- " if name not in new else ""
            yield replaced("network", severity, f"{mark}header {name}{'' if mark else '  changed'}")
    if before.launched.identity != after.launched.identity or before.entry.url == after.entry.url:
        return
    if not (before.entry.url.parts and after.entry.url.parts):
        return
    one, two = (dict(_PARAMETER.findall(str(side.entry.url))) for side in (before, after))
    names = sorted(name for name in {*one, *two} if one.get(name) != two.get(name))
    if names or "url" not in secret:
        severity = "high" if any(map(_LIMIT.search, names)) else "medium"
        yield replaced("network", severity, f"url parameters changed{': ' + ', '.join(names) if names else ''}")


def limits(before: Holdings, after: Holdings, home: str, os: OperatingSystem) -> Iterator[PrivilegeChange]:
    """Enabled, transport, working folder, authorization."""
    first, second = before.entry, after.entry
    if (first.enabled is False) != (second.enabled is False):
        yield (
            gained("enabled", "medium", "disabled  ->  enabled")
            if first.enabled is False
            else lost("enabled", "enabled  ->  disabled")
        )
    if first.transport != second.transport:
        yield replaced("transport", "medium", f"{first.transport}  ->  {second.transport}")
    if first.cwd != second.cwd:
        folders = (shown(str(one.cwd), home, os) if one.cwd is not None else "none" for one in (first, second))
        yield replaced("command", "low", f"working folder {'  ->  '.join(folders)}")
    if first.oauth != second.oauth:
        yield from _oauth(first.oauth or OAuth(), second.oauth or OAuth())
    if first.client_id != second.client_id:
        yield replaced("approval", "high", "oauth client changed")


def _oauth(before: OAuth, after: OAuth) -> Iterator[PrivilegeChange]:
    old, new = frozenset(before.scopes), frozenset(after.scopes)
    for scope in sorted(new - old):
        yield gained("approval", "high", f"+ scope {scope}")
    for scope in sorted(old - new):
        yield lost("approval", f"- scope {scope}")
    for part in ("resource", "issuer"):
        if getattr(before, part) != getattr(after, part):
            yield replaced("approval", "high", f"oauth {part} changed")
