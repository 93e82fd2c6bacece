"""Whether handlers keep to the rule that they depend on what they are told alone: what can be seen of that in their
code and where they stand.

Told twice the same, a handler that goes through a set does the same twice, as the order of a set differs only from one
process of the operating system to another; and so does one that looks at a variable which another handler changes. So
code is looked at as well, once, when a step is learned that uses it; and a handler that waits in the midst of a set is
seen wherever that set comes from.
"""

from __future__ import annotations

import gc
import inspect
import itertools
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, FrameType, FunctionType, GeneratorType, MethodType
from typing import Any

from sim.core.machine import Running
from sim.core.request import Request
from sim.core.rules import BrokenRule, briefly
from sim.explore.impure import MISSING, Found, impurity, is_suspect, through_set

SET_ITERATOR: type = type(iter(frozenset(())))
THROUGH = (enumerate, zip, map, filter, itertools.chain, itertools.islice, GeneratorType)
"""Iterators that may go through a set on behalf of another one."""
METHODS = ("ready", "choices", "carry_out", "repeats", "cells", "reads", "writes")
_looked: dict[tuple[int, ...], tuple[Any, Found | None]] = {}
"""What was found in code, by where it lies, with whatever keeps it there."""


def check_handler(process: Running) -> None:
    """Look at a handler that waits to take a request.

    Raises:
        BrokenRule: something is wrong with its code, or it waits in the midst of a set.
    """
    found = _handler(process.generator)
    if found is not None:
        raise _broken(f"process {process!r}, at {briefly(process.request)}: ", found)


def check_request(request: Request) -> None:
    """Look at the code of a request.

    Raises:
        BrokenRule: something is wrong with it.
    """
    found = _request(request)
    if found is not None:
        raise _broken("", found)


def _broken(where: str, found: Found) -> BrokenRule:
    file = Path(found.file).name
    return BrokenRule(f"{where}{found.code} ({file}:{found.line}) {found.does}", found.accepted)


def _handler(stage: Any) -> Found | None:
    while isinstance(stage, GeneratorType) and stage.gi_frame is not None:
        code = stage.gi_code
        found = _of(code, stage.gi_frame)
        if found is None and _is_in_set(stage, stage.gi_yieldfrom):
            found = through_set(code, stage.gi_frame.f_lineno)
        if found is not None:
            return found
        stage = stage.gi_yieldfrom
    return None


def _is_in_set(iterator: Any, but: Any = None) -> bool:
    """Whether an iterator goes through a set, itself or by another one; ``but`` is looked at by somebody else."""
    for each in gc.get_referents(iterator):
        if isinstance(each, SET_ITERATOR):
            return True
        goes_on = isinstance(each, THROUGH) or (isinstance(each, tuple) and isinstance(iterator, zip | map))
        if goes_on and each is not but and _is_in_set(each):
            return True
    return False


def _request(request: Request) -> Found | None:
    kind = type(request)
    known = _looked.get((id(kind),))
    if known is None:
        methods = [method for name in METHODS if isinstance(method := getattr(kind, name), FunctionType)]
        found = next((found for each in methods if (found := _function(each, request)) is not None), None)
        known = _looked[id(kind),] = kind, found
    return known[1]


def _function(function: FunctionType, this: Any = MISSING) -> Found | None:
    """What is wrong with the code of a function, or of a method of ``this``."""
    code = function.__code__
    outside = {name: _content(cell) for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True)}
    if this is not MISSING and code.co_argcount:
        outside[code.co_varnames[0]] = this
    return _looked_at(code, function.__globals__, outside)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _of(code: CodeType, frame: FrameType) -> Found | None:
    """What is wrong with the code of a generator."""
    if not code.co_freevars:
        known = _looked.get((id(code),))
        if known is not None:
            return known[1]
    local = frame.f_locals
    outside = {name: local.get(name, MISSING) for name in code.co_freevars}
    if code.co_varnames[:1] == ("self",):
        outside["self"] = local.get("self", MISSING)
    return _looked_at(code, frame.f_globals, outside)


def _looked_at(code: CodeType, around: Mapping[str, Any], outside: Mapping[str, Any]) -> Found | None:
    """What is wrong with code, or with a function of the same package that it calls; ``outside`` is what it has from
    around it, and its ``self``.
    """
    key = (id(code), *(id(type(outside[name])) for name in code.co_freevars))
    if key in _looked:
        return _looked[key][1]
    _looked[key] = code, None  # while what it calls is looked at, which may call it

    def resolve(name: str) -> Any:
        return outside[name] if name in outside else around.get(name, MISSING)

    found = impurity(code, resolve) if is_suspect(code, resolve) else None
    found = found or _called(code, around, outside.get("self", MISSING))
    _looked[key] = code, found
    return found


def _called(code: CodeType, around: Mapping[str, Any], this: Any) -> Found | None:
    package = str(around.get("__name__")).partition(".")[0]
    for name in code.co_names:
        called: Any = around.get(name)
        of = MISSING
        if not isinstance(called, FunctionType) and this is not MISSING:
            called, of = inspect.getattr_static(type(this), name, None), this
        if isinstance(called, MethodType):
            called, of = called.__func__, called.__self__
        if isinstance(called, FunctionType) and called.__module__.partition(".")[0] == package:
            found = _function(called, of)
            if found is not None:
                return found
    return None
