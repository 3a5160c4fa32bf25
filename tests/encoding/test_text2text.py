"""Text-to-text rows, and answers mapped back to labels."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch

from tests.conftest import GetBackbone
from tests.tiny import batch_of, examples, of_texts, task
from xbench.encoding.answers import LabelWords, normal_answer
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.nearest_answer import similarity
from xbench.encoding.text2text import Text2Text

TASKS = ("marc", "marc-binary", "xnli")


def text2text(backbone: GetBackbone, name: str, **options: object) -> Text2Text:
    return Text2Text(task(name), backbone("mt5").tokenizer, EncodingOptions(**options), "en")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TASKS)
def test_rows_are_the_tokenizers_own(backbone: GetBackbone, name: str) -> None:
    formulation = text2text(backbone, name)
    spec, tokenizer = formulation.task, formulation.tokenizer
    given = examples(spec)
    template = str(spec.template("text2text", None, "en"))
    answers = spec.verbalizer("text2text", None, "en").words
    for row in formulation.encode(given).rows:
        text = template.format(**{name: column[row.index] for name, column in given.fields.items()})
        target = tokenizer(text_target=answers[given.gold[row.index]][0])["input_ids"]
        assert row.values["input_ids"] == tokenizer(text)["input_ids"]
        assert row.values["target_ids"] == target and target[-1] == tokenizer.eos_token_id
        assert row.count == len(target)


def words(formulation: Text2Text, language: str) -> Mapping[str, tuple[str, ...]]:
    """The label words that answer."""
    assert isinstance(formulation.form, LabelWords)
    return formulation.form.words(language)


def decoded(formulation: Text2Text, texts: list[str], language: str) -> list[str | None]:
    """What generated texts are read as; generation starts with the decoder's start token and pads after the end."""
    tokenizer = formulation.tokenizer
    ids = [torch.tensor([tokenizer.pad_token_id, *tokenizer(text)["input_ids"]]) for text in texts]
    output = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=tokenizer.pad_token_id)
    given = of_texts(formulation.task, *(["x"] * len(texts) for _ in formulation.task.fields), language=language)
    return formulation.decode(output, batch_of(formulation, given)).predictions


@pytest.mark.parametrize("name", TASKS)
def test_answers_of_every_language_map_back_to_their_labels(backbone: GetBackbone, name: str) -> None:
    spec = task(name)
    tokenizer = backbone("mt5").tokenizer
    checked = 0
    for template in (name for name, each in spec.templates.items() if each.text2text is not None):
        for kind in ("source", "target"):
            formulation = text2text(backbone, name, template=template, template_language=kind)
            for language in spec.language_list if kind == "source" else spec.template_languages("text2text", template):
                answers = words(formulation, formulation.template_language(language))
                assert tuple(answers) == spec.labels
                for label, entries in answers.items():
                    for word in entries:
                        if tokenizer.unk_token_id in tokenizer(word)["input_ids"]:
                            continue  # a letter the micro tokenizer never saw; a real one knows it
                        assert decoded(formulation, [word], language) == [label], (template, language, word)
                        checked += 1
    assert checked > 50


@pytest.mark.parametrize("name", TASKS)
def test_no_two_labels_of_a_language_have_one_answer(name: str) -> None:
    """Holds for every letter, whatever the tokenizer knows."""
    spec = task(name)
    for template, each in spec.templates.items():
        if each.text2text is None:
            continue
        for language in spec.template_languages("text2text", template):
            words = spec.verbalizer("text2text", template, language).words
            owners = [(normal_answer(word), label) for label, entries in words.items() for word in entries]
            assert len(dict(owners)) == len(set(owners)), (template, language)


def test_other_answers_are_no_label(backbone: GetBackbone) -> None:
    formulation = text2text(backbone, "xnli")
    yes = words(formulation, "en")["entailment"][0]
    texts = [yes, yes.upper(), f" {yes}. ", f"{yes} {yes}", f"not {yes}", "", "banana"]
    assert decoded(formulation, texts, "en") == ["entailment"] * 3 + [None] * 4


def test_the_nearest_label_is_asked_for_as_released(backbone: GetBackbone) -> None:
    """Equal; equal but for punctuation; words in common; and else the first that the template names."""
    formulation = text2text(backbone, "paws-x", decoding="nearest")
    template = str(formulation.task.template("text2text", None, "en"))
    assert formulation.task.labels == ("different", "same") and template.index("Yes") < template.index("No.")
    texts = ["No", "no.", "a No!", "well no", "Yes and no and no", "", "banana"]
    assert decoded(formulation, texts, "en") == ["different"] * 4 + ["same"] * 3
    assert [similarity("No", text) for text in texts] == [3, 2, 2, 1 / 2, 1 / 5, 0, 0]
    assert similarity("可能", "可能。") == 3 and similarity("The End", "end") == 3
    # Any text counts, so that none is cut off.
    assert batch_of(formulation, examples(formulation.task)).context["answer_length"] == 64


def test_examples_without_gold_can_be_predicted(backbone: GetBackbone) -> None:
    formulation = text2text(backbone, "xnli")
    given = of_texts(formulation.task, ["good", "bad"], ["bad", "good"])
    unlabelled = type(given)(**{**vars(given), "gold": ("", "")})
    rows = formulation.encode(unlabelled).rows
    assert [row.values["target_ids"] for row in rows] == [[], []]
    assert formulation.batch(rows, "en")["input_ids"].shape[0] == 2


def test_long_texts_lose_field_tokens_only(backbone: GetBackbone) -> None:
    formulation = text2text(backbone, "xnli", max_length=120)
    tokenizer = formulation.tokenizer
    long = of_texts(formulation.task, ["good " * 200], ["bad " * 200])
    short = of_texts(formulation.task, ["good"], ["bad"])
    (cut,), (whole,) = formulation.encode(long).rows, formulation.encode(short).rows
    assert len(cut.values["input_ids"]) == 120  # type: ignore[arg-type]
    again = tokenizer.decode(cut.values["input_ids"], skip_special_tokens=True)
    assert again.replace(" good", "").replace(" bad", "") == tokenizer.decode(
        whole.values["input_ids"], skip_special_tokens=True
    ).replace(" good", "").replace(" bad", "")


def test_answers_may_be_as_long_as_the_longest_label(backbone: GetBackbone) -> None:
    formulation = text2text(backbone, "xnli")
    batch = batch_of(formulation, examples(formulation.task))
    longest = max(len(formulation.tokenizer(words[0])["input_ids"]) for words in words(formulation, "en").values())
    assert batch.context["answer_length"] == longest + 2
