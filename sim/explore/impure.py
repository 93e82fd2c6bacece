"""What the code of a handler says of its purity: that it goes through a set, whose order nobody knows, or that it
changes a variable or looks at a machine, which are no part of the world. Types are told from how a name is set, and
from what it stands for where it is not local.
"""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from collections import deque
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import msgspec

from sim.core.machine import Machine

MISSING = object()
Resolve = Callable[[str], Any]
"""What a name that is not local stands for; MISSING if that is not known."""
CONTAINERS = (list, dict, set, bytearray, deque)
SETS = (set, frozenset)
MAKING = frozenset(("set", "frozenset"))
ADDRESSES = frozenset(("id", "hash"))
ORDERED = {
    "list", "tuple", "iter", "next", "enumerate", "zip", "map", "filter", "reversed", "dict", "deque", "fromkeys",
    "join", "extend", "chain",
}  # fmt: skip
"""Calls whose result, or effect, has the order of what they are given."""
ANY_ORDER = frozenset(("sorted", "set", "frozenset", "any", "all", "sum", "len", "min", "max", "Counter"))
OF_SETS = frozenset(("union", "intersection", "difference", "symmetric_difference", "copy"))
CHANGING = {
    "append", "appendleft", "add", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove",
    "reverse", "setdefault", "sort", "update",
}  # fmt: skip
OPERATIONS = frozenset(
    dis.opmap[name]
    for name in ("BUILD_SET", "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF", "STORE_ATTR", "STORE_SUBSCR")
    if name in dis.opmap
)
COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp, ast.DictComp)


class Found(msgspec.Struct, frozen=True):
    """What is wrong with a piece of code: where it is, what it does, and what it had better do."""

    code: str
    file: str
    line: int
    does: str
    accepted: str


def through_set(code: CodeType, line: int) -> Found:
    """That code goes through a set."""
    does = "goes through a set, whose order differs from process to process"
    return Found(code.co_qualname, code.co_filename, line, does, "sorted(...) around the set, or a tuple instead of it")


def is_suspect(code: CodeType, resolve: Resolve) -> bool:
    """Whether code may do something wrong, by what it is made of; most is told from the rest by this alone."""
    if not OPERATIONS.isdisjoint(code.co_code[::2]) or not (MAKING | ADDRESSES).isdisjoint(code.co_names):
        return True
    this = resolve("self")
    if any(_may_change(resolve(name)) for name in (*code.co_names, *code.co_freevars, *code.co_varnames[:1])):
        return True
    if this is not MISSING and any(_may_change(_attribute(this, name)) for name in code.co_names):
        return True
    return any(
        isinstance(each, frozenset) or (isinstance(each, CodeType) and is_suspect(each, resolve))
        for each in code.co_consts
    )


def _may_change(value: Any) -> bool:
    return isinstance(value, (*CONTAINERS, frozenset)) or holds_machine(value) or hasattr(value, "__next__")


def _attribute(of: Any, name: str) -> Any:
    """What an attribute stands for, without carrying anything out; MISSING if that is not known."""
    found = inspect.getattr_static(of, name, MISSING)
    if inspect.ismemberdescriptor(found):
        return getattr(of, name, MISSING)
    return MISSING if isinstance(found, property) else found


def holds_machine(value: Any) -> bool:
    """Whether it is a machine, or a list or the like with one in it."""
    inner = value.values() if type(value) is dict else value if type(value) in (list, tuple) else (value,)
    return any(isinstance(each, Machine) for each in inner)


def impurity(code: CodeType, resolve: Resolve) -> Found | None:
    """The first thing that the code of a function does wrong; None if nothing is seen, or its text is not there."""
    try:
        lines, _ = inspect.getsourcelines(code)
        tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    except (OSError, SyntaxError, IndexError):
        return None
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    looking = _Looking(code, tree, resolve)
    for statement in tree.body:
        looking.visit(statement)
    return looking.found


def _says_set(annotation: ast.expr | None) -> bool:
    named = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(named, ast.Name) and named.id in MAKING


class _Looking(ast.NodeVisitor):
    """Goes through the code of one function, up to the first thing that is wrong."""

    def __init__(self, code: CodeType, tree: ast.FunctionDef | ast.AsyncFunctionDef, resolve: Resolve) -> None:
        self.code = code
        self.resolve = resolve
        self.found: Found | None = None
        self.own = frozenset((*code.co_varnames, *code.co_cellvars)) - {*code.co_varnames[: self._has_self()]}
        self.sets = {arg.arg for arg in tree.args.args if _says_set(arg.annotation)}
        self.harmless: set[ast.AST] = set()
        for node in ast.walk(tree):
            value = getattr(node, "value", None)
            if (
                isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
                and value is not None
                and self.is_set(value)
            ):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self.sets |= {target.id for target in targets if isinstance(target, ast.Name)}

    def _has_self(self) -> int:
        return int(self.code.co_argcount > 0 and self.code.co_varnames[0] == "self")

    def visit(self, node: ast.AST) -> None:
        if self.found is None:
            super().visit(node)

    # -- what an expression stands for -----------------------------------------------------------------------------

    def value(self, node: ast.AST) -> Any:
        """What a name that is not local stands for, or an attribute of such; else MISSING."""
        if isinstance(node, ast.Name):
            return MISSING if node.id in self.own else self.resolve(node.id)
        if isinstance(node, ast.Attribute):
            of = self.value(node.value)
            return MISSING if of is MISSING else _attribute(of, node.attr)
        return MISSING

    def is_set(self, node: ast.AST) -> bool:
        """Whether an expression is a set, as far as can be seen."""
        match node:
            case ast.Set() | ast.SetComp():
                found = True
            case ast.Name(id=name) if name in self.own:
                found = name in self.sets
            case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.BitXor()):
                found = self.is_set(node.left) or self.is_set(node.right)
            case ast.BinOp(op=ast.Sub()):
                found = self.is_set(node.left)
            case ast.IfExp():
                found = self.is_set(node.body) or self.is_set(node.orelse)
            case ast.Call(func=ast.Attribute(attr=name, value=of)):
                found = name in OF_SETS and self.is_set(of)
            case ast.Call(func=ast.Name(id=name)):
                found = name in MAKING and name not in self.own
            case _:
                found = isinstance(self.value(node), SETS)
        return found

    # -- order -----------------------------------------------------------------------------------------------------

    def _through(self, node: ast.AST, over: ast.AST) -> None:
        if self.is_set(over):
            self.found = self.found or through_set(self.code, self._line(node))

    def _line(self, node: ast.AST) -> int:
        return self.code.co_firstlineno + getattr(node, "lineno", 1) - 1

    def visit_For(self, node: ast.For) -> None:
        self._through(node, node.iter)
        self.generic_visit(node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self._through(node, node.value)
        self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> None:
        if node not in self.harmless:
            self._through(node, node.value)
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        self.harmless.update(node.elts)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        if isinstance(called, ast.Name) and name in ADDRESSES - self.own and self.resolve(name) is MISSING:
            self._tell(node, f"asks for {name}(...), which differs from process to process", "names, or values")
        if name in ANY_ORDER:
            self.harmless.update(node.args)
        elif name in ORDERED:
            for argument in node.args:
                self._through(node, argument)
        if isinstance(called, ast.Attribute):
            if called.attr == "pop" and not node.args:
                self._through(node, called.value)
            if called.attr in CHANGING and isinstance(self.value(called.value), CONTAINERS):
                self._changes(node, called.value)
        elif name == "next" and node.args and hasattr(self.value(node.args[0]), "__next__"):
            self._changes(node, node.args[0])
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, COMPREHENSIONS) and node not in self.harmless:
            for part in node.generators:
                self._through(node, part.iter)
        if isinstance(node, ast.expr):
            self._looks(node)
        super().generic_visit(node)

    # -- what is no part of the world ------------------------------------------------------------------------------

    def _looks(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name | ast.Attribute) and holds_machine(self.value(node)):
            self._tell(node, f"looks at a machine by {ast.unparse(node)}", "a request for each look at the world")

    def _changes(self, node: ast.AST, what: ast.AST) -> None:
        does = f"changes {ast.unparse(what)}, which is no part of the world"
        self._tell(node, does, "a cell for whatever is remembered, written by a request")

    def _tell(self, node: ast.AST, does: str, accepted: str) -> None:
        file, line = self.code.co_filename, self._line(node)
        self.found = self.found or Found(self.code.co_qualname, file, line, does, accepted)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            if name not in self.own:
                self._changes(node, ast.Name(name))

    visit_Nonlocal = visit_Global  # noqa: N815

    def _set(self, targets: Iterator[ast.AST]) -> None:
        for target in targets:
            at = target.value if isinstance(target, ast.Attribute | ast.Subscript) else None
            if at is not None and self.value(at) is not MISSING:
                self._changes(target, target)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Tuple | ast.List):
                self._through(node, node.value)
            self._set(ast.walk(target))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._set(iter([node.target]))
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._set(iter(node.targets))
        self.generic_visit(node)
