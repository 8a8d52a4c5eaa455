"""What secrets look like by themselves, and what only looks like one."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from mcpconf.secrets.names import word_set

_ARMOUR = r"(?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?"
_VENDORS: tuple[tuple[str, str], ...] = (
    ("anthropic key", r"sk-ant-[A-Za-z0-9_-]{16,255}"),
    ("openrouter key", r"sk-or-[A-Za-z0-9_-]{16,255}"),
    ("openai key", r"sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,255}"),
    ("github token", r"(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})"),
    ("gitlab token", r"gl(?:pat|ptt|cbt|rt|dt|ft|soat|oas|agent|imt)-[A-Za-z0-9_.-]{16,255}"),
    ("slack token", r"xox[abeoprs]-[A-Za-z0-9-]{10,255}"),
    ("slack token", r"xapp-[0-9]-[A-Za-z0-9-]{10,255}"),
    ("slack webhook", r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{20,255}"),
    ("discord webhook", r"https://discord(?:app)?\.com/api/webhooks/[0-9]{5,25}/[A-Za-z0-9_-]{20,255}"),
    ("aws access key", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    ("google api key", r"AIza[A-Za-z0-9_-]{35}"),
    ("google oauth token", r"ya29\.[A-Za-z0-9_-]{20,255}"),
    ("google oauth secret", r"GOCSPX-[A-Za-z0-9_-]{20,64}"),
    ("npm token", r"npm_[A-Za-z0-9]{30,64}"),
    ("pypi token", r"pypi-[A-Za-z0-9_-]{32,255}"),
    ("hugging face token", r"(?:hf|api_org)_[A-Za-z0-9]{24,64}"),
    ("linear key", r"lin_(?:api|oauth)_[A-Za-z0-9]{24,128}"),
    ("notion token", r"(?:ntn_[A-Za-z0-9]{30,64}|secret_[A-Za-z0-9]{40,64})"),
    ("stripe key", r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    ("sendgrid key", r"SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"),
    ("tavily key", r"tvly-(?:dev-|prod-)?[A-Za-z0-9_-]{20,64}"),
    ("perplexity key", r"pplx-[A-Za-z0-9]{20,64}"),
    ("firecrawl key", r"fc-[a-f0-9]{32}"),
    ("brave key", r"BSA[A-Za-z0-9_-]{20,40}"),
    ("context7 key", r"ctx7sk-[A-Za-z0-9-]{20,64}"),
    ("groq key", r"gsk_[A-Za-z0-9]{32,128}"),
    ("xai key", r"xai-[A-Za-z0-9]{32,128}"),
    ("replicate token", r"r8_[A-Za-z0-9]{32,64}"),
    ("supabase token", r"sb[ps]_[a-z0-9_]{20,64}"),
    ("neon key", r"napi_[a-z0-9]{40,128}"),
    ("atlassian token", r"ATATT3[A-Za-z0-9_=-]{40,255}"),
    ("figma token", r"figd_[A-Za-z0-9_-]{30,64}"),
    ("airtable token", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{40,64}"),
    ("postman key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("grafana token", r"gl(?:sa|c)_[A-Za-z0-9_=]{30,255}"),
    ("digitalocean token", r"do[opr]_v1_[a-f0-9]{64}"),
    ("docker token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,64}"),
    ("vault token", r"hv[sbr]\.[A-Za-z0-9_-]{24,255}"),
    ("shopify token", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("telegram token", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{32,36}"),
    ("age key", r"AGE-SECRET-KEY-1[A-Z0-9]{40,64}"),
    ("json web token", r"eyJ[A-Za-z0-9_-]{8,2048}\.eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,2048}"),
    ("password hash", r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}"),
    ("private key", rf"-----BEGIN {_ARMOUR}-----(?:(?!-----)[\s\S]){{0,32768}}(?:-----END {_ARMOUR}-----)?"),
)
_VENDOR = re.compile(r"(?<![A-Za-z0-9_])(?:" + "|".join(text for _, text in _VENDORS) + ")")
"""Prefixes as their vendors document them and secret scanners list them (checked 2026-11).

Without groups: with them each position of a long text costs ten times as much.
"""

_PLACEHOLDER = re.compile(
    r"<[^>]*>|\.\.\.|…|change.?me|replace|placeholder|example|dummy|sample|insert|redacted|fixme"
    r"|(?<![A-Za-z0-9])[A-Za-z]{0,32}(?:your|fake|todo)[A-Za-z]{0,32}[0-9]{0,4}(?![A-Za-z0-9])"
    r"|(?:^|[-_ ])(?:here|goes|xxx+|foo|bar|demo|mock)(?:$|[-_ ])|(?:^|[-_ ])ur[-_ ](?:key|token|api|secret|password)"
    r"|(?<![A-Za-z0-9])x{4}|x{8}|[*•]{4}|0{8}|1234567"
    r"|abcdef.?g|\{\{|^(?:my|the|an?|enter|put|add|set|paste|use)(?:[-_ ][A-Za-z]{1,32}){1,8}[-_ ]?[0-9]{0,4}$"
    r"|^\[.*\]$|^%.*%$|^\$(?:[A-Za-z_][A-Za-z0-9_:.]*$|[{(])|^\{.*\}$|not.?(?:set|needed|used|required)",
    re.IGNORECASE | re.DOTALL,
)
"""Words of four letters count where they stand in words: in a long random text they come about by chance."""
_RUN = re.compile(r"1234567|abcdef.?g", re.IGNORECASE)
"""Runs that make a value of no known form a placeholder. With a vendor's prefix and length it may be in use all the same."""
_PLAIN_WORDS = word_set(
    "true false yes no on off none null nil undefined default auto enabled disabled required optional local"
    " localhost dev development prod production test testing staging info debug warn warning error basic bearer"
    " oauth oauth2 jwt apikey api_key api-key token secret password passwd pass key user username anonymous public"
    " private unknown empty stdin stdio env environment keychain keyring prompt"
)
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,_:%]*(?:ms|s|m|h|d|kb|mb|gb|k)?", re.IGNORECASE)
_PATH = re.compile(r"(?:/|~|\.{1,2}[/\\]|[A-Za-z]:[\\/]|\\\\)[^\x00]*", re.DOTALL)
_WORDED = re.compile(r"[A-Za-z]{2,14}(?:[-_ .][A-Za-z]{2,14}){0,3}(?:[-_.]?[0-9]{1,2}){0,2}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.DOTALL)


def looks_secret(text: str) -> bool:
    """Whether some part of a text is a secret by its own form, wherever it stands."""
    return bool(by_form(text))


@lru_cache(maxsize=512)
def by_form(text: str) -> tuple[tuple[str, str], ...]:
    """Kind and text of each secret that a vendor's prefix or a fixed form gives away."""
    found = ((_kind(match), match[0]) for match in _VENDOR.finditer(text))
    return tuple((kind, value) for kind, value in found if not is_placeholder(_RUN.sub("", value)))


def _kind(match: re.Match[str]) -> str:
    return next(kind for kind, text in _VENDORS if re.compile(text).match(match.string, match.start()))


def is_placeholder(text: str) -> bool:
    """Whether a value only holds the place of a secret: `YOUR_TOKEN_HERE`, `<token>`, `xxxx`, `${TOKEN}`, ``."""
    text = text.strip()
    return len(text) < 2 or _PLACEHOLDER.search(text[:512]) is not None or len(set(text)) < min(4, len(text) // 2 + 1)


def is_plain(text: str) -> bool:
    """Whether a value is a setting and no secret whatever its name: a word, number, path, or plain address."""
    text = text.strip()
    return (
        text.lower() in _PLAIN_WORDS
        or _NUMBER.fullmatch(text) is not None
        or _PATH.fullmatch(text) is not None
        or _URL.match(text) is not None
    )


def is_random(text: str) -> bool:
    """Whether a value is long and mixed enough to be a token: at least 8 characters and 2.5 bits in each.

    A few words joined by hyphens are not, with a number behind them neither: `us-east-1`.
    """
    if len(text) < 8 or any(char.isspace() for char in text) or _WORDED.fullmatch(text):
        return False
    sample = text[:256]
    counts = [sample.count(char) for char in set(sample)]
    bits = -sum(count / len(sample) * math.log2(count / len(sample)) for count in counts)
    mixed = any(char.isdigit() for char in sample) or len({char.isupper() for char in sample if char.isalpha()}) > 1
    return bits >= 2.5 and (mixed or (len(text) >= 20 and bits >= 3.5))
