"""What each kind of task asks of its spec, and what a template may leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.errors import RequestError, SpecError
from xbench.spec.registry import load_task, target_tasks

TASKS = {
    "tagging": """\
fields: [tokens]
labels: [O, B-PER, I-PER]
columns: {gold: tags}
templates: {ask: {author: human, text2text: "Who is named? {tokens}"}}
default_templates: {text2text: ask}
metrics: [span_f1]
""",
    "extractive-qa": """\
fields: [question, context]
columns: {gold: answers}
templates: {ask: {author: human, text2text: "{question} {context}"}}
default_templates: {text2text: ask}
metrics: [f1]
""",
    "generation": """\
fields: [text]
columns: {gold: summary}
templates: {ask: {author: human, text2text: "Say it shortly: {text}"}}
default_templates: {text2text: ask}
metrics: [rougeL]
""",
    "multiple-choice": """\
fields: [question, choice1, choice2]
labels: [A, B]
columns: {gold: answer}
templates: {ask: {author: human, verbalizer: letters, text2text: "{question} (A) {choice1} (B) {choice2}"}}
default_templates: {text2text: ask}
verbalizers: {letters: {author: human, words: {en: {A: A, B: B}, de: {A: A, B: B}}}}
metrics: [accuracy]
""",
}


def write(folder: Path, kind: str, old: str = "", new: str = "", name: str = "task") -> Path:
    """The small task of a kind with `old` replaced by `new`."""
    head = f"name: {name}\nkind: {kind}\ndescription: A task.\nlanguages: {{en: {{}}, de: {{}}}}\nfiles: rows.jsonl\n"
    text = head + TASKS[kind]
    assert old in text
    path = folder / f"{name}.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", TASKS)
def test_a_task_of_each_kind_loads(tmp_path: Path, kind: str) -> None:
    task = load_task(write(tmp_path, kind))
    assert task.kind == kind
    assert task.role == "target"
    assert task.template_languages("text2text") == ("en", "de")
    if kind != "multiple-choice":
        with pytest.raises(RequestError, match="has no verbalizer, and so no label words"):
            task.verbalizer("text2text", None, "en")


@pytest.mark.parametrize(
    ("kind", "old", "new", "key", "says"),
    [
        ("tagging", "fields: [tokens]", "fields: [token]", "fields", "'tokens' is missing. Is it 'token'?"),
        ("tagging", "labels: [O, B-PER, I-PER]", "labels: []", "labels", "at least two labels"),
        ("tagging", "metrics: [span_f1]", "metrics: [accuracy]", "metrics.0", "expected one of token_accuracy"),
        ("tagging", 'text2text: "Who is named?', 'cloze: "{mask}', "templates.ask", "names no verbalizer"),
        ("extractive-qa", "[question, context]", "[question, text]", "fields", "'context' is missing"),
        ("extractive-qa", "[question, context]", "[context, question]", "fields", "in the order question, context"),
        ("extractive-qa", "columns:", "labels: [a, b]\ncolumns:", "labels", "has no labels"),
        ("extractive-qa", "metrics: [f1]", "metrics: [f1, rouge1]", "metrics.1", "this task is extractive-qa"),
        ("generation", "columns:", "labels: [a, b]\ncolumns:", "labels", "its gold is a text"),
        ("generation", "metrics: [rougeL]", "metrics: [macro_f1]", "metrics.0", "expected one of rouge1"),
        ("multiple-choice", "choice2]", "choice3]", "fields", "'choice2' is missing"),
        ("multiple-choice", "labels: [A, B]", "labels: [A, B, C]", "fields", "3 labels stand beside"),
        ("multiple-choice", "verbalizer: letters, ", "", "templates.ask", "names no verbalizer"),
    ],
)  # fmt: skip
def test_one_mistake_one_message(tmp_path: Path, kind: str, old: str, new: str, key: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_task(write(tmp_path, kind, old, new))
    assert caught.value.key == key
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("german", "Did you mean 'de'?"),
        ("EN", "is no BCP-47 language"),
        ("xx", "nobody knows a language 'xx'"),
        ("zz-Latn", "nobody knows a language 'zz'"),
        ("de-Latx", "nobody knows a script 'Latx'"),
        ("de-AB", "nobody knows a region 'AB'"),
        ("eng_Latn", "what the sources call it goes into 'code:'"),
    ],
)
def test_language_codes_that_nobody_knows(tmp_path: Path, code: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_task(write(tmp_path, "generation", "de: {}", f"{code}: {{}}"))
    assert says in str(caught.value)
    assert caught.value.key == f"languages.{code}"


@pytest.mark.parametrize("code", ["quy", "zh-Hant", "pt-BR", "es-419", "sr-Latn", "no", "yue", "bzd"])
def test_language_codes_that_there_are(tmp_path: Path, code: str) -> None:
    assert code in load_task(write(tmp_path, "generation", "de: {}", f"{code}: {{}}")).languages


def test_the_nearest_of_the_known_codes_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"nobody knows a language 'swz'.*Did you mean 'sw'\?"):
        load_task(write(tmp_path, "generation", "de: {}", "swz: {}"))


def test_roles(tmp_path: Path) -> None:
    write(tmp_path, "generation", name="goal")
    path = write(tmp_path, "generation", "kind:", "role: expanding\nkind:", name="further")
    assert load_task(path).role == "expanding"
    assert "goal" in target_tasks([tmp_path])
    assert "further" not in target_tasks([tmp_path])
    with pytest.raises(SpecError, match="expected one of target, expanding"):
        load_task(write(tmp_path, "generation", "kind:", "role: training\nkind:"))


SEVERAL = """\
splits:
  train:
    - {task: other, languages: [en]}
    - {hub: owner/set, languages: [de]}
  test: {hub: owner/set}
"""


def test_a_split_of_several_sources(tmp_path: Path) -> None:
    write(tmp_path, "generation", name="other")
    task = load_task(write(tmp_path, "generation", "files: rows.jsonl\n", SEVERAL))
    assert task.split_source("train", "hub", "en").task == "other"  # type: ignore[union-attr]
    assert task.split_source("train", "hub", "de").hub == "owner/set"  # type: ignore[union-attr]
    assert task.languages_of("hub", "train") == ("en", "de")
    assert task.languages_of("files", "train") == ("en",)


def test_a_mistake_in_one_of_several_sources_is_told_with_its_number(tmp_path: Path) -> None:
    write(tmp_path, "generation", name="other")
    with pytest.raises(SpecError) as caught:
        load_task(
            write(tmp_path, "generation", "files: rows.jsonl\n", SEVERAL.replace("languages: [de]", "languages: [fr]"))
        )
    assert caught.value.key == "splits.train.1.languages"
    assert caught.value.line == 8
    with pytest.raises(SpecError) as caught:
        load_task(write(tmp_path, "generation", "files: rows.jsonl\n", SEVERAL.replace("task: other", "task: othr")))
    assert caught.value.key == "splits.train.0.task"
    with pytest.raises(SpecError) as caught:
        load_task(
            write(
                tmp_path,
                "generation",
                "files: rows.jsonl\n",
                SEVERAL.replace("hub: owner/set, languages", "hubb: o/s, languages"),
            )
        )
    assert caught.value.key == "splits.train.1"
