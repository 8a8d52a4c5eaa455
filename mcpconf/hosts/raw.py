"""One entry as JSON, read with a look at the types; what does not fit is remembered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from mcpconf.hosts.vocabulary import Keys
from mcpconf.model.base import Json
from mcpconf.model.entry import Reference, Value

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class RawEntry:
    """`strict`: the host takes no other types than these. `complaints`: what it would reject the entry for."""

    def __init__(self, values: Mapping[str, Json], *, strict: bool) -> None:
        self.values = values
        self.strict = strict
        self.complaints: list[str] = []

    def get(self, key: str) -> Json:
        return self.values.get(key) if key else None

    def at(self, keys: Keys) -> Json:
        value: Json = self.values
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return value if keys else None

    def need(self, keys: Iterable[str]) -> None:
        for key in sorted(keys):
            if key not in self.values:
                self.complaints.append(f"`{key}` is missing: the host refuses the entry")

    def wrong(self, key: str) -> None:
        self.complaints.append(f"`{key}` has a value of a wrong type")

    def text(self, value: Json, key: str) -> str:
        if isinstance(value, str):
            return value
        scalar = isinstance(value, (bool, int, float))
        if not scalar or self.strict:
            self.wrong(key)
        return json.dumps(value) if scalar else ""

    def variable(self, name: Json, key: str) -> Value:
        if isinstance(name, str) and _VARIABLE.fullmatch(name):
            return Value((Reference("env", name),))
        self.complaints.append(f"`{key}` must name environment variables")
        return Value()

    def map(self, keys: Keys) -> dict[str, Json]:
        value: Json = self.values if keys else {}
        for key in keys:
            if not isinstance(value, dict):
                break
            if key not in value:
                return {}
            value = value[key]
        if isinstance(value, dict):
            return value
        if self.strict or value not in ([], None):
            self.wrong(".".join(keys))
        return {}

    def list(self, key: str) -> list[Json]:
        value = self.values.get(key) if key else None
        if isinstance(value, list):
            return value
        if (key and key in self.values) and (self.strict or value is not None):
            self.wrong(key)
        return []

    def plain(self, keys: Keys) -> str | None:
        """Text that is no more than a setting; of another type, it is as if it were not there where the host allows it."""
        value = self.at(keys)
        if isinstance(value, str):
            return value or None
        if value is not None and self.strict:
            self.wrong(".".join(keys))
        return None

    def words(self, keys: Keys, *, spaced: bool) -> tuple[str, ...]:
        """A list of such texts, or one with spaces between them."""
        value = self.at(keys)
        listed = value.split() if spaced and isinstance(value, str) else value
        if isinstance(listed, list) and all(isinstance(item, str) for item in listed):
            return tuple(listed)
        if value is not None and self.strict:
            self.wrong(".".join(keys))
        return ()
