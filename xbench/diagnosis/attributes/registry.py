"""Attributes by name: those of the papers, and a user's own by `module:function`."""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import RequestError, nearest

if TYPE_CHECKING:
    import numpy

    from xbench.diagnosis.attributes.inputs import Inputs

    AttributeFunction = Callable[[Inputs], numpy.ndarray]

KINDS = ("classification", "tagging", "extractive-qa", "multiple-choice", "generation")
SUPPLIES = ("tokenizer", "basic_words", "entity_tagger", "training")
PACKAGE = "xbench.diagnosis.attributes"
# The modules whose import registers the shipped attributes, in the order in which these are shown.
MODULES = ("lengths", "similarity", "basic_words", "entities", "tagging", "summaries", "vocabulary", "subwords")


@dataclass(frozen=True)
class Attribute:
    """One number of every example.

    `function` gives float values, one for each example of its Inputs, NaN where the attribute does not apply to one.
    `fields` is how many fields a task needs to have it. `revision` is raised when the same example gets another value;
    for a user's function it is a hash of the file that defines it. `needs` are what it takes of the request's supplies.
    """

    name: str
    kinds: tuple[str, ...]
    description: str
    source: str
    function: AttributeFunction
    fields: int = 1
    needs: tuple[str, ...] = ()
    revision: str = "1"


_REGISTERED: list[Attribute] = []


def attribute(
    name: str,
    kinds: Sequence[str] = KINDS,
    description: str = "",
    source: str = "",
    *,
    fields: int = 1,
    needs: Sequence[str] = (),
    revision: int = 1,
) -> Callable[[AttributeFunction], AttributeFunction]:
    """Registers a function `(Inputs) -> float array` as the attribute of a name for tasks of some kinds."""

    def register(function: AttributeFunction) -> AttributeFunction:
        _REGISTERED.append(
            Attribute(name, tuple(kinds), description, source, function, fields, tuple(needs), str(revision))
        )
        return function

    return register


def attribute_names(kind: str, fields: int | None = None) -> tuple[str, ...]:
    """The names of a kind's shipped attributes; those that a task with that many fields can have, where it is given."""
    return tuple(
        entry.name
        for entry in _shipped().values()
        if kind in entry.kinds and (fields is None or entry.fields <= fields)
    )


def find_attribute(name: str, kind: str) -> Attribute:
    """The attribute of a name, or the user's own that `module:function` or `name=module:function` names.

    Raises:
        RequestError: there is none of that name, or none for that kind, or the user's function cannot be imported.
    """
    found = _users(name) if ":" in name else _shipped().get(name)
    if found is None:
        raise RequestError(
            f"There is no attribute '{name}'.{nearest(name, attribute_names(kind))} "
            "One of your own is named as module:function."
        )
    if kind not in found.kinds:
        raise RequestError(
            f"The attribute '{name}' is one of {' and '.join(found.kinds)} tasks, and this task is {kind}."
            f"{nearest('', attribute_names(kind))}"
        )
    return found


@cache
def _load() -> None:
    for module in MODULES:
        importlib.import_module(f"{PACKAGE}.{module}")


def _shipped() -> dict[str, Attribute]:
    """The shipped attributes in the order of their modules, whichever was imported first."""
    _load()
    places = {f"{PACKAGE}.{module}": place for place, module in enumerate(MODULES)}
    shipped = [entry for entry in _REGISTERED if entry.function.__module__ in places]
    return {entry.name: entry for entry in sorted(shipped, key=lambda entry: places[entry.function.__module__])}


def _users(text: str) -> Attribute:
    column, equals, place = text.partition("=")
    place = place if equals else text
    function = import_function(place, "attribute")
    # What a user's function reads is not known here: it may be any of the supplies.
    own: dict[str, Any] = {"source": place, "needs": SUPPLIES, "revision": function_fingerprint(place)}
    for entry in _REGISTERED:
        if entry.function is function:  # decorated
            found = replace(entry, **own)
            break
    else:
        description = (function.__doc__ or "").strip().partition("\n")[0]
        found = Attribute(place.partition(":")[2], KINDS, description, function=function, **own)
    if equals:
        found = replace(found, name=column)
    if found.name in _shipped():
        raise RequestError(f"'{text}' has the name of a shipped attribute; give it one of its own: NAME={place}.")
    return found


def import_function(place: str, what: str) -> Callable[..., Any]:
    """The function that `module:function` names; modules in the current folder are found as well.

    Raises:
        RequestError: the module or the function is not there, or its import fails.
    """
    module_name, _, function_name = place.partition(":")
    if not module_name or not function_name:
        raise RequestError(f"'{place}' names no function for the {what}; write module:function.")
    here = str(Path.cwd())
    sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise RequestError(
            f"The {what} '{place}' cannot be imported: {type(error).__name__}: {error}. The module must be in the "
            "current folder or on Python's path."
        ) from error
    finally:
        sys.path.remove(here)
    function = getattr(module, function_name, None)
    if not callable(function):
        names = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise RequestError(
            f"The module '{module_name}' has no function '{function_name}'.{nearest(function_name, names)}"
        )
    function_fingerprint(place)
    return function


@cache
def function_fingerprint(place: str) -> str:
    """The hash of the file that `module:function` is defined in, so that values are computed anew when it changes.

    Taken once in a process, when the module is imported: what has been imported stays as it was.
    """
    file = getattr(sys.modules.get(place.partition(":")[0]), "__file__", None)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16] if file else "unknown"
