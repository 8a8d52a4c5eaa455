"""What of a PyPI package is started, and who publishes it: read from its own wheel, which is unpacked and never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import HeaderParser

from mcpconf.artifacts.pypi_pylock import wheels
from mcpconf.artifacts.pypi_uv import Uv, unbuilt
from mcpconf.errors import Problem
from mcpconf.model.lock import Component, Publisher
from mcpconf.packages import url_identity
from mcpconf.packages.pypi import normal_name

_PLATFORMS = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "windows",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
)
"""Tried in this order on every machine, so that each reads the same wheel."""

_ENTRY = re.compile(r"([^\s=\[\]][^=]*?)\s*=\s*([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_][\w.]*)\s*(?:\[.*\])?")
_FORGE = re.compile(
    r"https?://((?:(?:github\.com|bitbucket\.org|codeberg\.org)/[\w.-]+/[\w.-]+)|gitlab\.com(?:/(?!-/)[\w.-]+){2,})"
)
_SOURCES = ("repository", "source", "source code", "sourcecode", "github", "code", "homepage", "home")


@dataclass(frozen=True, slots=True)
class Read:
    program: str
    publisher: Publisher


def read_program(own: Component, requires: str, wanted: str, uv: Uv) -> Read | Problem:
    """`wanted` is the name of the program, "" for the package's own. Raises OSError."""
    hashes = " ".join(f"--hash={digest}" for digest in wheels(own))
    if not hashes:
        return unbuilt(own.name)
    uv.write("own.txt", f"{own.name}=={own.version} {hashes}\n")
    fetched = _fetched(requires.removeprefix(">="), uv)
    if isinstance(fetched, Problem):
        return fetched
    folder = _described(own.name, uv)
    metadata = _text(f"{folder}/METADATA", uv)
    scripts = dict(_scripts(_text(f"{folder}/entry_points.txt", uv)))
    script = _chosen(scripts, own.name, wanted)
    if isinstance(script, Problem):
        return script
    return Read(_started(*scripts[script], uv), Publisher(repository=_repository(metadata)))


def _fetched(python: str, uv: Uv) -> bytes | Problem:
    found: bytes | Problem = b""
    for platform in _PLATFORMS:
        words = ("--python-platform", platform, "--python-version", python)
        found = uv.wheels("own.txt", "--target", "own", *words)
        if not isinstance(found, Problem) or found.kind != "not-supported":
            break
    return found


def _described(name: str, uv: Uv) -> str:
    names = uv.workshop.machine.files.folders(f"{uv.room}/own")
    for folder in () if isinstance(names, Problem) else names:
        if folder.endswith(".dist-info") and normal_name(folder.partition("-")[0]) == name:
            return f"{uv.room}/own/{folder}"
    return f"{uv.room}/own"


def _text(path: str, uv: Uv) -> str:
    found = uv.workshop.machine.files.read(path)
    return "" if found is None or isinstance(found, Problem) else found.data.decode("utf-8", "replace")


def _scripts(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Names of `console_scripts`, with module and function.

    https://packaging.python.org/en/latest/specifications/entry-points (2026-11).
    """
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == "[console_scripts]"
        elif inside and (match := _ENTRY.fullmatch(line)):
            yield match[1], (match[2], match[3])


def _chosen(scripts: dict[str, tuple[str, str]], name: str, wanted: str) -> str | Problem:
    """The one that is asked for; else the one that `uvx` would start; else the only one."""
    listed = ", ".join(f"`{script}`" for script in sorted(scripts)[:20])
    if wanted:
        if wanted in scripts:
            return wanted
        return Problem("missing", f"`{name}` has no program `{wanted}`", None, f"it has {listed or 'none'}")
    named = [script for script in sorted(scripts) if normal_name(script) == name]
    if named or len(scripts) == 1:
        return (named or [*scripts])[0]
    if not scripts:
        return Problem(
            "not-supported",
            f"`{name}` has no program to start",
            None,
            "is it a library? name the package of the server",
        )
    return Problem("invalid", f"`{name}` has several programs, none of its own name", None, f"write `bin`: {listed}")


def _started(module: str, function: str, uv: Uv) -> str:
    """A module to run, where that comes to the same; else the function that the program is."""
    main = _text(f"{uv.room}/own/{module.replace('.', '/')}/__main__.py", uv)
    called = re.search(rf"\b{re.escape(function)}\(", main) and re.search(r"^(?:from|import)\s", main, re.MULTILINE)
    return f"-m {module}" if called else f"{module}:{function}"


def _repository(metadata: str) -> str:
    """What the author calls the repository. It is a claim, which only an attestation makes sure of."""
    headers = HeaderParser().parsestr(metadata)
    urls: dict[str, str] = {}
    for stated in headers.get_all("Project-URL", []):
        label, _, url = str(stated).partition(",")
        urls.setdefault(label.strip().lower(), url.strip())
    urls.setdefault("homepage", str(headers.get("Home-page", "")))
    return next(filter(None, (_forge(urls.get(label, "")) for label in _SOURCES)), "")


def _forge(url: str) -> str:
    """`https://host/owner/repository` of an address somewhere in a repository; "" for any other."""
    match = _FORGE.match(url_identity(url.removeprefix("git+")).removeprefix("url:"))
    return f"https://{match[1]}".removesuffix(".git") if match else ""
