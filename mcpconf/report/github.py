"""Notices as workflow commands of GitHub Actions (actions/runner, `ActionCommand`, read 2026-11)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mcpconf.report.notices import Level, Notice
from mcpconf.report.style import plural

MOST = 10
"""Annotations of one level that GitHub keeps of a step."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})
_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#\[)", re.MULTILINE)
_SHOWN: tuple[Level, ...] = ("error", "warning")


def render_github(notices: Sequence[Notice]) -> str:
    """The gravest errors and warnings, and a last line that counts the others. What is waived is left out."""
    told = [notice for notice in notices if not notice.waived]
    lines = [line for level in _SHOWN for line in _annotations(told, level)]
    rest = len(told) - len(lines)
    if rest:
        lines.append(f"::notice title=mcpconf::{plural(rest, 'more result')}: `mcpconf` prints all of them")
    return "".join(f"{line}\n" for line in lines)


def inert(text: str, *, json: bool = False) -> str:
    """Text that is printed to the log of a step, where a line may not give the runner a command.

    In JSON only the older form of a command can stand, and only inside a string.
    """
    if json:
        return text.replace("##[", "\\u0023#[")
    return _COMMAND.sub(lambda match: f"{match[1]}\\x3a" if match[1] is not None else "\\x23", text)


def _annotations(notices: Sequence[Notice], level: Level) -> Iterator[str]:
    for notice in [notice for notice in notices if notice.level == level][:MOST]:
        properties = {"title": f"{notice.rule} {notice.word.title}"}
        place = notice.place
        if place is not None and place.inside:
            positions = {"line": place.line, "col": place.column if place.line else None}
            properties = {"file": place.path, **{k: str(v) for k, v in positions.items() if v}, **properties}
        told = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
        yield f"::{level} {told}::{notice.text.translate(_DATA)}"
