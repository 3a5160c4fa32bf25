"""Real XNLI and SIB-200 files, through a YAML each: all languages, no row lost or altered."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from xbench.data.load import load_examples
from xbench.data.sampling import parse_train_size, sample_train_and_dev
from xbench.spec.registry import load_task

HERE = Path(__file__).parent / "real"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

needs_xnli = pytest.mark.skipif(not (DATA / "xnli").is_dir(), reason="shared/data/xnli is not beside this checkout")
needs_sib = pytest.mark.skipif(not (DATA / "sib200").is_dir(), reason="shared/data/sib200 is not beside this checkout")


@needs_xnli
@pytest.mark.parametrize(("split", "count"), [("dev", 498), ("test", 600)])
def test_xnli_evaluation_splits_hold_every_row_of_every_language(split: str, count: int) -> None:
    task = load_task(HERE / "xnli-files.yaml")
    assert len(task.languages_of("files", split)) == 15  # type: ignore[arg-type]
    for language in task.languages:
        examples = load_examples(task, split, language, "files")  # type: ignore[arg-type]
        raw = (DATA / "xnli" / f"{split}-{language}.tsv").read_bytes()
        premise, hypothesis, gold = examples.fields["premise"], examples.fields["hypothesis"], examples.gold
        assert len(examples) == count
        again = "".join("\t".join(row) + "\n" for row in zip(premise, hypothesis, gold, strict=True)).encode()
        assert again.rstrip(b"\n") == raw.rstrip(b"\n"), language
        assert set(Counter(gold).values()) == {count // 3}


@needs_xnli
def test_xnli_training_pairs_and_a_sample_of_them() -> None:
    task = load_task(HERE / "xnli-files.yaml")
    train = load_examples(task, "train", "en", "files")
    rows = [json.loads(line) for line in (DATA / "xnli" / "train-en.jsonl").read_bytes().split(b"\n") if line]
    assert len(rows) == len(train) == 768
    assert list(train.fields["premise"]) == [row["sentence1"] for row in rows]
    assert list(train.fields["hypothesis"]) == [row["sentence2"] for row in rows]
    assert list(train.gold) == [row["gold"] for row in rows]
    assert list(train.ids) == [str(row["file_idx"]) for row in rows]
    # The file is sorted by label; a sample still holds all of them, and dev comes from the dev split.
    few, dev = sample_train_and_dev(train, load_examples(task, "dev", "en", "files"), parse_train_size("16"), seed=1)
    assert Counter(few.gold) == Counter(dev.gold) == dict.fromkeys(task.labels, 16)
    assert set(load_examples(task, "train", "en", "files", limit=9).gold) == set(task.labels)


@needs_sib
def test_sib200_holds_every_row_of_every_language() -> None:
    task = load_task(HERE / "sib200-files.yaml")
    assert len(task.languages) == 32
    counts: Counter[str] = Counter()
    for split in ("train", "dev", "test"):
        for language in task.languages_of("files", split):  # type: ignore[arg-type]
            examples = load_examples(task, split, language, "files")  # type: ignore[arg-type]
            text = (DATA / "sib200" / task.code(language) / f"{split}.tsv").read_bytes().decode("utf-8")
            rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
            assert list(examples.fields["text"]) == [row["text"] for row in rows], (split, language)
            assert list(examples.gold) == [row["category"] for row in rows]
            assert list(examples.ids) == [row["index_id"] for row in rows]
            counts[split] += len(examples)
    assert counts == {"train": 9 * 701, "dev": 32 * 99, "test": 32 * 204}
    assert set(task.labels) == set((DATA / "sib200" / "labels.txt").read_text(encoding="utf-8").split())


@needs_sib
def test_sib200_rows_are_parallel_under_a_limit() -> None:
    task = load_task(HERE / "sib200-files.yaml")
    ids = {load_examples(task, "test", language, "files", limit=20).ids for language in task.languages}
    assert len(ids) == 1
