"""Bundles, which are started only from where mcpconf installed them."""

from __future__ import annotations

from mcpconf.model.package import Package, Recognised
from mcpconf.packages.store import folder_name, stored, version_name
from mcpconf.permissions.commandline import program

BUNDLE = "bundle"
STARTER = "start.py"
"""In an installation of the store: the folder of the bundle's own files, and what starts one that is in Python."""

ISOLATED = ("-I", "-S", "-B")


_NOWHERE = "/store/mcpconf/store/mcpb"


def launch(package: Package, version: str) -> tuple[str, ...]:
    """Stands for the command line that only the lock and the store of a machine tell: it is read back, and never written."""
    folder = f"{folder_name('mcpb', package.name)}@{version_name(version) or 'locked'}"
    return (f"{_NOWHERE}/{folder}/{'0' * 32}/tree/{BUNDLE}/-",)


def launch_installed(kind: str, runtime: str, tree: str, inner: str) -> tuple[str, ...]:
    """The command line for what is installed in a folder; `inner` is the path in the bundle of a script or program.

    `-I` keeps the current directory and `PYTHON*` variables out, `-S` the machine's packages; `-B` writes no bytecode.
    """
    if kind == "binary":
        return (f"{tree}/{BUNDLE}/{inner}",)
    return (runtime, f"{tree}/{BUNDLE}/{inner}") if kind == "node" else (runtime, *ISOLATED, f"{tree}/{STARTER}")


def read(words: tuple[str, ...]) -> Recognised | None:
    name = program(words[0])
    at = 1 if name == "node" else 1 + len(ISOLATED) if name == "python" and words[1:4] == ISOLATED else 0
    found = stored(words[at]) if at < len(words) else None
    if found is None or found.package.ecosystem != "mcpb":
        return None
    if found.inner != STARTER if name == "python" else not found.inner.startswith(f"{BUNDLE}/"):
        return None
    package = found.package
    return Recognised(str(package), package, found.version, floating=False, argv=words, arguments=words[at + 1 :])
