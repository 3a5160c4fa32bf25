"""Which texts are compared, and when equal ids are translations."""

from __future__ import annotations

from collections.abc import Sequence

from xbench.data.examples import Examples
from xbench.representations.texts import choose, spaced


def of(language: str, ids: Sequence[str], gold: Sequence[str]) -> Examples:
    """Examples with one field."""
    texts = {"text": tuple(f"{language} {id}" for id in ids)}
    return Examples("marc", language, "test", tuple(ids), texts, tuple(gold))


def test_parallel_languages_get_the_same_texts_at_even_distances() -> None:
    ids = [str(number) for number in range(10)]
    gold = [str(number % 2) for number in range(10)]
    shuffled = [7, 0, 3, 9, 1, 2, 8, 4, 6, 5]
    given = {"en": of("en", ids, gold), "de": of("de", [ids[i] for i in shuffled], [gold[i] for i in shuffled])}
    found = choose(given, 5)
    assert found.translations
    assert found.examples["en"].ids == found.examples["de"].ids == ("0", "2", "4", "6", "8")
    assert found.examples["de"].fields["text"][1] == "de 2"
    whole = choose(given, None)
    mine, theirs = whole.shared("en", "de")
    assert [given["de"].ids[place] for place in theirs] == [given["en"].ids[place] for place in mine]
    assert mine == list(range(10))


def test_equal_ids_with_other_labels_are_no_translations() -> None:
    given = {"en": of("en", "123", "aab"), "de": of("de", "123", "aba")}
    found = choose(given, None)
    assert not found.translations
    assert found.why_not == "2 of 3 texts with equal ids have different labels"


def test_ids_of_their_own_are_no_translations() -> None:
    found = choose({"en": of("en", "123", "aab"), "de": of("de", "345", "baa")}, 2)
    assert not found.translations
    assert "no ids are shared" in found.why_not
    assert {language: each.ids for language, each in found.examples.items()} == {"en": ("1", "2"), "de": ("3", "4")}
    assert "one language" in choose({"en": of("en", "123", "aab")}, 2).why_not


def test_more_than_there_are_is_all() -> None:
    given = {"en": of("en", "123", "aab"), "de": of("de", "1234", "aabb")}
    found = choose(given, 50)
    assert [len(each) for each in found.examples.values()] == [3, 4]
    assert found.translations
    assert spaced(["a", "b"], 9) == ["a", "b"]
