"""Text of a host <-> values with references, by the templates of its row."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import cache
from itertools import chain
from typing import NamedTuple

from mcpconf.hosts.vocabulary import References
from mcpconf.model.entry import Reference, Value

_CLASSES = {
    "NAME": "(?P<name{}>[A-Za-z_][A-Za-z0-9_]*)",
    "INPUT": "(?P<name{}>[A-Za-z_][A-Za-z0-9_.-]*)",
    "DEFAULT": "(?P<default{}>[^}}]*)",
    "ANY": "[^}}]*",
}


class Situation(NamedTuple):
    """What the variables of the manifest become where a host has no word for them. `workspace` is absolute or ""."""

    home: str = ""
    workspace: str = ""


class _Scanner(NamedTuple):
    """All forms as one pattern, and what each of its alternatives stands for; `plain` has those that need no bracket.

    The kind `reserved` is text that the host would replace in a way we cannot say.
    """

    kinds: tuple[str, ...]
    whole: re.Pattern[str]
    plain: re.Pattern[str] | None


@cache
def _scanner(forms: References) -> _Scanner | None:
    templates = [
        ("env", forms.default),
        ("env", forms.env),
        *(("env", form) for form in forms.also),
        ("secret", forms.secret.replace("NAME", "INPUT")),
        ("workspace", forms.workspace),
        ("home", forms.home),
        *(("reserved", form) for form in forms.reserved),
    ]
    given = [(kind, template) for kind, template in templates if template]
    if not given:
        return None
    written = [_alternative(number, template) for number, (_, template) in enumerate(given)]
    plain = [text for text, (_, template) in zip(written, given, strict=True) if not template.endswith("}")]
    return _Scanner(
        tuple(kind for kind, _ in given), re.compile("|".join(written)), re.compile("|".join(plain)) if plain else None
    )


def _alternative(number: int, template: str) -> str:
    pattern = re.escape(template)
    for word, group in _CLASSES.items():
        pattern = pattern.replace(word, group.format(number), 1)
    return f"(?P<form{number}>{pattern})"


def _matches(text: str, forms: References) -> Iterator[tuple[str, re.Match[str]]]:
    """The forms in a text, with their kinds.

    Behind the last `}` only forms that need none are looked for: each opening there would be followed in vain to the end.
    """
    scanner = _scanner(forms)
    if scanner is None:
        return
    end = text.rfind("}") + 1
    found = [scanner.whole.finditer(text, 0, end)] if end else []
    if scanner.plain is not None:
        found.append(scanner.plain.finditer(text, end))
    for match in chain.from_iterable(found):
        yield scanner.kinds[_number(match)], match


def _number(match: re.Match[str]) -> int:
    """Of the alternative that matched: its group is the last to close."""
    return int((match.lastgroup or "").removeprefix("form"))


def read(text: str, forms: References, listed: Container[str] | None = None) -> Value:
    """What a host understands by a text. Names that are not `listed`, if that is given, are plain text."""
    parts: list[str | Reference] = []
    position = 0
    for kind, match in _matches(text, forms):
        if kind == "reserved":
            continue
        reference = _reference(kind, match)
        if listed is None or reference.name in listed:
            parts += [text[position : match.start()], reference]
            position = match.end()
    return Value.of([*parts, text[position:]]) if parts else Value.literal(text)


def _reference(kind: str, match: re.Match[str]) -> Reference:
    if kind in ("workspace", "home"):
        return Reference("workspace" if kind == "workspace" else "home")
    groups, number = match.groupdict(), _number(match)
    return Reference("secret" if kind == "secret" else "env", groups[f"name{number}"], groups.get(f"default{number}"))


def normal(value: Value, forms: References, situation: Situation) -> Value:
    """The value in the words that reading it back would use: secrets as variables where the host does not tell them apart.

    Folders become absolute where the host has no word for them.
    """
    if not value.references:
        return value
    return Value.of(_normal(part, forms, situation) for part in value.parts)


def _normal(part: str | Reference, forms: References, situation: Situation) -> str | Reference:
    if isinstance(part, str):
        return part
    if part.kind == "secret" and not forms.secret:
        return Reference("env", part.name, part.default)
    if part.kind == "home" and not forms.home:
        return situation.home
    if part.kind == "workspace" and not forms.workspace:
        return situation.workspace or part
    return part


def write(value: Value, forms: References) -> str | None:
    """The text that the host reads as this (normal) value; None if there is none."""
    texts = []
    for part in value.parts:
        text = part if isinstance(part, str) else _form(part, forms)
        if not text:
            return None
        texts.append(text)
    text = "".join(texts)
    if read(text, forms) != value or any(kind == "reserved" for kind, _ in _matches(text, forms)):
        return None
    return text


def _form(reference: Reference, forms: References) -> str:
    if reference.kind in ("workspace", "home"):
        return forms.workspace if reference.kind == "workspace" else forms.home
    if reference.kind == "secret":
        return forms.secret.replace("NAME", reference.name)
    form = forms.env if reference.default is None else forms.default
    return form.replace("NAME", reference.name).replace("DEFAULT", reference.default or "")
