"""What methods with a linear head on an encoder share: the kinds they can do, and the head each kind needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import Field

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import EncodingOptions, Formulation, HeadFormulation
from xbench.encoding.linear import Linear
from xbench.encoding.span import Span
from xbench.encoding.tags import Tags
from xbench.method.base import Method, Settings, initial_deviation
from xbench.parts.classifier import TokenHead, make_head
from xbench.parts.encoder import Encoder


class HeadSettings(Settings):
    """What a head's training and the windows of long contexts need."""

    dropout: float = Field(0.1, ge=0, lt=1, description="dropout before the linear layer")
    stride: int = Field(128, ge=0, description="tokens that neighbouring windows of a question's context share")
    answer_length: int = Field(30, gt=0, description="most tokens of an answer that is cut from a context")


HeadSettingsType = TypeVar("HeadSettingsType", bound=HeadSettings)


class HeadMethod(Method[HeadSettingsType]):
    """An encoder under a linear head."""

    formulations = {"classification": Linear, "tagging": Tags, "extractive-qa": Span}

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """The limits of windows and answers as well."""
        options = super().encoding_options(backbone)
        return replace(options, stride=self.settings.stride, answer_length=self.settings.answer_length)

    def head(
        self, encoder: Encoder, backbone: Backbone, formulations: Mapping[str, Formulation], *, pooled: bool = False
    ) -> TokenHead:
        """A new head for the only task; `pooled`: for a label of the text, on the backbone's pooler."""
        (formulation,) = formulations.values()
        assert isinstance(formulation, HeadFormulation)
        pooler = backbone.pooler() if pooled and formulation.outputs.of == "text" else None
        size, deviation = encoder.hidden_size, initial_deviation(backbone)
        return make_head(formulation.outputs, size, self.settings.dropout, deviation, pooler)
