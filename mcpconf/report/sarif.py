"""Notices as SARIF 2.1.0 (OASIS, errata 01), for code scanning.

An id stands as the partial fingerprint `mcpconf/v1`: no line of a file is in it, so that an alert survives moved lines.
`primaryLocationLineHash` is left to the uploader, which computes it from the file itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mcpconf.model.base import Json
from mcpconf.model.word import Word
from mcpconf.report.data import render_json
from mcpconf.report.markup import span
from mcpconf.report.notices import Notice
from mcpconf.report.style import plural
from mcpconf.rules import OWN
from mcpconf.rules.frame import Rule
from mcpconf.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000
"""In one run; GitHub refuses a file with more, and shows the gravest 5,000 (docs.github.com, 2026-11)."""

FINGERPRINT = "mcpconf/v1"
_ROOT = "%SRCROOT%"


def render_sarif(notices: Sequence[Notice], code: int) -> str:
    """`code` is the exit code of the command."""
    kept = notices[:MOST_RESULTS]
    rules = list(dict.fromkeys(notice.rule for notice in kept))
    places = {rule: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "mcpconf", "version": __version__, "rules": [_rule(rule, kept) for rule in rules]}},
        "invocations": [_invocation(len(notices) - len(kept), code)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(notice, places[notice.rule]) for notice in kept],
    }
    return render_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: str, notices: Sequence[Notice]) -> Json:
    """As grave as the gravest of its results: what a policy makes less grave is shown so."""
    found = [notice for notice in notices if notice.rule == rule]
    word, score = found[0].word, max(notice.score for notice in found)
    tags = ["security", "mcp", *([f"OWASP {word.owasp}"] if isinstance(word, Rule) else [])]
    return {
        "id": rule,
        "name": rule,
        "shortDescription": {"text": word.title},
        "fullDescription": {"text": word.what},
        "help": {"text": _help(rule, word, str), "markdown": _help(rule, word, span)},
        "defaultConfiguration": {"level": found[0].level},
        "properties": {"security-severity": f"{score:.1f}", "tags": tags},
    }


def _help(rule: str, word: Rule | Word, shown: Callable[[str], str]) -> str:
    """Paragraphs of our own; `shown` marks what is quoted."""
    if isinstance(word, Word):
        paragraphs = [word.what, f"What to do: {word.do}."]
    else:
        paragraphs = [word.what, word.why, f"What to do: {word.fix}.", f"Example: {shown(word.example)}"]
    more = [] if word is OWN else [f"`mcpconf explain {rule}` says more."]
    return "\n\n".join([*paragraphs, *more])


def _result(notice: Notice, rule: int) -> Json:
    result: dict[str, Json] = {
        "ruleId": notice.rule,
        "ruleIndex": rule,
        "level": notice.level,
        "message": {"text": f"{notice.message}\nhint: {notice.hint}" if notice.hint else notice.message},
        "locations": [_location(notice)],
        "partialFingerprints": {FINGERPRINT: notice.id},
    }
    if notice.waived:
        result["suppressions"] = [{"kind": "external", "justification": notice.waived}]
    return result


def _location(notice: Notice) -> Json:
    location: dict[str, Json] = {}
    place = notice.place
    if place is not None:
        artifact = {"uri": place.uri, **({"uriBaseId": _ROOT} if place.inside else {})}
        region = {"startLine": place.line or 1, **({"startColumn": place.column} if place.column else {})}
        location["physicalLocation"] = {"artifactLocation": artifact, "region": region}
    if notice.address:
        location["logicalLocations"] = [{"fullyQualifiedName": notice.address, "kind": "resource"}]
    return location


def _invocation(left_out: int, code: int) -> Json:
    invocation: dict[str, Json] = {"executionSuccessful": True, "exitCode": code}
    if left_out:
        text = f"{plural(left_out, 'result')} of lower severity left out"
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return invocation
