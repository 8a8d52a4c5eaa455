"""Filling in what a registry's document leaves open, with what the user said. Nothing is made up, and no secret is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mcpconf.documents.checking import did_you_mean
from mcpconf.model.entry import Reference, Value
from mcpconf.model.registry import Argument, Input, Template
from mcpconf.model.written import Fault, RefusedError, refused, shown
from mcpconf.secrets import secret_named

_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.-]{0,127})\}")
_SCHEME = re.compile(r"(?:bearer|basic|token|apikey|api-key)\s+", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_NUMBER = re.compile(r"-?[0-9]{1,32}(?:\.[0-9]{1,32})?")
_CLEAR = re.compile(r"[A-Z][A-Z0-9_]*")


class SaidError(RefusedError):
    """What the user said does not fit, so that another package of the server is no way out."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the user gave: values by the name of an input, in manifest notation, and names of secrets."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Filling:
    """Of one server under one name.

    `missing` must be said, `left` may be; each with the option that says it. `notes` are what else a person should know.
    """

    server: str
    said: Said
    missing: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    known: dict[str, None] = field(default_factory=dict)
    secrets: dict[str, None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def setting(self, item: Template, label: str) -> Value | None:
        """The one value of a variable or header; None if it is left out. Raises RefusedError."""
        return next(iter(self._values(item, label, times=1)), None)

    def address(self, url: str, variables: Mapping[str, Input]) -> Value:
        """An address with its variables, all of which it needs. Raises RefusedError."""
        item = Template(value=url, variables=dict(variables), is_required=True)
        return self.setting(item, "url") or Value()

    def words(self, item: Argument) -> list[Value]:
        """What an argument puts on the command line. Raises RefusedError."""
        label = (item.name if item.type == "named" else "") or item.value_hint or item.name or item.value or "argument"
        if item.type not in ("positional", "named") or (item.type == "named" and not item.name):
            raise refused(f"has an argument of the kind {shown(item.type)}, which is neither positional nor named")
        if item.type == "positional":
            return self._values(item, label, self._times(item, label))
        if _is_flag(item) and item.is_required:
            return [Value.literal(item.name)]
        values = self._values(item, label, self._times(item, label))
        if item.format == "boolean" and not item.is_required and label_of(label) not in self.said.values:
            values = [value for value in values if value.text != "false"]
        return [word for value in values for word in _named(item.name, value)]

    def unknown(self) -> SaidError | None:
        """About what was said of no input."""
        faults = []
        for option, names in (("--set", self.said.values), ("--secret", self.said.secrets)):
            for name in names:
                if name not in self.known:
                    known = list(self.known)
                    listed = f"known are {', '.join(map(shown, known))}" if known else "there is nothing to fill in"
                    faults.append(
                        Fault(
                            f"has nothing to fill in named {shown(name)} (`{option}`)",
                            did_you_mean(name, known) or listed,
                        )
                    )
        return SaidError(*faults) if faults else None

    def faults(self) -> Iterator[Fault]:
        """What must still be said."""
        for name, option in self.missing.items():
            yield Fault(f"needs a value for {shown(name)}", option)

    def _times(self, item: Argument, label: str) -> int:
        """How often a repeated argument stands there: as often as what it is made of was said."""
        if not item.is_repeated:
            return 1
        names = [label_of(label), *map(label_of, item.variables)]
        return max([1, *(len(self.said.values.get(name, ())) for name in names)])

    def _values(self, item: Template, label: str, times: int) -> list[Value]:
        if item.value is not None:
            if label_of(label) in self.said.values:
                raise _said(f"fixes {shown(label)} itself", f"leave out `--set` for {shown(label)}")
            made = [self._template(item, label, number) for number in range(times)]
            return [value for value in made if value is not None]
        found = [self._open(item, label, number) for number in range(times)]
        return [value for value in found if value is not None]

    def _template(self, item: Template, label: str, number: int) -> Value | None:
        """The fixed text with its variables; None if an optional one is not said."""
        assert item.value is not None
        secret = _is_secret(item, label) and not item.variables
        parts: list[str | Reference] = []
        end = 0
        for match in _VARIABLE.finditer(item.value):
            parts.append(item.value[end : match.start()])
            end = match.end()
            name = match[1]
            if name in item.variables:
                inner = self._open(_needed(item, item.variables[name]), name, number)
                if inner is None:
                    return None
                parts += inner.parts
            elif secret:
                parts.append(self._reference(label))
            else:
                parts.append(match[0])
        parts.append(item.value[end:])
        value = Value.of(parts)
        if _is_secret(item, label) and not value.references:
            scheme = _SCHEME.match(item.value)
            return Value.of([scheme[0] if scheme else "", self._reference(label)])
        return value

    def _open(self, item: Input, label: str, number: int) -> Value | None:
        """One value of an input that is not fixed, or that is a variable of a text that is."""
        key = label_of(label)
        self.known[key] = None
        if _is_secret(item, label):
            return self._secret(item, label)
        if item.value is not None:
            return Value.literal(item.value)
        said = self.said.values.get(key, ())
        if said:
            return _checked(item, label, said[min(number, len(said) - 1)])
        default = item.default
        if default is not None and item.format != "filepath" and _fault(item, default) is None:
            return Value.literal(default)
        self._lacks(item, key, f"`--set {key}=VALUE`")
        return None

    def _secret(self, item: Input, label: str) -> Value | None:
        key = label_of(label)
        if key in self.said.values:
            raise _said(f"takes {shown(label)} for a secret", f"`--secret {key}=NAME` names where it is kept")
        if key in self.said.secrets or item.is_required:
            return Value.of([self._reference(label)])
        self._lacks(item, key, f"`--secret {key}`")
        return None

    def _reference(self, label: str) -> Reference:
        key = label_of(label)
        self.known[key] = None
        name = self.said.secrets.get(key) or self._secret_name(key)
        if not _NAME.fullmatch(name):
            raise refused(f"has a secret whose name {shown(name)} is none", f"`--secret {key}=NAME` gives it another")
        self.secrets[name] = None
        return Reference("secret", name)

    def _secret_name(self, key: str) -> str:
        """A variable's own name; what is a word of one server only is put behind the server's name."""
        if _CLEAR.fullmatch(key):
            return key
        return re.sub(r"[^A-Z0-9]+", "_", f"{self.server}_{key}".upper()).strip("_")

    def _lacks(self, item: Input, key: str, option: str) -> None:
        about = (
            f" one of {', '.join(item.choices[:12])}" if item.choices else f" {item.description or item.placeholder}"
        )
        (self.missing if item.is_required else self.left)[key] = f"{option}{about}".rstrip()


def _said(message: str, hint: str) -> SaidError:
    return SaidError(Fault(message, hint))


def label_of(name: str) -> str:
    """What an input is called in `--set`: an option without its dashes."""
    return name.lstrip("-").rstrip("=") or name


def _needed(item: Template, variable: Input) -> Input:
    return variable.model_copy(update={"is_required": True}) if item.is_required else variable


def _is_secret(item: Input, label: str) -> bool:
    return item.is_secret or secret_named(label)


def _is_flag(item: Argument) -> bool:
    """A name with nothing that tells of a value."""
    told = (item.value, item.default, item.placeholder, item.value_hint, item.choices, item.variables)
    return not any(told) and item.format == "string" and not item.is_repeated


def _named(name: str, value: Value) -> list[Value]:
    """`--port 8080`, as hosts make it of the same document; `--port=8080` where the name ends with `=`; an empty value is a flag."""
    if not value.parts:
        return [Value.literal(name)]
    return [Value.of([name, *value.parts])] if name.endswith("=") else [Value.literal(name), value]


def _checked(item: Input, label: str, text: str) -> Value:
    fault = _fault(item, text)
    if fault is not None:
        raise _said(f"takes {fault} for {shown(label)}, not {shown(text)}", f"change `--set {label_of(label)}=...`")
    try:
        return Value.parse(text)
    except ValueError:
        hint = "write `$$` for a dollar; known are `${home}`, `${workspace}` and `${env:NAME}`"
        raise _said(f"gets a `$` for {shown(label)} that starts no known reference", hint) from None


def _fault(item: Input, text: str) -> str | None:
    """What the input takes instead of this text; None if it takes it."""
    if item.choices:
        return None if text in item.choices else f"one of {', '.join(map(shown, item.choices[:12]))}"
    if item.format == "number":
        return None if _NUMBER.fullmatch(text) or "$" in text else "a number"
    if item.format == "boolean":
        return None if text in ("true", "false", "") or "$" in text else "`true` or `false`"
    return None
