"""Strict YAML 1.2: plain data, with the line of every key.

Only what a spec needs is accepted. `no`, `yes`, `on` are words, `1e-5` is a number, keys may not repeat, and nothing
is ever built from a tag. What a reader could take for something else (`014`, `1_000`, a merge key) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from xbench.errors import SpecError

KeyPath = tuple[str | int, ...]

# The core schema of YAML 1.2.2, section 10.3.2.
_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_CANONICAL_INT = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_OTHER_NUMBER = re.compile(
    r"(?:0o[0-7]+|0x[0-9a-fA-F]+|0b[01]+|[-+]?[0-9][0-9_]*_[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge")
}


@dataclass(frozen=True)
class Document:
    """The data of one YAML file, and where each of its keys stands."""

    file: Path
    data: dict[Any, Any]
    lines: dict[KeyPath, int] = field(repr=False)

    def line(self, path: Sequence[str | int]) -> int:
        """The line (from 1) of a key, or of the nearest key above it that is in the file."""
        place = tuple(path)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, path: Sequence[str | int], message: str) -> SpecError:
        """A SpecError that begins with file, line and key."""
        key = ".".join(str(part) for part in path)
        return SpecError(message, file=self.file, line=self.line(path), key=key or None)


def read_yaml(path: Path) -> Document:
    """The one mapping a YAML file holds. Raises SpecError with file and line for anything else."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SpecError(f"cannot be read: {error.strerror}.", file=path) from None
    except UnicodeDecodeError as error:
        raise SpecError(f"is not UTF-8 text (byte {error.start}); save it as UTF-8.", file=path) from None
    return read_yaml_text(text, path)


def read_yaml_text(text: str, path: Path) -> Document:
    """`read_yaml` for text that is already in memory; `path` is named in errors."""
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise SpecError(
            f"is not valid YAML: {problem}. Text with ': ', '#', quotes or braces must stand in quotes.",
            file=path,
            line=mark.line + 1 if mark else None,
        ) from None
    except YAMLError as error:
        raise SpecError(f"is not valid YAML: {error}", file=path) from None
    if root is None:
        raise SpecError("is empty; expected a mapping such as 'name: my-task'.", file=path, line=1)
    if not isinstance(root, MappingNode):
        raise SpecError("expected a mapping such as 'name: my-task' at the top.", file=path, line=1)
    builder = _Builder(path)
    return Document(path, builder.mapping(root, ()), builder.lines)


class _Builder:
    """Turns YAML nodes into dicts, lists, text, numbers, true/false and None."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self._open: list[Node] = []  # the nodes being built, to notice an alias inside its own anchor

    def value(self, node: Node, path: KeyPath) -> Any:
        if any(node is other for other in self._open):
            raise self._error(node, path, "an alias stands inside what it names.")
        self._open.append(node)
        try:
            if isinstance(node, MappingNode):
                return self.mapping(node, path)
            if isinstance(node, SequenceNode):
                return self._sequence(node, path)
            assert isinstance(node, ScalarNode)
            return self._scalar(node, path)
        finally:
            self._open.pop()

    def mapping(self, node: MappingNode, path: KeyPath) -> dict[Any, Any]:
        self._refuse_tag(node, "tag:yaml.org,2002:map", path)
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            place = (*path, key)
            for other in result:
                if str(key) == str(other):
                    first = self.lines[(*path, other)]
                    raise self._error(key_node, place, f"the key is given twice (first on line {first}).")
            self.lines[place] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, place)
        return result

    def _sequence(self, node: SequenceNode, path: KeyPath) -> list[Any]:
        self._refuse_tag(node, "tag:yaml.org,2002:seq", path)
        result = []
        for index, item in enumerate(node.value):
            self.lines[(*path, index)] = item.start_mark.line + 1
            result.append(self.value(item, (*path, index)))
        return result

    def _key(self, node: Node, path: KeyPath) -> str | int:
        if not isinstance(node, ScalarNode):
            raise self._error(node, path, "a key must be a word or a number. Text with braces must stand in quotes.")
        key = self._scalar(node, path)
        if key is None or isinstance(key, float):
            raise self._error(node, path, f"the key '{node.value}' is no word; put it in quotes.")
        if key == "<<" and node.style is None:
            raise self._error(node, path, "merge keys ('<<') are no part of YAML 1.2; write the keys out.")
        return str(key).lower() if isinstance(key, bool) else key

    def _scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        text = node.value
        if node.tag not in _PLAIN_TAGS:
            raise self._error(node, path, f"the tag '{node.tag}' is not accepted; write plain data.")
        if node.style is not None:
            return text
        if _NULL.match(text):
            return None
        if _BOOL.match(text):
            return text.lower() == "true"
        if _CANONICAL_INT.match(text):
            return int(text)
        if _INT.match(text) or _OTHER_NUMBER.match(text):
            raise self._error(
                node,
                path,
                f"'{text}' can be read as a number or as text; put it in quotes, or write the number plainly.",
            )
        return float(text) if _FLOAT.match(text) else text

    def _refuse_tag(self, node: Node, expected: str, path: KeyPath) -> None:
        if node.tag != expected:
            raise self._error(node, path, f"the tag '{node.tag}' is not accepted; write plain data.")

    def _error(self, node: Node, path: KeyPath, message: str) -> SpecError:
        key = ".".join(str(part) for part in path)
        return SpecError(message, file=self.file, line=node.start_mark.line + 1, key=key or None)
