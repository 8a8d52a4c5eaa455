"""The word by which a text is chosen to be read: whatever spelling leads to an identity has it."""

import pytest

from mcpconf.packages import recognise
from mcpconf.reconcile.written import telling_word


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("npx -y @x/files@1.2.0", "files"),
        ("uvx mcp_server_time==1.0", "server"),
        ("docker run -i x/files:1", "files"),
        ("podman run -i x/files", "files"),
        ("podman run -i docker.io/library/redis", "redis"),
        ("podman run -i redis", "redis"),
        ("podman run -i ghcr.io/x/files", "files"),
        ("py -3 -m notes", "notes"),
        ("python3.12 -m notes.server", "server"),
        ("node /opt/files.js", "files"),
    ],
)
def test_every_spelling_has_the_word(line: str, word: str) -> None:
    assert telling_word(recognise(line.split()).identity) == word
    assert word in line


def test_what_has_no_word_chooses_every_text() -> None:
    assert telling_word("command:") == "command"
    assert telling_word("url:://") == ""
