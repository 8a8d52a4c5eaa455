"""What a bundle says of itself, as far as it decides what runs. This is what the lock keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from mcpconf.errors import Problem
from mcpconf.formats.base import FormatError
from mcpconf.formats.json_text import JSON
from mcpconf.formats.text import decode_text
from mcpconf.model.base import Json, Tolerant
from mcpconf.model.lock import Name
from mcpconf.ports import OperatingSystem

MAXIMUM_MANIFEST = 1024 * 1024
PLATFORMS: Mapping[OperatingSystem, str] = {"linux": "linux", "macos": "darwin", "windows": "win32"}


def _text(value: Json) -> Json:
    """Bundles in the field write numbers and booleans where text is meant."""
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


def _texts(value: Json) -> Json:
    return {key: _text(item) for key, item in value.items()} if isinstance(value, dict) else value


def _one_text(value: Json) -> Json:
    return _text(value) if isinstance(value, str | int | float) else None


Word = Annotated[str, StringConstraints(max_length=2048)]
Words = Annotated[list[Word], Field(max_length=100)]
Variables = Annotated[dict[Word, Word], Field(max_length=100), BeforeValidator(_texts)]


class Overridden(Tolerant):
    command: Word | None = None
    args: Words | None = None
    env: Variables | None = None


class Config(Tolerant):
    command: Word = ""
    args: Words = []
    env: Variables = {}
    platform_overrides: Annotated[dict[Word, Overridden], Field(max_length=10)] = {}


class Started(Tolerant):
    type: Literal["node", "python", "binary", "uv"]
    entry_point: Word = ""
    mcp_config: Config = Config()


class Question(Tolerant):
    """What a host would ask its user. `default` is kept only where it is one plain value."""

    required: bool = False
    default: Annotated[Word | None, BeforeValidator(_one_text)] = None


class Compatibility(Tolerant):
    platforms: Words = []
    runtimes: Annotated[dict[Word, Word], Field(max_length=10)] = {}


class Bundle(Tolerant):
    """https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md, manifest version 0.3 and 0.4, 2026-11."""

    name: Annotated[Name, StringConstraints(max_length=200)]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$")]
    server: Started
    user_config: Annotated[dict[Word, Question], Field(max_length=200)] = {}
    compatibility: Compatibility = Compatibility()

    def config(self, system: OperatingSystem) -> Config:
        """With what one kind of system overrides."""
        config = self.server.mcp_config
        override = config.platform_overrides.get(PLATFORMS[system])
        if override is None:
            return config
        return Config(
            command=config.command if override.command is None else override.command,
            args=config.args if override.args is None else override.args,
            env={**config.env, **(override.env or {})},
        )

    def starting(self, system: OperatingSystem, command: str) -> Bundle:
        """The same, with another program on one kind of system."""
        config = self.server.mcp_config
        known = config.platform_overrides.get(PLATFORMS[system], Overridden())
        override = known.model_copy(update={"command": command})
        overrides = {**config.platform_overrides, PLATFORMS[system]: override}
        config = config.model_copy(update={"platform_overrides": overrides})
        return self.model_copy(update={"server": self.server.model_copy(update={"mcp_config": config})})

    def for_platforms(self, systems: list[OperatingSystem]) -> Bundle:
        made_for = self.compatibility.model_copy(update={"platforms": [PLATFORMS[system] for system in systems]})
        return self.model_copy(update={"compatibility": made_for})


def parse(data: bytes) -> Bundle | Problem:
    """The bundle that a `manifest.json` describes."""
    try:
        parsed = JSON.parse(decode_text(data))
    except FormatError as error:
        return refused(f"`manifest.json` cannot be read: {error}")
    if parsed.duplicates:
        return refused(f"`manifest.json` has `{parsed.duplicates[0].key}` twice")
    return validated(parsed.value)


def validated(value: Json) -> Bundle | Problem:
    try:
        return Bundle.model_validate(value)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        return refused(f"`{'.'.join(map(str, wrong['loc']))}` in `manifest.json`: {wrong['msg']}")


def refused(what: str, hint: str = "ask who publishes it for a sound one") -> Problem:
    return Problem("invalid", f"the bundle is not used: {what}", None, hint)
