"""What a manifest may ask of a registry: the shape of package names, versions and hashes, per ecosystem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from mcpconf.model.package import ECOSYSTEMS, Ecosystem, Package
from mcpconf.model.written import Fault, refused, shape, shown

UNPINNED = "unpinned"
"""The version that promises nothing; a finding as long as it stands there."""

_LONGEST_NAME = 255
_NPM = re.compile(r"(?:@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*")
_PYPI = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_OCI_STEP = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_OCI = re.compile(rf"(?:[a-z0-9.-]+(?::[0-9]{{1,5}})?/)?{_OCI_STEP}(?:/{_OCI_STEP})*")
_BUNDLE = re.compile(r"https://[a-z0-9.-]+(?::[0-9]{1,5})?/[!$-.0-9:;=@A-Z\[\]_a-z~/]+")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_SHA512 = re.compile(r"sha512-[A-Za-z0-9+/]{85}[AQgw]==")
"""Base64 of exactly 64 bytes: the last letter before `==` carries two bits."""

_SHAPES: dict[Ecosystem, tuple[re.Pattern[str], str]] = {
    "npm": (_NPM, "`npm:@scope/name` or `npm:name`, in lower case"),
    "pypi": (_PYPI, "`pypi:name`"),
    "oci": (_OCI, "`oci:registry/name`, in lower case"),
    "mcpb": (_BUNDLE, "`mcpb:https://host/file.mcpb`, without a query: that may hold a secret"),
}


def parse_package(text: object) -> Package:
    """Read `npm:@scope/name`. PyPI names are normalised (PEP 503). Raises RefusedError, a ValueError."""
    if isinstance(text, Package):
        return text
    if not isinstance(text, str):
        raise refused(f"must be text such as `npm:@scope/name`, not {shape(text)}")
    kind, _, name = text.partition(":")
    ecosystem = next((known for known in ECOSYSTEMS if known == kind), None)
    if ecosystem is None:
        raise refused(
            f"names no known kind of package: {shown(text)}", "start it with `npm:`, `pypi:`, `oci:` or `mcpb:`"
        )
    pattern, example = _SHAPES[ecosystem]
    if len(name) > _LONGEST_NAME or not pattern.fullmatch(name):
        raise refused(f"is no package name: {shown(text)}", _advice(ecosystem, name) or f"write {example}")
    return Package(ecosystem, re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "pypi" else name)


def _advice(ecosystem: Ecosystem, name: str) -> str:
    marks = {"npm": "@", "pypi": "=<>~!@", "oci": ":@", "mcpb": ""}[ecosystem]
    if any(mark in name.rpartition("/")[2][1:] for mark in marks):
        return "the version has a key of its own: `version`"
    return "extras are not written here; name the program with `bin`" if "[" in name else ""


def version_faults(ecosystem: Ecosystem, version: str) -> Iterator[Fault]:
    """A version may be exact, a range, or `unpinned`; a word that moves by itself is never one."""
    if version == UNPINNED:
        return
    if version.lower() == "latest":
        yield Fault(f"cannot be {shown(version)}", f"write an exact version, or `{UNPINNED}`")
    elif ecosystem == "oci" and not _TAG.fullmatch(version):
        yield Fault(f"is no tag of an image: {shown(version)}", "a digest has a key of its own: `hash`")


def hash_faults(kind: str, hashes: tuple[str, ...]) -> Iterator[Fault]:
    """`kind` is an ecosystem or `command`. PyPI has one hash per file, everything else exactly one."""
    if kind != "pypi" and len(hashes) > 1:
        yield Fault("must be one hash, not a list", "only a PyPI package has one per file")
        return
    for digest in hashes:
        if kind == "npm":
            if not _SHA512.fullmatch(digest):
                yield Fault(f"must be `sha512-` and 88 characters of base64, not {shown(digest)}")
        elif not _SHA256.fullmatch(digest):
            yield Fault(f"must be `sha256:` and 64 hexadecimal digits in lower case, not {shown(digest)}")


PackageText: TypeAlias = Annotated[
    Package,
    PlainValidator(parse_package),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^(?:npm|pypi|oci|mcpb):\S+$"}),
]
