"""Where a template's soft prompt tokens stand and how many there are."""

from __future__ import annotations

from xbench.spec.template import FieldSegment, MaskSegment, SoftSegment, Template


def place_soft_slot(template: Template, position: str | None, length: int | None) -> Template:
    """The template with its soft slots moved to one position and set to one length; None leaves what it says.

    With a position, a template without slots gets one.

    Positions are those of MPT's equation 9: `prefix` before all, `midfix` before the second field (after the only
    one), `suffix` before the mask, `endfix` at the end.
    """
    slots = [segment for segment in template.segments if isinstance(segment, SoftSegment)]
    total = length if length is not None else sum(slot.length for slot in slots)
    if position is None:
        return _resize(template, total) if slots and length is not None else template
    rest = [segment for segment in template.segments if not isinstance(segment, SoftSegment)]
    fields = [place for place, segment in enumerate(rest) if isinstance(segment, FieldSegment)]
    mask = next(place for place, segment in enumerate(rest) if isinstance(segment, MaskSegment))
    middle = fields[1] if len(fields) > 1 else fields[0] + 1
    place = {"prefix": 0, "midfix": middle, "suffix": mask, "endfix": len(rest)}[position]
    return Template((*rest[:place], SoftSegment(total), *rest[place:]))


def _resize(template: Template, total: int) -> Template:
    """Spreads `total` soft tokens over the template's slots in their order, as evenly as possible."""
    count = sum(isinstance(segment, SoftSegment) for segment in template.segments)
    lengths = iter([total // count + (number < total % count) for number in range(count)])
    return Template(
        tuple(
            SoftSegment(next(lengths)) if isinstance(segment, SoftSegment) else segment for segment in template.segments
        )
    )
