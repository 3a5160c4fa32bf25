"""Metrics of damaged gold answers of real data, against their references, in every language."""

from __future__ import annotations

import json
import string
import warnings
from pathlib import Path

import numpy
import pytest
from seqeval.metrics import accuracy_score, f1_score
from seqeval.metrics.sequence_labeling import get_entities
from torchmetrics.functional.text import squad

from tests.metrics.cases import changed
from tests.metrics.test_answers import MLQA_LANGUAGES, PUNCTUATION, reference
from xbench.answers import gold_answers, list_text, text_list
from xbench.data.load import load_examples
from xbench.metrics import METRICS, compute
from xbench.metrics.answers import squad_words
from xbench.spec.registry import load_task

YAMLS = Path(__file__).resolve().parents[1] / "tasks" / "real"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def needs(folder: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=f"shared/data/{folder} is not beside this checkout")


@pytest.mark.parametrize(
    "name",
    [pytest.param("uner", marks=needs("uner")), pytest.param("masakhaner", marks=needs("masakhaner2"))],
)
def test_entities_agree_with_seqeval(name: str) -> None:
    task, generator, values = load_task(YAMLS / f"{name}-files.yaml"), numpy.random.default_rng(0), set()
    for language in task.language_list:
        given = load_examples(task, "test", language, "files", skip_bad_rows=True)
        gold = [text_list(tags) for tags in given.gold]
        predicted = [changed(generator, tags, task.labels) if generator.random() < 0.3 else tags for tags in gold]
        found = METRICS["span_f1"](given.gold, [list_text(tags) for tags in predicted])
        assert found == pytest.approx(f1_score(gold, predicted), abs=1e-12)
        values.add(found)
    assert len(values) > 1 and max(values) < 1


@needs("ud")
def test_parts_of_speech_agree_with_seqeval_sentence_by_sentence() -> None:
    warnings.filterwarnings("ignore", module="seqeval")
    task, generator = load_task(YAMLS / "ud-pud-files.yaml"), numpy.random.default_rng(0)
    for language in task.language_list:
        given = load_examples(task, "test", language, "files", skip_bad_rows=True)
        gold = [text_list(tags) for tags in given.gold]
        predicted = [changed(generator, tags, task.labels) if generator.random() < 0.3 else tags for tags in gold]
        found = compute(["token_accuracy", "xtreme_f1"], given.gold, [list_text(tags) for tags in predicted])
        assert found["token_accuracy"] == pytest.approx(accuracy_score(gold, predicted))
        pairs = [(set(get_entities(a)), set(get_entities(b))) for a, b in zip(gold, predicted, strict=True)]
        hits, both = sum(len(a & b) for a, b in pairs), sum(len(a) + len(b) for a, b in pairs)
        assert found["xtreme_f1"] == pytest.approx(2 * hits / both)
        if not any("X" in tags for tags in (*gold, *predicted)):
            assert found["xtreme_f1"] == pytest.approx(f1_score(gold, predicted))


@needs("xquad")
def test_answers_agree_with_the_rules_of_squad_and_mlqa() -> None:
    task, generator = load_task(YAMLS / "xquad-files.yaml"), numpy.random.default_rng(0)
    compared = []
    for language in task.language_list:
        given = load_examples(task, "test", language, "files", skip_bad_rows=True)
        answers = [gold_answers(gold).texts for gold in given.gold]
        predicted = []
        for texts, context in zip(answers, given.fields["context"], strict=True):
            start = max(0, context.find(texts[0]) + int(generator.integers(-6, 4)))
            predicted.append(context[start : start + len(texts[0]) + int(generator.integers(0, 6))])
        names = ["squad_f1", "squad_exact_match", "f1", "exact_match"]
        found = compute(names, given.gold, predicted, language=language)
        rules = [("en", set(string.punctuation))]
        rules += [(language, PUNCTUATION)] if language in MLQA_LANGUAGES else []
        for place, (rule, punctuation) in enumerate(rules):
            pairs = zip(predicted, answers, strict=True)
            expected = numpy.mean([reference(text, golds, rule, punctuation) for text, golds in pairs], axis=0)
            assert [found[name] for name in names[2 * place :][:2]] == pytest.approx(expected.tolist()), language
        assert 0 < found["exact_match"] < found["f1"] < 1
        targets = [{"answers": json.loads(gold), "id": id} for id, gold in zip(given.ids, given.gold, strict=True)]
        guesses = [{"prediction_text": text, "id": id} for id, text in zip(given.ids, predicted, strict=True)]
        if not any(text and not squad_words(text) for texts in (predicted, *answers) for text in texts):
            other = squad(guesses, targets)
            expected = [float(other["f1"]) / 100, float(other["exact_match"]) / 100]
            assert [found[name] for name in names[:2]] == pytest.approx(expected, rel=1e-5)
            compared.append(language)
        best = compute(names, given.gold, [json.loads(gold)["text"][0] for gold in given.gold], language=language)
        assert best == dict.fromkeys(names, 1.0)
    assert len(compared) >= 9  # the others have answers of which squad's rules leave nothing
