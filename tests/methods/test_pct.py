"""PCT: two templates for one example, both cross-entropies, and the divergence between them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch

from tests.conftest import GetBackbone
from tests.tiny import Built, examples, task
from xbench.encoding.cross_template import CrossTemplateCloze
from xbench.encoding.formulation import pair_side
from xbench.errors import RequestError
from xbench.parts.masked_language_model import words_of


def test_the_loss_by_hand_in_float64(backbone: GetBackbone) -> None:
    built = Built("pct", backbone("xlmr"), divergence_weight=0.7)
    batch, model = built.training_batch(), built.backbone.fresh().eval()
    expected, logs = 0.0, []
    for side in ("source", "target"):
        half = pair_side(batch, side)
        with torch.no_grad():
            logits = model(input_ids=half["input_ids"], attention_mask=half["attention_mask"]).logits.double()
        log = logits[torch.arange(len(half)), half["mask_position"]].log_softmax(-1)  # [batch, vocabulary]
        gold = words_of(batch).ids[:, 0, 0][half["label"]]
        expected -= float(log.gather(1, gold[:, None]).sum())
        logs.append(log)
    for first, second in (logs, logs[::-1]):
        expected += 0.7 * float((first.exp() * (first - second)).sum())
    with torch.no_grad():
        assert float(built.method.loss(built.model(), batch)) == pytest.approx(expected, rel=1e-5)


def test_the_vocabulary_is_scored_once_a_template(backbone: GetBackbone, monkeypatch: pytest.MonkeyPatch) -> None:
    built = Built("pct", backbone("xlmr"))
    model: Any = built.model()
    scored = []
    whole = model.language_model.output.forward
    monkeypatch.setattr(model.language_model.output, "forward", lambda state: scored.append(len(state)) or whole(state))
    batch = built.training_batch()
    built.method.loss(model, batch)
    assert scored == [len(batch)] * 2


def test_the_divergence_is_zero_where_both_templates_are_the_same(backbone: GetBackbone) -> None:
    """`uniprompt-release` has an English text alone, so that both halves are the same rows."""
    one, none = (
        Built("pct", backbone("xlmr"), template="uniprompt-release", divergence_weight=weight) for weight in (5.0, 0.0)
    )
    batch = one.training_batch()
    assert torch.equal(batch["source_input_ids"], batch["target_input_ids"])
    with torch.no_grad():
        assert float(one.method.loss(one.model(), batch)) == float(none.method.loss(none.model(), batch))


def test_every_example_gets_one_other_language_and_keeps_it(backbone: GetBackbone) -> None:
    formulation = Built("pct", backbone("xlmr")).formulation
    assert isinstance(formulation, CrossTemplateCloze)
    many = examples(task("marc"), "en", 400)
    drawn = formulation._drawn_languages(many)
    assert drawn == formulation._drawn_languages(many)
    counts = Counter(drawn)
    assert set(counts) == {"de", "es", "fr", "ja", "zh"} and min(counts.values()) > 40
    half = formulation._drawn_languages(many.take(range(200)))
    assert half == drawn[:200]


def test_tests_see_their_own_template_and_the_sources_words(backbone: GetBackbone) -> None:
    built = Built("pct", backbone("xlmr"))
    tokenizer = built.backbone.tokenizer
    batch = built.batch("de", 4)
    assert tokenizer.decode(batch["input_ids"][0], skip_special_tokens=True).startswith("Es ist")
    assert torch.equal(words_of(batch).ids, words_of(built.batch("en", 4)).ids)
    source = Built("pct", backbone("xlmr"), template_language="source").batch("de", 4)
    assert tokenizer.decode(source["input_ids"][0], skip_special_tokens=True).startswith("It")


def test_the_templates_as_released(backbone: GetBackbone) -> None:
    """One segment of the two, and label words in English whatever the template's language."""
    tokenizer = backbone("xlmr").tokenizer
    for name, question in (("xnli", "question:"), ("paws-x", "Question:")):
        spec = task(name)
        text = str(spec.template("cloze", "pct-translated", "en"))
        assert text == str(spec.template("cloze", "pct", "en")) and f" {question}{{" in text
        assert text.endswith("? Answer:{mask}")
        words = [spec.verbalizer("cloze", "pct-translated", each).words for each in spec.languages]
        assert all(each == words[0] for each in words)
        built = Built("pct[template=pct-translated]", backbone("xlmr"), spec)
        assert (built.training_batch()["source_input_ids"] == tokenizer.mask_token_id).sum(1).eq(1).all()


def test_a_task_in_one_language_has_no_second_template(backbone: GetBackbone) -> None:
    spec = task("marc").model_copy(update={"languages": {"en": task("marc").languages["en"]}})
    formulation = Built("pct", backbone("xlmr"), spec).formulation
    with pytest.raises(RequestError, match="written in one language only"):
        formulation.training_rows(examples(spec))


def test_over_the_vocabulary_another_word_makes_an_invalid_answer(backbone: GetBackbone) -> None:
    """As released: the argmax goes over the whole vocabulary."""
    plain, released = (
        Built(f"pct[prediction_space={space}]", backbone("xlmr")) for space in ("label-words", "vocabulary")
    )
    batch, model = released.batch(), released.model()
    with torch.no_grad():
        output = released.method.predict(model, batch)
        logits = (
            released.backbone.fresh()
            .eval()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
            .logits
        )
        # One example's right word is made the likeliest of all, so that both cases occur.
        output[0, 2] = output[0].max() + 1
        chosen = plain.formulation.decode(plain.method.predict(model, batch), batch)
    ids = words_of(batch).ids[:, 0, 0]
    at_mask = logits[torch.arange(len(batch)), batch["mask_position"]]
    best = at_mask.argmax(1)
    assert not torch.isin(best[1:], ids).any()  # a random model never says a label word
    torch.testing.assert_close(output[1:, 5], at_mask.amax(1)[1:], atol=1e-4, rtol=1e-4)
    decoded = released.formulation.decode(output, batch)
    assert decoded.predictions == ["3", *[None] * (len(batch) - 1)]
    assert None not in chosen.predictions
    assert all(sum(column[1] for column in each.scores.values()) == pytest.approx(1) for each in (decoded, chosen))
