"""The order of versions, by each ecosystem's own rules."""

from __future__ import annotations

from mcpconf.model.package import Package


def older(package: Package, version: str, than: str) -> bool:
    """Whether an exact version comes before another. False where there is no order: image tags, digests, broken text.

    npm orders by semantic versioning (https://semver.org/#spec-item-11), PyPI by PEP 440.
    """
    match package.ecosystem:
        case "npm":
            return _older_npm(version, than)
        case "pypi":
            return _older_pypi(version, than)
        case _:
            return False


def _older_npm(version: str, than: str) -> bool:
    import nodesemver  # 14 ms and more, and only changed versions are compared

    try:
        return bool(nodesemver.lt(version, than, loose=False))
    except ValueError:
        return False


def _older_pypi(version: str, than: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version) < Version(than)
    except InvalidVersion:
        return False
