"""What `xbench eval` is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from xbench.errors import RequestError, nearest
from xbench.spec.sources import Data

Profile = Literal["demo", "paper", "comparable"]
Setting = Literal["zero-shot", "in-language", "cross-task"]

CHOICES: dict[str, tuple[str, ...]] = {
    "profile": ("demo", "paper", "comparable"),
    "data": ("sample", "hub", "files"),
    "setting": ("zero-shot", "in-language", "cross-task"),
    "precision": ("fp32", "bf16", "fp16"),
    "on_bad_row": ("error", "skip"),
}


@dataclass(frozen=True)
class EvalRequest:
    """The options of `xbench eval`, in its words; None where the profile decides.

    `methods` and `tasks` are names or ("all",); `changes` maps a method to parameters set by `--set`. A seed draws both
    the few-shot sample and everything random in training; with `sample_seed` all seeds share that one sample, as in the
    released code of Zhao and Schütze (2021).
    """

    methods: tuple[str, ...] = ("all",)
    tasks: tuple[str, ...] = ("all",)
    profile: str = "demo"
    model: str | None = None
    data: str | None = None
    setting: str = "zero-shot"
    shots: tuple[str, ...] | None = None
    train_tasks: tuple[str, ...] = ()
    source: str | None = None
    languages: tuple[str, ...] = ("all",)
    seeds: tuple[int, ...] | None = None
    sample_seed: int | None = None
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tasks_dirs: tuple[Path, ...] = ()
    methods_dirs: tuple[Path, ...] = ()
    limit: int | None = None
    on_bad_row: str = "error"
    device: str | None = None
    precision: str = "fp32"
    part: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                option = name.replace("_", "-")
                raise RequestError(f"--{option} '{value}' is none of {', '.join(choices)}.{nearest(value, choices)}")
        number, count = self.part
        if not 1 <= number <= count:
            raise RequestError(f"--shard {number}/{count}: the first number goes from 1 to the second.")
        if self.limit is not None and self.limit < 1:
            raise RequestError(f"--limit {self.limit}: at least one example has to be evaluated.")

    @property
    def data_kind(self) -> Data:
        """Sample data under the demo profile, hub data under the others, unless the request says otherwise.

        Raises:
            RequestError: a backbone is named under the demo profile, and no data: it would train on sample data.
        """
        if self.data is not None:
            return self.data  # type: ignore[return-value]  # checked above
        if self.profile != "demo":
            return "hub"
        if self.model is not None and not self.model.startswith("micro-"):
            raise RequestError(
                f"--model {self.model} under the demo profile would train on the small synthetic sample data. "
                "Say which data: --data hub or --data files (or --data sample, if that is what you mean), "
                "or use --profile paper or comparable."
            )
        return "sample"

    @property
    def train_sizes(self) -> tuple[str, ...]:
        """Train sizes as text; 16 examples per class where none is asked for."""
        return self.shots or ("16",)

    @property
    def seed_list(self) -> tuple[int, ...]:
        """Seeds; three in the demo, five (as UniPrompt and MPT have) otherwise."""
        return self.seeds or ((1, 2, 3) if self.profile == "demo" else (1, 2, 3, 4, 5))
