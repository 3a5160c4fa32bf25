"""Soft prompt vectors, as they are or through an LSTM and a perceptron."""

from __future__ import annotations

import torch

from xbench.parts.soft_prompt import SoftPrompt
from xbench.parts.translator import PromptTranslator


def test_without_reparameterization_the_vectors_are_the_prompt() -> None:
    prompt = SoftPrompt(4, 6, "none", 0.5)
    assert torch.equal(prompt(), prompt.vectors) and prompt.vectors.shape == (4, 6)
    assert [name for name, _ in prompt.named_parameters()] == ["vectors"]


def test_the_reparameterization_is_an_lstm_and_a_perceptron_by_hand() -> None:
    """Both directions step by step (gates in torch's order: input, forget, cell, output), then two layers with ReLU."""
    torch.manual_seed(0)
    prompt = SoftPrompt(4, 6, "lstm-mlp", 0.5).double()
    assert prompt.lstm is not None

    def direction(suffix: str, order: list[int]) -> list[torch.Tensor]:
        parameters = {name: value.detach() for name, value in prompt.lstm.named_parameters()}  # type: ignore[union-attr]
        hidden, cell = torch.zeros(6).double(), torch.zeros(6).double()
        states: dict[int, torch.Tensor] = {}
        for step in order:
            gates = parameters[f"weight_ih_l0{suffix}"] @ prompt.vectors[step] + parameters[f"bias_ih_l0{suffix}"]
            gates = gates + parameters[f"weight_hh_l0{suffix}"] @ hidden + parameters[f"bias_hh_l0{suffix}"]
            put, forget, new, out = gates.chunk(4)
            cell = forget.sigmoid() * cell + put.sigmoid() * new.tanh()
            hidden = out.sigmoid() * cell.tanh()
            states[step] = hidden
        return [states[step] for step in range(4)]

    both = torch.cat(
        [torch.stack(direction("", [0, 1, 2, 3])), torch.stack(direction("_reverse", [3, 2, 1, 0]))], dim=-1
    )
    first, _, second = prompt.perceptron
    expected = torch.clamp(both @ first.weight.T + first.bias, min=0) @ second.weight.T + second.bias
    torch.testing.assert_close(prompt(), expected, atol=1e-12, rtol=0)


def test_the_translator_keeps_the_width_and_doubles_it_inside() -> None:
    translator = PromptTranslator(6)
    assert {name: tuple(value.shape) for name, value in translator.named_parameters()} == {
        "up.weight": (12, 6),
        "up.bias": (12,),
        "down.weight": (6, 12),
        "down.bias": (6,),
    }
    assert translator(torch.randn(4, 6)).shape == (4, 6)
