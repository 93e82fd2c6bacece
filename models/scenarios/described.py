"""What is wrong with a value of a scenario file, and what would be accepted where it stands."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from sim.core import BadInput, meant

AT = re.compile(r" - at `\$(.*)`$")
STEP = re.compile(r"\.([a-z_]+)|(\[(?:\d+|\.\.\.)\])")
FIELD = re.compile(r"field `([^`]*)`")
SHOWN_MAX = 60
TEXT = "a text"
WORDS = {
    msgspec.inspect.FloatType: "a number",
    msgspec.inspect.IntType: "a whole number",
    msgspec.inspect.BoolType: "true or false",
    msgspec.inspect.VarTupleType: "a list",
    msgspec.inspect.ListType: "a list",
    msgspec.inspect.DictType: "a mapping, as {a: ...}",
}


def described(type_: Any) -> str:
    """What values a field takes, in words."""
    info = type_ if isinstance(type_, msgspec.inspect.Type) else msgspec.inspect.type_info(type_)
    if isinstance(info, msgspec.inspect.LiteralType):
        return "one of " + ", ".join(str(value) for value in info.values if value != "")
    if isinstance(info, msgspec.inspect.UnionType):
        return " or ".join(described(each) for each in info.types if not isinstance(each, msgspec.inspect.NoneType))
    if isinstance(info, msgspec.inspect.StructType):
        return "a mapping with any of " + ", ".join(_fields(info))
    is_of_texts = isinstance(getattr(info, "item_type", None), msgspec.inspect.StrType)
    return WORDS.get(type(info), TEXT) + (" of texts, as [a, b]" if is_of_texts else "")


def short(value: Any) -> str:
    """A value as it is shown in an error."""
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 3]}..."


def misfit(place: str, kind: type, content: Any, error: str) -> BadInput:
    """What msgspec found wrong with the content that a place has for a kind."""
    at = AT.search(error)
    info: Any = msgspec.inspect.type_info(kind)
    value, where = content, ""
    for name, number in STEP.findall(at[1] if at else ""):
        item = number
        info = _inside(info, name)
        if item and isinstance(value, dict):  # msgspec does not say which key it is
            key = _wrong_key(kind, content, value, error)
            value, item = (None, number) if key is None else (value[key], f"[{key}]")
        else:
            value = value.get(name) if name and isinstance(value, dict) else _numbered(value, item)
        where += f".{name}" if name and where else name or item
    field, takes = FIELD.search(error), described(info)
    inside = f"{place}: {where}" if where else place
    if field and isinstance(info, msgspec.inspect.StructType):
        fields, name = _fields(info), field[1]
        if "missing" in error:
            at_field = f"{inside}.{name}" if where else f"{place}: {name}"
            return BadInput(f"{at_field} is missing", f"{name}: {described(fields.get(name, info))}")
        return BadInput(f"{inside}: there is no field {name!r}{meant(name, fields)}", ", ".join(fields))
    shown = f" is {short(value)}, which is not {takes}" if value is not None else f": {AT.sub('', error)}"
    quoted = f'; "{value}", in quotes' if takes == TEXT and isinstance(value, int | float) else ""
    return BadInput(f"{inside}{shown}", takes + quoted)


def _fields(info: msgspec.inspect.StructType) -> dict[str, msgspec.inspect.Type]:
    return {field.encode_name: field.type for field in info.fields}


def _inside(info: Any, name: str) -> Any:
    """The type of a field, or of the items."""
    if name and isinstance(info, msgspec.inspect.StructType):
        return _fields(info).get(name, info)
    return getattr(info, "value_type", getattr(info, "item_type", info))


def _numbered(value: Any, item: str) -> Any:
    """The item of a list that has that number."""
    number = item.strip("[]")
    return value[int(number)] if isinstance(value, list) and number.isdigit() and int(number) < len(value) else None


def _wrong_key(kind: type, content: Any, mapping: dict[Any, Any], error: str) -> Any:
    """The key of a mapping inside the content with which alone the same is wrong; None if there is none such."""
    for key, value in mapping.items():
        try:
            msgspec.convert(_with(content, mapping, {key: value}), kind)
        except msgspec.ValidationError as other:
            if str(other) == error:
                return key
    return None


def _with(content: Any, old: Any, new: Any) -> Any:
    """The content with a part of it exchanged."""
    if content is old:
        return new
    if isinstance(content, dict):
        return {key: _with(value, old, new) for key, value in content.items()}
    if isinstance(content, list):
        return [_with(value, old, new) for value in content]
    return content
