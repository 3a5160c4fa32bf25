# ruff: noqa: E501 (a mistake a line)
"""One mistake in a task file gives one message: file, line, key, what is expected, the nearest name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xbench.errors import RequestError, SpecError
from xbench.spec.registry import load_task

WriteTask = Callable[..., Path]

# (what is replaced, by what, line, key, parts of the message)
MISTAKES = [
    # shape
    ("kind: classification", "kind: clasification", 2, "kind", ["expected one of", "Did you mean 'classification'?"]),
    ("kind: classification\n", "", 1, "kind", ["is missing"]),
    ("labels:", "lables:", 5, "lables", ["unknown key", "Did you mean 'labels'?"]),
    ("labels: [bad, good]", "labels: bad", 5, "labels", ["expected a list", "the text 'bad'"]),
    ("labels: [bad, good]", "labels: [bad, 1.5]", 5, "labels.1", ["expected text", "the number 1.5", "quotes"]),
    ("description: Reviews of a shop.", "description: 5", 3, "description", ["expected text", "quotes"]),
    ("languages: {en: {}, de: {}}", "languages: [en, de]", 6, "languages", ["expected a mapping", "a list"]),
    ("de: {}", "de: {cod: deu}", 6, "languages.de.cod", ["unknown key", "Did you mean 'code'?"]),
    ("metrics: [accuracy]", "metrics: []", 29, "metrics", ["at least one"]),
    ("metrics: [accuracy]", "metrics: [accuracy]\nredistribute: maybe", 30, "redistribute", ["true or false"]),
    ("author: human", "author: me", 13, "templates.its.author", ["expected one of paper, human, machine, unreviewed"]),
    ("    author: human\n    verbalizer: words\n    cloze", "    verbalizer: words\n    cloze", 12, "templates.its.author", ["is missing"]),
    ('cloze:\n      en: "It\'s {mask}. {text}"', "cloze:\n      en: 5", 16, "templates.its.cloze.en", ["expected text"]),
    ("en: {bad: bad, good: [good, great]}", "en: {bad: bad, good: [good, 1.5]}", 27, "verbalizers.words.words.en.good.1", ["expected text"]),
    # sources
    ('test: {path: "{language}.tsv"}', "test: {pth: x.tsv}", 9, "files.test.pth", ["unknown key", "Did you mean 'path'?"]),
    ('test: {path: "{language}.tsv"}', "test: {path: x.xls}", 9, "files.test", ["no known format", "csv"]),
    ('test: {path: "{language}.tsv"}', "test: {path: x.tsv, quoting: all}", 9, "files.test.quoting", ["none, csv"]),
    ('test: {path: "{language}.tsv"}', "test: {path: x.tsv, separator: ';;'}", 9, "files.test.separator", ["one character"]),
    ('test: {path: "{language}.tsv"}', "test: {path: x.jsonl, column_names: [a]}", 9, "files.test", ["csv and tsv and conll files only; this one is jsonl"]),
    ('test: {path: "{language}.tsv"}', "tset: {path: x.tsv}", 9, "files.tset", ["train, dev, test", "Did you mean 'test'?"]),
    ("files:\n  train", "splits: {test: {hubb: a/b}}\nfiles:\n  train", 7, "splits.test", ["expected a source", "hub: owner/name"]),
    ("files:\n  train", "splits: {test: {hub: a/b, confg: x}}\nfiles:\n  train", 7, "splits.test.confg", ["Did you mean 'config'?"]),
    ("files:\n  train", "splits: {test: 5}\nfiles:\n  train", 7, "splits.test", ["expected a source", "the number 5"]),
    ("files:\n  train", "sample: {generator: x, rows: {test: many}, languages: [en]}\nfiles:\n  train", 7, "sample.rows.test", ["whole number"]),
    ("files:\n  train", "sample: {generator: x, rows: {test: 5}, languages: [en]}\nfiles:\n  train", 7, "sample.rows", ["'train'"]),
    ("languages: [en]", "languages: [en, fr]", 8, "files.train.languages", ["'fr' is none of the task's languages"]),
    # names
    ("name: shop", "name: shopp", 1, "name", ["must be that of the file, 'shop'"]),
    ("fields: [text]", "fields: [text, text]", 4, "fields", ["given twice"]),
    ("fields: [text]", "fields: [mask]", 4, "fields.0", ["no field name"]),
    ("labels: [bad, good]", "labels: [bad]", 5, "labels", ["at least two labels"]),
    ("labels: [bad, good]", "labels: [bad, good, bad]", 5, "labels", ["given twice"]),
    ("de: {}", "german: {}", 6, "languages.german", ["BCP-47"]),
    ("de: {}}", "de: {}}\nsource: ed", 7, "source", ["none of the task's languages", "Did you mean 'en'?"]),
    ("columns: {gold: label}", "columns: {gold: label, tekst: t}", 10, "columns.tekst", ["no field", "Did you mean 'text'?"]),
    ("columns: {gold: label}", "columns: {gold: {from: l, map: {0: bad, 1: god}}}", 10, "columns.gold.map.1", ["no label", "'good'"]),
    ("columns: {gold: label}", "columns: {gold: {from: l, map: {0: bad}, drop: [0]}}", 10, "columns.gold.drop", ["dropped here"]),
    # templates
    ("{mask}. {text}", "{mask}. {tekst}", 16, "templates.its.cloze.en", ["no field", "Did you mean 'text'?"]),
    ("It's {mask}. {text}", "It's. {text}", 16, "templates.its.cloze.en", ["exactly one {mask}", "has 0"]),
    ("It's {mask}. {text}", "It's {mask} {mask}. {text}", 16, "templates.its.cloze.en", ["exactly one {mask}", "has 2"]),
    ("It's {mask}. {text}", "It's {mask}.", 16, "templates.its.cloze.en", ["uses no field"]),
    ("It's {mask}. {text}", "It's {mask. {text}", 16, "templates.its.cloze.en", ["lone '{'"]),
    ("Good or bad? {text}", "Good or bad? {mask} {text}", 21, "templates.ask.text2text", ["no {mask}"]),
    ('      de: "Es ist {mask}. {text}"\n', "", 15, "templates.its.cloze", ["no texts in de", "languages: [...]"]),
    ('de: "Es', 'dr: "Es', 17, "templates.its.cloze.dr", ["none of the task's languages", "Did you mean 'de'?"]),
    ("verbalizer: words", "verbalizer: word", 14, "templates.its.verbalizer", ["no verbalizer 'word'", "Did you mean 'words'?"]),
    ("{cloze: its", "{cloze: itz", 22, "default_templates.cloze", ["no template 'itz'", "Did you mean 'its'?"]),
    ("text2text: ask,", "text2text: its,", 22, "default_templates.text2text", ["no text2text text"]),
    ("text2text: \"Good", "language: fr\n    text2text: \"Good", 21, "templates.ask.language", ["none of the task's languages"]),
    ("    cloze:\n", "    language: en\n    cloze:\n", 15, "templates.its.language", ["is for one plain text"]),
    # verbalizers
    ("      de: {bad: schlecht, good: gut}\n", "", 26, "verbalizers.words.words", ["no words in de"]),
    ("de: {bad: schlecht, good: gut}", "de: {bad: schlecht}", 28, "verbalizers.words.words.de", ["no word for the label good"]),
    ("de: {bad: schlecht, good: gut}", "de: {bad: schlecht, god: gut}", 28, "verbalizers.words.words.de.god", ["Did you mean 'good'?"]),
    ("de: {bad: schlecht, good: gut}", "de: {bad: gut, good: Gut}", 28, "verbalizers.words.words.de.good", ["share the word 'Gut'"]),
    ("de: {bad: schlecht, good: gut}", "de: {bad: schlеcht, good: gut}", 28, "verbalizers.words.words.de.bad", ["mixes scripts", "U+0435"]),
    ("de: {bad: schlecht, good: gut}", "de: {bad: ' ', good: gut}", 28, "verbalizers.words.words.de.bad", ["blank"]),
    ("good: [good, great]", "good: []", 27, "verbalizers.words.words.en.good", ["no word"]),
    # YAML
    ("labels: [bad, good]", "labels: [bad, good]\nfields: [text]", 6, "fields", ["given twice (first on line 4)"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "says"), MISTAKES, ids=[f"{m[3]}: {m[4][0]}" for m in MISTAKES])
def test_one_mistake_one_message(
    write_task: WriteTask, old: str, new: str, line: int, key: str, says: list[str]
) -> None:
    path = write_task((old, new))
    with pytest.raises(SpecError) as caught:
        load_task(path)
    message = str(caught.value)
    assert "\n" not in message, message
    assert caught.value.key == key, message
    assert f"{path.name}:{line}, key '{key}': " in message
    for part in says:
        assert part in message


def test_two_mistakes_are_both_told_in_the_order_of_the_file(write_task: WriteTask) -> None:
    path = write_task(("{mask}. {text}", "{text}"), ("Es ist {mask}", "Es ist"))
    with pytest.raises(SpecError) as caught:
        load_task(path)
    assert [line.split(", key ")[0][-2:] for line in str(caught.value).splitlines()] == ["16", "17"]


def test_a_task_without_data(write_task: WriteTask) -> None:
    path = write_task(('files:\n  train: {path: "train.tsv", languages: [en]}\n  test: {path: "{language}.tsv"}\n', ""))
    with pytest.raises(SpecError, match="has no data"):
        load_task(path)


def _with_other(write_task: WriteTask, tmp_path: Path, other: tuple[tuple[str, str], ...], task: str = "other") -> Path:
    write_task(("name: shop", "name: other"), *other, name="other", folder=tmp_path)
    return write_task(("files:\n", f"splits:\n  dev: {{task: {task}, languages: [en]}}\nfiles:\n"))


def test_a_split_of_another_task(write_task: WriteTask, tmp_path: Path) -> None:
    assert load_task(_with_other(write_task, tmp_path, ())).languages_of("files", "dev") == ("en",)


@pytest.mark.parametrize(
    ("other", "task", "says"),
    [
        ((), "othr", "Did you mean"),
        ((("languages: {en: {}, de: {}}", "languages: {fr: {}, de: {}}\nsource: de"), ("[en]", "[de]"), ("en:", "fr:"), ("en:", "fr:")),
         "other", "has no language 'en'"),
        ((("[bad, good]", "[bad, nice]"), ("good: [good, great]", "nice: nice"), ("good: gut", "nice: gut")), "other", "has other labels (bad, nice)"),
    ],
)  # fmt: skip
def test_a_split_of_another_task_that_does_not_fit(
    write_task: WriteTask, tmp_path: Path, other: tuple[tuple[str, str], ...], task: str, says: str
) -> None:
    with pytest.raises(SpecError, match=r"shop\.yaml:8, key 'splits.dev") as caught:
        load_task(_with_other(write_task, tmp_path, other, task), [tmp_path])
    assert says in str(caught.value)


def test_tasks_that_refer_to_each_other(write_task: WriteTask, tmp_path: Path) -> None:
    path = _with_other(write_task, tmp_path, (("files:\n", "splits:\n  dev: {task: shop}\nfiles:\n"),))
    with pytest.raises(SpecError, match="refers back"):
        load_task(path)


def test_an_unknown_task_and_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"Did you mean 'xnli'\?"):
        load_task("xnlo")
    with pytest.raises(RequestError, match="no task file"):
        load_task(tmp_path / "absent.yaml")
