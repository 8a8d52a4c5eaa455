"""What a command line launches, and how a package is launched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit

from mcpconf.model.entry import Entry
from mcpconf.model.package import Ecosystem, Package, Recognised
from mcpconf.packages import command, mcpb, npm, oci, pypi, store
from mcpconf.packages.remote import bridged, url_identity
from mcpconf.packages.wrappers import unwrap
from mcpconf.secrets import looks_secret

__all__ = [
    "brought",
    "identity_of_package",
    "is_exact",
    "is_range",
    "launch",
    "own_program",
    "recognise",
    "recognise_entry",
    "title_of",
    "url_identity",
]

UNPINNED = ("", "unpinned")
"""Versions that ask for none."""

_READERS = (npm.read, pypi.read, oci.read, mcpb.read)
_LONGEST_RANGE = 256
_EXACT = {"npm": npm.is_exact, "pypi": pypi.is_exact}
_NORMAL_NAMES = {"pypi": pypi.normal_name, "oci": oci.normal_name, "mcpb": store.bundle_name}


def is_exact(ecosystem: Ecosystem, version: str) -> bool:
    """Whether this is one version, and neither a range nor a word; a tag of an image counts as one."""
    exact = _EXACT.get(ecosystem)
    return exact is None or (exact(version) and version == version.strip())


def is_range(ecosystem: Ecosystem, version: str) -> bool:
    """Whether this stands for several versions: `^1.2` of npm, `>=1,<2` of PyPI (PEP 440)."""
    if len(version) > _LONGEST_RANGE or version != version.strip():
        return False
    ranges = {"npm": npm.is_range, "pypi": pypi.is_range}.get(ecosystem)
    return ranges is not None and ranges(version)


def launch(
    package: Package,
    version: str,
    *,
    digest: str = "",
    bin: str = "",  # noqa: A002  the manifest's word
    env_names: Sequence[str] = (),
) -> tuple[str, ...]:
    """The command line that starts a package; the server's own arguments follow it.

    `bin` picks one of a package's programs. `digest` and `env_names` matter to images only. For a bundle it is one that
    stands for it: what starts a bundle is known where it is installed.
    """
    version = "" if version in UNPINNED else version
    match package.ecosystem:
        case "npm":
            return npm.launch(package, version, program_name=bin)
        case "pypi":
            return pypi.launch(package, version, program_name=bin)
        case "oci":
            return oci.launch(package, version, digest=digest, program_name=bin, env_names=env_names)
        case "mcpb":
            return mcpb.launch(package, version)


def identity_of_package(package: Package) -> str:
    """The identity that `recognise` finds in a command line of `launch`."""
    normal = _NORMAL_NAMES.get(package.ecosystem)
    return str(package if normal is None else replace(package, name=normal(package.name)))


def title_of(identity: str) -> str:
    """A name for what no manifest names: its package, its program, or the host of its address."""
    kind, _, words = identity.partition(":")
    return (urlsplit(words).hostname if kind == "url" else "") or words


def recognise(argv: Sequence[str]) -> Recognised:
    """What a command line launches, whatever its words are. The identity is "" for an empty one.

    Words are texts in manifest notation. A bridge is named by the address it passes on but keeps its own package,
    version and `floating`: it runs on this machine. The identity is kept in clear, so a secret that stands where a
    package should makes it opaque.
    """
    return _recognise(tuple(argv))


@lru_cache(maxsize=4096)
def _recognise(argv: tuple[str, ...]) -> Recognised:
    """The same command lines stand in many files, and are asked for more than once."""
    wrapper, words = unwrap(argv)
    if not words or not words[0]:
        return Recognised("", None, "", None, words, words[1:], wrapper)
    found = next((launched for launched in (read(words) for read in _READERS) if launched), None) or command.read(words)
    if looks_secret(found.identity) or looks_secret(found.version):
        found = command.opaque(words)
    address = bridged(found.package, words, found.arguments)
    return replace(found, identity=url_identity(address) if address else found.identity, wrapper=wrapper)


def recognise_entry(entry: Entry) -> Recognised:
    """What an entry launches or reaches; for an address `version` is empty and `floating` None."""
    if entry.url.parts and not entry.command.parts:
        return Recognised(url_identity(str(entry.url)), None, "", None, (), ())
    return recognise([str(value) for value in entry.argv])


def own_program(entry: Entry) -> str:
    """The program that an entry starts and that serves nothing else, in the manifest's notation: a path, or a name to look up.

    "" for a package, an address, and an interpreter or another program that runs what it is given.
    """
    launched = recognise_entry(entry)
    return command.own_program(launched.argv) if launched.package is None and launched.argv else ""


def brought(entry: Entry) -> frozenset[str]:
    """The identity of every package that an entry installs: the one it launches, and those it asks for beside it."""
    launched = recognise_entry(entry)
    found = {identity_of_package(launched.package)} if launched.package is not None else set()
    if launched.argv and launched.argv[0]:
        found |= {str(package) for read in (npm.brought, pypi.brought) for package in read(launched.argv)}
    return frozenset(found)
