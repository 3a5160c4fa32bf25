"""Backbones: loaded once, copied for training, refused with a reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.conftest import GetBackbone
from xbench.backbone.load import Backbone, _fingerprint, backbone_fingerprint, load_backbone
from xbench.errors import BackboneError


def test_loading_draws_nothing_that_a_stage_would_draw(backbone: GetBackbone) -> None:
    """A stage seeds, then builds: the first one to load the weights must get the same new parameters as the next."""
    name = backbone("xlmr", "encoder").name
    draws = []
    first = Backbone(name, "encoder")
    for each in (first, first):
        torch.manual_seed(3)
        _ = each.model  # an encoder read from a masked LM lacks a pooler, which is drawn
        draws.append(torch.rand(4))
    assert torch.equal(draws[0], draws[1])


def test_a_fresh_copy_is_apart_from_the_kept_one(backbone: GetBackbone) -> None:
    kept = backbone("xlmr")
    one, other = kept.fresh(), kept.fresh()
    parameters = [next(iter(model.parameters())) for model in (kept.model, one, other)]
    assert torch.equal(parameters[0], parameters[1])
    before = parameters[0].detach().clone()
    with torch.no_grad():
        parameters[1].add_(1.0)
    assert torch.equal(parameters[0], before) and torch.equal(parameters[2], before)
    assert one.get_output_embeddings().weight is one.get_input_embeddings().weight  # still tied


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_no_pooler_counts_as_trained(backbone: GetBackbone, kind: str) -> None:
    names = [name for name, _ in backbone(kind, "encoder").model.named_parameters()]
    assert names and not any("pooler" in name for name in names)


def test_weights_are_fp32_and_in_eval_mode(backbone: GetBackbone) -> None:
    for kind in ("xlmr", "mt5"):
        model = backbone(kind).model
        assert not model.training and {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_max_length_is_what_positions_and_tokenizer_allow(backbone: GetBackbone, tmp_path: Path) -> None:
    assert backbone("xlmr").max_length == 160  # 162 positions less the two that RoBERTa's family leaves out
    assert backbone("bert").max_length == 160
    tokenizer = backbone("xlmr").tokenizer
    copy = shutil.copytree(backbone("xlmr").name, tmp_path / "short")
    limit = tokenizer.model_max_length
    try:
        tokenizer.model_max_length = 50
        tokenizer.save_pretrained(copy)
    finally:
        tokenizer.model_max_length = limit
    assert load_backbone(str(copy), "encoder").max_length == 50
    assert backbone("mt5").max_length == backbone("mt5").tokenizer.model_max_length  # relative positions


def test_the_fingerprint_is_of_the_weights(backbone: GetBackbone, tmp_path: Path) -> None:
    original = backbone("xlmr")
    same = shutil.copytree(original.name, tmp_path / "same")
    assert backbone_fingerprint(str(same)) == original.fingerprint
    weights = load_file(same / "model.safetensors")
    name = sorted(weights)[0]
    weights[name].flatten()[0] += 1e-3
    save_file(weights, same / "model.safetensors", metadata={"format": "pt"})
    assert _fingerprint(str(same), None) != original.fingerprint


@pytest.mark.parametrize("role", ["encoder", "masked-lm", "text2text"])
def test_an_unknown_name_is_one_clear_message(role: Any) -> None:
    with pytest.raises(BackboneError, match=r"no-such/model.*cannot be (loaded|found)"):
        _ = load_backbone("no-such/model", role).model


def test_an_encoder_decoder_is_no_masked_language_model(backbone: GetBackbone) -> None:
    with pytest.raises(BackboneError, match="cannot be loaded as a masked language model"):
        _ = load_backbone(backbone("mt5").name, "masked-lm").model
    with pytest.raises(BackboneError, match="cannot be loaded as an encoder-decoder"):
        _ = load_backbone(backbone("xlmr").name, "text2text").model
