"""A system's results as the `model-index` of a Hugging Face model card."""

from __future__ import annotations

from typing import Any

from xbench.analysis.results import Results
from xbench.errors import RequestError, nearest
from xbench.site.collect import OnTask, Realm, System, realms

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


def model_card(realm: Realm, system: System) -> str:
    """YAML front matter: `model-index`, and what the card needs beside it; values times 100, seeds averaged."""
    import io

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    stream = io.StringIO()
    yaml.dump(_card(realm, system), stream)
    return f"---\n{stream.getvalue()}---\n"


def _card(realm: Realm, system: System) -> dict[str, Any]:
    records = system.records
    languages = sorted({language for part in system.tasks.values() for language in part.scores.languages})
    results = [
        _result(realm, system, part, language) for part in system.tasks.values() for language in part.scores.languages
    ]
    return {
        "library_name": "xbench",
        "base_model": records[0].model,
        "language": languages,
        "tags": ["xbench", *(["sample-data"] if realm.is_sample else [])],
        "model-index": [{"name": system.label, "results": results}],
    }


def _result(realm: Realm, system: System, part: OnTask, language: str) -> dict[str, Any]:
    scores = part.scores
    kind, name = TASK_TYPES.get(_kind(scores.task), ("other", "Other"))
    value = float(scores.columns([language]).mean())
    about = system.conditions
    how = f"mean over {len(scores.seeds)} seeds, {about.setting}, train size {about.shots}"
    sample = " (sample data: no result about a real model)" if realm.is_sample else ""
    return {
        "task": {"type": kind, "name": name},
        "dataset": {
            "name": f"{scores.task}{sample}",
            "type": scores.task,
            "config": language,
            "split": "test",
        },
        "metrics": [
            {
                "type": scores.metric,
                "value": round(100 * value, 2),
                "name": f"{scores.metric}, {how}",
            }
        ],
    }


def _kind(task: str) -> str:
    from xbench.site.survey import task_spec

    spec = task_spec(task, ())
    return spec.kind if spec else ""


def _where(system: System) -> list[str]:
    about = system.conditions
    return [about.model, about.data, about.setting, about.shots]
