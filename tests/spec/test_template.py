"""Templates parse into segments and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xbench.errors import SpecError
from xbench.spec.template import (
    BareFieldSegment,
    FieldSegment,
    MaskSegment,
    SoftSegment,
    Template,
    TextSegment,
    parse_template,
)


def test_segments_of_a_template() -> None:
    template = parse_template("{premise} . {hypothesis} ? {soft:4} {mask} .")
    assert template.segments == (
        FieldSegment("premise"), TextSegment(" . "), FieldSegment("hypothesis"), TextSegment(" ? "),
        SoftSegment(4), TextSegment(" "), MaskSegment(), TextSegment(" ."),
    )  # fmt: skip
    assert template.fields == ("premise", "hypothesis")
    assert template.soft_length == 4
    assert template.has_mask


def test_a_bare_field_leaves_its_final_punctuation_out() -> None:
    template = parse_template("{premise:bare} . {mask}")
    (segment, *_) = template.segments
    assert segment == BareFieldSegment("premise") != FieldSegment("premise")
    assert template.fields == ("premise",)
    texts = {
        "Yes.": "Yes",
        "Is it?! ": "Is it",
        "看了。": "看了",
        "a.b": "a.b",
        "(so) ...": "(so",
        "...": "...",
    }
    assert {text: segment.shown(text) for text in texts} == texts
    assert FieldSegment("premise").shown("Yes.") == "Yes."


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
     ("{soft:0}", "slot"), ("{mask:bare}", "slot"), ("{text:bar}", "slot"),
     ("{soft:x}", "slot"), ("{two words}", "slot"), ("{mask", "lone '{'"), ("", "empty"), ("{1}", "slot")],
)  # fmt: skip
def test_what_is_no_template(text: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_template(text)
    assert says in str(caught.value)


texts = st.text(min_size=1).map(TextSegment)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True).filter(lambda name: name not in ("mask", "soft"))
slots = st.one_of(
    names.map(FieldSegment),
    names.map(BareFieldSegment),
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
