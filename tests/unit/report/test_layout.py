from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.report.layout import hang, table, wrap

words = st.text("ab-/", min_size=1, max_size=30)
prose = st.lists(words, max_size=20).map(" ".join)
cells = st.one_of(st.just(""), words, prose)


@given(prose, st.integers(1, 60))
def test_wrapping_keeps_every_word_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or " " not in line for line in lines)


@given(prose, prose, st.integers(30, 60))
def test_a_command_in_backticks_stays_whole_where_it_fits(before: str, after: str, width: int) -> None:
    lines = wrap(f"{before} `mcpconf apply --target x`, {after}", width)
    assert any("`mcpconf apply --target x`," in line for line in lines)


@given(prose, words, st.integers(30, 100))
def test_a_hanging_indent_is_as_wide_as_its_label(text: str, label: str, width: int) -> None:
    first, *rest = hang(f"{label}: ", text, width)
    assert first.startswith(f"{label}:")
    assert all(line.startswith(" " * (len(label) + 2)) for line in rest)


@given(st.lists(st.tuples(cells, cells, cells), max_size=8), st.integers(40, 120), st.integers(0, 8))
def test_a_table_keeps_every_cell_whole_but_the_last(rows: list[tuple[str, str, str]], width: int, indent: int) -> None:
    found = list(table(rows, width, indent))
    assert len(found) == len(rows)
    for row, lines in zip(rows, found, strict=True):
        assert "\n".join(lines).split() == " ".join(row).split()
        assert all(cell.strip() in "\n".join(lines) for cell in row[:-1])
        assert all(line.startswith(" " * indent) for line in lines)


def test_columns_line_up_and_a_wide_cell_has_its_own_line() -> None:
    wide = "x" * 60
    rows = [("a", "one", "first"), (wide, "two", "second"), ("b", "three", "third " * 20)]
    lines = [line for row in table(rows, 80) for line in row]
    assert lines[:3] == ["  a  one    first", f"  {wide}", "     two    second"]
    assert lines[3].startswith("  b  three  third third")
    assert all(line.startswith("            third") for line in lines[4:])
    assert max(map(len, lines)) <= 80


def test_a_last_cell_that_cannot_wrap_starts_a_line_of_its_own() -> None:
    (lines,) = table([("a" * 30, "b" * 30, "/" + "c" * 40)], 80)
    assert lines == [f"  {'a' * 30}  {'b' * 30}", f"      /{'c' * 40}"]
