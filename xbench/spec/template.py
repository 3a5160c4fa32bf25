"""Templates: text with named fields, one mask, and soft slots.

`It's {mask}. {text}` has the segments text, mask, text, field. `{text:bare}` is a field without its final punctuation,
`{soft:4}` a slot of four soft prompt tokens; `{{` and `}}` stand for braces.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from xbench.errors import SpecError


@dataclass(frozen=True)
class TextSegment:
    """Literal text of the template; never shortened."""

    text: str


@dataclass(frozen=True)
class FieldSegment:
    """The place of one field of the example; the only thing that truncation shortens."""

    name: str

    def shown(self, text: str) -> str:
        """What of the field's text stands there."""
        return text


@dataclass(frozen=True)
class BareFieldSegment(FieldSegment):
    """A field without its final punctuation, where the template has its own; whole where it is nothing else."""

    def shown(self, text: str) -> str:
        """The text up to its last character that is no punctuation or space."""
        kept = text.rstrip()
        while kept and unicodedata.category(kept[-1]).startswith("P"):
            kept = kept[:-1].rstrip()
        return kept or text


@dataclass(frozen=True)
class MaskSegment:
    """The place of the backbone's mask token."""


@dataclass(frozen=True)
class SoftSegment:
    """A slot of `length` soft prompt tokens."""

    length: int


Segment = TextSegment | FieldSegment | MaskSegment | SoftSegment


@dataclass(frozen=True)
class Template:
    """A parsed template. `str(template)` gives back text that parses to the same segments."""

    segments: tuple[Segment, ...]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in order of first use."""
        return tuple(dict.fromkeys(part.name for part in self.segments if isinstance(part, FieldSegment)))

    @cached_property
    def soft_length(self) -> int:
        """Number of soft prompt tokens in all slots together."""
        return sum(part.length for part in self.segments if isinstance(part, SoftSegment))

    @cached_property
    def mask_count(self) -> int:
        """Number of masks; one in a cloze template, none in a text-to-text one."""
        return sum(isinstance(part, MaskSegment) for part in self.segments)

    @property
    def has_mask(self) -> bool:
        """Whether there is a mask."""
        return self.mask_count > 0

    def __str__(self) -> str:
        return "".join(_written(part) for part in self.segments)


def _written(part: Segment) -> str:
    match part:
        case TextSegment(text):
            return text.replace("{", "{{").replace("}", "}}")
        case BareFieldSegment(name):
            return f"{{{name}:bare}}"
        case FieldSegment(name):
            return f"{{{name}}}"
        case SoftSegment(length):
            return f"{{soft:{length}}}"
        case _:
            return "{mask}"


_PART = re.compile(r"(?P<escape>\{\{|\}\})|\{(?P<slot>[^{}]*)\}|(?P<brace>[{}])|(?P<text>[^{}]+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BARE = ":bare"
_SOFT = re.compile(r"soft:([0-9]+)\Z")


@lru_cache(maxsize=4096)
def parse_template(text: str) -> Template:
    """The template a text describes. Raises SpecError that shows what stands wrong and where."""
    segments: list[Segment] = []
    for part in _PART.finditer(text):
        if part["brace"]:
            raise SpecError(
                f"the template '{text}' has a lone '{part['brace']}' at character {part.start() + 1}; "
                f"write '{part['brace'] * 2}' for the brace itself."
            )
        if part["slot"] is not None:
            segments.append(_slot(part["slot"], text))
            continue
        literal = part["escape"][0] if part["escape"] else part["text"]
        if segments and isinstance(segments[-1], TextSegment):
            segments[-1] = TextSegment(segments[-1].text + literal)
        else:
            segments.append(TextSegment(literal))
    if not segments:
        raise SpecError('the template is empty; expected text such as "It\'s {mask}. {text}".')
    return Template(tuple(segments))


def _slot(slot: str, text: str) -> Segment:
    if slot == "mask":
        return MaskSegment()
    soft = _SOFT.match(slot)
    if soft and int(soft[1]) > 0:
        return SoftSegment(int(soft[1]))
    name = slot.removesuffix(_BARE)
    if _NAME.match(name) and name not in ("mask", "soft"):
        return FieldSegment(name) if name == slot else BareFieldSegment(name)
    raise SpecError(
        f"the template '{text}' has the slot '{{{slot}}}'; expected a field such as {{text}}, {{mask}} or {{soft:4}}."
    )
