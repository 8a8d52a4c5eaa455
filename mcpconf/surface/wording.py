"""Wordings by which a text makes a model do what nobody asked for. Each is looked for in the plain form of a text.

Between the words of a wording there are at most so many characters, so that no text takes more than linear time. They were
measured over public tools (see `tests.benchmarks.labelled`): what is an error speaks of none of those that are honest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mcpconf.model.finding import Severity


class Phrase(NamedTuple):
    """`words`: a text that has none of them, in small letters, has not the phrase; to look for them takes no time."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]


class Wording(NamedTuple):
    """`says` stands behind the place of the text in a message. `severity` is set where it is not that of the rule."""

    rule: str
    says: str
    phrases: Sequence[Phrase]
    severity: Severity | None = None


_NOT = r"\b(?:do not|don'?t|does not|never|must not|mustn'?t|should not|shouldn'?t|not to|without|avoid|refrain from|no need to)\b"
_PERSON = r"(?:the |your |any |an? )?(?:end[- ]?)?(?:user|human|customer|operator|person|anyone|anybody)s?\b"
_OTHERS = r"(?:previous|prior|above|earlier|preceding|all|any|your|system|safety|security|original|existing)"
_ORDERS = r"(?:instructions?|prompts?|guidelines?|directives?|restrictions?|rules?|safeguards?|guardrails?)\b"
_USE = r"(?:use|call|invoke|run|execute|query|consult)"
_TOOL = r"(?:tool|function|server|endpoint|method)s?\b"


def _phrase(words: str, *patterns: str) -> Phrase:
    """`words` with commas between."""
    return Phrase(tuple(words.split(",")), re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE))


CONCEALS = (
    _phrase(
        "tell,inform,notify,alert,warn,let",
        rf"{_NOT}[^.!?;]{{0,30}}?\b(?:tell|inform|notify|alert|warn|let)(?:ing|ting)? {_PERSON}(?! to\b)",
    ),
    _phrase(
        "mention,reveal,disclos,acknowledg",
        rf"{_NOT}[^.!?;]{{0,20}}?\b(?:mention|reveal|disclos|acknowledg)(?:e|ing)? (?:\w+ ){{0,2}}?(?:this|that (?:you|it)|these"
        r"|any of this|the (?:change|modification|file|step|fact|instruction|redirect\w*|process)|about)\b",
    ),
    _phrase(
        "mention,reveal,disclos,show,display",
        rf"{_NOT}[^.!?;]{{0,20}}?\b(?:mention|reveal|disclos|show|display)(?:e|ing)? (?:this |these |that |it )?to {_PERSON}",
    ),
    _phrase(
        "knowing,knowledge,noticing,awareness,being",
        r"\bwithout (?:the )?(?:user|human|customer)s?(?:'s?)? (?:knowing|knowledge|noticing|awareness|being (?:aware|told|informed))",
    ),
    _phrase("secretly,covertly,surreptitiously,stealthily", r"\b(?:secretly|covertly|surreptitiously|stealthily)\b"),
    _phrase(
        "silently,quietly",
        r"\b(?:silently|quietly) (?:send|forward|copy|include|append|attach|read|call|execute|run|upload|transmit|bcc|record)\b",
    ),
    _phrase(
        "hide ,hidden from",
        r"\bhide (?:this|it|that|these|the (?:fact|change|step|instruction)s?)\b[^.!?;]{0,30}?\bfrom\b",
        r"\bhidden from (?:the )?users?\b",
    ),
    _phrase("keep ", r"\bkeep (?:this|it|that)\b[^.!?;]{0,20}?\b(?:secret|hidden|between us)\b"),
    _phrase(
        "用户",
        r"不要(?:告诉|向|让|通知)[^。!?]{0,6}用户",
        r"(?:请勿|无需|切勿)(?:告知|通知|告诉|向)[^。!?]{0,6}用户",
        r"不(?:得|可)向用户(?:透露|提及|说明)",
    ),
    _phrase("пользовател", r"не (?:сообщай|говори|упоминай)\w*[^.!?]{0,20}пользовател"),
    _phrase("usuario", r"\bno (?:le )?(?:digas?|menciones?|informes?)\b[^.!?]{0,20}\busuario"),
    _phrase("utilisateur", r"\bne (?:dis|dites|mentionnez?|informez?) (?:pas|jamais|rien)\b[^.!?]{0,30}\butilisateur"),
)

OVERRIDES = (
    _phrase(
        "ignore,disregard,forget",
        rf"\b(?:ignore|disregard|forget)s?\b(?: \w+){{0,3}}? {_OTHERS}(?: \w+){{0,2}}? {_ORDERS}",
        r"\b(?:ignore|disregard)s? (?:any |the |all ){0,2}(?:user[- ]specified|user'?s?|human'?s?) (?:\w+ )?"
        r"(?:input|request|limit|instruction|preference|choice|intent)",
    ),
    _phrase(
        "override,overrule,bypass",
        rf"\b(?:override|overrule|bypass)s?\b(?: \w+){{0,3}}? (?:system|safety|your|previous|prior)(?: \w+){{0,2}}? {_ORDERS}",
    ),
    _phrase(
        "regardless of",
        r"\bregardless of (?:what )?(?:the )?user(?:'?s)? (?:\w+ )?(?:input|request|instruction|intent|preference|says|wants|asks|specifi)",
    ),
    _phrase("new ,updated ", r"\b(?:new|updated) (?:instructions?|task|directive)s?: "),
    _phrase(
        "you are now",
        r"\byou are now (?:in )?(?:an? |the )?(?:\w+ )?(?:developer|admin|administrator|root|unrestricted|jailbroken|debug|god)\b",
    ),
    _phrase("act as", r"\bact as:? (?:an? )?(?:unrestricted|system admin|database admin|root\b|admin)"),
    _phrase("jailbreak", r"\bjailbreak[ _]mode\b"),
    _phrase("忽略,无视,忘记", r"(?:忽略|无视|忘记)(?:所有|之前|以上|先前|任何)[^。!?]{0,6}(?:指令|指示|提示|规则)"),
    _phrase("игнориру", r"игнориру\w{0,6} (?:все |любые )?(?:предыдущ|прежн)"),
    _phrase(
        "ignor",
        r"\bignora (?:todas )?las instrucciones|\bignorez? (?:toutes )?les instructions|\bignoriere (?:alle )?(?:vorherigen|bisherigen)",
    ),
)

ROLES = (
    _phrase(
        "<",
        r"<\s?/?\s?(?:important|hidden)\s?>",
        r"<\s?/\s?(?:system|assistant|secret|admin|sys|developer|system[-_ ]?(?:prompt|message|instructions?|reminder))\s?>",
        r"<\s?(?:system|hidden|secret)[-_ ](?:prompt|message|instructions?|reminder)\s?>",
        r"<<SYS>>|<\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|start_header_id|eot_id)\|>",
    ),
    _phrase(
        "[",
        r"\[/?INST\]",
        r"\[(?:hidden|system|secret|admin|override|role|metadata|configuration|emergency)[ _-](?:instruction|directive|override|prompt|message|note)s?\]",
    ),
    _phrase("instruction", r"\b(?:hidden|secret) instructions? ?[:\[(]"),
    _phrase(
        "system ",
        r"\bsystem (?:override|update|directive|instruction|prompt|optimization|maintenance|security|configuration|alert)s?"
        r"(?: (?:directive|protocol|notice|instruction|note)s?)?: (?!\{)",
    ),
)

REWRITES = (
    _phrase(
        "always ,automatically ",
        r"\b(?:always|automatically) (?:change|modify|replace|rewrite|redirect|substitute)\b[^.!?]{0,60}?\b(?:to|with|by)\b",
        r"\balways (?:include|add|append) (?:a )?b?cc\b",
    ),
    _phrase("replace the", r"\breplace the (?:recipient|address|destination)\b"),
    _phrase(
        "command,check,script,run:",
        r"\b(?:must|need to|required to|have to|please|should)\b[^.!?]{0,40}?\b(?:execute|run)\b[^.!?:]{0,40}?"
        r"\b(?:(?:command|check|script)\b[^.!?:]{0,40}?|run) ?:",
        r"\bplease run: ",
    ),
    _phrase(
        "http",
        r"\b(?:must|should|need to|required to|have to)\b[^.!?]{0,30}?\b(?:send|forward|access|transmit|post|request)\b[^.!?]{0,60}?https?://",
    ),
    _phrase(
        "conversation,chat ,message",
        r"\b(?:include|send|forward|pass|attach)\b[^.!?]{0,30}?\b(?:entire|complete|full|whole|all)\b[^.!?]{0,20}?"
        r"\b(?:conversation|chat|message) (?:history|context|log)",
    ),
)

COMES_FIRST = (
    _phrase(
        "this",
        rf"\b(?:always|must(?: always)?|should always)\b[^.!?]{{0,20}}?\b(?:{_USE}|prefer)d?\b[^.!?]{{0,20}}?\bthis {_TOOL}",
        rf"\b(?:prefer|only use|just use) this {_TOOL}",
        rf"\buse this {_TOOL} (?:first|for (?:any|all|every)|rather than|instead of)\b",
    ),
    _phrase(
        "before ",
        rf"\bbefore (?:{_USE}ing |using )?(?:any|all|every)(?: of)?(?: the)?(?: other)? (?:{_TOOL}|action|request|operation)",
    ),
    _phrase(
        "must ,need to,have to",
        rf"\b(?:must|need to|have to)(?: always)? (?:first )?(?:be )?(?:first )?{_USE}(?:ed|d)?\b[^.!?]{{0,60}}?\b(?:first|before|prior to)\b",
        rf"\bmust (?:first|then|also)\b[^.!?]{{0,20}}?\b{_USE}\b",
        r"\bbefore (?:using|you use|attempting to use)\b[^.!?]{0,60}?\b(?:you )?must\b",
    ),
    _phrase("other", rf"\b(?:instead of|over|rather than) (?:any |all |the )?other (?:\w+ )?{_TOOL}"),
    _phrase("other", rf"\b(?:do not|don'?t|never) use (?:any )?other (?:\w+ )?{_TOOL}"),
    _phrase("takes,take ", r"\btakes? (?:priority|precedence) over (?:all|any|every|other)"),
    _phrase("highest", r"\bhighest[- ]priority (?:tool|instruction)"),
    _phrase(
        "deprecated,disabled,unavailable",
        r"\b(?:deprecated|disabled|unavailable)\b[^.!?]{0,60}?[.!?] ?[^.!?]{0,60}?\b(?:must|please)\b[^.!?]{0,20}?\b(?:redirect|use)\b",
    ),
    _phrase("first", r"\balways\b[^.!?]{0,15}?\b(?:tool|function) first\b"),
)

WORDINGS: Sequence[Wording] = (
    Wording("MCP302", "tells the model to keep something from people", CONCEALS),
    Wording("MCP303", "tells the model to follow it and nobody else", OVERRIDES),
    Wording("MCP303", "poses as an order of the system", ROLES),
    Wording("MCP303", "tells the model to do something else than it was asked for", REWRITES, "warning"),
    Wording("MCP304", "tells the model what to use first, or instead", COMES_FIRST),
)

_SHORTEST = 8
"""Characters: nothing is told a model in fewer."""


def wording(plain: str, rule: str) -> tuple[Wording, int] | None:
    """The gravest wording of a rule in a text, in its plain form, with its place."""
    if len(plain) < _SHORTEST:
        return None
    lowered = plain.lower()
    for item in WORDINGS:
        place = _place(item, plain, lowered) if item.rule == rule else None
        if place is not None:
            return item, place
    return None


def _place(item: Wording, plain: str, lowered: str) -> int | None:
    for phrase in item.phrases:
        if any(word in lowered for word in phrase.words):
            found = phrase.pattern.search(plain)
            if found is not None:
                return found.start()
    return None
