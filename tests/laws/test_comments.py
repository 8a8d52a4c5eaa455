"""What is commented out is told as it was before, with the line that it stands at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.formats.comments import commented_out

LINES = st.lists(st.text(alphabet="ab {}[]\",:=/#*\\'\t", max_size=12), max_size=8)
SIGNS = {"jsonc": "//", "toml": "#", "yaml": "#"}


@pytest.mark.parametrize("notation", SIGNS)
@given(lines=LINES)
def test_lines_come_back_without_their_signs(notation, lines):
    told = [line for line in lines if line.strip()]
    text = "".join(f"{SIGNS[notation]}{line}\n" for line in told)
    found = [*commented_out(text, notation)]
    assert [item.line for item in found] == ([1] if told else [])
    for item in found:
        assert [line.split() for line in item.text.split("\n")] == [line.split() for line in told]


@pytest.mark.parametrize("notation", [*SIGNS, "json"])
@given(text=st.text(alphabet="a\n\r \"\\/*#'", max_size=60))
def test_no_text_is_too_odd(notation, text):
    for item in commented_out(text, notation):
        assert 1 <= item.line <= text.count("\n") + text.count("\r") + 1
    assert notation != "json" or not [*commented_out(text, notation)]


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("jsonc", '{"a": "// b", "c": "/* d */" }'),
        ("jsonc", '{"a": 1 // b\n}'),
        ("toml", 'a = """\n# b\n"""\n'),
        ("toml", "a = 1 # b\n"),
        ("yaml", "a: b # c\n"),
    ],
)
def test_what_is_in_a_string_or_behind_a_value_is_no_comment_of_its_own(notation, text):
    assert [*commented_out(text, notation)] == []
