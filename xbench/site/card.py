"""A system's results as the `model-index` of a Hugging Face model card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.analysis.results import Results
from xbench.errors import RequestError, nearest
from xbench.site.collect import OnTask, Realm, System, realms
from xbench.site.survey import task_spec
from xbench.spec.sources import HubSource

if TYPE_CHECKING:
    from xbench.spec.task import TaskSpec

TASK_TYPES = {
    "classification": ("text-classification", "Text classification"),
    "tagging": ("token-classification", "Token classification"),
    "extractive-qa": ("question-answering", "Question answering"),
    "multiple-choice": ("multiple-choice", "Multiple choice"),
    "generation": ("summarization", "Summarization"),
}


def find_system(results: Results, name: str) -> tuple[Realm, System]:
    """The system of a label, a page's name, or a method. Raises RequestError with the choices where that is not one."""
    every = [(realm, system) for realm in realms(results) for system in realm.systems]
    for matches in (
        [one for one in every if one[1].key == name],
        [one for one in every if one[1].label == name],
        [one for one in every if one[1].method == name],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            choices = "\n".join(f"  {one.key}  {one.label}, {' · '.join(_where(one))}" for _, one in matches)
            raise RequestError(f"'{name}' is several systems; name one by its key, or use filters:\n{choices}")
    labels = sorted({system.label for _, system in every})
    raise RequestError(f"there is no system '{name}' in these results.{nearest(name, labels)}")


def model_card(realm: Realm, system: System, tasks_dirs: Sequence[Path] = ()) -> str:
    """YAML front matter: `model-index`, and what the card needs beside it; values times 100, seeds averaged.

    Data sets are those of the hub where the system was tested on them, else named after their task. `tasks_dirs` are
    folders with task YAMLs of one's own.
    """
    import io

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    stream = io.StringIO()
    yaml.dump(_card(realm, system, tasks_dirs), stream)
    return f"---\n{stream.getvalue()}---\n"


def _card(realm: Realm, system: System, tasks_dirs: Sequence[Path]) -> dict[str, Any]:
    records = system.records
    languages = sorted({language for part in system.tasks.values() for language in part.scores.languages})
    results = []
    for task, part in system.tasks.items():
        spec = task_spec(task, tasks_dirs)
        results += [_result(realm, system, part, spec, language) for language in part.scores.languages]
    return {
        "library_name": "xbench",
        "base_model": records[0].model,
        "language": languages,
        "tags": ["xbench", *(["sample-data"] if realm.is_sample else [])],
        "model-index": [{"name": system.label, "results": results}],
    }


def _result(realm: Realm, system: System, part: OnTask, spec: TaskSpec | None, language: str) -> dict[str, Any]:
    scores = part.scores
    kind, name = TASK_TYPES.get(spec.kind if spec else "", ("other", "Other"))
    value = float(scores.columns([language]).mean())
    about, seeds = system.conditions, len(scores.seeds)
    how = f"mean over {seeds} seed{'' if seeds == 1 else 's'}, {about.setting}, train size {about.shots}"
    sample = " (sample data: no result about a real model)" if realm.is_sample else ""
    dataset = {"name": f"{scores.task}{sample}", "type": scores.task, "config": language, "split": "test"}
    if spec is not None and about.data == "hub":
        dataset |= _on_the_hub(spec, language)
    return {
        "task": {"type": kind, "name": name},
        "dataset": dataset,
        "metrics": [
            {
                "type": scores.metric,
                "value": round(100 * value, 2),
                "name": f"{scores.metric}, {how}",
            }
        ],
    }


def _on_the_hub(spec: TaskSpec, language: str) -> dict[str, str]:
    """The hub's names for a task's test set; {} where it is put together from elsewhere."""
    source = spec.split_source("test", "hub", language)
    if not isinstance(source, HubSource):
        return {}
    code = spec.code(language)
    config = (source.config or "").replace("{language}", language).replace("{code}", code)
    return {"type": source.hub, "split": source.split or "test", **({"config": config} if config else {})}


def _where(system: System) -> list[str]:
    about = system.conditions
    return [about.model, about.data, about.setting, about.shots]
