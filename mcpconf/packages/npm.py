"""npm packages: `npx` and its relatives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from mcpconf.model.package import Package, Recognised
from mcpconf.packages import git
from mcpconf.packages.store import stored
from mcpconf.packages.wrappers import skip_options
from mcpconf.permissions.commandline import program
from mcpconf.secrets.names import word_set

_LONGEST_VERSION = 256
_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRERELEASE = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_EXACT = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PRERELEASE}(?:\.{_PRERELEASE})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_REGISTRY = re.compile(r"((?:@[^/@\s]+/)?[^/@\s]+)(?:@(.*))?", re.DOTALL)
_SHORTHAND = re.compile(r"(?:(github|gitlab|bitbucket):)?([A-Za-z0-9_-][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+)(?:#(.*))?")
_HOSTS = {None: "github.com", "github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_LOCAL = re.compile(r"[./~\\]|file:|[A-Za-z]:[\\/]|\$\{(?:home|workspace)\}")

_RUNNERS = frozenset({"npx", "bunx", "pnpx"})
_SUBCOMMANDS = frozenset({("npm", "exec"), ("npm", "x"), ("pnpm", "dlx"), ("yarn", "dlx"), ("bun", "x")})
_PACKAGE_OPTIONS = frozenset({"-p", "--package"})
_VALUES = word_set(
    "--registry --cache --userconfig --globalconfig --prefix --loglevel --node-options --script-shell --shell -n"
    " --node-arg -w --workspace --config --reporter --dir -C --store-dir --filter -F --cwd"
)
_CALLS = frozenset({"-c", "--call", "--shell-mode"})


@dataclass(frozen=True, slots=True)
class _Call:
    packages: tuple[str, ...]
    command: str
    arguments: tuple[str, ...]


def launch(package: Package, version: str, *, program_name: str = "") -> tuple[str, ...]:
    spec = f"{package.name}@{version}" if version else package.name
    return ("npx", "-y", "-p", spec, program_name) if program_name else ("npx", "-y", spec)


def is_exact(version: str) -> bool:
    """Whether this is one version (semver.org 2.0.0, `v` allowed) and neither a range nor a tag."""
    return len(version) <= _LONGEST_VERSION and _EXACT.fullmatch(version) is not None


def is_range(text: str) -> bool:
    """Whether npm reads this as a range of versions and not as a tag (npmjs.com/package/semver)."""
    import nodesemver

    return bool(text) and nodesemver.valid_range(text, loose=False) is not None


def read(words: tuple[str, ...]) -> Recognised | None:
    """What `npx` and the like launch; None for any other program, and where a shell or a folder decides."""
    if (installed := _installed(words)) is not None:
        return installed
    call = _read(words)
    if call is None:
        return None
    asked = [specification(spec) for spec in call.packages or (call.command,)]
    first = asked[0]
    if first is None:
        return None
    package, version, _ = first
    floating = any(one is None or one[2] for one in asked)
    return Recognised(str(package), package, version, floating, words, call.arguments)


def _installed(words: tuple[str, ...]) -> Recognised | None:
    """What Node starts from the store: a file of the package itself, with no option of Node before it."""
    found = stored(words[1]) if len(words) > 1 and program(words[0]) == "node" else None
    if found is None or found.package.ecosystem != "npm" or not is_exact(found.version):
        return None
    own, steps = f"node_modules/{found.package.name}/", found.inner.split("/")
    if not found.inner.startswith(own) or found.inner == own or {"", ".", ".."} & {*steps}:
        return None
    return Recognised(str(found.package), found.package, found.version, floating=False, argv=words, arguments=words[2:])


def brought(words: tuple[str, ...]) -> Iterator[Package]:
    """Every package that such a call installs: `npm exec` reads its options behind the command too."""
    call = _read(words)
    if call is None:
        return
    specs = [*(call.packages or (call.command,))]
    if program(words[0]) == "npm":
        specs += _packages_behind(call.arguments)
    yield from (asked[0] for asked in map(specification, specs) if asked is not None)


def _packages_behind(words: tuple[str, ...]) -> Iterator[str]:
    options = words[: words.index("--")] if "--" in words else words
    for word, after in pairwise((*options, "")):
        name, equals, value = word.partition("=")
        if name == "--package":
            yield value if equals else after


def _read(words: tuple[str, ...]) -> _Call | None:
    name = program(words[0])
    if name in _RUNNERS:
        return _call(words, 1)
    at = skip_options(words, 1, _VALUES)
    return _call(words, at + 1) if (name, *words[at : at + 1]) in _SUBCOMMANDS else _deno(words)


def _call(words: tuple[str, ...], start: int) -> _Call | None:
    packages: list[str] = []
    index = start
    while index < len(words) and words[index].startswith("-"):
        word = words[index]
        name, equals, value = word.partition("=")
        index += 1
        if word == "--":
            break
        if name in _CALLS:
            return _Call(tuple(packages), "", ()) if packages else None
        if name in _PACKAGE_OPTIONS:
            packages.append(value if equals else "".join(words[index : index + 1]))
            index += 0 if equals else 1
        elif name in _VALUES and not equals:
            index += 1
    command = "".join(words[index : index + 1])
    return _Call(tuple(packages), command, words[index + 1 :]) if packages or command else None


def _deno(words: tuple[str, ...]) -> _Call | None:
    if program(words[0]) != "deno" or words[1:2] != ("run",):
        return None
    for index, word in enumerate(words[2:], 2):
        if not word.startswith("-"):
            return _Call((), word.removeprefix("npm:"), words[index + 1 :]) if word.startswith("npm:") else None
    return None


def specification(text: str) -> tuple[Package, str, bool] | None:
    """Package, version asked for, and whether it may move; None for a folder or a text that names no package."""
    if _LOCAL.match(text):
        return None
    text = text.removeprefix("npm:").lstrip("/")
    repository = git.repository(text, "#")
    if repository is None and (short := _SHORTHAND.fullmatch(text)):
        repository = git.repository(f"git+https://{_HOSTS[short[1]]}/{short[2]}#{short[3] or ''}", "#")
    if repository is not None:
        return Package("npm", repository.name), repository.ref, not repository.exact
    if archive := git.archive(text):
        return Package("npm", archive), "", True
    match = _REGISTRY.fullmatch(text)
    if match is None:
        return None
    name, version = match[1], match[2] or ""
    if version.startswith("npm:"):
        return specification(version) if "@npm:" not in version else None
    return Package("npm", name), version, not is_exact(version)
