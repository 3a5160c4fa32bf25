"""What methods share that train once for each target language: which languages, and on how much of their text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import Field

from xbench.backbone.pretraining import unseen_languages
from xbench.encoding.formulation import Role
from xbench.errors import RequestError, nearest
from xbench.method.base import Method, Settings
from xbench.method.budget import Budget
from xbench.method.stages import Fit, LabelledData, Request, StreamPlan, TextData


class PerLanguageSettings(Settings):
    """Values of Chen and Chen 2024, section 4, for all that it compares."""

    model: str = Field("FacebookAI/xlm-roberta-large", description="the paper's backbone")
    adapt: str | None = Field(
        "all",
        description="target languages with a stage on their own text: all, unseen (by an embedded backbone, as far as "
        "the task has text in them), none, or names joined by +; the others share one model without such a stage",
    )
    text_count: int | None = Field(None, gt=0, description="most texts of the target language; None: no limit")
    text_share: float = Field(1.0, gt=0, le=1, description="share of the target language's texts (figure 3)")
    text_length: int = Field(128, gt=8, description="tokens of a row of text; the paper does not say")
    text_packed: bool = Field(False, description="join texts up to that length; False: each on its own, cut off there")
    language_training: Budget = Field(
        Budget(steps=100_000, batch_size=32, learning_rate=5e-3, select="last"), description="of the stages on text"
    )
    language_seed: int | None = Field(
        None, description="seed of the stages on text, which all seeds then share; None: each cell's own"
    )

    def adapted(self, languages: Sequence[str], with_text: Sequence[str]) -> set[str]:
        """Which of a task's languages have a stage on their own text; `with_text` are those that it has text in.

        Raises RequestError for a name none has.
        """
        if self.adapt is None:
            return set()
        if self.adapt == "all":
            return set(languages)
        if self.adapt == "unseen":
            return set(with_text) & unseen_languages(self.model)
        named = self.adapt.split("+")
        for name in named:
            if name not in languages:
                raise RequestError(
                    f"adapt={self.adapt}: the task has no language '{name}'; it has {', '.join(languages)}."
                    f"{nearest(name, languages)}"
                )
        return set(named)


LANGUAGE, TEXT = "language", "text"
"""The name of a stage on text, and of its stream."""

SHARED = set(Settings.model_fields)
"""Settings that decide a stage on a task; those on text are in its parents' ids."""

PerLanguageSettingsType = TypeVar("PerLanguageSettingsType", bound=PerLanguageSettings)


class PerLanguageMethod(Method[PerLanguageSettingsType]):
    """A method with a stage on unlabelled text for each target language."""

    per_language = True

    @classmethod
    def role(cls, kind: str) -> Role:
        """A masked language model, whatever the task's formulation needs."""
        return "masked-lm"

    def text(self, *languages: str, reserved: int = 0, whole: bool = False) -> TextData:
        """Text of these languages, the one adapted to last; each once. `whole`: all of it, not only a share of that."""
        settings = self.settings
        return TextData(
            tuple(dict.fromkeys(languages)),
            None if whole else settings.text_count,
            1.0 if whole else settings.text_share,
            settings.text_length,
            reserved,
            settings.text_packed,
        )

    def language_stage(self, text: TextData, decided_by: Sequence[str], seed: int) -> Fit:
        """Masked language modelling on text, decided by it, by the settings of these names, and by the seed."""
        settings = self.settings
        return Fit(
            name=LANGUAGE,
            streams={TEXT: StreamPlan(text)},
            budget=settings.language_training,
            settings=settings.model_dump(include=set(decided_by)),
            seed=seed if settings.language_seed is None else settings.language_seed,
            evaluate=False,
        )

    def task_stage(self, request: Request, parents: Sequence[Fit]) -> Fit:
        """Tuning on the training task, from what the parents trained."""
        return Fit(
            name="tune",
            streams={"train": StreamPlan(LabelledData(request.train_tasks))},
            budget=self.settings.training,
            settings=self.settings.model_dump(exclude=set(PerLanguageSettings.model_fields) - SHARED),
            seed=request.seed,
            parents=tuple(parents),
        )
