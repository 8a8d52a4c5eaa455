"""What of an entry may be shown: references and the manifest's own texts, and a description of everything else."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.model.base import Json
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED, Entry, Value, field_value
from mcpconf.secrets import describe, find, is_scheme

_OAUTH = ("oauth.resource", "oauth.issuer", "oauth.scopes")


@dataclass(frozen=True, slots=True)
class Display:
    """`literals` are texts of the manifest: in git already, so no secrets of this machine."""

    literals: frozenset[str]
    key: bytes | None

    def field(self, entry: Entry, name: str) -> Json:
        """The printable JSON form of one field."""
        secret = {literal.place for literal in find(entry)}
        match name:
            case "launch":
                places = ["command"] if entry.command.parts else []
                places += [f"args[{index}]" for index in range(len(entry.args))]
                return [
                    self._value(value) if place in secret else str(value)
                    for place, value in zip(places, entry.argv, strict=True)
                ]
            case "env" | "headers":
                values = entry.env if name == "env" else entry.headers
                return {key: self._value(values[key]) for key in sorted(values)}
            case "url":
                return self._value(entry.url) if "url" in secret else str(entry.url)
            case "cwd" if entry.cwd is not None:
                return self._value(entry.cwd) if "cwd" in secret else str(entry.cwd)
            case "oauth" if any(place.startswith(_OAUTH) for place in secret):
                return describe(str(field_value(entry, name)), self.key)
            case "client_id" if entry.client_id is not None and "oauth.client_id" in secret:
                return describe(entry.client_id, self.key)
        return field_value(entry, name)

    def entry(self, entry: Entry) -> dict[str, Json]:
        """The whole entry, without the fields it does not have."""
        shown = {name: self.field(entry, name) for name in (*FIELDS_OWNED, *FIELDS_STATED)}
        return {name: value for name, value in shown.items() if value not in (None, "", [], {})}

    def holds_literal(self, entry: Entry) -> bool:
        """Whether a text that is not the manifest's lies where secrets lie, so that a plain digest could be guessed."""
        values = (*entry.env.values(), *entry.headers.values())
        return bool(find(entry)) or not all(self._is_plain(value, text) for value in values for text in value.literals)

    def _is_plain(self, value: Value, text: str) -> bool:
        """Whether it is the manifest's own, or no more than the word before a reference, as in `Bearer ${env:X}`."""
        return text in self.literals or (bool(value.references) and is_scheme(text))

    def _value(self, value: Value) -> str:
        if all(self._is_plain(value, text) for text in value.literals):
            return str(value)
        if not value.references:
            return describe("".join(value.literals), self.key)
        return "".join(
            describe(part, self.key) if isinstance(part, str) and not self._is_plain(value, part) else str(part)
            for part in value.parts
        )
