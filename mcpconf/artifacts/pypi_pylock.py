"""What `uv pip compile --format pylock.toml` answers (PEP 751), as a closure."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from pydantic import Field, ValidationError

from mcpconf.errors import Problem
from mcpconf.model.base import Tolerant
from mcpconf.model.lock import Artifact, Component, Word
from mcpconf.packages.pypi import normal_name


class _File(Tolerant):
    name: str = ""
    url: str = ""
    path: str = ""
    size: int | None = None
    hashes: dict[str, str] = {}


class _Package(Tolerant):
    name: Word
    version: Word = ""
    marker: str = ""
    wheels: list[_File] = []
    sdist: _File | None = None


class _Pylock(Tolerant):
    requires: str = Field("", alias="requires-python")
    packages: list[_Package] = []


_ADDRESSES = ("vcs", "directory", "archive")


@dataclass(frozen=True, slots=True)
class Closure:
    """`requires` are the versions of Python that it is for, `>=3.10`.

    `components` are by name, or by `name@version` where machines differ in the version they need.
    """

    requires: str
    components: dict[str, Component]


def closure(data: bytes) -> Closure | Problem:
    try:
        value = tomllib.loads(data.decode())
        document = _Pylock.model_validate(value)
    except (ValueError, ValidationError, RecursionError):
        return Problem("malformed", "`uv` gave an answer that is no lock", None, "upgrade uv")
    for package in value.get("packages", ()):
        if any(key in package for key in _ADDRESSES):
            message = (
                f"it depends on `{package['name']}` by an address, and only an index gives versions that can be locked"
            )
            return Problem("not-supported", message, None, "choose a version that names its dependencies by version")
    versions = {(normal_name(package.name), package.version) for package in document.packages}
    several = Counter(name for name, _ in versions)
    found: dict[str, Component] = {}
    for package in document.packages:
        name = normal_name(package.name)
        artifacts = dict(_artifacts(package))
        if not artifacts:
            return Problem("hash", f"the index gives no sha256 for `{name}`", None, "use an index that gives hashes")
        marker = plain_marker(package.marker, document.requires)
        key = name if several[name] == 1 else f"{name}@{package.version}"
        found[key] = _united(
            found.get(key), Component(name=name, version=package.version, artifacts=artifacts, marker=marker)
        )
    return Closure(document.requires, found)


def _united(one: Component | None, other: Component) -> Component:
    """One version that several indexes have, each for its own machines."""
    if one is None:
        return other
    marker = f"({one.marker}) or ({other.marker})" if one.marker and other.marker else ""
    return other.model_copy(update={"artifacts": {**one.artifacts, **other.artifacts}, "marker": marker})


def _artifacts(package: _Package) -> Iterator[tuple[str, Artifact]]:
    for file in (*package.wheels, *([package.sdist] if package.sdist else [])):
        name = file.name or unquote((file.url or file.path).replace("\\", "/").rpartition("/")[2].partition("#")[0])
        if "sha256" in file.hashes:
            yield name, Artifact(digest=f"sha256:{file.hashes['sha256']}", size=file.size)


def plain_marker(marker: str, requires: str) -> str:
    """Without what holds for every interpreter that the lock admits: uv says it again with each package."""
    bound = f"python_full_version >= '{requires.removeprefix('>=')}'"
    rest = marker.replace(f"{bound} and ", "").replace(f" and {bound}", "")
    is_one_of_several = "(" not in rest and bound in rest.split(" or ")
    return "" if is_one_of_several else rest


def preferences(known: Mapping[str, Component]) -> str:
    """A lock of versions without hashes: uv keeps to them where they still fit, and asks for the rest."""
    lines = ['lock-version = "1.0"', 'created-by = "mcpconf"', *([] if known else ["packages = []"])]
    for component in known.values():
        lines += ["", "[[packages]]", f"name = {_text(component.name)}", f"version = {_text(component.version)}"]
        if component.marker:
            lines.append(f"marker = {_text(component.marker)}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """A text of JSON is one of TOML, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def wheels(component: Component) -> Iterable[str]:
    """Digests of what can be installed without running any code of the package."""
    return (item.digest for name, item in sorted(component.artifacts.items()) if name.endswith(".whl"))
