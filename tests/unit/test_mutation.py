"""Mutants are small, have names that last, and do what they say."""

from pathlib import Path

from tests.mutation.__main__ import ROOT, _equivalent
from tests.mutation.choosing import Choice
from tests.mutation.measure import Test
from tests.mutation.mutants import compiled, mutants

MODULE = '''
"""A docstring."""
LIMIT = 3


def small(value: int = 1) -> str:
    assert value > -1
    if value < LIMIT and not value == 2:
        return "yes"
    return ""


def shout(text):
    for letter in text:
        if letter == "!":
            break
        yield letter + ","
'''


def made(folder: Path):
    path = folder / "m.py"
    path.write_text(MODULE)
    return {mutant.name: mutant for mutant in mutants(folder, path)}


def ran(mutant):
    module = {}
    exec(compiled(mutant), module)
    return [module["small"](value) for value in (1, 2, 3)], list(module["shout"]("a!b"))


def test_names_say_what_is_changed_and_hold_no_line(tmp_path):
    found = made(tmp_path)
    assert [*found] == [
        "module: 3 -> 4",
        "small: 1 -> 2",
        "small: if value < LIMIT and (not value == 2) -> if not (value < LIMIT and (not value == 2))",
        "small: value < LIMIT and (not value == 2) -> value < LIMIT or not value == 2",
        "small: value < LIMIT -> value <= LIMIT",
        "small: not value == 2 -> value == 2",
        "small: value == 2 -> value != 2",
        "small: 2 -> 3",
        "small: return 'yes' -> return None",
        "small: 'yes' -> 'XXyes'",
        "small: return '' -> return None",
        "small: '' -> 'XX'",
        "shout: if letter == '!' -> if not letter == '!'",
        "shout: letter == '!' -> letter != '!'",
        "shout: '!' -> ''",
        "shout: break -> continue",
        "shout: yield (letter + ',') -> no yield",
        "shout: letter + ',' -> letter - ','",
        "shout: ',' -> ''",
    ]
    assert [mutant.in_function for mutant in found.values()][:3] == [False, False, True]


def test_a_mutant_does_what_its_name_says(tmp_path):
    found = made(tmp_path)
    assert ran(found["small: 2 -> 3"]) == (["yes", "yes", ""], ["a,"])
    assert ran(found["module: 3 -> 4"]) == (["yes", "", "yes"], ["a,"])
    assert ran(found["small: return 'yes' -> return None"]) == ([None, "", ""], ["a,"])
    assert ran(found["shout: break -> continue"]) == (["yes", "", ""], ["a,", "b,"])
    assert ran(found["shout: yield (letter + ',') -> no yield"]) == (["yes", "", ""], [])


def test_what_is_listed_as_equivalent_is_a_mutant():
    for file, listed in _equivalent().items():
        names = {mutant.name for mutant in mutants(ROOT, ROOT / file)}
        assert listed.keys() <= names, file


FILES = {
    "words.py": 'WORDS = {"new": "not here yet"}\n',
    "telling.py": "from words import WORDS\n\n\ndef told(word):\n    return WORDS[word]\n",
    "test_words.py": "from words import WORDS\n",
    "test_telling.py": "from telling import told\n",
}
MEASURED = {
    "test_telling.py::test_told": Test("test_telling.py::test_told", "", 0.1, {"telling.py": [5]}),
    "test_telling.py::test_none": Test("test_telling.py::test_none", "", 0.1, {}),
    "test_words.py::test_all": Test("test_words.py::test_all", "", 0.3, {}),
}


def test_a_module_that_runs_no_line_is_tried_with_the_tests_that_use_it(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    choice = Choice(MEASURED, tmp_path, budget=1)
    words, told = (mutants(tmp_path, tmp_path / name)[0] for name in ("words.py", "telling.py"))
    assert {test.name for test in choice.tests(words)} == {"test_words.py::test_all", "test_telling.py::test_told"}
    assert [test.name for test in choice.tests(told)] == ["test_telling.py::test_told"]
    assert [test.name for test in Choice(MEASURED, tmp_path, budget=0.2).tests(words)] == ["test_words.py::test_all"]


def test_one_test_of_each_kind_comes_before_the_others(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    seconds = {"a": (0.1, [4, 5]), "b": (0.2, [4, 5]), "c": (0.5, [5]), "d": (9, [3, 5]), "e": (0.1, [4])}
    tests = {name: Test(name, "", cost, {"telling.py": lines}) for name, (cost, lines) in seconds.items()}
    (told,) = (item for item in mutants(tmp_path, tmp_path / "telling.py") if "return" in item.name)
    chosen = {
        budget: [test.name for test in Choice(tests, tmp_path, budget).tests(told)] for budget in (0.05, 0.7, 1, 10)
    }
    assert chosen == {0.05: ["a"], 0.7: ["a", "c"], 1: ["a", "b", "c"], 10: ["a", "b", "c", "d"]}
