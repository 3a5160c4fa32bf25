"""What a task spec gives to the rest of xbench."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xbench.errors import RequestError, SpecError
from xbench.spec.registry import load_task
from xbench.spec.template import MaskSegment

WriteTask = Callable[..., Path]


def test_templates_and_verbalizers_by_form_and_language(write_task: WriteTask) -> None:
    task = load_task(write_task())
    assert task.template_name("cloze") == "its"
    assert str(task.template("cloze", None, "de")) == "Es ist {mask}. {text}"
    assert MaskSegment() in task.template("soft", None, "en").segments
    assert str(task.template("text2text", "ask", "de")) == "Good or bad? {text}"
    verbalizer = task.verbalizer("cloze", None, "en")
    assert verbalizer.words == {"bad": ("bad",), "good": ("good", "great")}
    assert list(verbalizer.words) == list(task.labels)
    assert (verbalizer.aggregate, verbalizer.pieces, verbalizer.language) == ("max", "first-piece", "en")
    assert task.template_languages("cloze") == ("en", "de")


def test_label_words_come_in_the_order_of_the_labels(write_task: WriteTask) -> None:
    task = load_task(write_task(("de: {bad: schlecht, good: gut}", "de: {good: gut, bad: schlecht}")))
    assert list(task.verbalizer("cloze", None, "de").words) == ["bad", "good"]


@pytest.mark.parametrize(
    ("form", "name", "says"),
    [
        ("cloze", "itz", "Did you mean 'its'?"),
        ("cloze", "ask", "has no cloze text"),
        ("text2text", "its", "has no text2text text"),
    ],
)
def test_a_template_that_cannot_be_had(write_task: WriteTask, form: str, name: str, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        load_task(write_task()).template(form, name, "en")  # type: ignore[arg-type]
    assert says in str(caught.value)


def test_languages_without_template_or_words_say_which_there_are(write_task: WriteTask) -> None:
    partial = write_task(
        ("    cloze:\n", "    languages: [en]\n    cloze:\n"),
        ('      de: "Es ist {mask}. {text}"\n', ""),
        ("  words:\n    author: human\n", "  words:\n    author: human\n    languages: [en]\n"),
        ("      de: {bad: schlecht, good: gut}\n", ""),
    )
    task = load_task(partial)
    with pytest.raises(RequestError, match="only in en"):
        task.template("cloze", None, "de")
    with pytest.raises(RequestError, match="only in en"):
        task.verbalizer("text2text", None, "de")
    assert task.template_languages("text2text") == ("en",)


def test_a_plain_template_may_say_what_it_is_written_in(write_task: WriteTask) -> None:
    task = load_task(write_task(("    text2text:", "    language: en\n    text2text:")))
    asked = task.verbalizer("text2text", None, "de")
    assert (asked.language, asked.words["good"]) == ("en", ("good", "great"))
    assert task.template_languages("text2text") == ("en", "de")


def test_no_default_template_names_the_others(write_task: WriteTask) -> None:
    task = load_task(write_task((", soft: its", "")))
    with pytest.raises(RequestError, match=r"no default soft template.*its"):
        task.template_name("soft")


def test_languages_of_each_split_and_data(write_task: WriteTask) -> None:
    task = load_task(write_task())
    assert task.data_kinds == ("files",)
    assert task.languages_of("files") == ("en", "de")
    assert task.languages_of("files", "train") == ("en",)
    assert task.languages_of("files", "dev") == ()
    assert task.languages_of("hub") == ()


def test_one_file_source_may_serve_all_splits(write_task: WriteTask) -> None:
    path = write_task(
        (
            'files:\n  train: {path: "train.tsv", languages: [en]}\n  test: {path: "{language}.tsv"}',
            'files: "{split}-{code}.csv"',
        ),
        ("de: {}", "de: {code: deu_Latn}"),
    )
    task = load_task(path)
    assert task.languages_of("files", "dev") == ("en", "de")
    assert task.code("de") == "deu_Latn"
    assert task.code("en") == "en"


def test_norwegian_is_a_language(write_task: WriteTask) -> None:
    task = load_task(write_task(("de: {}", "no: {}"), ("de: ", "no: "), ("de: ", "no: ")))
    assert task.language_list == ("en", "no")


def test_labels_may_be_numbers(write_task: WriteTask) -> None:
    task = load_task(
        write_task(
            ("[bad, good]", "[0, 1]"),
            ("{bad: bad, good: [good, great]}", "{0: bad, 1: good}"),
            ("{bad: schlecht, good: gut}", "{0: schlecht, 1: gut}"),
        )
    )
    assert task.labels == ("0", "1")
    assert task.verbalizer("cloze", None, "de").words == {"0": ("schlecht",), "1": ("gut",)}


def test_attributes_are_names_or_functions_of_ones_own(write_task: WriteTask) -> None:
    lines = 'attributes: [t1Len, my_module:exclamations, {name: marks, function: "my_module:count"}]\nmetrics:'
    task = load_task(write_task(("metrics:", lines)))
    assert task.attributes == ("t1Len", "my_module:exclamations", "marks=my_module:count")


@pytest.mark.parametrize(
    "entry", ["{name: marks}", "{function: 'a:b', name: 3}", "{name: a, function: 'a:b', more: x}"]
)
def test_an_attribute_that_is_no_attribute(write_task: WriteTask, entry: str) -> None:
    with pytest.raises(SpecError, match=r"or \{name: NAME, function") as caught:
        load_task(write_task(("metrics:", f"attributes: [{entry}]\nmetrics:")))
    assert caught.value.key == "attributes.0"
