"""The mutants of a module: one small change each, as a person could make it by mistake.

What a mutant never touches: annotations, docstrings, decorators, `assert` (it speaks to the type checker), `__all__`, and
the branch `if TYPE_CHECKING`.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

_COMPARISONS: dict[type, type] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_UNTOUCHED = frozenset({"annotation", "returns", "decorator_list", "type_params", "bases", "type_comment"})


@dataclass(frozen=True)
class Mutant:
    """`name` is the same as long as the mutated expression and its function are: it holds no line number."""

    module: str
    path: str
    line: int
    name: str
    place: tuple[tuple[str, int | None], ...]
    number: int
    in_function: bool


@dataclass(frozen=True)
class _Change:
    was: str
    becomes: str
    new: Callable[[], ast.AST | None]


def mutants(root: Path, path: Path) -> list[Mutant]:
    name = path.relative_to(root).as_posix()
    module = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    tree = ast.parse(path.read_text())
    found: list[Mutant] = []
    counts: dict[str, int] = {}
    for node, place, scope, inside in _nodes(tree, (), (), inside=False):
        for number, change in enumerate(_changes(node)):
            label = f"{'.'.join(scope) or 'module'}: {change.was} -> {change.becomes}"
            counts[label] = counts.get(label, 0) + 1
            label += f" #{counts[label]}" if counts[label] > 1 else ""
            found.append(Mutant(module, str(path), node.lineno, label, place, number, inside))
    return found


def compiled(mutant: Mutant) -> CodeType:
    """The module with this one change."""
    tree = ast.parse(Path(mutant.path).read_text())
    parent, (field, index) = tree, mutant.place[-1]
    for step, at in mutant.place[:-1]:
        parent = getattr(parent, step) if at is None else getattr(parent, step)[at]
    held = getattr(parent, field)
    node = held if index is None else held[index]
    new = _changes(node)[mutant.number].new()
    if new is None:
        new = ast.Pass()
    ast.copy_location(new, node)
    if index is None:
        setattr(parent, field, new)
    else:
        held[index] = new
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return compile(ast.fix_missing_locations(tree), mutant.path, "exec")


def _nodes(
    node: ast.AST, place: tuple[tuple[str, int | None], ...], scope: tuple[str, ...], *, inside: bool
) -> Iterator[tuple[ast.AST, tuple[tuple[str, int | None], ...], tuple[str, ...], bool]]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        scope = (*scope, node.name)
    for field, value in ast.iter_fields(node):
        if field in _UNTOUCHED:
            continue
        deeper = inside or (isinstance(node, (ast.FunctionDef, ast.Lambda)) and field == "body")
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _left_alone(child, node, index):
                continue
            step = (*place, (field, index))
            if hasattr(child, "lineno"):
                yield child, step, scope, deeper
            yield from _nodes(child, step, scope, inside=deeper)


def _left_alone(node: ast.AST, parent: ast.AST, index: int | None) -> bool:
    if isinstance(node, (ast.Assert, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_static(node):
        return True
    if isinstance(parent, ast.Compare) and isinstance(node, ast.Constant) and node.value is None:
        return True
    return isinstance(parent, ast.FormattedValue) and index is None and node is parent.format_spec


def _is_static(node: ast.Assign) -> bool:
    """`__all__`, and names of types, that only the type checker reads."""
    target = node.targets[0]
    assert isinstance(target, ast.Name)
    return target.id == "__all__" or (isinstance(node.value, ast.Subscript) and ast.unparse(node.value.value) != "dict")


def _changes(node: ast.AST) -> list[_Change]:
    return list(_of_expression(node)) + list(_of_statement(node))


def _of_expression(node: ast.AST) -> Iterator[_Change]:
    shown = ast.unparse(node) if isinstance(node, ast.expr) else ""
    match node:
        case ast.Compare(left, [operator, *more], comparators) if type(operator) in _COMPARISONS:
            swapped = ast.Compare(left, [_COMPARISONS[type(operator)](), *more], comparators)
            yield _Change(shown, ast.unparse(swapped), lambda: swapped)
        case ast.BoolOp(operator, values):
            other = ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            yield _Change(shown, ast.unparse(other), lambda: other)
        case ast.UnaryOp(ast.Not(), operand):
            yield _Change(shown, ast.unparse(operand), lambda: operand)
        case ast.BinOp(left, operator, right) if type(operator) in _ARITHMETIC:
            turned = ast.BinOp(left, _ARITHMETIC[type(operator)](), right)
            yield _Change(shown, ast.unparse(turned), lambda: turned)
        case ast.Constant(value):
            yield from _of_constant(value)
        case ast.IfExp(test, body, orelse):
            crossed = ast.IfExp(test, orelse, body)
            yield _Change(shown, ast.unparse(crossed), lambda: crossed)


def _of_constant(value: object) -> Iterator[_Change]:
    if isinstance(value, bool):
        yield _Change(str(value), str(not value), lambda: ast.Constant(not value))
    elif isinstance(value, (int, float)):
        yield _Change(repr(value), repr(value + 1), lambda: ast.Constant(value + 1))
    elif isinstance(value, str) and value and not any(char.isalnum() for char in value):
        yield _Change(repr(value), repr(value[1:]), lambda: ast.Constant(value[1:]))
    elif isinstance(value, (str, bytes)):
        mark = "XX" if isinstance(value, str) else b"XX"
        yield _Change(repr(value), repr(mark + value), lambda: ast.Constant(mark + value))
    elif value is None:
        yield _Change("None", "'XX'", lambda: ast.Constant("XX"))


def _of_statement(node: ast.AST) -> Iterator[_Change]:
    match node:
        case ast.If(test) | ast.While(test):
            yield from _negated(node, test)
        case ast.Return(value) if value is not None and not _is_none(value):
            yield _Change(ast.unparse(node), "return None", lambda: ast.Return(ast.Constant(None)))
        case ast.Continue():
            yield _Change("continue", "break", ast.Break)
        case ast.Break():
            yield _Change("break", "continue", ast.Continue)
        case ast.Expr(value) if not isinstance(value, (ast.Constant, ast.Yield, ast.YieldFrom)):
            yield _Change(ast.unparse(node), "pass", lambda: None)
        case ast.Raise() | ast.AugAssign():
            yield _Change(ast.unparse(node), "pass", lambda: None)
        case ast.Expr(ast.Yield() | ast.YieldFrom()):
            yield _Change(ast.unparse(node), "no yield", lambda: _never(node))


def _negated(node: ast.If | ast.While, test: ast.expr) -> Iterator[_Change]:
    if isinstance(test, ast.Constant):
        return
    word = "if" if isinstance(node, ast.If) else "while"
    turned = ast.UnaryOp(ast.Not(), test)
    if isinstance(node, ast.If):
        new: ast.AST = ast.If(turned, node.body, node.orelse)
    else:
        new = ast.While(turned, node.body, node.orelse)
    yield _Change(f"{word} {ast.unparse(test)}", f"{word} {ast.unparse(turned)}", lambda: new)


def _never(node: ast.AST) -> ast.AST:
    """The statement where it is never reached, so that the function stays a generator."""
    return ast.If(ast.Constant(False), [node], [])


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
