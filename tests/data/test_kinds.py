"""Every kind from files, from hub layouts and from another task; what is read is what the answers' text forms hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xbench.data.load import load_examples
from xbench.errors import DataError, RequestError, SpecError
from xbench.spec.sources import Split
from xbench.spec.task import TaskSpec

MakeTask = Callable[..., TaskSpec]
HEADS = {
    "tagging": "fields: [tokens]\nlabels: [O, B-PER, I-PER]",
    "extractive-qa": "fields: [question, context]",
    "generation": "fields: [text]",
    "multiple-choice": "fields: [text, choice1, choice2]\nlabels: [A, B]",
}
METRICS = {"tagging": "span_f1", "extractive-qa": "f1", "generation": "rouge1", "multiple-choice": "accuracy"}
ROWS: dict[str, dict[str, Any]] = {
    "tagging": {"tokens": ["{n}", "b"], "tags": ["B-PER", "O"]},
    "extractive-qa": {"question": "?", "context": "{n} b", "answers": {"text": ["b"], "answer_start": [-1]}},
    "generation": {"text": "{n}", "label": "short {n}"},
    "multiple-choice": {"text": "{n}", "choice1": "x", "choice2": "y", "label": "B"},
}


def head(kind: str) -> str:
    return (
        f"name: shop\nkind: {kind}\ndescription: d\n{HEADS[kind]}\nlanguages: {{{{en: {{{{}}}}, de: {{{{}}}}}}}}\n"
        f"{{body}}\nmetrics: [{METRICS[kind]}]\n"
    )


def rows(kind: str, count: int) -> list[dict[str, Any]]:
    """Rows of a kind, the n-th with the number n in its text."""
    made = []
    for number in range(count):
        row = json.loads(json.dumps(ROWS[kind]).replace("{n}", str(number)))
        if kind == "extractive-qa":
            row["answers"]["answer_start"] = [row["context"].index("b")]
        made.append(row)
    return made


def lines(kind: str, count: int = 40) -> str:
    return "\n".join(map(json.dumps, rows(kind, count)))


@pytest.mark.parametrize("kind", HEADS)
def test_every_kind_is_read_divided_and_taken_by_another_task(make_task: MakeTask, kind: str) -> None:
    files = {"a.jsonl": lines(kind)}
    make_task("files: {train: a.jsonl, test: a.jsonl}", files, name="other", head=head(kind))
    body = "splits: {train: {task: other, languages: [en]}}\nfiles: {test: a.jsonl}"
    task = make_task(body, head=head(kind))
    parts = {split: load_examples(task, split, "en", "files") for split in ("train", "dev", "test")}
    assert {split: len(part) for split, part in parts.items()} == {"train": 36, "dev": 4, "test": 40}
    assert not set(parts["train"].ids) & set(parts["dev"].ids)
    for split, part in parts.items():
        assert (part.task, part.split, part.kind) == ("shop", split, kind)
        assert tuple(part.fields) == task.fields
    gold = {"tagging": '["B-PER", "O"]', "extractive-qa": '{"text": ["b"], "answer_start": [2]}'}
    assert parts["test"].gold[7] == gold.get(kind, {"generation": "short 7"}.get(kind, "B"))
    assert (
        load_examples(task, "test", "de", "files", limit=8).ids
        == load_examples(task, "test", "en", "files", limit=8).ids
    )


@pytest.mark.parametrize("split", ["train", "dev"])
def test_dev_is_never_train_where_both_come_from_one_split_of_another_task(make_task: MakeTask, split: Split) -> None:
    make_task("files: {train: a.jsonl, test: b.jsonl}", {"a.jsonl": lines("tagging"), "b.jsonl": lines("tagging", 30)},
              name="other", head=head("tagging"))  # fmt: skip
    for source, total in (("train", 40), ("test", 30)):
        body = f"splits: {{train: {{task: other, split: {source}}}, test: {{task: other}}}}"
        task = make_task(body, head=head("tagging"))
        found = load_examples(task, split, "en", "files")
        other = load_examples(task, "dev" if split == "train" else "train", "en", "files")
        assert len(found) + len(other) == total
        assert not set(found.ids) & set(other.ids)


def test_a_task_of_another_kind_is_refused(make_task: MakeTask) -> None:
    files = {"a.jsonl": lines("extractive-qa")}
    make_task("files: {test: a.jsonl}", files, name="other", head=head("extractive-qa"))
    summaries = head("generation").replace("[text]", "[question, context]")
    with pytest.raises((RequestError, SpecError), match=r"other.*extractive-qa"):
        load_examples(make_task("splits: {test: {task: other}}", head=summaries), "test", "en", "files")


def test_a_language_without_dev_of_its_own_has_a_part_of_train_held_out(make_task: MakeTask) -> None:
    body = "files: {train: a.jsonl, dev: {path: b.jsonl, languages: [en]}, test: a.jsonl}"
    task = make_task(body, {"a.jsonl": lines("tagging"), "b.jsonl": lines("tagging", 7)}, head=head("tagging"))
    found = {
        (lang, split): len(load_examples(task, split, lang, "files"))
        for lang in ("en", "de")
        for split in ("train", "dev")
    }
    assert found == {("en", "train"): 40, ("en", "dev"): 7, ("de", "train"): 36, ("de", "dev"): 4}


def test_a_reference_that_is_empty(make_task: MakeTask) -> None:
    task = make_task("files: {test: a.jsonl}", {"a.jsonl": '{"text": "x", "label": " "}'}, head=head("generation"))
    with pytest.raises(DataError, match=r"a\.jsonl:1: column 'label': expected the text that is to be written"):
        load_examples(task, "test", "en", "files")


def hub_folder(folder: Path, features: Any, rows: list[dict[str, Any]]) -> None:
    """A dataset folder with typed columns, as the hub has them."""
    datasets = pytest.importorskip("datasets")
    made = datasets.Dataset.from_list(rows, features=features)
    made.to_parquet(str(folder / "hub" / "test-00000-of-00001.parquet"))


def test_hub_columns_of_lists_objects_and_class_labels(
    make_task: MakeTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    names = ["O", "B-PER", "I-PER"]
    text = datasets.Value("string")
    features = datasets.Features(
        {
            "tokens": datasets.List(text),
            "ner_tags": datasets.List(datasets.ClassLabel(names=names)),
            "topic": datasets.ClassLabel(names=["bad", "good"]),
            "options": {"A": text, "B": text},
            "question": text,
            "context": text,
            "answers": {"text": datasets.List(text), "answer_start": datasets.List(datasets.Value("int32"))},
        }
    )
    row = {"tokens": ["Ana", "ve"], "ner_tags": [1, 0], "topic": 1, "options": {"A": "x", "B": "y"}, "question": "?"}
    hub_folder(tmp_path, features, [{**row, "context": "a b", "answers": {"text": ["b"], "answer_start": [2]}}])
    hub = "splits: {test: {hub: ./hub}}\n"

    task = make_task(hub + "columns: {gold: {from: ner_tags, map: {0: O, 1: B-PER, 2: I-PER}}}", head=head("tagging"))
    tagged = load_examples(task, "test", "en", "hub")
    assert (tagged.fields["tokens"], tagged.gold) == (('["Ana", "ve"]',), ('["B-PER", "O"]',))
    answered = load_examples(make_task(hub, head=head("extractive-qa")), "test", "en", "hub")
    assert answered.gold == ('{"text": ["b"], "answer_start": [2]}',)
    body = "columns: {text: question, choice1: options.A, choice2: options.B, gold: {from: topic, map: {0: A, 1: B}}}"
    chosen = load_examples(make_task(hub + body, head=head("multiple-choice")), "test", "en", "hub")
    assert (chosen.fields["choice2"], chosen.gold) == (("y",), ("B",))

    with pytest.raises(
        DataError, match=r"'1' is no label.*map: \{0: O, .*The set itself names them 0 O, 1 B-PER, 2 I-"
    ):
        load_examples(make_task(hub + "columns: {gold: ner_tags}", head=head("tagging")), "test", "en", "hub")
    shop = "columns: {text: question, gold: topic}"
    with pytest.raises(DataError, match=r"'1' is no label.*The set itself names them 0 bad, 1 good"):
        load_examples(make_task(hub + shop), "test", "en", "hub")
    body = "columns: {text: options.C, gold: {from: topic, map: {0: bad, 1: good}}}"
    with pytest.raises(DataError, match=r"there is no 'options.C'"):
        load_examples(make_task(hub + body), "test", "en", "hub")


def test_rows_of_one_language_of_a_set_of_several(make_task: MakeTask) -> None:
    content = '{"id": "german-1", "text": "x", "label": "a"}\n{"id": "english-1", "text": "y", "label": "b"}\n'
    body = 'files: {test: {path: a.jsonl, where: {id: "{language}"}}}\ncolumns: {id: id}'
    task = make_task(
        body, {"a.jsonl": content.replace("german", "de").replace("english", "en")}, head=head("generation")
    )
    assert load_examples(task, "test", "de", "files").ids == ("de-1",)
    with pytest.raises(RequestError, match="no language 'fr'"):
        load_examples(task, "test", "fr", "files")
