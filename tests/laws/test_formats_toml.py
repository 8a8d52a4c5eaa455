"""Laws of editing TOML, over configurations in the shapes that codex, its users and other programs write."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.canonical import same
from mcpconf.formats import BYTE_ORDER_MARK, FORMATS
from mcpconf.formats.path import after_put
from mcpconf.formats.toml_edit import verify
from mcpconf.formats.toml_notation import key_text, scalar
from mcpconf.model.base import ABSENT, APPEND, Element

TOML = FORMATS["toml"]
NAMES = st.sampled_from(["a", "b", "env", "x-1", "weird name", "/home/x", "é", "", 'q"', "it's", "a.b"])
TEXTS = st.one_of(
    st.sampled_from(["", "x", "# no", "[x]", "a = b", '"', "\\", "'", "é😀", "\u2028", "\x7f\x00\n", '"""']),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
SCALARS = st.one_of(st.booleans(), st.integers(-5, 2**63 - 1), TEXTS, st.sampled_from([0.5, 1e300, 60.0]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
SPELLINGS = [
    "1979-05-27T07:32:00Z",
    "1979-05-27 07:32:00",
    "07:32:00",
    "0xff",
    "1_000",
    "inf",
    "+1.0e3",
    "'lit # eral'",
    '"\\u0041 # ]"',
    '"""m # [\nl"""""',
    "'''m\n[x]'''",
    '[ "a", # c\n  "b", # d\n]',
    '["a","b"]',
    "[\n]",
    "[ # c\n]",
    '{ A = "x",  "B"=1 }',
    "{}",
]


@st.composite
def pairs(draw, eol, spellings):
    lines = []
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        indent = draw(st.sampled_from(["", "", "  "]))
        colon = draw(st.sampled_from([" = ", "=", "  =  "]))
        value = draw(st.one_of(st.sampled_from(spellings), SCALARS.map(scalar)))
        key = key_text(name) if draw(st.integers(0, 6)) else f"{key_text(name)} . dotted"
        tail = draw(st.sampled_from(["", "", " # beside", "  "]))
        lines += [f"{indent}{key}{colon}{value}{tail}", *draw(st.sampled_from([[], [], ["# own"], [""]]))]
    return "".join(line.replace("\n", eol) + eol for line in lines)


@st.composite
def documents(draw, spellings):
    """A text that TOML allows, with servers as tables, sub-tables, inline tables or dotted keys."""
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    root = draw(st.sampled_from(["", f"#:schema x{eol}{eol}", f"# c{eol}", eol, f"{eol}{eol}"])) + draw(
        pairs(eol, spellings)
    )
    servers = draw(st.lists(NAMES, max_size=3, unique=True))
    blocks = []
    if draw(st.integers(0, 3)) == 0:
        blocks.append(f"[m]{eol}" + draw(pairs(eol, spellings)).replace("dotted", "d"))
    for name in servers:
        header = draw(st.sampled_from(["[m.{}]", "[ m . {} ]", "  [m.{}] # beside"])).format(key_text(name))
        blocks.append(header + eol + draw(pairs(eol, spellings)))
        if draw(st.booleans()):
            blocks.append(f"[m.{key_text(name)}.sub]{eol}" + draw(pairs(eol, spellings)))
    for other in draw(st.lists(st.sampled_from(["[tui]", '[projects."/x"]', "[[list]]", "[[list]]"]), max_size=3)):
        blocks.insert(draw(st.integers(0, len(blocks))), other + eol + draw(pairs(eol, spellings)))
    gaps = [draw(st.sampled_from(["", eol, eol + eol, f"# above{eol}", f"{eol}# above{eol}"])) for _ in blocks]
    text = root + "".join(gap + block for gap, block in zip(gaps, blocks, strict=True))
    text += draw(st.sampled_from(["", "", eol, f"{eol}# end{eol}"]))
    if draw(st.integers(0, 3)) == 0:
        text = text.removesuffix(eol)
    return draw(st.sampled_from(["", "", BYTE_ORDER_MARK])) + text


def valid(text) -> bool:
    try:
        tomllib.loads(text.removeprefix(BYTE_ORDER_MARK))
    except tomllib.TOMLDecodeError:
        return False
    return True


DOCUMENTS = documents(SPELLINGS).filter(valid)
USUAL = documents([spelling for spelling in SPELLINGS if spelling[0] in "[{"]).filter(valid)


def paths_into(value):
    yield ()
    if isinstance(value, dict):
        for key, item in value.items():
            for rest in paths_into(item):
                yield (key, *rest)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str):
                yield (Element(item),)


def reach(value, path):
    for step in path:
        value = value[step] if isinstance(step, str) else step.value
    return value


def within(short, long) -> bool:
    """Whether one text is the other with some characters left out."""
    rest = iter(long)
    return all(char in rest for char in short)


@settings(max_examples=100)
@given(DOCUMENTS, VALUES, st.data())
def test_what_is_inserted_is_removed_without_a_trace(text, wanted, data) -> None:
    value = TOML.parse(text).value
    starts = [path for path in paths_into(value) if isinstance(reach(value, path), (dict, list))]
    start = data.draw(st.sampled_from(starts))
    if isinstance(reach(value, start), list):
        wanted = data.draw(TEXTS.filter(lambda text: text not in reach(value, start)))
        path = (*start, Element(wanted))
        if any(isinstance(item, dict) for item in reach(value, start)):
            return
    else:
        rest = data.draw(st.sampled_from([(), ("k",), ("k", "weird key"), (APPEND,)]))
        path = (
            *start,
            data.draw(st.sampled_from(["new", "m", "new one"]).filter(lambda k: k not in reach(value, start))),
            *rest,
        )
    new = TOML.put(text, path, wanted)
    assert same(TOML.parse(new).value, after_put(value, path, wanted))
    assert within(text, new)
    assert TOML.put(new, path[: len(start) + 1], ABSENT) == text
    assert APPEND in path or TOML.put(new, path, wanted) == new


@settings(max_examples=100)
@given(DOCUMENTS, st.data())
def test_a_removal_removes_that_alone(text, data) -> None:
    value = TOML.parse(text).value
    paths = [path for path in paths_into(value) if path]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    new = TOML.put(text, path, ABSENT)
    verify(TOML.parse(new).value, after_put(value, path, ABSENT), path, ABSENT)
    assert within(new, text)
    assert TOML.put(new, path, ABSENT) == new


@settings(max_examples=100)
@given(DOCUMENTS, VALUES, st.data())
def test_a_replacement_replaces_that_alone(text, wanted, data) -> None:
    value = TOML.parse(text).value
    paths = [path for path in paths_into(value) if path]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    new = TOML.put(text, path, wanted)
    assert same(TOML.parse(new).value, after_put(value, path, wanted))
    assert isinstance(path[-1], Element) or TOML.put(new, path, wanted) == new


@st.composite
def rewritten(draw, value):
    """The same with other texts and numbers, and with members more."""
    if isinstance(value, dict):
        changed = {key: draw(rewritten(item)) for key, item in value.items()}
        return changed | draw(st.dictionaries(st.sampled_from(["p", "q q"]), VALUES, max_size=2))
    if isinstance(value, list):
        return [draw(rewritten(item)) for item in value] or [*value]
    return draw(st.one_of(st.just(value), SCALARS))


@settings(max_examples=100)
@given(USUAL, st.data())
def test_what_is_replaced_is_restored(text, data) -> None:
    value = TOML.parse(text).value
    path = data.draw(st.sampled_from([path for path in paths_into(value) if not path or isinstance(path[-1], str)]))
    old = reach(value, path)
    new = TOML.put(text, path, data.draw(rewritten(old)))
    assert same(TOML.parse(TOML.put(new, path, old)).value, value)
    assert TOML.put(new, path, old) == text
