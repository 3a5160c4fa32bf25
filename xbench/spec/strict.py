"""What all spec models share: no unknown keys, and errors that name file, line, key and expectation."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from xbench.errors import SpecError, nearest
from xbench.spec.yaml import Document, KeyPath


class Strict(BaseModel):
    """A mapping of a YAML file: frozen, and a key it does not know is an error that shows the nearest one."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        names = [field.alias or name for name, field in cls.model_fields.items()]
        for key in value:
            if key not in names and key not in cls.model_fields:
                hint = nearest(str(key), names)
                raise PydanticCustomError("unknown_key", "unknown key.{hint}", {"hint": hint, "key": str(key)})
        return value


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


# A label or raw value: `1` and `true` may stand without quotes, for both have one way to be written.
PlainText = Annotated[str, BeforeValidator(_as_text)]

_KINDS = {
    bool: "true/false",
    int: "the number {0}",
    float: "the number {0}",
    str: "the text '{0}'",
    dict: "a mapping",
    list: "a list",
}


def found(value: Any) -> str:
    """'the number 5', 'a list', ...: what stands in the file instead of what was expected."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    return _KINDS.get(type(value), "something else").format(value)


_EXPECTED = {
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "dict_type": "expected a mapping such as {name: value}",
    "model_type": "expected a mapping such as {name: value}",
    "model_attributes_type": "expected a mapping such as {name: value}",
    "tuple_type": "expected a list such as [a, b]",
    "list_type": "expected a list such as [a, b]",
    "float_type": "expected a number",
}


def _message(error: ErrorDetails) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return "is missing; add it."
    if kind == "literal_error":
        choices = [part.strip("' ") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        hint = nearest(value, choices) if isinstance(value, str) else ""
        return f"expected one of {', '.join(choices)}; found {found(value)}.{hint if 'Did you' in hint else ''}"
    if kind in _EXPECTED:
        quotes = " Put it in quotes." if kind == "string_type" and isinstance(value, bool | int | float) else ""
        return f"{_EXPECTED[kind]}; found {found(value)}.{quotes}"
    message = error["msg"].removeprefix("Value error, ")
    return message if message.endswith((".", "?")) else f"{message}."


def _key_path(error: ErrorDetails, document: Document) -> KeyPath:
    """Where in the file: pydantic's location without the marks of unions and keys that it adds."""
    path = tuple(
        part for part in error["loc"] if not (isinstance(part, str) and (part.startswith("<") or part == "[key]"))
    )
    key = error.get("ctx", {}).get("key")
    path = (*path, key) if error["type"] == "unknown_key" and key is not None else path
    # `{0: ...}` was read as text '0' by then; the file knows the number.
    whole = tuple(int(part) if isinstance(part, str) and part.isdecimal() else part for part in path)
    return path if path in document.lines or whole not in document.lines else whole


def spec_error(document: Document, error: ValidationError) -> SpecError:
    """All that pydantic found, as one SpecError: the first mistake in the file, then the others, one a line."""
    found_errors = [
        document.error(_key_path(detail, document), _message(detail)) for detail in error.errors(include_url=False)
    ]
    return joined(found_errors)


def joined(errors: list[SpecError]) -> SpecError:
    """One SpecError for several mistakes, in the order of the file."""
    errors = sorted(errors, key=lambda one: one.line or 0)
    first, others = errors[0], errors[1:]
    if others:
        first.args = ("\n".join(str(one) for one in errors),)
    return first
