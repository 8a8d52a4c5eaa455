"""Which version of a package a machine has in its caches: what `npx` and `uvx` would start today, without the network."""

from __future__ import annotations

import hashlib

from mcpconf.artifacts.npm_places import npm_cache, read_document
from mcpconf.artifacts.pypi_copies import cached_wheels
from mcpconf.importer.found import Found
from mcpconf.model.package import Package
from mcpconf.packages import npm
from mcpconf.ports import Facts, Files

_PYTHON_RUNNERS = frozenset({"uvx", "uv"})


def cached_version(found: Found, package: Package, facts: Facts, files: Files) -> str:
    """The one version that is there, or "" where there is none, or where several could be meant."""
    if found.launched.floating is not True:
        return ""
    words = found.launched.argv
    if package.ecosystem == "npm" and words[:1] == ("npx",):
        return _npx(words, package, facts, files)
    if package.ecosystem == "pypi" and words and words[0] in _PYTHON_RUNNERS:
        return _uv(package, facts, files)
    return ""


def _npx(words: tuple[str, ...], package: Package, facts: Facts, files: Files) -> str:
    """Npx keeps each request in a folder named by the digest of its words (npm 10 and 11, libnpmexec, 2026-11)."""
    requests = [word for word in words[1:] if (asked := npm.specification(word)) and asked[0] == package]
    if len(requests) != 1 or "-c" in words:
        return ""
    name = hashlib.sha512(requests[0].encode()).hexdigest()[:16]
    folder = f"{npm_cache(facts, files)}/_npx/{name}"
    if read_document(f"{folder}/package.json", files).get("_npx") != {"packages": requests}:
        return ""
    installed = read_document(f"{folder}/node_modules/{package.name}/package.json", files)
    version = installed.get("version")
    right = installed.get("name") == package.name and isinstance(version, str) and npm.is_exact(version)
    return str(version) if right else ""


def _uv(package: Package, facts: Facts, files: Files) -> str:
    """Of several versions it cannot be told which one runs."""
    versions = {version for version, _ in cached_wheels(package.name, facts, files)}
    return versions.pop() if len(versions) == 1 else ""
