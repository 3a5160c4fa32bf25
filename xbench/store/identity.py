"""Names made from content: the same value gives the same name on every machine."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from xbench.errors import StoreError


def stable_hash(value: Any) -> str:
    """16 hexadecimal digits of the SHA-256 of a value's canonical JSON.

    Takes dataclasses, mappings with text keys, lists, tuples, text, numbers, booleans and None.
    Raises TypeError for anything else, and for NaN and infinity.
    """
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def canonical(value: Any) -> Any:
    """The value as plain JSON types; 1.0 and 1 are one number, since YAML and the command line write either."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError(f"{value} has no place in an identity")
        return int(value) if value.is_integer() else value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: canonical(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"the key {wrong[0]!r} of an identity is no text")
        return {key: canonical(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical(entry) for entry in value]
    raise TypeError(
        f"{value!r} of type {type(value).__name__} has no canonical JSON; turn it into text or numbers first"
    )


def checked_name(name: str, what: str) -> str:
    """`name`, if it can be a file's name in the store. Raises StoreError: a name must never leave its folder."""
    if not re.fullmatch(r"[A-Za-z0-9_][\w.+@=-]*", name):
        raise StoreError(f"{what} {name!r} cannot be a file name: letters, digits and . _ + @ = - only.")
    return name
