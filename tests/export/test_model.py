"""Exported models give the same logits in transformers and peft as here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from tests.conftest import GetBackbone
from tests.tiny import Built, task
from xbench.backbone.load import load_backbone
from xbench.encoding.rows import Batch
from xbench.errors import RequestError
from xbench.export.model import Exported, Tuned, export_model

KINDS: dict[str, Any] = {
    "marc": AutoModelForSequenceClassification,
    "ud-pos": AutoModelForTokenClassification,
    "xquad": AutoModelForQuestionAnswering,
}


def disturbed(built: Built) -> Any:
    """A model whose every trained weight has moved."""
    model = built.model()
    torch.manual_seed(1)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data.add_(0.1 * torch.randn_like(parameter))
    return model


def exported(built: Built, model: nn.Module, folder: Path) -> Exported:
    return export_model(Tuned(model, built.backbone, built.formulation, built.method.settings), folder)


def inputs(batch: Batch) -> dict[str, Tensor]:
    names = ("input_ids", "attention_mask", "token_type_ids")
    return {name: batch[name] for name in names if name in batch.tensors}


def logits(output: Any, of: str) -> Tensor:
    return torch.stack([output.start_logits, output.end_logits], 1) if of == "xquad" else output.logits


def same(ours: Tensor, theirs: Tensor, batch: Batch, of: str) -> None:
    """Equal wherever there is a token."""
    there = batch["attention_mask"].bool()
    kept = {"marc": torch.ones_like(ours).bool(), "ud-pos": there.unsqueeze(-1), "xquad": there.unsqueeze(1)}[of]
    kept = kept.expand_as(ours)
    assert ours[kept].std() > 0.1 and ours[kept].isfinite().all()
    torch.testing.assert_close(theirs[kept], ours[kept], atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@pytest.mark.parametrize("of", list(KINDS))
@torch.no_grad()
def test_fine_tuning_is_a_transformers_folder(backbone: GetBackbone, tmp_path: Path, kind: str, of: str) -> None:
    built = Built("fine-tune", backbone(kind, "encoder"), task(of))
    model, batch = disturbed(built), built.batch()
    found = exported(built, model, tmp_path)
    loaded = KINDS[of].from_pretrained(tmp_path).eval()
    assert found.format == type(loaded).__name__
    same(built.method.predict(model, batch), logits(loaded(**inputs(batch)), of), batch, of)
    if of != "xquad":
        assert tuple(loaded.config.id2label.values()) == built.formulation.task.labels
    text = "The food is good."
    assert AutoTokenizer.from_pretrained(tmp_path)(text)["input_ids"] == built.backbone.tokenizer(text)["input_ids"]


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@pytest.mark.parametrize("variant", ["prefix[length=5]", "prefix[length=3,top_layers=2]"])
@pytest.mark.parametrize("of", list(KINDS))
@torch.no_grad()
def test_a_prefix_is_an_adapter_of_peft(
    backbone: GetBackbone, tmp_path: Path, kind: str, variant: str, of: str
) -> None:
    peft = pytest.importorskip("peft")
    built = Built(variant, backbone(kind, "encoder"), task(of))
    model, batch = disturbed(built), built.batch()
    if (kind, of) == ("bert", "xquad"):
        with pytest.raises(RequestError, match="token types, and peft leaves these out"):
            exported(built, model, tmp_path)
        return
    found = exported(built, model, tmp_path)
    assert (
        found.format
        == f"peft PREFIX_TUNING for {KINDS[of]._model_mapping[built.backbone.model.config.__class__].__name__}"
    )
    count = {} if of == "xquad" else {"num_labels": len(built.formulation.task.labels)}
    base = KINDS[of].from_pretrained(built.backbone.name, **count)
    loaded = peft.PeftModel.from_pretrained(base, tmp_path).eval()
    same(built.method.predict(model, batch), logits(loaded(**inputs(batch)), of), batch, of)
    stored = {path.name: path.stat().st_size for path in tmp_path.glob("*.safetensors")}
    assert set(stored) == {"adapter_model.safetensors"}  # no backbone


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@torch.no_grad()
def test_a_prefix_under_the_pooler_is_an_adapter_of_peft(backbone: GetBackbone, tmp_path: Path, kind: str) -> None:
    peft = pytest.importorskip("peft")
    AutoModel.from_pretrained(backbone(kind).name).save_pretrained(tmp_path / "base")
    backbone(kind).tokenizer.save_pretrained(tmp_path / "base")
    built = Built("prefix[pooled=true,length=5]", load_backbone(str(tmp_path / "base"), "encoder"), task("marc"))
    model, batch = disturbed(built), built.batch()
    exported(built, model, tmp_path / "out")
    base = AutoModelForSequenceClassification.from_pretrained(tmp_path / "base", num_labels=5)
    loaded = peft.PeftModel.from_pretrained(base, tmp_path / "out").eval()
    same(built.method.predict(model, batch), loaded(**inputs(batch)).logits, batch, "marc")


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@torch.no_grad()
def test_adaptation_by_text_exports_where_everything_was_tuned(
    backbone: GetBackbone, tmp_path: Path, kind: str
) -> None:
    built = Built("mlm-fine-tune", backbone(kind), task("marc"))
    model, batch = disturbed(built), built.batch()
    assert exported(built, model, tmp_path).format.endswith("ForSequenceClassification")
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    same(built.method.predict(model, batch), logits(loaded(**inputs(batch)), "marc"), batch, "marc")


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@torch.no_grad()
def test_a_tuned_masked_language_model_is_a_transformers_folder(
    backbone: GetBackbone, tmp_path: Path, kind: str
) -> None:
    built = Built("english-prompt", backbone(kind))
    model, batch = disturbed(built), built.batch()
    assert exported(built, model, tmp_path).format.endswith("ForMaskedLM")
    loaded = AutoModelForMaskedLM.from_pretrained(tmp_path).eval()
    words: Any = batch.context["label_words"]
    at_mask = loaded(**inputs(batch)).logits[torch.arange(len(batch)), batch["mask_position"]]
    torch.testing.assert_close(at_mask[:, words.ids[:, 0, 0]], model(batch), atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("tune", ["prompt", "all"])
@pytest.mark.parametrize("reparameterize", ["none", "lstm-mlp"])
@torch.no_grad()
def test_a_soft_prompt_at_the_beginning_is_an_adapter_of_peft(
    backbone: GetBackbone, tmp_path: Path, tune: str, reparameterize: str
) -> None:
    peft = pytest.importorskip("peft")
    built = Built(f"soft[position=prefix,tune={tune}]", backbone("xlmr"), reparameterize=reparameterize)
    model, batch = disturbed(built), built.batch()
    found = exported(built, model, tmp_path)
    assert found.format == "peft PROMPT_TUNING for XLMRobertaForMaskedLM"
    assert (tmp_path / "backbone").is_dir() == (tune == "all")
    base = AutoModelForMaskedLM.from_pretrained(tmp_path / "backbone" if tune == "all" else built.backbone.name)
    loaded = peft.PeftModel.from_pretrained(base, tmp_path).eval()
    # What follows the begin token and the four slots is the text; the adapter brings these five.
    assert (batch["soft_index"][:, 1:5] >= 0).all() and (batch["soft_index"][:, 5:] < 0).all()
    found_logits = loaded(input_ids=batch["input_ids"][:, 5:], attention_mask=batch["attention_mask"][:, 5:]).logits
    assert found_logits.shape[1] == batch["input_ids"].shape[1]
    words: Any = batch.context["label_words"]
    at_mask = found_logits[torch.arange(len(batch)), batch["mask_position"]][:, words.ids[:, 0, 0]]
    torch.testing.assert_close(at_mask, model(batch), atol=2e-5, rtol=2e-5)


@torch.no_grad()
def test_an_encoder_decoder_is_a_transformers_folder(backbone: GetBackbone, tmp_path: Path) -> None:
    built = Built("mt5", backbone("mt5"))
    model, batch = disturbed(built), built.batch()
    assert exported(built, model, tmp_path).format == "MT5ForConditionalGeneration"
    loaded = AutoModelForSeq2SeqLM.from_pretrained(tmp_path).eval()
    found = loaded(**inputs(batch), labels=batch["target_ids"]).logits
    ours = model.model(**inputs(batch), labels=batch["target_ids"]).logits
    assert torch.equal(found, ours)


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ("soft", "puts its virtual tokens before the whole text, and this cell's stand where its template says"),
        ("soft[position=suffix]", "this cell's stand at the suffix. What peft can express is a prompt"),
        ("mpt", r"MPTModel\) is more than transformers' and peft's formats can say. They can hold a full model"),
        ("uniprompt", r"UniPromptModel\) is more than"),
        ("mad-x", r"AdapterModel\) is more than"),
        ("unseen-prompt", r"PrefixedLanguageModel\) is more than"),
    ],
)
def test_what_cannot_be_expressed_is_said(backbone: GetBackbone, tmp_path: Path, variant: str, message: str) -> None:
    built = Built(variant, backbone("xlmr"), task("xnli"))
    with pytest.raises(RequestError, match=message):
        exported(built, built.model(), tmp_path)
