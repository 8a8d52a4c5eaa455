"""What makes a program take any certificate for the right one, or do without: its words and variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mcpconf.model.entry import Value
from mcpconf.model.package import Recognised
from mcpconf.secrets.names import word_set

_OFF = word_set("0 false no off none")
_ON = word_set("1 true yes on")
_MUST = re.compile(
    r"node_tls_reject_unauthorized|pythonhttpsverify|npm_config_strict_ssl"
    r"|(?:[a-z0-9_]*_)?(?:verify_(?:ssl|tls|certs?|certificates?)|(?:ssl|tls|cert|certs)_verify|ssl_strict|strict_ssl)",
    re.IGNORECASE,
)
"""Variables that switch it off by saying no."""

_MAY = re.compile(
    r"git_ssl_no_verify|(?:[a-z0-9_]*_)?(?:insecure_skip_verify|insecure_skip_tls_verify|tls_skip_verify|ssl_no_verify"
    r"|skip_(?:ssl|tls)_verify|skip_tls|disable_(?:ssl|tls)_verif(?:y|ication)|insecure_(?:ssl|tls)|(?:ssl|tls)_insecure"
    r"|ignore_(?:ssl|tls|certificate)_errors)",
    re.IGNORECASE,
)
"""Variables that switch it off by saying yes."""

_HOSTS = re.compile(r"pip_trusted_host|uv_insecure_host", re.IGNORECASE)
_SWITCH = re.compile(
    r"--(?:allow-http|insecure-skip-(?:tls-)?verify|insecure-(?:tls|ssl)|skip-(?:ssl|tls)-verify|tls-skip-verify"
    r"|no-verify-(?:ssl|tls|certs?)|no-(?:ssl|tls|check)-(?:verify|verification|certificate)|disable-(?:ssl|tls)-verif(?:y|ication)"
    r"|ignore-(?:https|certificate|ssl|tls)-errors|ignore-certificate-errors|no-strict-ssl)",
    re.IGNORECASE,
)
_WITH_HOST = word_set("--allow-insecure-host --trusted-host")
_DENIED = re.compile(r"--(?:tls-verify|ssl-verify|verify-(?:ssl|tls)|strict-ssl)", re.IGNORECASE)


def unverified(launched: Recognised, env: Mapping[str, Value]) -> Iterator[str]:
    """Each word that switches it off, as it may be shown: an option or a variable with its value."""
    texts = {name: value.text.strip() for name, value in env.items() if value.text is not None}
    for word in launched.wrapper:
        name, equals, value = word.partition("=")
        if equals and name.isidentifier():
            texts.setdefault(name, value)
    for name, value in texts.items():
        said = value.lower()
        if (_MUST.fullmatch(name) and said in _OFF) or (_MAY.fullmatch(name) and said in _ON):
            yield f"{name}={value}"
        elif _HOSTS.fullmatch(name) and value:
            yield name
    yield from _words(launched.argv)


def _words(words: tuple[str, ...]) -> Iterator[str]:
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        said = value.lower() if equals else ""
        if name in _WITH_HOST or (_SWITCH.fullmatch(name) and said not in _OFF):
            yield name
        elif _DENIED.fullmatch(name) and (said or "".join(words[index + 1 : index + 2]).lower()) in _OFF:
            yield f"{name}=false"
