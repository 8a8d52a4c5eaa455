"""What a command said that ran as one user after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from mcpconf.errors import ExitCode
from mcpconf.model.base import Json
from mcpconf.model.person import Answered
from mcpconf.report.style import Style, plural
from mcpconf.secrets.escape import escape

_GRAVEST = (
    ExitCode.INTERNAL,
    ExitCode.RECOVER,
    ExitCode.NARROWED,
    ExitCode.NO_PLAN,
    ExitCode.LOCKED,
    ExitCode.STALE,
    ExitCode.BLOCKED,
    ExitCode.INCOMPLETE,
    ExitCode.CHANGES,
    ExitCode.SUCCESS,
    ExitCode.USAGE,
)
"""What makes no sense for one user, such as to undo what was never revoked there, may be right for another."""


def gravest(answers: Sequence[Answered]) -> ExitCode:
    """The exit code of all. Who could not be asked may have anything."""
    codes = {_code(item) for item in answers}
    return next((code for code in _GRAVEST if code in codes), ExitCode.SUCCESS)


def _code(item: Answered) -> int:
    known = item.code is not None and item.code in _GRAVEST
    return item.code if known and item.code is not None else ExitCode.INCOMPLETE


def render_people(answers: Sequence[Answered], style: Style) -> str:
    return "\n".join("\n".join(_told(item, style)) for item in answers) + f"\n{_summary(answers)}\n"


def _told(item: Answered, style: Style) -> Iterator[str]:
    yield f"{style.paint(escape(item.person.name), 'bold')}   {escape(item.person.home)}"
    for line in item.said.decode("utf-8", "replace").rstrip("\n").split("\n"):
        yield f"  {escape(line)}".rstrip()
    if item.why:
        yield f"  not done: {escape(item.why)}"
    yield ""


def _summary(answers: Sequence[Answered]) -> str:
    counts = [f"{escape(item.person.name)} {_code(item)}" for item in answers]
    return f"{plural(len(answers), 'user')}, with exit codes: {', '.join(counts)}"


def people_data(answers: Sequence[Answered]) -> Json:
    """`result` is the document of each; null where there is none."""
    users: list[Json] = [
        {
            "user": item.person.name,
            "home": item.person.home,
            "exit_code": _code(item),
            "problem": item.why or None,
            "result": _document(item.said),
        }
        for item in answers
    ]
    return {"users": users, "exit_code": int(gravest(answers))}


def _document(said: bytes) -> Json:
    """What it says beside its document comes before it."""
    text = said.decode("utf-8", "replace")
    start = 0 if text.startswith("{") else text.find("\n{") + 1
    try:
        value: Json = json.loads(text[start:])
    except (ValueError, RecursionError):
        return None
    return value
