"""Names of variables, headers, options and parameters under which secrets are kept."""

from __future__ import annotations

import re
from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """A table of words written as one text."""
    return frozenset(text.split())


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS = word_set(
    "token secret secrets password passwd pwd passphrase pass passcode credential credentials creds apikey key pat jwt"
    " auth authorization bearer cookie mnemonic accesskey secretkey privatekey authtoken accesstoken"
)
_PASSWORD_WORDS = word_set("password passwd pwd passphrase pass passcode")
_SECRET_ENDINGS = ("password", "passwd", "apikey", "secretkey", "privatekey", "accesskey", "authtoken", "accesstoken")
_HARMLESS_KEYS = word_set(
    "public primary foreign sort partition cache row index hot shortcut license idempotency json map object s3 bucket"
    " registry lookup group column host hostname state storage"
)


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORDS.findall(name[:256]))


def secret_named(name: str) -> bool:
    """Whether a value kept under this name is meant to be secret: `GITHUB_TOKEN`, `x-api-key`, `clientSecret`.

    The last word decides: `TOKEN_URL`, `SECRET_NAME`, `PASSWORD_FILE` and `MAX_TOKENS` hold no secret.
    """
    words = _words(name)
    while len(words) > 1 and (
        words[-1].isdigit() or words[-1] in ("value", "text", "v", "prod", "dev", "live", "test")
    ):
        words = words[:-1]
    if not words:
        return False
    last = words[-1]
    if last == "key" and len(words) > 1 and words[-2] in _HARMLESS_KEYS:
        return False
    return last in _SECRET_WORDS or last.endswith(_SECRET_ENDINGS)


def password_named(name: str) -> bool:
    """Whether even a short and simple value under this name is a secret, as people choose it themselves."""
    words = _words(name)
    return bool(words) and (words[-1] in _PASSWORD_WORDS or words[-1].endswith(("password", "passwd")))
