"""What `mcpconf explain` says: of each rule, and of each other word that a plan uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mcpconf.documents.checking import did_you_mean
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.base import Json
from mcpconf.model.change import ACTION_WORDS
from mcpconf.model.commands import followed
from mcpconf.model.plan import UNKNOWNS
from mcpconf.model.registry import WORDS as FROM_REGISTRIES
from mcpconf.model.word import Word
from mcpconf.reconcile.drift import KINDS
from mcpconf.reconcile.holds import HOLDS
from mcpconf.reconcile.reasons import REASONS
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style
from mcpconf.rules import OTHERS, RULES, WAIVABLE
from mcpconf.rules.frame import Rule
from mcpconf.rules.threats import OWASP

FAMILIES: Mapping[str, Mapping[str, Rule | Word]] = {
    "rule": {**RULES, **OTHERS, **FROM_REGISTRIES},
    "action of a change": ACTION_WORDS,
    "reason of a change": REASONS,
    "drift": KINDS,
    "held by": HOLDS,
    "not checked": UNKNOWNS,
}
"""Every word by what it is a word for; some are words for several things."""

OF_MANIFEST = "rule of the manifest"

_LABEL = 9


@dataclass(frozen=True, slots=True)
class Explanation:
    """One word. `lines` are pairs of a label and a text, in the order to read them."""

    code: str
    family: str
    title: str
    lines: tuple[tuple[str, str], ...]


def is_known(code: str) -> bool:
    return any(code.casefold() == word.casefold() for words in FAMILIES.values() for word in words)


def explained(code: str | None, own: Iterable[Rule] = ()) -> tuple[Explanation, ...]:
    """Everything there is to say of a word, or of all words; `own` are rules that a manifest brings along.

    Raises McpconfError (exit 64) for a word that is none.
    """
    every = [_explanation(word, family, item) for family, words in FAMILIES.items() for word, item in words.items()]
    every += [_explanation(rule.id, OF_MANIFEST, rule) for rule in own]
    if code is None:
        return tuple(every)
    found = tuple(item for item in every if item.code.casefold() == code.casefold())
    if not found:
        known = [item.code for item in every]
        near = did_you_mean(code, known) or did_you_mean(code.upper(), known)
        hint = near or "`mcpconf explain` lists them"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"no plan uses the word `{code}`", None, hint))
    return found


def _explanation(code: str, family: str, item: Rule | Word) -> Explanation:
    if isinstance(item, Word):
        return Explanation(code, family, item.title, (("what", item.what), ("do", item.do)))
    waiver = f"`waivers: [{{rule: {code}, target: ADDRESS, reason: WHY, expires: DAY}}]` lets it be until that day"
    lines = (
        ("what", item.what),
        ("why", item.why),
        ("threat", item.threat),
        ("owasp", f"{item.owasp} {OWASP[item.owasp]}"),
        ("example", item.example),
        ("severity", item.severity),
        ("do", followed(item.fix)),
        *((("waive", waiver),) if code in WAIVABLE or family == OF_MANIFEST else ()),
    )
    return Explanation(code, family, item.title, lines)


def render_explanations(found: Sequence[Explanation], style: Style) -> str:
    return "".join(f"{line}\n" for line in _each(found, style))


def _each(found: Sequence[Explanation], style: Style) -> Iterator[str]:
    for number, item in enumerate(found):
        if number:
            yield ""
        yield style.paint(item.code, "bold") + f"   {item.title}   ({item.family})"
        for label, text in item.lines:
            yield from hang(f"  {label:<{_LABEL}} ", text, style.width)


def render_words(found: Sequence[Explanation], style: Style) -> str:
    """All words by family, one line each."""
    return "".join(f"{line}\n" for line in _listed(found, style))


def _listed(found: Sequence[Explanation], style: Style) -> Iterator[str]:
    for family in FAMILIES:
        yield style.paint(family, "bold")
        rows = [(item.code, item.title) for item in found if item.family == family]
        for lines in table(rows, style.width):
            yield from lines
    yield "hint: `mcpconf explain WORD` says more"


def explanations_data(found: Sequence[Explanation]) -> dict[str, Json]:
    return {
        "explanations": [
            {"code": item.code, "family": item.family, "title": item.title, **dict(item.lines)} for item in found
        ],
        "exit_code": int(ExitCode.SUCCESS),
    }
