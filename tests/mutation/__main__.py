"""Whether the tests notice a mistake: `python -m tests.mutation [PATH...] [--sample N --seed S]`.

Makes one small change after the other to the modules at PATH and runs the tests that run the changed line, fastest first,
until one fails. A change that no test notices survives: a test is missing, or the line says nothing. Those that cannot be
noticed are listed in `equivalent.yaml` with the reason. Needs a system with `fork`.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.mutation import measure, running
from tests.mutation.choosing import Choice
from tests.mutation.measure import Test
from tests.mutation.mutants import Mutant, compiled, mutants

ROOT = Path(__file__).resolve().parents[2]
JUDGED = ("mcpconf/formats", "mcpconf/compare.py", "mcpconf/reconcile")
TESTS = ("tests/unit", "tests/laws", "tests/rules", "tests/hosts", "tests/e2e/test_manual.py", "tests/test_cases.py")
SLOW = ("tests/unit/transaction", "tests/unit/system")
"""Those start processes, which know no mutant, or wait for others."""


@dataclass(frozen=True)
class Result:
    mutant: Mutant
    status: str


class Session:
    """Has all tests collected; measures, then tries the mutants that can be put into loaded functions."""

    def __init__(self, wanted: list[Mutant], options: argparse.Namespace, say) -> None:
        self.wanted, self.options, self.say = wanted, options, say

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        for item in session.items:
            running.hurried(item)
        tests = _measured(items, self.options)
        choose = Choice(tests, ROOT, self.options.budget)
        loaded = running.Loaded()
        for mutant in self.wanted:
            chosen = choose.tests(mutant)
            if mutant.in_function and chosen:
                self.say(
                    mutant, self._tried(mutant, loaded, [items[test.name] for test in chosen], choose.limit(chosen))
                )
            else:
                self.say(mutant, running.ANEW if chosen else None)
        return True

    def _tried(self, mutant: Mutant, loaded: running.Loaded, items: list[pytest.Item], limit: float) -> int:
        def work() -> int:
            original = compile(Path(mutant.path).read_text(), mutant.path, "exec")
            if not loaded.put(original, compiled(mutant)):
                return running.ANEW
            items[0].config.pluginmanager.register(running.Verdict())
            return running.run_items(items)

        return running.forked(work, limit)


def _measured(items: dict[str, pytest.Item], options: argparse.Namespace) -> dict[str, Test]:
    """What is known of the tests, after running those that are new unless only known ones are wanted."""
    kept = measure.known(options.files)
    new = [item for name, item in items.items() if name not in kept or kept[name].origin != measure.origin(item)]
    if new and not options.known:
        print(f"measuring {len(new)} of {len(items)} tests", file=sys.stderr, flush=True)
        code = running.forked(lambda: _measure(new, options.files), 7200)
        assert code == running.SURVIVED, "a test fails without any mutant"
        kept = measure.known(options.files)
    return {name: test for name, test in kept.items() if name in items}


def _measure(items: list[pytest.Item], judged: list[Path]) -> int:
    items[0].config.pluginmanager.register(running.Verdict())
    measure.measure(items, ROOT, judged)
    return running.SURVIVED


def _warm(wanted: list[Mutant], options: argparse.Namespace) -> list[tuple[Mutant, int | None]]:
    """All mutants with a code each: None is that no test runs the line."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        index = {mutant.name + mutant.path: number for number, mutant in enumerate(wanted)}

        def say(mutant: Mutant, code: int | None) -> None:
            os.write(write, f"{index[mutant.name + mutant.path]} {code}\n".encode())

        ignored = [f"--ignore={ROOT / name}" for name in SLOW]
        tests = [str(ROOT / name) for name in options.tests]
        arguments = [*running.OPTIONS, "-s", f"--basetemp={options.folder}/warm", *ignored, *tests]
        os._exit(pytest.main(arguments, plugins=[Session(wanted, options, say)]))
    os.close(write)
    found = []
    with os.fdopen(read) as lines:
        for line in lines:
            number, code = line.split()
            found.append((wanted[int(number)], None if code == "None" else int(code)))
            if options.progress:
                print(line.strip(), wanted[int(number)].name[:150].replace("\n", " "), file=sys.stderr, flush=True)
    os.waitpid(child, 0)
    assert len(found) == len(wanted), "the tests could not be run"
    return found


def _anew(mutant: Mutant, choose: Choice, options: argparse.Namespace) -> int:
    chosen = choose.tests(mutant)
    names = [test.name for test in chosen]
    finder = running.MutatedModule(mutant.module, mutant.path, compiled(mutant))
    return running.forked(
        lambda: running.run_anew(finder, names, Path(options.folder, "anew")), choose.limit(chosen) + 20
    )


def _results(wanted: list[Mutant], options: argparse.Namespace) -> list[Result]:
    known = _equivalent()
    alive = [mutant for mutant in wanted if mutant.name not in known.get(_file(mutant), {})]
    found = _warm(alive, options)
    choose = Choice(measure.known(options.files), ROOT, options.budget)
    results = [Result(mutant, "equivalent") for mutant in wanted if mutant not in {*alive}]
    for mutant, code in found:
        last = _anew(mutant, choose, options) if code == running.ANEW else code
        results.append(Result(mutant, "untested" if last is None else "survived" if last == 0 else "killed"))
    return results


def _equivalent() -> dict[str, dict[str, str]]:
    """By file, the names of mutants that no test can notice, each with the reason."""
    listed = yaml.safe_load((Path(__file__).parent / "equivalent.yaml").read_text()) or {}
    return {
        file: {name: reason for reason, names in reasons.items() for name in names} for file, reasons in listed.items()
    }


def _file(mutant: Mutant) -> str:
    return Path(mutant.path).relative_to(ROOT).as_posix()


def _report(results: list[Result], options: argparse.Namespace) -> float:
    rows: dict[str, Counter[str]] = {}
    for result in results:
        rows.setdefault(_file(result.mutant), Counter())[result.status] += 1
    for result in sorted(results, key=lambda result: (result.mutant.path, result.mutant.line)):
        if result.status in ("survived", "untested"):
            print(f"{result.status} {_file(result.mutant)}:{result.mutant.line}: {result.mutant.name}")
    print(
        f"\n{'module':42} {'mutants':>8} {'killed':>8} {'survived':>8} {'untested':>8} {'equivalent':>10} {'score':>7}"
    )
    rows["all"] = sum(rows.values(), Counter())
    for name, counts in rows.items():
        judged = counts.total() - counts["equivalent"]
        score = 100 * counts["killed"] / judged if judged else 100.0
        print(
            f"{name:42} {counts.total():8} {counts['killed']:8} {counts['survived']:8} {counts['untested']:8} "
            f"{counts['equivalent']:10} {score:6.1f}%"
        )
    total = rows["all"].total() - rows["all"]["equivalent"]
    rate = rows["all"]["killed"] / total if total else 1.0
    if options.sample:
        low, high = _interval(rate, total)
        print(
            f"\na sample (seed {options.seed}): killed {100 * rate:.1f} %, 95 % interval {100 * low:.1f} to {100 * high:.1f} %"
        )
    return rate


def _interval(rate: float, count: int) -> tuple[float, float]:
    """Wilson's interval of a rate, at 95 %."""
    z = 1.96
    middle = rate + z * z / (2 * count)
    spread = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    return (middle - spread) / (1 + z * z / count), (middle + spread) / (1 + z * z / count)


def main() -> int:
    options = _options()
    running.steady()
    os.environ["MCPCONF_CORPUS"] = os.devnull
    options.files = [file for name in options.paths for file in _files(ROOT / name)]
    wanted = [mutant for file in options.files for mutant in mutants(ROOT, file)]
    if options.only:
        wanted = [mutant for mutant in wanted if options.only in mutant.name]
    if options.sample:
        wanted = random.Random(options.seed).sample(wanted, min(options.sample, len(wanted)))
    with tempfile.TemporaryDirectory() as options.folder:
        rate = _report(_results(wanted, options), options)
    return int(rate * 100 < options.at_least)


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", default=JUDGED, help="files or folders of the package")
    parser.add_argument("--sample", type=int, help="try only so many mutants, chosen at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="files or folders of the tests to try with")
    parser.add_argument("--only", help="try only mutants with this text in their name")
    parser.add_argument("--budget", type=float, default=15, help="seconds of CPU time for the tests of one mutant")
    parser.add_argument("--at-least", type=float, default=90, help="exit 1 below this percentage of killed mutants")
    parser.add_argument("--known", action="store_true", help="try only with tests that were measured before")
    parser.add_argument("--progress", action="store_true", help="print each result")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
