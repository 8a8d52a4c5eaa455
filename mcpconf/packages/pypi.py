"""Python packages: `uvx`, `uv tool run`, `uv run --with`, `pipx run`, and what mcpconf installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mcpconf.model.package import Package, Recognised
from mcpconf.packages import git
from mcpconf.packages.store import stored
from mcpconf.packages.wrappers import skip_options
from mcpconf.permissions.commandline import program
from mcpconf.secrets.names import word_set

_LONGEST_VERSION = 256
_SIMPLE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,5}")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_LOCAL = re.compile(r"[./~\\]|file:|[A-Za-z]:[\\/]|\$\{(?:home|workspace)\}")

UV_VALUES = word_set(
    "--with-editable --with-requirements --python -p --index --default-index --index-url -i --extra-index-url"
    " --find-links -f --index-strategy --keyring-provider --resolution --prerelease --fork-strategy --config-setting"
    " --config-settings -C --config-settings-package --no-build-isolation-package --exclude-newer"
    " --exclude-newer-package --link-mode --cache-dir --refresh-package --reinstall-package --upgrade-package -P"
    " --no-binary-package --no-build-package --no-sources-package --no-binary --only-binary --python-preference"
    " --python-platform --python-fetch --color --directory --project --config-file --constraints --constraint -c"
    " --overrides --override --build-constraints -b --env-file --allow-insecure-host --torch-backend --extra"
    " --no-extra --group --no-group --only-group --package --max-recursion-depth --preview-features --pip-args"
    " --system-site-packages-path --fetch-missing-python-from --backend"
)
"""Options of uv and pipx that take a value (uv 0.9 and pipx 1.8 `--help`), `--from`, `--with`, `--spec` excepted."""

ISOLATED = ("-I", "-B")
PYTHON, PYTHON_ON_WINDOWS = "bin/python", "Scripts/python.exe"
LAUNCHER = "launch.py"
"""In an installation of the store: the interpreter, and what starts a package that is no module to run."""
STARTED = re.compile(
    r"-m ([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
)
"""What is started there: `-m MODULE`, or `MODULE:FUNCTION` by the launcher."""

_SOURCES = frozenset({"--from", "--spec"})
_ADDITIONS = frozenset({"--with", "-w"})


@dataclass(slots=True)
class Run:
    """Options of one `uv` or `pipx` call, and where the command behind them begins."""

    source: str = ""
    additions: list[str] = field(default_factory=list)
    directory: str = ""
    module: bool = False
    start: int = 0


def launch(package: Package, version: str, *, program_name: str = "") -> tuple[str, ...]:
    spec = f"{package.name}=={version}" if version else package.name
    return ("uvx", "--from", spec, program_name) if program_name else ("uvx", spec)


def is_exact(version: str) -> bool:
    """Whether this is one version (PEP 440) and not a range."""
    if _SIMPLE.fullmatch(version):
        return True
    if len(version) > _LONGEST_VERSION:
        return False
    from packaging.version import Version  # costs 10 ms, and few versions are unusual

    try:
        Version(version)
    except ValueError:
        return False
    return True


def normal_name(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_range(text: str) -> bool:
    """Whether this is a version specifier (PEP 440)."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return bool(text) and bool(SpecifierSet(text))
    except InvalidSpecifier:
        return False


def read(words: tuple[str, ...]) -> Recognised | None:
    """What uv, pipx or the store launches; None for any other program, for scripts and for folders."""
    name = program(words[0])
    if installed := _installed(words):
        return installed
    if name == "uvx":
        return _tool(words, options(words, 1))
    if name == "pipx":
        at = skip_options(words, 1, frozenset())
        return _tool(words, options(words, at + 1)) if words[at : at + 1] == ("run",) else None
    at, _ = uv_subcommand(words)
    if words[at : at + 2] == ("tool", "run"):
        return _tool(words, options(words, at + 2))
    if words[at : at + 1] == ("run",) and name == "uv":
        return _run(words, options(words, at + 1))
    return None


def brought(words: tuple[str, ...]) -> Iterator[Package]:
    """Every package that such a call installs, whatever it runs with them."""
    name = program(words[0])
    at = uv_subcommand(words)[0]
    if name == "pipx":
        at = skip_options(words, 1, frozenset())
    is_tool = name == "uvx" or words[at : at + 2] == ("tool", "run") or (name, *words[at : at + 1]) == ("pipx", "run")
    if not is_tool and words[at : at + 1] != ("run",):
        return
    run = options(words, 1 if name == "uvx" else at + 2 if words[at] == "tool" else at + 1)
    command = words[run.start : run.start + 1] if is_tool and not run.source else (run.source,)
    yield from (asked[0] for asked in map(specification, (*command, *run.additions)) if asked is not None)


def uv_subcommand(words: tuple[str, ...]) -> tuple[int, str]:
    """Index of uv's subcommand, and the folder that options before it choose."""
    if program(words[0]) != "uv":
        return len(words), ""
    before = options(words, 1)
    return before.start, before.directory


def options(words: tuple[str, ...], start: int) -> Run:
    run = Run()
    index = start
    while index < len(words) and words[index].startswith("-"):
        word = words[index]
        index += 1
        if word == "--":
            break
        name, equals, value = word.partition("=")
        takes = name in _SOURCES or name in _ADDITIONS or name in UV_VALUES
        if takes and not equals:
            value = "".join(words[index : index + 1])
            index += 1
        if name in _SOURCES:
            run.source = run.source or value
        elif name in _ADDITIONS:
            run.additions.extend(value.split(","))
        elif name in ("--directory", "--project"):
            run.directory = run.directory or value
        elif name in ("-m", "--module"):
            run.module = True
    run.start = min(index, len(words))
    return run


def launch_installed(tree: str, started: str, *, windows: bool) -> tuple[str, ...]:
    """The command line for what is installed in a folder. `started` is `-m MODULE`, or else the launcher is run.

    `-I` keeps the current directory, the user's packages and `PYTHON*` variables out, `-B` writes no bytecode.
    """
    python = f"{tree}/{PYTHON_ON_WINDOWS if windows else PYTHON}"
    dash, space, module = started.partition(" ")
    return (python, *ISOLATED, *((dash, module) if space else (f"{tree}/{LAUNCHER}",)))


def _installed(words: tuple[str, ...]) -> Recognised | None:
    found = stored(words[0]) if words[1:3] == ISOLATED else None
    if found is None or found.package.ecosystem != "pypi" or found.inner not in (PYTHON, PYTHON_ON_WINDOWS):
        return None
    if words[3:4] == ("-m",):
        behind = 5
    elif words[3:4] and words[3].replace("\\", "/") == f"{found.tree}/{LAUNCHER}":
        behind = 4
    else:
        return None
    if len(words) < behind:
        return None
    return Recognised(
        str(found.package), found.package, found.version, floating=False, argv=words, arguments=words[behind:]
    )


def _tool(words: tuple[str, ...], run: Run) -> Recognised | None:
    if run.start >= len(words):
        return None
    return _recognised(words, run.source or words[run.start], run.start + 1)


def _run(words: tuple[str, ...], run: Run) -> Recognised | None:
    """`uv run --with P P`: the package, but only where the command is its own and not a runner of somebody's script."""
    if run.start >= len(words) or run.module:
        return None
    if run.source:
        return _recognised(words, run.source, run.start + 1)
    command = words[run.start]
    if command in ("mcp", "fastmcp") and words[run.start + 1 : run.start + 2] in (("run",), ("dev",)):
        return None
    for addition in run.additions:
        asked = specification(addition)
        if asked is not None and asked[0].name == normal_name(command):
            return _recognised(words, addition, run.start + 1)
    return None


def _recognised(words: tuple[str, ...], text: str, behind: int) -> Recognised | None:
    asked = specification(text)
    if asked is None:
        return None
    package, version, floating = asked
    return Recognised(str(package), package, version, floating, words, words[behind:])


def specification(text: str) -> tuple[Package, str, bool] | None:
    """Package, version asked for, and whether it may move; None for a folder or a text that names no package."""
    if _LOCAL.match(text):
        return None
    named = re.match(r"\s*[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?\s*@\s*(?=[a-z+]+://)", text)
    address = text[named.end() :] if named else text
    repository = git.repository(address, "@")
    if repository is not None:
        return Package("pypi", repository.name), repository.ref, not repository.exact
    if archive := git.archive(address):
        return Package("pypi", archive), "", True
    match = _REQUIREMENT.fullmatch(text.partition(";")[0])
    if match is None:
        return None
    asked = match[2].strip()
    package = Package("pypi", normal_name(match[1]))
    for mark in ("===", "==", "@"):
        if asked.startswith(mark):
            version = asked.removeprefix(mark).strip()
            return package, version, not is_exact(version)
    return package, asked, True
