"""Laws of editing JSON and JSONC, over documents in every style that a person or a program may have left behind."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.canonical import same
from mcpconf.formats import BYTE_ORDER_MARK, FORMATS
from mcpconf.formats.path import after_put
from mcpconf.model.base import ABSENT, APPEND, Element

KEYS = st.sampled_from(["a", "b", "mcpServers", "command", "x y", "é", "", "/", '"', "\\", "a.b", "😀", "\t"])
TEXTS = st.one_of(
    st.sampled_from(["", "x", "-y", "// no", "/* no */", "[", "a,b", '"', "\\", "é😀", "\u2028", "\x7f"]),
    st.text(max_size=4),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 10**20), TEXTS, st.sampled_from([0.5, 1e300, -2.25]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
SPELLINGS = [
    "1.0E+2",
    "-0",
    "-0.0",
    "1.10",
    "123456789012345678901234567890",
    "1e-7",
    r'"\u0041"',
    r'"\ud83d\ude00"',
    r'"\ud800"',
    r'"\/"',
]


class Pen:
    """Writes a value the way a careless person would: every blank, break and comment is a choice."""

    def __init__(self, draw, *, tolerant: bool, careless: bool = True) -> None:
        self.draw = draw
        self.tolerant = tolerant
        self.eol = draw(st.sampled_from(["\n", "\r\n"]))
        self.blanks = ["", " ", "\t", self.eol, self.eol + "  ", self.eol + "\t", self.eol + self.eol + "    "]
        if tolerant:
            self.blanks += [
                " /* c */",
                "/*a*/ ",
                f" // c{self.eol}",
                f"{self.eol}  // own{self.eol}  ",
                f"/* x{self.eol} y */",
                f"{self.eol}/* o */ ",
            ]
        self.wild = careless and draw(st.booleans())
        self.ascii = st.booleans() if careless else st.just(value=False)
        self.unit = draw(st.sampled_from(["", "  ", "\t", "    "]))
        self.colon = draw(st.sampled_from([": ", ":"]))
        self.short_lists = draw(st.booleans())
        self.trailing = tolerant and draw(st.booleans())

    def blank(self, default: str = "") -> str:
        return self.draw(st.sampled_from(self.blanks)) if self.wild else default

    def write(self, value, indent: str = "") -> str:
        if isinstance(value, (dict, list)):
            return self.box(value, indent)
        if self.wild and self.draw(st.integers(0, 5)) == 0:
            return self.draw(st.sampled_from(SPELLINGS))
        return json.dumps(value, ensure_ascii=self.draw(self.ascii))

    def key(self, key: str) -> str:
        return json.dumps(key, ensure_ascii=self.draw(self.ascii)) + self.blank() + ":" + self.blank(self.colon[1:])

    def box(self, value, indent: str) -> str:
        lined = bool(self.unit) and not (self.short_lists and isinstance(value, list) and not nests(value))
        lead = self.eol + indent + self.unit if lined else ""
        items = value.items() if isinstance(value, dict) else [(None, item) for item in value]
        parts = [
            self.blank(lead)
            + ("" if key is None else self.key(key))
            + self.write(item, indent + self.unit)
            + self.blank()
            for key, item in items
        ]
        comma = "," if lined or self.colon == ":" or self.wild else ", "
        trailing = (
            ","
            if parts and (self.draw(st.booleans()) if self.wild and self.tolerant else self.trailing and lined)
            else ""
        )
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return (
            opening + comma.join(parts) + trailing + self.blank(self.eol + indent if lined and parts else "") + closing
        )


def nests(value) -> bool:
    return any(isinstance(item, (dict, list)) for item in value)


@dataclass
class Page:
    text: str
    dialect: str

    @property
    def put(self):
        return FORMATS[self.dialect].put

    @property
    def value(self):
        return FORMATS[self.dialect].parse(self.text).value


@st.composite
def pages(draw, values=VALUES):
    dialect = draw(st.sampled_from(["json", "jsonc"]))
    pen = Pen(draw, tolerant=dialect == "jsonc")
    value = draw(st.dictionaries(KEYS, values, max_size=4))
    mark = draw(st.sampled_from(["", BYTE_ORDER_MARK]))
    return Page(mark + pen.blank() + pen.write(value) + pen.blank(draw(st.sampled_from(["", pen.eol]))), dialect)


def paths_into(value):
    """Every path of a value, with elements named by what they are."""
    yield ()
    if isinstance(value, dict):
        for key, item in value.items():
            for rest in paths_into(item):
                yield (key, *rest)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str):
                yield (Element(item),)


@st.composite
def inserts(draw):
    """A page, a path that does not exist in it, and the length of the path to the first missing step."""
    page = draw(pages())
    value = page.value
    start = draw(st.sampled_from([path for path in paths_into(value) if isinstance(reach(value, path), (dict, list))]))
    held = reach(value, start)
    if isinstance(held, list):
        text = draw(TEXTS.filter(lambda text: text not in held))
        return page, (*start, Element(text)), len(start) + 1, text
    missing = draw(st.sampled_from(["new", "neu/~", "é\u0001", '😀"new']))
    rest = draw(
        st.sampled_from(
            [(), ("k",), ("k", "l"), (APPEND,), ("list", Element("v", "name")), (Element("v", "name"), "k")]
        )
    )
    wanted = draw(VALUES)
    if rest and rest[-1] == Element("v", "name"):
        wanted = {"name": "v", "more": wanted}
    return page, (*start, missing, *rest), len(start) + 1, wanted


def reach(value, path):
    for step in path:
        value = value[step] if isinstance(step, str) else step.value
    return value


def within(short, long) -> bool:
    """Whether one text is the other with some characters left out."""
    rest = iter(long)
    return all(char in rest for char in short)


@settings(max_examples=150)
@given(inserts())
def test_what_is_inserted_is_removed_without_a_trace(case) -> None:
    page, path, count, wanted = case
    new = page.put(page.text, path, wanted)
    assert same(FORMATS[page.dialect].parse(new).value, after_put(page.value, path, wanted))
    assert page.put(new, path[:count], ABSENT) == page.text


@settings(max_examples=150)
@given(inserts())
def test_an_insert_is_one_place_and_perhaps_a_comma(case) -> None:
    page, path, _, wanted = case
    new = page.put(page.text, path, wanted)
    assert within(page.text, new)
    if APPEND not in path:
        assert page.put(new, path, wanted) == new


@settings(max_examples=150)
@given(pages(), st.data())
def test_a_removal_removes_that_alone(page, data) -> None:
    value = page.value
    paths = [path for path in paths_into(value) if path]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    new = page.put(page.text, path, ABSENT)
    assert same(FORMATS[page.dialect].parse(new).value, after_put(value, path, ABSENT))
    assert page.put(new, path, ABSENT) == new
    assert within(new, page.text)


@settings(max_examples=150)
@given(pages(), VALUES, st.data())
def test_a_replacement_replaces_that_alone(page, wanted, data) -> None:
    value = page.value
    path = data.draw(st.sampled_from([path for path in paths_into(value) if path] or [()]))
    new = page.put(page.text, path, wanted)
    assert same(FORMATS[page.dialect].parse(new).value, after_put(value, path, wanted))
    if path and not isinstance(path[-1], Element):
        assert page.put(new, path, wanted) == new


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


@settings(max_examples=150)
@given(st.data())
def test_what_is_replaced_is_restored_in_a_tidy_file(data) -> None:
    dialect = data.draw(st.sampled_from(["json", "jsonc"]))
    pen = Pen(data.draw, tolerant=dialect == "jsonc", careless=False)
    value = data.draw(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
    page = Page(pen.write(value) + pen.eol, dialect)
    path = data.draw(st.sampled_from([path for path in paths_into(value) if Element not in map(type, path)]))
    other = data.draw(rewritten(reach(value, path)))
    assert page.put(page.put(page.text, path, other), path, reach(value, path)) == page.text


@settings(max_examples=100)
@given(pages(), SCALARS, st.data())
def test_a_replaced_scalar_is_restored_in_any_file(page, other, data) -> None:
    value = page.value
    paths = [path for path in paths_into(value) if path and not isinstance(reach(value, path), (dict, list))]
    paths = [path for path in paths if not isinstance(path[-1], Element)]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    old = reach(value, path)
    usual = page.put(page.text, path, other)
    restored = page.put(usual, path, old)
    assert page.put(restored, path, other) == usual
    spelled = {json.dumps(old, ensure_ascii=escapes) for escapes in (True, False)}
    if len(spelled) == 1 and not any(spelling in page.text for spelling in SPELLINGS):
        assert restored == page.text
