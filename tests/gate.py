"""Checks of the tree itself: generated schemas and pages, links and screens of the README, sizes of files and functions, words.

Run as `python -m tests.gate`; prints what is wrong and exits 1.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mcpconf.documents.schema import render_schema, schemas
from mcpconf.rules import RULES
from mcpconf.system.sources import bundled_rows
from tests.manual import PAGES, generated
from tests.screens import screens

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 300
LONGEST_FUNCTION = 50
HOSTS_IN_DATA_ONLY = (
    *(
        "claude",
        "cursor",
        "vscode",
        "codex",
        "gemini",
        "opencode",
        "zed",
        "goose",
        "continue",
        "windsurf",
        "cline",
        "roo",
    ),
    *("kiro", "kilo", "copilot", "qwen", "junie", "warp", "crush", "droid", "antigravity", "auggie", "kimi", "grok"),
)
FOREIGN_WORDS = re.compile(r"registry\.npmjs|pypi\.org|files\.pythonhosted|/work/(main|shared|venv)|\bDECISIONS\b")


def problems() -> Iterator[str]:
    yield from _schemas()
    yield from _readme()
    for name, page in generated().items():
        if page != (PAGES / f"{name}.md").read_text():
            yield f"mcpconf/docs/{name}.md is old; `python -m tests.manual` writes it anew"
    for path in sorted((ROOT / "mcpconf").rglob("*.py")):
        yield from _sizes(path)
        yield from _host_names(path)
    for name in _tracked():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".yml", ".yaml", ".json", "") and path != Path(__file__).resolve():
            yield from _words(path)


def _schemas() -> Iterator[str]:
    wanted = {f"{name}.schema.json": render_schema(schema) for name, schema in schemas().items()}
    found = {path.name: path.read_text() for path in (ROOT / "schemas").glob("*.json")}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            yield f"schemas/{name} is not what `mcpconf schema {name.partition('.')[0]}` prints"


def _readme() -> Iterator[str]:
    text = (ROOT / "README.md").read_text()
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        if not (ROOT / target).exists():
            yield f"README.md: there is no {target}"
    for rule in RULES.values():
        if f"| {rule.id} | {rule.title}: {rule.what} |\n" not in text:
            yield f"README.md: the table of rules has not `{rule.id}` as the rule says it"
    words = " ".join(text.split())
    for row in bundled_rows().values():
        if row.title not in words:
            yield f"README.md: the host {row.title} is missing"
    for name, screen in screens().items():
        if screen not in text:
            yield f"README.md: the screen `{name}` is old; `python -m tests.screens` prints it"


def _sizes(path: Path) -> Iterator[str]:
    text = path.read_text()
    name = path.relative_to(ROOT)
    if len(text.splitlines()) > LONGEST_FILE:
        yield f"{name}: {len(text.splitlines())} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{name}:{node.lineno}: `{node.name}` has {length} lines"


def _host_names(path: Path) -> Iterator[str]:
    """A host is data: no program text may know one by name. Documentation may."""
    if "secrets" in path.parts or path.name == "starter.py":
        return
    tree = ast.parse(path.read_text())
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            for host in HOSTS_IN_DATA_ONLY:
                if re.fullmatch(rf"{host}(-[a-z]+)?", node.value):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: names the host `{node.value}`"


def _words(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        match = FOREIGN_WORDS.search(line)
        if match:
            yield f"{path.relative_to(ROOT)}:{number}: `{match[0]}` does not belong here"


def _tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found) or "schemas, documents and sizes are in order")
    sys.exit(bool(found))
