"""The commented starter of a method file."""

from __future__ import annotations

import re
from pathlib import Path

from xbench.errors import RequestError

STARTER = '''"""{title}: one line that says what it does (this line is shown by `xbench methods list`).

Say which paper and section it follows, and where it departs from them.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import Formulation
from xbench.encoding.linear import Linear
from xbench.encoding.rows import Batch
from xbench.method.base import Method, Settings, cross_entropy_sum, freeze, initial_deviation
from xbench.method.budget import Budget
from xbench.method.stages import Fit, Predict
from xbench.parts.classifier import LinearHead
from xbench.parts.encoder import Encoder


class {name}Settings(Settings):
    """The paper's values as defaults; every field becomes a parameter that --set can change."""

    dropout: float = Field(0.1, ge=0, lt=1, description="dropout before the linear layer")
    training: Budget = Budget(steps=1000, evaluate_every=100, batch_size=8, learning_rate=1e-3)


class {name}Model(nn.Module):
    """The model: scores [batch, labels] from a batch."""

    def __init__(self, encoder: Encoder, head: LinearHead) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, batch: Batch) -> Tensor:
        """Scores [batch, labels]."""
        return self.head(self.encoder(batch))


class {name}(Method[{name}Settings]):
    """What trains here: a linear layer on a frozen encoder. Replace it by your method."""

    revision = 1  # raise it when a change of this file changes results
    settings_type = {name}Settings
    formulations = {{"classification": Linear}}  # kinds it can do; Cloze, SoftCloze and Text2Text are the others
    profiles = {{
        "demo": {{"training": {{"learning_rate": 1e-2}}}},
        "comparable": {{"training": {{"learning_rate": 1e-3}}}},
    }}

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """A fresh copy of the backbone, and what is new; what requires gradients trains."""
        (formulation,) = formulations.values()
        model = backbone.fresh()
        freeze(model)
        encoder = Encoder(model)
        labels = len(formulation.task.labels)
        head = LinearHead(encoder.hidden_size, labels, self.settings.dropout, initial_deviation(backbone))
        return {name}Model(encoder, head)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The sum over the batch; the runner divides by the number of examples."""
        return cross_entropy_sum(model(batch), batch)
'''


def write_method_starter(name: str, directory: Path) -> Path:
    """Writes `directory/name.py` and gives its path.

    Raises:
        RequestError: the name cannot be a module's, the directory does not exist, or the file is there already.
    """
    stem = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", stem):
        raise RequestError(
            f"'{name}' cannot be a method's name; use small letters, digits and hyphens, a letter first."
        )
    if not directory.is_dir():
        raise RequestError(f"The folder '{directory}' does not exist; make it first.")
    path = directory / f"{stem}.py"
    if path.exists():
        raise RequestError(f"{path} is there already; choose another name or remove it.")
    words = stem.split("_")
    text = STARTER.format(title=" ".join(words).capitalize(), name="".join(word.capitalize() for word in words))
    path.write_text(text, encoding="utf-8")
    return path
