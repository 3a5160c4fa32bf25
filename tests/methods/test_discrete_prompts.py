"""English and translation prompt: the plain masked LM on the filled template; whose template serves where."""

from __future__ import annotations

import pytest
import torch

from tests.conftest import GetBackbone
from tests.tiny import Built, examples, of_texts, task
from xbench.encoding.cloze import Cloze
from xbench.parts.masked_language_model import words_of


def plain_scores(built: Built, language: str, template_language: str) -> torch.Tensor:
    """Scores of the label words by `AutoModelForMaskedLM` on the template written out as text [examples, labels]."""
    spec, tokenizer, given = task("marc"), built.backbone.tokenizer, examples(task("marc"), language, 4)
    template = {"en": "It's {mask}. {text}", "de": "Es ist {mask}. {text}"}[template_language]
    words = spec.verbalizer("cloze", None, template_language).words
    ids = [tokenizer.encode(words[label][0], add_special_tokens=False)[0] for label in spec.labels]
    model = built.backbone.fresh().eval()
    rows = []
    for text in given.fields["text"]:
        filled = template.replace("{mask}", tokenizer.mask_token).replace("{text}", text)
        encoded = tokenizer(filled, return_tensors="pt")
        place = int((encoded["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0])
        with torch.no_grad():
            rows.append(model(**encoded).logits[0, place, ids])
    return torch.stack(rows)


@pytest.mark.parametrize(
    ("method", "language", "template_language"),
    [
        ("english-prompt", "en", "en"),
        ("english-prompt", "de", "en"),
        ("translation-prompt", "en", "en"),
        ("translation-prompt", "de", "de"),
    ],
)
def test_scores_are_those_of_the_plain_model_on_the_right_template(
    backbone: GetBackbone, method: str, language: str, template_language: str
) -> None:
    built = Built(method, backbone("xlmr"))
    with torch.no_grad():
        found = built.method.predict(built.model(), built.batch(language, 4))
    torch.testing.assert_close(found, plain_scores(built, language, template_language), atol=1e-4, rtol=1e-4)


def test_on_inference_fields_lose_their_final_punctuation_as_released(backbone: GetBackbone) -> None:
    spec = task("xnli")
    given = of_texts(spec, ["It is good."], ["Is it bad ?!"])
    texts = {}
    for template in ("zhao-schuetze-translated", "question-answer"):
        built = Built(f"translation-prompt[template={template}]", backbone("xlmr"), spec)
        (row,) = built.formulation.encode(given).rows
        texts[template] = built.backbone.tokenizer.decode(row.values["input_ids"], skip_special_tokens=True)
    assert texts["zhao-schuetze-translated"].startswith("It is good . Question: Is it bad ?")
    assert texts["question-answer"].startswith("It is good. . Question: Is it bad ?! ?")


def test_both_train_on_the_same_batches(backbone: GetBackbone) -> None:
    english, translation = (Built(name, backbone("xlmr")) for name in ("english-prompt", "translation-prompt"))
    first, second = english.training_batch(), translation.training_batch()
    assert torch.equal(first["input_ids"], second["input_ids"])
    assert torch.equal(words_of(first).ids, words_of(second).ids)


def test_a_loss_over_the_vocabulary_by_hand(backbone: GetBackbone) -> None:
    built = Built("english-prompt[label_space=vocabulary]", backbone("xlmr"))
    batch, model = built.batch(), built.backbone.fresh().eval()
    with torch.no_grad():
        found = float(built.method.loss(built.model(), batch))
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits.double()
    at_mask = logits[torch.arange(len(batch)), batch["mask_position"]].log_softmax(-1)  # [batch, vocabulary]
    gold = words_of(batch).ids[:, 0, 0][batch["label"]]
    assert found == pytest.approx(-float(at_mask.gather(1, gold[:, None]).sum()), rel=1e-5)


def test_target_templates_cannot_share_a_batch(backbone: GetBackbone) -> None:
    formulation = Built("translation-prompt", backbone("xlmr")).formulation
    assert isinstance(formulation, Cloze)
    with pytest.raises(Exception, match="template_language=source"):
        formulation.mixed_batch(formulation.encode(examples(task("marc"))).rows)
