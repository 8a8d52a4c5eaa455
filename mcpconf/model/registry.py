"""What a registry publishes about a server: `server.json`, in every schema so far.

Keys and their meaning as in schema 2025-12-11 (https://static.modelcontextprotocol.io, checked 2026-11). Older documents
have `snake_case` keys, `registry_name`, `transport_type` and `version_detail`. All of it is a stranger's text: keys that
are unknown are passed over, and everything has a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from mcpconf.model.base import Tolerant
from mcpconf.model.word import Word

OFFICIAL = "https://registry.modelcontextprotocol.io"
"""The address of the official registry."""

Status = Literal["active", "deprecated", "deleted"]

NOT_LINKED = "MCP004"
WITHDRAWN = "MCP007"
WORDS = {
    NOT_LINKED: Word(
        "registry and package do not name each other",
        "`mcpconf add NAME` found a document in a registry that names a package, and the package does not name the document: "
        "its `mcpName` (npm), `mcp-name:` (PyPI) or label `io.modelcontextprotocol.server.name` (OCI) is missing or "
        "another, its repository is not its namespace's, or there is no such package. Anybody may publish a document about anybody's package.",
        "look at who publishes both, then `mcpconf lock`",
    ),
    WITHDRAWN: Word(
        "deleted or deprecated in its registry",
        "The registry that `mcpconf add NAME` asked has deleted the server, which it does with spam, malware and what is "
        "illegal (exit 3, nothing is written), or calls it deprecated (a warning).",
        "look for what takes its place with `mcpconf search TEXT`",
    ),
}
"""What `mcpconf add NAME` finds. No plan asks a registry, so that no rule can."""


def _text(value: object) -> object:
    """Publishers write `8080` and `true` where the schema has text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


Line: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(max_length=8192)]
_FEW = Field(max_length=256)


class _Published(Tolerant):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


class Input(_Published):
    """Something to fill in. A `value` is fixed by the publisher; a `default` is a proposal."""

    description: Line = ""
    format: Line = "string"
    value: Line | None = None
    default: Line | None = None
    placeholder: Line = ""
    choices: Annotated[tuple[Line, ...], _FEW] = ()
    is_required: bool = False
    is_secret: bool = False


class Template(Input):
    """A `{name}` in the `value` stands for the variable of this name."""

    variables: Annotated[dict[Line, Input], _FEW] = {}


class Setting(Template):
    """An environment variable or a header."""

    name: Line


class Argument(Template):
    """`value_hint` is what a positional argument is called by; it is no part of the command line."""

    type: Line = "positional"
    name: Line = ""
    value_hint: Line = ""
    is_repeated: bool = False


class Endpoint(_Published):
    """How a server is reached. Of a package: how it is reached once it runs."""

    type: Line = Field("stdio", validation_alias=AliasChoices("type", "transportType", "transport_type"))
    url: Line = ""
    headers: Annotated[tuple[Setting, ...], _FEW] = ()
    variables: Annotated[dict[Line, Input], _FEW] = {}


class RegistryPackage(_Published):
    registry_type: Line = Field(validation_alias=AliasChoices("registryType", "registry_type", "registry_name"))
    identifier: Line = Field(validation_alias=AliasChoices("identifier", "name"))
    version: Line = ""
    registry_base_url: Line = ""
    file_sha256: Line = ""
    runtime_hint: Line = ""
    runtime_arguments: Annotated[tuple[Argument, ...], _FEW] = ()
    package_arguments: Annotated[tuple[Argument, ...], _FEW] = ()
    environment_variables: Annotated[tuple[Setting, ...], _FEW] = ()
    transport: Endpoint = Endpoint(type="stdio")


class Repository(_Published):
    url: Line = ""
    source: Line = ""
    id: Line = ""


class RegistryServer(_Published):
    """`status` stands here in documents before 2025-09-29; since then only the registry tells it."""

    name: Annotated[str, StringConstraints(min_length=3, max_length=200, pattern=r"^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$")]
    description: Line = ""
    title: Line = ""
    version: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    status: Status = "active"
    repository: Repository = Repository()
    packages: Annotated[tuple[RegistryPackage, ...], _FEW] = ()
    remotes: Annotated[tuple[Endpoint, ...], _FEW] = ()

    @model_validator(mode="before")
    @classmethod
    def _version_of_old(cls, value: Any) -> Any:
        detail = value.get("version_detail") if isinstance(value, dict) else None
        if isinstance(detail, dict) and isinstance(detail.get("version"), str):
            return {"version": detail["version"], **value}
        return value


class Listing(Tolerant):
    """A server as a registry lists it."""

    server: RegistryServer
    status: Status = "active"
    status_message: Line = ""
    is_latest: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """`kinds` are what it is published as; `approved` names the servers of the manifest that are it."""

    listing: Listing
    kinds: tuple[str, ...]
    approved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """`more`: there are others behind the limit. `skipped` counts what the registry lists and is no server."""

    registry: str
    text: str
    found: tuple[Match, ...]
    more: bool
    skipped: int
