"""Text of a host <-> values with references, by the templates of its row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mcpconf.hosts.vocabulary import References
from mcpconf.model.entry import Reference, Value

_CLASSES = {
    "NAME": r"(?P<{}>[A-Za-z_][A-Za-z0-9_]*)",
    "INPUT": r"(?P<{}>[A-Za-z_][A-Za-z0-9_.-]*)",
    "DEFAULT": r"(?P<{}>[^}}]*)",
    "ANY": "[^}}]*",
}


class Situation(NamedTuple):
    """What the variables of the manifest become where a host has no word for them. `workspace` is absolute or ""."""

    home: str = ""
    workspace: str = ""


@cache
def _pattern(forms: References) -> re.Pattern[str] | None:
    """All forms as one pattern; the group `reserved` is text that the host would replace in a way we cannot say.

    Every alternative ends in text that stops it; see `_matches` for the bound on its work.
    """
    alternatives = [
        _spelled(forms.default, {"NAME": "default_name", "DEFAULT": "default"}),
        _spelled(forms.env, {"NAME": "env"}),
        _spelled(forms.secret.replace("NAME", "INPUT"), {"INPUT": "secret"}),
        _named(forms.workspace, "workspace"),
        _named(forms.home, "home"),
        _named(_spelled(forms.reserved, {"ANY": ""}), "reserved", quoted=True),
    ]
    given = [alternative for alternative in alternatives if alternative]
    return re.compile("|".join(given)) if given else None


def _spelled(form: str, groups: dict[str, str]) -> str:
    pattern = re.escape(form)
    for word, group in groups.items():
        pattern = pattern.replace(word, _CLASSES[word].format(group), 1)
    return pattern


def _named(form: str, group: str, *, quoted: bool = False) -> str:
    return f"(?P<{group}>{form if quoted else re.escape(form)})" if form else ""


def _matches(text: str, forms: References) -> Iterator[re.Match[str]]:
    """Nothing behind the last `}` is looked at: there, each opening would be followed in vain to the end."""
    pattern = _pattern(forms)
    return iter(()) if pattern is None else pattern.finditer(text, 0, text.rfind("}") + 1)


def read(text: str, forms: References) -> Value:
    """What a host understands by a text."""
    if "}" not in text:
        return Value.literal(text)
    parts: list[str | Reference] = []
    position = 0
    for match in _matches(text, forms):
        groups = {name: value for name, value in match.groupdict().items() if value is not None}
        if "reserved" in groups:
            continue
        parts += [text[position : match.start()], _reference(groups)]
        position = match.end()
    return Value.of([*parts, text[position:]])


def _reference(groups: dict[str, str]) -> Reference:
    if "default_name" in groups:
        return Reference("env", groups["default_name"], groups["default"])
    for kind in ("env", "secret"):
        if kind in groups:
            return Reference(kind, groups[kind])
    return Reference("workspace" if "workspace" in groups else "home")


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
    if read(text, forms) != value or any(match.groupdict().get("reserved") for match in _matches(text, forms)):
        return None
    return text


def _form(reference: Reference, forms: References) -> str:
    if reference.kind in ("workspace", "home"):
        return forms.workspace if reference.kind == "workspace" else forms.home
    if reference.kind == "secret":
        return forms.secret.replace("NAME", reference.name)
    form = forms.env if reference.default is None else forms.default
    return form.replace("NAME", reference.name).replace("DEFAULT", reference.default or "")
