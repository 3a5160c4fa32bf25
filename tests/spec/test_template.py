"""Templates parse into segments and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xbench.errors import SpecError
from xbench.spec.template import FieldSegment, MaskSegment, SoftSegment, Template, TextSegment, parse_template


def test_segments_of_a_template() -> None:
    template = parse_template("{premise} . {hypothesis} ? {soft:4} {mask} .")
    assert template.segments == (
        FieldSegment("premise"), TextSegment(" . "), FieldSegment("hypothesis"), TextSegment(" ? "),
        SoftSegment(4), TextSegment(" "), MaskSegment(), TextSegment(" ."),
    )  # fmt: skip
    assert template.fields == ("premise", "hypothesis")
    assert template.soft_length == 4
    assert template.has_mask


def test_braces_and_repeated_fields() -> None:
    template = parse_template("{{{text}}} {text}{{mask}}")
    assert template.segments == (
        TextSegment("{"), FieldSegment("text"), TextSegment("} "), FieldSegment("text"), TextSegment("{mask}"),
    )  # fmt: skip
    assert template.fields == ("text",)
    assert not template.has_mask


@pytest.mark.parametrize(
    ("text", "says"),
    [("a { b", "lone '{' at character 3"), ("a } b", "lone '}'"), ("{}", "slot '{}'"), ("{soft}", "slot"),
     ("{soft:0}", "slot"),
     ("{soft:x}", "slot"), ("{two words}", "slot"), ("{mask", "lone '{'"), ("", "empty"), ("{1}", "slot")],
)  # fmt: skip
def test_what_is_no_template(text: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_template(text)
    assert says in str(caught.value)


texts = st.text(min_size=1).map(TextSegment)
slots = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True)
    .filter(lambda n: n not in ("mask", "soft"))
    .map(FieldSegment),
    st.integers(1, 500).map(SoftSegment),
    st.just(MaskSegment()),
)


@given(st.lists(st.one_of(texts, slots), min_size=1))
def test_any_template_survives_writing_and_parsing(segments: list) -> None:
    merged: list = []
    for segment in segments:
        if merged and isinstance(segment, TextSegment) and isinstance(merged[-1], TextSegment):
            merged[-1] = TextSegment(merged[-1].text + segment.text)
        else:
            merged.append(segment)
    template = Template(tuple(merged))
    assert parse_template(str(template)).segments == template.segments


@given(st.text())
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        template = parse_template(text)
    except SpecError:
        return
    assert str(template) == text
