"""The shipped tasks are complete: every language, the papers' templates, the words of the sample language."""

from pathlib import Path

import pytest

import xbench.grammar
from xbench.spec.registry import load_task, task_paths
from xbench.spec.task import FORMS
from xbench.spec.yaml import read_yaml

WORDS = read_yaml(Path(xbench.grammar.__file__).parent / "lexicon" / "label_words.yaml").data
XNLI = {"ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh"}
MARC = {"de", "en", "es", "fr", "ja", "zh"}


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_every_form_has_a_default_in_every_language(name: str) -> None:
    task = load_task(name)
    for form in FORMS:
        assert task.template_languages(form) == task.language_list, form
        for language in task.languages:
            template = task.template(form, None, language)
            assert set(template.fields) == set(task.fields)
            assert (template.soft_length > 0) == (form == "soft")
            assert list(task.verbalizer(form, None, language).words) == list(task.labels)


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_each_form_has_an_in_lingual_template_in_every_language(name: str) -> None:
    task = load_task(name)
    for form in ("cloze", "text2text"):
        in_lingual = [spec.text(form) for spec in task.templates.values() if isinstance(spec.text(form), dict)]  # type: ignore[arg-type]
        assert in_lingual, form
        for texts in in_lingual:
            assert isinstance(texts, dict)
            assert set(texts) == set(task.languages)
            assert len(set(texts.values())) == len(texts), "a text is given for two languages"


@pytest.mark.parametrize(("name", "languages"), [("marc", MARC), ("marc-binary", MARC), ("xnli", XNLI)])
def test_languages_and_sample_languages(name: str, languages: set[str]) -> None:
    task = load_task(name)
    assert set(task.languages) == languages
    assert set(task.languages_of("hub")) == languages
    assert set(task.languages_of("sample")) == languages & set(xbench.grammar.languages())
    assert task.data_kinds == ("sample", "hub")
    assert not task.redistribute
    assert task.headline_metric == "accuracy"


def test_stars_are_the_words_of_the_sample_language() -> None:
    task = load_task("marc")
    for language in task.languages_of("sample"):
        words = task.verbalizer("cloze", None, language).words
        assert [words[label] for label in task.labels] == [(word,) for word in WORDS["stars"][language]]
        generated = task.verbalizer("text2text", "polyprompt-five-stars-translated", language).words
        assert [word.lower() for (word,) in generated.values()] == [word.lower() for word in WORDS["stars"][language]]


def test_answers_are_the_words_of_the_sample_language() -> None:
    task = load_task("xnli")
    answer = {"entailment": "yes", "neutral": "maybe", "contradiction": "no"}
    for form in FORMS:
        for language in task.languages_of("sample"):
            verbalizer = task.verbalizer(form, None, language)
            words, asked = verbalizer.words, verbalizer.language
            assert asked == ("en" if form == "text2text" else language)  # the default text-to-text template is English
            assert {label: word.lower() for label, (word,) in words.items()} == {
                label: WORDS["answers"][asked][key] for label, key in answer.items()
            }


def test_what_the_papers_give() -> None:
    marc, binary, xnli = load_task("marc"), load_task("marc-binary"), load_task("xnli")
    assert str(marc.template("cloze", "uniprompt-release", "en")) == "It's {mask}. {text}"
    words = marc.verbalizer("cloze", "uniprompt-release", "en").words
    assert [word for (word,) in words.values()] == ["bad", "fine", "funny", "perfect", "wonderful"]
    assert str(xnli.template("soft", None, "sw")) == "{premise} . {hypothesis} ? {soft:4} {mask} ."
    discrete = xnli.template("cloze", "zhao-schuetze", "en")
    assert str(discrete) == "{premise} . Question: {hypothesis} ? Answer: {mask} ."
    assert str(xnli.template("cloze", "chen", "en")) == "{premise}? {mask} {hypothesis}"
    assert xnli.verbalizer("cloze", "chen", "en").words["neutral"] == ("Neutral",)
    assert {xnli.verbalizer("cloze", "pct", language).words["neutral"] for language in xnli.languages} == {("maybe",)}
    for task in (binary, xnli):
        names = [f"polyprompt-{number}" for number in range(1, 6)]
        assert [name for name in names if task.templates[name].author == "paper"] == names
        assert task.template_name("text2text") == names[0]
        options = task.verbalizer("text2text", None, "en").words.values()
        assert all(f") {word}." in str(task.template("text2text", None, "en")) for (word,) in options)


def test_answers_to_be_generated_are_among_the_options_of_the_question() -> None:
    for name, template in [("marc", "polyprompt-five-stars-translated"), ("marc-binary", "polyprompt-1-translated"),
                           ("xnli", "polyprompt-1-translated")]:  # fmt: skip
        task = load_task(name)
        for language in task.languages:
            question = str(task.template("text2text", template, language))
            for (word,) in task.verbalizer("text2text", template, language).words.values():
                assert f") {word}" in question, (name, language, word)


def test_three_stars_are_dropped_and_counted_in_the_binary_task() -> None:
    from xbench.data.load import load_examples

    five, two = load_task("marc"), load_task("marc-binary")
    whole = load_examples(five, "test", "fr", "sample")
    halves = load_examples(two, "test", "fr", "sample")
    assert halves.dropped == whole.gold.count("3") > 0
    stars = dict(zip(whole.ids, whole.gold, strict=True))
    assert all(
        stars[i] in ("12" if gold == "negative" else "45") for i, gold in zip(halves.ids, halves.gold, strict=True)
    )
