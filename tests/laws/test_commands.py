"""A command in a hint can be copied into a shell, whatever the names in it."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.commands import command, followed

hostile = st.text(max_size=20) | st.sampled_from(["x;rm -rf ~", "$(id)", "a'b", "~", "#x", "cursor/project:~/a/b", "*"])


@given(st.lists(hostile, max_size=3))
def test_a_shell_reads_back_the_words(words: list[str]):
    text = command("accept", *words)
    assert (text[0], text[-1], text.count("`")) == ("`", "`", 2)
    assert shlex.split(text[1:-1]) == ["mcpconf", "accept", *(word.replace("`", "?") for word in words)]


def test_a_hint_is_followed_by_one_command():
    assert followed("edit it") == "edit it, then `mcpconf plan`"
    assert followed("edit it", "doctor") == "edit it, then `mcpconf doctor`"
    assert followed("run `mcpconf recover`") == "run `mcpconf recover`"
    assert followed("") == "`mcpconf plan`"
