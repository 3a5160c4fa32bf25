"""How far training moved a prompt or prefix, layer by layer (Chen & Chen 2024, figure 5)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy
import pandas
import torch
from torch import nn

from xbench.parts.deep_prefix import DeepPrefix
from xbench.parts.soft_prompt import SoftPrompt

Values = dict[tuple[int, str], numpy.ndarray]
"""(layer, part) -> values [prompt length, hidden]; layer 0 is the input, part is prompt, key or value."""

COLUMNS = ("layer", "part", "values", "change", "initial", "relative", "trained")


def prompt_values(model: nn.Module) -> Values:
    """The values of a model's prompt or prefix; {} where it has neither.

    A reparameterized prompt is what comes out of its LSTM and perceptron: the vectors that the model reads.
    """
    values: Values = {}
    for module in model.modules():
        if isinstance(module, DeepPrefix):
            both = torch.cat([module.bottom, module.top]).detach().cpu().double()  # [layers, 2, length, hidden]
            for number, layer in enumerate(both, start=1):
                values[number, "key"], values[number, "value"] = layer[0].numpy(), layer[1].numpy()
        elif isinstance(module, SoftPrompt):
            with torch.no_grad():
                values[0, "prompt"] = module().detach().cpu().double().numpy()  # [length, hidden]
    return values


def change_by_layer(initial: Mapping[tuple[int, str], numpy.ndarray], tuned: Values) -> pandas.DataFrame:
    """One row a layer and part, with the columns of COLUMNS.

    `change` is the mean absolute difference of its values before and after training, `initial` the mean absolute
    value before, `relative` their quotient; `trained` is false where no value changed, as in the layers below the
    trained ones. Chen & Chen 2024, section 5.4, plot the absolute difference and do not say whether it is the sum or
    the mean; layers have equally many values, so that both have one shape.
    """
    rows = []
    for (layer, part), after in sorted(tuned.items()):
        before = numpy.asarray(initial[layer, part], dtype=numpy.float64)
        difference = numpy.abs(numpy.asarray(after, dtype=numpy.float64) - before)
        size = float(numpy.abs(before).mean())
        change = float(difference.mean())
        relative = change / size if size else float("nan")
        rows.append((layer, part, before.size, change, size, relative, bool(difference.any())))
    return pandas.DataFrame(rows, columns=list(COLUMNS))
