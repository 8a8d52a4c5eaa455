"""Laws of editing YAML, over documents as goose, continue, their users and other programs write them."""

from __future__ import annotations

import re

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpconf.canonical import same
from mcpconf.formats import BYTE_ORDER_MARK, FORMATS, FormatError
from mcpconf.formats.path import after_put
from mcpconf.formats.yaml_scalars import key_spelled, needs_quotes, quoted, spelled
from mcpconf.model.base import ABSENT, APPEND, Element

YAML = FORMATS["yaml"]
KEYS = st.sampled_from(["a", "b", "extensions", "x y", "é", "", "1", "yes", "- x", "a: b", "#c", "'", '"', "\\", "k'#"])
TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "x",
            "-y",
            "no",
            "1.10",
            "0o7",
            "2001-01-01",
            " x",
            "x ",
            "a: b",
            "a #b",
            "[",
            "@x/y",
            "it's",
            '"',
            "\\",
            "é😀",
            "\u2028",
            "\x7f\x00\n",
            "two\nlines\n",
            "C:\\Users",
            "${{ secrets.X }}",
            "null",
            "~",
            "-",
            "---",
            "a,b",
            "\tx",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 10**20), TEXTS, st.sampled_from([0.5, 1e300, -2.25]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
NAMED = st.lists(st.sampled_from("abcdef"), max_size=4, unique=True)
LISTS_OF_MAPS = st.builds(
    lambda names, more: [{"name": name, **more} for name in names],
    NAMED,
    st.dictionaries(st.sampled_from(["env", "on"]), VALUES, max_size=2),
)
STYLE = {"unit": {"quotes": ["no", "yes"]}, "more": ["1", "2"]}
"""Part of every tidy document, and never changed: it shows the style."""
SPELLINGS = ["|\n{}  x # no\n\n{}  y", ">-\n{}  x\n{}  y", "|+\n{}  x\n", "'it''s\n{}  x'", '"a\\\n{}  b"', "~", "0x1f", "Null",
             "1.0E+2", "'y' # beside", "012", "p\n{}  q", "!!str 5", "&d 5", ""]  # fmt: skip


class Pen:
    """Writes a value the way a careless person would: style, comments and blank lines are choices."""

    def __init__(self, draw, *, careless: bool) -> None:
        self.draw = draw
        self.wild = careless and draw(st.booleans())
        self.eol = draw(st.sampled_from(["\n", "\r\n"]))
        self.unit = draw(st.sampled_from([2, 2, 4]))
        self.list_unit = draw(st.sampled_from([0, self.unit]))
        self.quotes = draw(st.sampled_from(["'", '"']))
        self.comments: list[tuple[str, tuple]] = []

    def choose(self, *options):
        return self.draw(st.sampled_from(options)) if self.wild else options[0]

    def own_lines(self, path, indent: str) -> list[str]:
        """A comment on a line of its own, which belongs to the map or list at the path."""
        if self.choose(False, False, True):
            return [self.comment(path, self.choose(indent, ""))]
        return [self.choose("", "  ")] if self.choose(False, False, True) else []

    def comment(self, path, indent: str) -> str:
        self.comments.append((f"# own{len(self.comments)}.", path))
        return indent + self.comments[-1][0]

    def beside(self) -> str:
        return self.choose("", "", " # beside", "  ")

    def scalar(self, value, indent: str, *, flow: bool) -> str:
        if self.wild and not flow and self.draw(st.integers(0, 3)) == 0:
            return self.draw(st.sampled_from(SPELLINGS)).replace("{}", indent)
        if self.wild and isinstance(value, str) and self.draw(st.booleans()):
            return quoted(value, self.draw(st.sampled_from("'\"")))
        return spelled(value, self.quotes, flow=flow)

    def flow(self, value) -> str:
        gap = self.choose(" ", "", f"{self.eol}        ", f" # beside{self.eol}        ")
        pad = self.choose("", " ", f"{self.eol}        ")
        if not isinstance(value, (dict, list)):
            return self.scalar(value, "", flow=True)
        if isinstance(value, dict):
            parts = [f"{key_spelled(key, self.quotes, flow=True)}: {self.flow(item)}" for key, item in value.items()]
        else:
            parts = [self.flow(item) for item in value]
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        comma = "," if gap or not isinstance(value, dict) else ", "
        return opening + (pad if parts else "") + (comma + gap).join(parts) + (pad if parts else "") + closing

    def lines(self, value, path: tuple, column: int) -> list[str]:
        indent = " " * column
        lines: list[str] = []
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            lines += self.own_lines(path, indent)
            head = indent + (key_spelled(key, self.quotes, flow=False) + ":" if isinstance(key, str) else "-")
            lines += self.member(head, item, (*path, key), column)
        return lines

    def member(self, head: str, item, path: tuple, column: int) -> list[str]:
        if not isinstance(item, (dict, list)) or not item or self.choose(False, False, True):
            written = self.flow(item) if isinstance(item, (dict, list)) else self.scalar(item, " " * column, flow=False)
            if written[:1] in ("|", ">"):
                return [f"{head} {written}", *self.own_lines(path[:-1], "")]
            return [head + (" " if written else "") + written + self.beside()]
        if head.endswith("-") and isinstance(path[-1], int):
            nested = self.lines(item, path, column + 2)
            if nested[0].strip()[:1] in ("#", ""):
                return [head, *nested]
            return [head + nested[0][column + 1 :], *nested[1:]]
        step = self.unit if isinstance(item, dict) else self.choose(self.list_unit, self.unit)
        return [head + self.beside(), *self.lines(item, path, column + step)]

    def document(self, value) -> str:
        lines = (
            self.lines(value, (), 0) if value else [] if self.choose(False, True) else [self.choose("{}", "{ }", "[]")]
        )
        head = self.choose([], ["# head"], ["---"], ["", "--- # x"])
        end = self.choose([], ["# end"], ["..."], [""])
        text = "".join(line.replace("\r\n", "\n").replace("\n", self.eol) + self.eol for line in [*head, *lines, *end])
        if self.choose(False, False, True):
            text = text.removesuffix(self.eol)
        return self.choose("", BYTE_ORDER_MARK) + text


@st.composite
def documents(draw, *, careless=True):
    pen = Pen(draw, careless=careless)
    value = draw(st.dictionaries(KEYS, st.one_of(VALUES, LISTS_OF_MAPS), max_size=4))
    value |= {} if careless else {"style": STYLE}
    text = pen.document(value)
    try:
        YAML.parse(text)
    except FormatError:
        assert pen.wild
        assume(condition=False)
    return text, pen.comments


def paths_into(value):
    yield ()
    if isinstance(value, dict):
        for key, item in value.items():
            for rest in paths_into(item):
                yield (key, *rest)
    elif isinstance(value, list):
        names = [item.get("name") for item in value if isinstance(item, dict)]
        for item in value:
            if isinstance(item, str):
                yield (Element(item),)
            elif isinstance(item, dict) and isinstance(item.get("name"), str) and names.count(item["name"]) == 1:
                for rest in paths_into(item):
                    yield (Element(item["name"], "name"), *rest)


def reach(value, path):
    for step in path:
        if isinstance(step, str):
            value = value[step]
        elif step.key:
            value = next(item for item in value if isinstance(item, dict) and item.get(step.key) == step.value)
        else:
            value = step.value
    return value


def put(text, path, wanted):
    """The edited text; no example where an edit is refused for what else is in the text, which has a place."""
    try:
        return YAML.put(text, path, wanted)
    except FormatError as error:
        assume((error.kind, bool(error.line)) != ("container", True))
        raise


def within(short, long) -> bool:
    """Whether one text is the other with some characters left out."""
    rest = iter(long)
    return all(char in rest for char in short)


@st.composite
def inserts(draw):
    """A text, a path that does not exist in it, the length of the path to the first missing step, and a value."""
    text, _ = draw(documents())
    value = YAML.parse(text).value
    start = draw(st.sampled_from([path for path in paths_into(value) if isinstance(reach(value, path), (dict, list))]))
    held = reach(value, start)
    wanted = draw(VALUES)
    if isinstance(held, list):
        if draw(st.booleans()):
            return text, (*start, Element("new", "name")), len(start) + 1, {"name": "new", "more": wanted}
        added = draw(TEXTS.filter(lambda text: text not in held))
        return text, (*start, Element(added)), len(start) + 1, added
    missing = draw(st.sampled_from(["new", "neu/~", "é\u0001", "yes", "new one"]).filter(lambda key: key not in held))
    rest = draw(
        st.sampled_from(
            [(), ("k",), ("k", "l"), (APPEND,), ("list", Element("v", "name")), (Element("v", "name"), "k")]
        )
    )
    if rest and rest[-1] == Element("v", "name"):
        wanted = {"name": "v", "more": wanted}
    return text, (*start, missing, *rest), len(start) + 1, wanted


@settings(max_examples=100)
@given(inserts())
def test_what_is_inserted_is_removed_without_a_trace(case) -> None:
    text, path, count, wanted = case
    new = put(text, path, wanted)
    assert same(YAML.parse(new).value, after_put(YAML.parse(text).value, path, wanted))
    assert YAML.put(new, path[:count], ABSENT) == text
    assert APPEND in path or YAML.put(new, path, wanted) == new


@settings(max_examples=100)
@given(documents(), st.data())
def test_a_removal_removes_that_alone_and_no_comment_elsewhere(document, data) -> None:
    text, comments = document
    value = YAML.parse(text).value
    paths = [path for path in paths_into(value) if path]
    assume(paths)
    path = data.draw(st.sampled_from(paths))
    new = put(text, path, ABSENT)
    assert same(YAML.parse(new).value, after_put(value, path, ABSENT))
    assert YAML.put(new, path, ABSENT) == new
    assert within(re.sub(r" ?(?:\{\}|\[\])", "", new), text)
    indices = as_indices(value, path)
    for comment, held in comments:
        assert comment in new or held[: len(indices)] == indices or isinstance(path[-1], Element)


def as_indices(value, path):
    """The path with elements by index, as comments are noted."""
    found = []
    for step in path:
        if isinstance(step, Element):
            item = reach(value, (step,))
            found.append(value.index(item))
        else:
            item = value[step]
            found.append(step)
        value = item
    return tuple(found)


@settings(max_examples=100)
@given(documents(), VALUES, st.data())
def test_a_replacement_replaces_that_alone(document, wanted, data) -> None:
    text, _ = document
    value = YAML.parse(text).value
    path = data.draw(st.sampled_from(list(paths_into(value))))
    assume(path or isinstance(wanted, dict))
    new = put(text, path, wanted)
    assert same(YAML.parse(new).value, after_put(value, path, wanted))
    assert path not in replaceable(value) or YAML.put(new, path, wanted) == new


@st.composite
def rewritten(draw, value):
    """A value of the same build: texts and numbers differ, come and go; no map or list appears, vanishes or empties."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if isinstance(item, (dict, list)) or draw(st.integers(0, 3))}
        changed = {key: draw(rewritten(item)) for key, item in (kept or value).items()}
        return changed | (draw(st.dictionaries(st.sampled_from(["p", "q"]), SCALARS)) if value else {})
    if isinstance(value, list):
        kept = [item for item in value if nests(value) or draw(st.integers(0, 3))]
        more = draw(st.lists(SCALARS, max_size=2)) if value and not nests(value) else []
        return [draw(rewritten(item)) for item in kept or value] + more
    return draw(st.one_of(st.just(value), SCALARS))


def replaceable(value):
    """Paths that still lead to the same place when what is there has changed."""
    return [path for path in paths_into(value) if not path or (isinstance(path[-1], str) and path[-1] != "name")]


def nests(value) -> bool:
    return any(isinstance(item, (dict, list)) for item in value)


@settings(max_examples=100)
@given(documents(careless=False), st.data())
def test_what_is_replaced_is_restored_in_a_tidy_file(document, data) -> None:
    text, _ = document
    value = YAML.parse(text).value
    path = data.draw(st.sampled_from([path for path in replaceable(value) if path[:1] != ("style",)]))
    old = reach(value, path)
    other = data.draw(rewritten(old))
    new = YAML.put(text, path, other if path else other | {"style": STYLE})
    assert YAML.put(new, path, old) == text


@settings(max_examples=100)
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.sampled_from(["", "a: {b: [1]}\n", "a:\n- 'yes'\n"]))
def test_what_is_written_is_read_the_same_by_readers_of_yaml_1_1(value, text) -> None:
    new = YAML.put(text, ("new",), value)
    assert yaml.safe_load(new)["new"] == value
    assert all(ord(char) >= 0x20 or char == "\n" for char in new)


SOUP = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            ": ",
            ":",
            "\n",
            "\n  ",
            "- ",
            "-",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "? ",
            "&x ",
            "*x",
            "!!str ",
            "!t ",
            "|",
            ">",
            "#",
            " # c",
            "'",
            '"',
            "\\",
            "---\n",
            "...\n",
            "%YAML 1.2\n",
            "<<",
            "~",
            "1",
            "0x1",
            "\t",
            "\r",
            "\r\n",
            "\ufeff",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=200)
@given(SOUP, st.data())
def test_any_text_is_read_and_edited_or_refused_with_its_place(text, data) -> None:
    try:
        value = YAML.parse(text).value
        for path in paths_into(value):
            assert YAML.position(text, path)
        path = data.draw(
            st.sampled_from([path for path in paths_into(value) if path] or [("new",) if value == {} else ()])
        )
        wanted = data.draw(st.sampled_from([ABSENT, 1, "x", {}, {"c": "d"}, [1]]))
        new = YAML.put(text, path, wanted)
    except FormatError as error:
        refusal = error
    else:
        assert same(YAML.parse(new).value, after_put(value, path, wanted))
        return
    assert refusal.line
    assert refusal.column


@given(TEXTS, st.booleans())
def test_text_in_quotes_is_that_text(text, flow) -> None:
    for quotes in "'\"":
        written = quoted(text, quotes)
        assert YAML.parse(f"a: {written}\n").value == {"a": text}
        assert flow or needs_quotes(text, flow=True) or YAML.parse(f"a: [{text}]\n").value == {"a": [text]}
