"""A training sample beside its own translations, where a task's training data are parallel across languages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from xbench.data.examples import MIXED, Examples, content_keys
from xbench.data.parallel import ParallelExamples
from xbench.errors import DataError


def translated_sample(sample: Examples, translations: Mapping[str, Examples]) -> ParallelExamples:
    """Each example of a sample, without its label, beside its translation into one of the languages.

    Translations have the example's id. The language is drawn once for each example, by its content.

    Raises:
        DataError: there is no language, or an example has no translation in the one that is drawn for it.
    """
    if not translations:
        raise DataError(f"{sample.task} ({sample.language}): the training data have no other language.")
    languages = list(translations)
    rows = {language: {id: row for row, id in enumerate(found.ids)} for language, found in translations.items()}
    drawn: list[Examples] = []
    for id, key in zip(sample.ids, content_keys(sample, "translation"), strict=True):
        language = languages[int.from_bytes(hashlib.sha256(b"language" + key).digest()[:8], "big") % len(languages)]
        if id not in rows[language]:
            raise DataError(f"{sample.task}: the training example '{id}' has no translation in '{language}'.")
        drawn.append(translations[language].take([rows[language][id]]))
    return ParallelExamples(_unlabelled(sample), _unlabelled(_together(sample, drawn)))


def _unlabelled(examples: Examples) -> Examples:
    return replace(examples, split="parallel", gold=("",) * len(examples))


def _together(sample: Examples, drawn: list[Examples]) -> Examples:
    return Examples(
        task=sample.task,
        language=MIXED,
        split="parallel",
        ids=sample.ids,
        fields={name: tuple(each.fields[name][0] for each in drawn) for name in sample.fields},
        gold=("",) * len(drawn),
        languages=tuple(each.language for each in drawn),
    )
