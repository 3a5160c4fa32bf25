"""Filled patterns are the text that formatting gives, and know where their slots are."""

from hypothesis import given
from hypothesis import strategies as some

from xbench.grammar.wording import Span, Wording, fill, passage

TEXT = some.text(alphabet="ab \u0442\u672c", max_size=6)


@given(TEXT, TEXT, TEXT, TEXT)
def test_text_is_the_formatted_pattern_with_single_spaces(before: str, first: str, between: str, second: str) -> None:
    pattern = before + "{first}" + between + "{second}"
    wording = fill(pattern, first=first, second=second)
    assert wording.text == " ".join(pattern.format(first=first, second=second).split())
    for span in wording.spans:
        assert wording.text[span.start : span.end] == " ".join({"first": first, "second": second}[span.name].split())
    assert [span.name for span in wording.spans] == [
        name for name, text in (("first", first), ("second", second)) if text.strip()
    ]


@given(some.lists(TEXT.filter(str.strip), min_size=1, max_size=4), some.sampled_from(["", " ", ", "]))
def test_parts_keep_their_characters_within_a_passage(phrases: list[str], between: str) -> None:
    story = passage([fill("so {phrase} it is", phrase=phrase) for phrase in phrases], between)
    said = [story.text[span.start : span.end] for span in story.spans if span.name == "phrase"]
    assert said == [" ".join(phrase.split()) for phrase in phrases]
    sentences = [
        story.text[story.span(str(number)).start : story.span(str(number)).end] for number in range(len(phrases))
    ]
    assert between.join(sentences) == story.text


def test_a_part_may_have_parts() -> None:
    name = Wording("Anna Kaya", (Span("B-PER", 0, 4), Span("I-PER", 5, 9)))
    wording = fill("{place} {person} waits", place="", person=name)
    assert wording.spans == (Span("person", 0, 9), Span("B-PER", 0, 4), Span("I-PER", 5, 9))
