"""Running tests against a mutant in a fork of a process that has everything loaded.

A mutant inside a function is put into the loaded functions; one at the top of a module needs the package imported anew,
which a fork does that has not imported it yet.
"""

from __future__ import annotations

import gc
import importlib.abc
import importlib.util
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, FunctionType

import pytest

KILLED, SURVIVED, ANEW = 1, 0, 3
MEMORY = 3 << 30
EXAMPLES = 25
"""Of a law: most that notice a mistake do so at once, and there are thousands of mistakes to try."""


class Verdict:
    """Ends the process at the first test that fails."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os._exit(KILLED)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            os._exit(KILLED)


def forked(work: Callable[[], int], seconds: float) -> int:
    """What `work` gives in a fork; KILLED where it ends otherwise, or takes more CPU time or memory than allowed."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _confine(seconds)
        code = KILLED
        try:
            code = work()
        finally:
            os._exit(code)
    deadline = time.monotonic() + seconds * 8 + 60
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else KILLED
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.004)


def _confine(seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def run_items(items: list[pytest.Item]) -> int:
    for item in items:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return SURVIVED


class Loaded:
    """The functions of a module as they are in memory."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, str, int], list[FunctionType]] = {}
        for each in gc.get_objects():
            if isinstance(each, FunctionType):
                self._functions.setdefault(_key(each.__code__), []).append(each)

    def put(self, original: CodeType, mutated: CodeType) -> bool:
        """Make the functions do what the mutant does. False if that cannot be done in place."""
        pairs = [pair for pair in _differing(original, mutated) if not pair[0].co_name.startswith("<module")]
        done = False
        for old, new in pairs:
            for function in self._functions.get(_key(old), []):
                if len(function.__code__.co_freevars) != len(new.co_freevars):
                    return False
                function.__code__ = new
                done = True
        return done


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _differing(one: CodeType, other: CodeType) -> Iterable[tuple[CodeType, CodeType]]:
    """Pairs of code objects that differ, outer ones first."""
    if one == other:
        return
    yield one, other
    left = [item for item in one.co_consts if isinstance(item, CodeType)]
    right = [item for item in other.co_consts if isinstance(item, CodeType)]
    for mine, theirs in zip(left, right, strict=False):
        yield from _differing(mine, theirs)


class MutatedModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated code when its module is imported."""

    def __init__(self, module: str, path: str, code: CodeType) -> None:
        self._module, self._path, self._code = module, path, code

    def find_spec(self, fullname, path, target=None):  # noqa: ARG002
        if fullname != self._module:
            return None
        folder = [str(Path(self._path).parent)] if self._path.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=self, submodule_search_locations=folder
        )

    def create_module(self, spec):  # noqa: ARG002
        return None

    def exec_module(self, module) -> None:
        exec(self._code, module.__dict__)


def run_anew(finder: MutatedModule, names: list[str], folder: Path) -> int:
    """Import everything with the mutant in it and run the tests of these names."""
    shutil.rmtree(folder, ignore_errors=True)
    sys.meta_path.insert(0, finder)
    code = pytest.main([*OPTIONS, f"--basetemp={folder}", *names], plugins=[Verdict()])
    return SURVIVED if code == 0 else KILLED


OPTIONS = [
    "-p",
    "no:randomly",
    "-p",
    "no:xdist",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:cov",
    "-o",
    "filterwarnings=ignore",
    "--hypothesis-profile=mutation",
]


def steady() -> None:
    """Hypothesis that tries the same examples each time and shrinks nothing."""
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        "mutation",
        deadline=None,
        database=None,
        derandomize=True,
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def hurried(item: pytest.Item) -> None:
    """A law with settings of its own tries no more examples than the others."""
    known = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
    if known is not None and known.max_examples > EXAMPLES:
        from hypothesis import settings

        item.obj._hypothesis_internal_use_settings = settings(known, max_examples=EXAMPLES)
