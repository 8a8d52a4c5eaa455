"""Holding a server against a JSON Schema of a policy: where it does not fit, in a bounded number of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from mcpconf.model.base import Json
from mcpconf.model.patterns import compiled
from mcpconf.model.schemas import COUNTS, NUMBERS, typed

MOST_STEPS = 5000
"""Keywords that are held against parts of one server."""

DEEPEST_STEPS = 60
"""Keywords inside each other, those behind references too."""

MOST_MISFITS = 5
"""Of one schema and server that are told."""

Path = tuple[str | int, ...]


class Misfit(NamedTuple):
    """Where a server does not fit, and how, in words that hold none of its values."""

    at: Path
    words: str


class TooMuchError(Exception):
    """The schema takes more steps than one may, or refers to itself without end."""


Check = Callable[[Json], tuple[Misfit, ...]]


def check_of(schema: Json) -> Check:
    """What holds servers against a schema without faults. The check raises TooMuchError."""
    from jsonschema import Draft202012Validator, validators

    read = typed(schema)
    work = _Work(read.get("$defs", {}) if isinstance(read, dict) else {})
    keywords = {**Draft202012Validator.VALIDATORS, **work.own()}
    counted: dict[str, Any] = {name: work.counted(keyword) for name, keyword in keywords.items()}
    validator = validators.create({}, counted, type_checker=Draft202012Validator.TYPE_CHECKER)(read)

    def check(instance: Json) -> tuple[Misfit, ...]:
        """What one server was too much for is not begun again for the next."""
        work.begin()
        errors = islice(validator.iter_errors(instance), MOST_MISFITS)
        return tuple(Misfit(tuple(error.absolute_path), _words(error)) for error in errors)

    return check


_Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


class _Work:
    """The keywords of one schema, counted while they are held against a server."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._steps, self._depth, self._exhausted = 0, 0, False

    def begin(self) -> None:
        if self._exhausted:
            raise TooMuchError
        self._steps, self._depth = 0, 0

    def counted(self, keyword: _Keyword) -> _Keyword:
        def held(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            self._steps += 1
            self._depth += 1
            if self._steps > MOST_STEPS or self._depth > DEEPEST_STEPS:
                self._exhausted = True
                raise TooMuchError
            try:
                yield from keyword(validator, value, instance, schema) or ()
            finally:
                self._depth -= 1

        return held

    def own(self) -> dict[str, _Keyword]:
        return {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional,
            "const": _enum,
            "enum": _enum,
            "$ref": self._reference,
        }

    def _reference(self, validator: Any, value: str, instance: Any, _schema: Any) -> Iterator[Any]:
        yield from validator.descend(instance, self._definitions[value.rpartition("/")[2]], schema_path=value)


def _error(message: str, **more: Any) -> Any:
    from jsonschema import ValidationError

    return ValidationError(message, **more)


def _pattern(_validator: Any, value: str, instance: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not compiled(value).search(instance):
        yield _error("does not fit its pattern")


def _pattern_properties(validator: Any, value: Mapping[str, Any], instance: Any, _schema: Any) -> Iterator[Any]:
    for pattern, below in value.items() if isinstance(instance, dict) else ():
        for key in filter(compiled(pattern).search, instance):
            yield from validator.descend(instance[key], below, path=key, schema_path=pattern)


def _additional(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    patterns = [compiled(pattern) for pattern in schema.get("patternProperties", ())]
    others = [
        key
        for key in (instance if isinstance(instance, dict) else ())
        if key not in schema.get("properties", ()) and not any(pattern.search(key) for pattern in patterns)
    ]
    for key in others:
        if value is False:
            yield _error("is not allowed", path=(key,))
        else:
            yield from validator.descend(instance[key], value, path=key)


def _enum(_validator: Any, value: list[Any], instance: Any, _schema: Any) -> Iterator[Any]:
    if not any(type(item) is type(instance) and item == instance for item in value):
        yield _error("is none of the values that are allowed")


def _words(error: Any) -> str:
    """Of a keyword of ours its own message; those of the library repeat values, which may be secrets."""
    schema = error.schema if isinstance(error.schema, dict) else {}
    if isinstance(schema.get("description"), str):
        return str(schema["description"])
    if error.validator == "required":
        lacking = next((name for name in error.validator_value if name not in error.instance), "")
        return f"has no `{lacking}`"
    if error.validator in ("pattern", "additionalProperties", "const", "enum"):
        return str(error.message)
    if error.validator in (*COUNTS, *NUMBERS):
        return f"does not keep to `{error.validator}: {error.validator_value:g}`"
    return f"does not fit `{error.validator}`" if error.validator else "is not allowed"
