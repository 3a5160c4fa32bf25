"""Examples come from files, hub layout or sample data whole, and what is wrong is named."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from xbench.data.examples import Examples
from xbench.data.load import load_examples, spread
from xbench.errors import DataError, RequestError
from xbench.spec.registry import load_task, task_paths
from xbench.spec.sources import SPLITS
from xbench.spec.task import TaskSpec

MakeTask = Callable[..., TaskSpec]
ROWS = "text\tlabel\n" + "".join(f"text {n}\t{'good' if n % 2 else 'bad'}\n" for n in range(40))
FILES = 'files: {test: "{code}.tsv"}\ncolumns: {gold: label}'


def test_language_code_and_split_are_filled_in(make_task: MakeTask) -> None:
    task = make_task(
        'files: "data/{language}-{code}/{split}.tsv"\ncolumns: {gold: label}',
        {"data/de-deu/dev.tsv": "text\tlabel\nja\tgood\n", "data/en-en/test.tsv": "text\tlabel\nno\tbad\n"},
    )
    german = load_examples(task, "dev", "de", "files")
    assert (german.fields["text"], german.gold, german.ids) == (("ja",), ("good",), ("0",))
    assert (german.task, german.language, german.split) == ("shop", "de", "dev")
    assert load_examples(task, "test", "en", "files").gold == ("bad",)


def test_labels_are_mapped_dropped_and_counted(make_task: MakeTask) -> None:
    rows = [{"id": n, "body": "x", "stars": stars} for n, stars in enumerate([1, 3, 5, -1])]
    task = make_task(
        "files: {test: a.jsonl}\n"
        "columns: {text: body, id: id, gold: {from: stars, map: {1: bad, 5: good}, drop: [3, -1]}}",
        {"a.jsonl": "\n".join(map(json.dumps, rows))},
    )
    examples = load_examples(task, "test", "en", "files")
    assert (examples.ids, examples.gold, examples.dropped) == (("0", "2"), ("bad", "good"), 2)


def test_a_row_with_a_blank_field_stays(make_task: MakeTask) -> None:
    head = (
        "name: shop\nkind: classification\ndescription: d\nfields: [a, b]\nlabels: [x, y]\n"
        "languages: {{en: {{}}}}\n{body}\nmetrics: [accuracy]\n"
    )
    task = make_task(
        "files: {test: a.jsonl}\ncolumns: {gold: g}",
        {"a.jsonl": '{"a": "", "b": "1", "g": "x"}\n{"a": null, "b": 2, "g": "y"}'},
        head=head,
    )
    examples = load_examples(task, "test", "en", "files")
    assert examples.fields == {"a": ("", ""), "b": ("1", "2")}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "text\tlabel\nx\tgood\ny\tgod\n",
            [":3: column 'label': 'god' is no label", "(bad, good)", "Did you mean 'good'?"],
        ),
        ("text\tlabel\nx\t\n", [":2: column 'label': '' is no label"]),
        ("text\tlabel\nx\tgood \n", [":2:", "'good '"]),
        ("tekst\tlabel\nx\tgood\n", ["no column 'text' (for 'text' of task 'shop')", "Did you mean 'tekst'?"]),
        ("text\tlable\nx\tgood\n", ["no column 'label' (for 'gold'", "Did you mean 'lable'?"]),
        ("text\tlabel\n", ["has no rows"]),
        ("", ["has no rows"]),
        ("text\tlabel\nx\tgood\n \tbad\n", [":3: all fields (text) are empty"]),
        ("text\tlabel\nx\tgood\ty\n", [":2: has 3 columns where 2 are expected"]),
    ],
)
def test_bad_rows_are_named(make_task: MakeTask, content: str, says: list[str]) -> None:
    task = make_task(FILES, {"deu.tsv": content})
    with pytest.raises(DataError) as caught:
        load_examples(task, "test", "de", "files")
    assert "deu.tsv" in str(caught.value)
    for part in says:
        assert part in str(caught.value)


def test_bad_rows_are_skipped_and_counted_when_asked(make_task: MakeTask) -> None:
    task = make_task(FILES, {"en.tsv": "text\tlabel\nx\tgood\n\tbad\ny\tgod\nz\tbad\n"})
    examples = load_examples(task, "test", "en", "files", skip_bad_rows=True)
    assert (examples.fields["text"], examples.skipped, examples.ids) == (("x", "z"), 2, ("0", "3"))
    task = make_task(FILES, {"en.tsv": "text\tlabel\ny\tgod\n"})
    with pytest.raises(DataError, match="none of its 1 rows is left"):
        load_examples(task, "test", "en", "files", skip_bad_rows=True)


def test_missing_keys_values_of_other_kinds_and_repeated_ids(make_task: MakeTask) -> None:
    body = "files: {test: a.jsonl}\ncolumns: {gold: g, id: i}"
    good = '{"text": "x", "g": "good", "i": 1}\n'
    for row, says in [
        ('{"text": "y", "i": 2}', "the column 'g' is missing"),
        ('{"text": ["y"], "g": "bad", "i": 2}', "expected text or a number; found list"),
        ('{"text": "y", "g": "bad", "i": 1}', "the id '1' is also that of line 1"),
    ]:
        with pytest.raises(DataError, match=rf"a\.jsonl:2: .*{says}"):
            load_examples(make_task(body, {"a.jsonl": good + row}), "test", "en", "files")


def test_what_cannot_be_asked_for(make_task: MakeTask) -> None:
    task = make_task('files: {test: {path: "{code}.tsv", languages: [de]}}\ncolumns: {gold: label}', {"deu.tsv": ROWS})
    for split, language, data, says in [
        ("test", "fr", "files", "no language 'fr'"),
        ("test", "en", "files", "no test split in 'en'.*only in de"),
        ("test", "de", "hub", "no hub data for its test split .it has files"),
        ("train", "de", "files", "no files data for its train split"),
    ]:
        with pytest.raises(RequestError, match=says):
            load_examples(task, split, language, data)  # type: ignore[arg-type]


def test_without_a_dev_split_a_part_of_train_is_held_out(make_task: MakeTask) -> None:
    task = make_task("files: {train: a.tsv, test: a.tsv}\ncolumns: {gold: label}", {"a.tsv": ROWS})
    train, dev = load_examples(task, "train", "en", "files"), load_examples(task, "dev", "en", "files")
    assert len(dev) == 4
    assert sorted(dev.gold) == ["bad", "bad", "good", "good"]
    assert not set(train.ids) & set(dev.ids)
    assert sorted([*train.ids, *dev.ids], key=int) == [str(n) for n in range(40)]
    lines = ROWS.splitlines(keepends=True)
    reordered = make_task(
        "files: {train: a.tsv, test: a.tsv}\ncolumns: {gold: label}", {"a.tsv": lines[0] + "".join(reversed(lines[1:]))}
    )
    assert set(load_examples(reordered, "dev", "en", "files").fields["text"]) == set(dev.fields["text"])


def test_limit_is_spread_and_the_same_in_every_language(make_task: MakeTask) -> None:
    task = make_task(FILES, {"en.tsv": ROWS, "deu.tsv": ROWS})
    english, german = (load_examples(task, "test", language, "files", limit=10) for language in ("en", "de"))
    assert english.ids == german.ids
    assert [int(identity) // 4 for identity in english.ids] == list(range(10))
    assert len(load_examples(task, "test", "en", "files", limit=100)) == 40
    # A stride of 6 on rows that repeat by three would see one kind of row only.
    assert len({position % 3 for position in spread(600, 100)}) == 3


def test_splits_of_another_task(make_task: MakeTask) -> None:
    make_task("files: {train: a.tsv, test: a.tsv}\ncolumns: {gold: label}", {"a.tsv": ROWS}, name="other")
    task = make_task('splits: {train: {task: other, languages: [en]}}\nfiles: {test: "{code}.tsv"}\ncolumns: {gold: l}')
    train = load_examples(task, "train", "en", "files")
    assert train.task == "shop"
    dev = load_examples(task, "dev", "en", "files")
    assert (len(train), len(dev)) == (36, 4)  # the other task holds its dev out, once
    assert not set(train.ids) & set(dev.ids)
    with pytest.raises(RequestError, match="no train split in 'de'"):
        load_examples(task, "train", "de", "files")


def test_a_generation_task_takes_any_gold(make_task: MakeTask) -> None:
    head = (
        "name: shop\nkind: generation\ndescription: d\nfields: [text]\n"
        "languages: {{en: {{}}}}\n{body}\nmetrics: [rouge]\n"
    )
    task = make_task(
        "files: {test: a.tsv}\ncolumns: {gold: summary}", {"a.tsv": "text\tsummary\nlong text\tNA\n"}, head=head
    )
    assert load_examples(task, "test", "en", "files").gold == ("NA",)


# Different meanings may be said alike: when or where something is used, which a sentence on a sister does not tell, or
# a clause that stands alone in a row of either kind. One text in two splits, in every language.
SHARED_TEXTS = {"marc": 1, "marc-binary": 1, "ud-pos": 1}


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_sample_data_of_every_language_and_split(name: str) -> None:
    task = load_task(name)
    for language in task.languages_of("sample"):
        found = [load_examples(task, split, language, "sample") for split in SPLITS]
        assert len({examples.content_hash for examples in found}) == 3
        train, dev, test = (set(zip(*examples.fields.values(), strict=True)) for examples in found)
        assert len(train & dev | train & test | dev & test) == SHARED_TEXTS.get(name, 0)
        for split, examples in zip(SPLITS, found, strict=True):
            rows = task.sample.rows[split] if task.sample is not None else len(examples)
            assert len(examples) + examples.dropped == rows
            assert examples.skipped == 0 and len(set(examples.ids)) == len(examples)
            if task.labels and task.kind != "tagging":
                assert set(examples.gold) == set(task.labels)


def test_content_hash_is_stable_and_sees_every_change() -> None:
    examples = Examples("t", "en", "test", ("1", "2"), {"b": ("é", "y"), "a": ("", "\r")}, ("x", "y"))
    assert re.fullmatch("[0-9a-f]{16}", examples.content_hash)
    same = Examples("t", "en", "dev", ("1", "2"), {"a": ("", "\r"), "b": ("é", "y")}, ("x", "y"), dropped=3)
    assert same.content_hash == examples.content_hash
    others = [
        examples.take([1, 0]),
        examples.take([0]),
        Examples("t", "de", "test", examples.ids, examples.fields, examples.gold),
        Examples("u", "en", "test", examples.ids, examples.fields, examples.gold),
        Examples("t", "en", "test", examples.ids, {"b": ("e\u0301", "y"), "a": ("", "\r")}, examples.gold),
        Examples("t", "en", "test", examples.ids, {"b": ("", "\r"), "a": ("é", "y")}, examples.gold),
    ]
    assert len({other.content_hash for other in others} | {examples.content_hash}) == 7


def test_hub_source_from_a_folder_laid_out_like_one(
    make_task: MakeTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    for language in ("en", "deu"):
        rows = [{"text": text, "label": n % 3} for n, text in enumerate(["NA", "None", "a\rb", " x ", "null", "y"])]
        folder = tmp_path / "dataset" / language
        folder.mkdir(parents=True)
        (folder / "test.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    (tmp_path / "dataset" / "README.md").write_text(
        "---\nconfigs:\n"
        + "".join(
            f"- config_name: {c}\n  data_files:\n  - split: test\n    path: {c}/test.jsonl\n" for c in ("en", "deu")
        )
        + "---\n"
    )
    task = make_task(
        'splits: {test: {hub: ./dataset, config: "{code}", revision: null}}\n'
        "columns: {gold: {from: label, map: {0: bad, 1: good}, drop: [2]}}"
    )
    assert task.data_kinds == ("hub",)
    examples = load_examples(task, "test", "de", "hub")
    assert examples.fields["text"] == ("NA", "None", " x ", "null")
    assert (examples.gold, examples.dropped, examples.ids) == (("bad", "good", "bad", "good"), 2, ("0", "1", "3", "4"))


def test_a_hub_source_that_cannot_be_loaded(make_task: MakeTask) -> None:
    pytest.importorskip("datasets")
    task = make_task("splits: {test: {hub: ./absent}}\ncolumns: {gold: label}")
    with pytest.raises(DataError, match=r"\./absent \(default, test\) cannot be loaded from the hub.*--data files"):
        load_examples(task, "test", "en", "hub")


def test_hash_is_made_of_canonical_json() -> None:
    examples = Examples("t", "en", "test", ("1",), {"a": ("é",)}, ("x",))
    parts = '["t","en","a"]\n["1"]\n["x"]\n[]\n["\\u00e9"]\n'
    assert examples.content_hash == hashlib.sha256(parts.encode()).hexdigest()[:16]
