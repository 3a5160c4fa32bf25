"""Every `files:` section reads a small file in its publisher's layout: names, separators, quotes, codes and labels.

Written down from what the publishers' own files look like; `test_real_shipped.py` reads real ones where they are there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.hub_schemas import HUB, rows_of
from xbench.answers import gold_answers
from xbench.data.load import load_examples
from xbench.data.text import load_text
from xbench.spec.registry import load_task, task_paths
from xbench.spec.sources import SPLITS, FileSource, HubSource, Split


@dataclass(frozen=True)
class Layout:
    """A file of one task, split and language: its place, what it holds, and the examples that are in it."""

    task: str
    split: Split
    language: str
    path: str
    text: str
    gold: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]
    dropped: int = 0

    def __str__(self) -> str:
        return f"{self.task}-{self.split}-{self.language}"


def lines(*rows: Any) -> str:
    """Objects as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def squad(*questions: tuple[str, str, int], start: str = "", **more: Any) -> str:
    """SQuAD's JSON of one paragraph; each question with an answer and its start."""
    asked = [
        {"id": f"{start}{number}", "question": f"{text}?", "answers": [{"text": text, "answer_start": place}], **more}
        for number, (_, text, place) in enumerate(questions)
    ]
    return json.dumps({"version": "1.1", "data": [{"paragraphs": [{"context": questions[0][0], "qas": asked}]}]})


STORY = "Ada met Bo."
ASKED = {"question": ("Ada?", "Bo?"), "context": (STORY, STORY)}
BOTH = squad((STORY, "Ada", 0), (STORY, "Bo", 8))
ANSWERS = ("Ada", "Bo")
MOVED = squad((STORY, "Ada", 0), (STORY, "Bo", 9), (STORY, "Bo", 8))
QUESTIONS_KEPT = {"question": ("Ada?", "Bo?"), "context": (STORY, STORY)}
XTREME = "xtreme_translations/SQuAD/translate-train/squad.translate.train.en-{}.json"
MARC = lines(
    {"review_id": "de_1", "stars": "5", "review_body": "Gut.", "language": "de"},
    {"review_id": "de_2", "stars": "3", "review_body": "Na ja.", "language": "de"},
)
PAWS = 'id\tsentence1\tsentence2\tlabel\n1\t"A" is b.\tB is "a".\t0\n2\tC.\tC!\t1\n'
PAWS_FIELDS = {"sentence1": ('"A" is b.', "C."), "sentence2": ('B is "a".', "C!")}
XNLI = (
    "language\tgold_label\tsentence1\tsentence2\tpairID\n"
    'de\tneutral\tEr sagte "ja".\tJa.\t1\nen\tneutral\tYes.\tYes.\t1\nde\tcontradiction\tA\tB\t2\n'
)
MULTINLI = 'premise\thypo\tlabel\nEr sagte "ja".\tJa.\tneutral\nA\tB\tcontradictory\n'
PAIR = {"premise": ('Er sagte "ja".', "A"), "hypothesis": ("Ja.", "B")}
NEWS = (
    "category\theadline\ttext\turl\n"
    'health\tWell\t"He said: ""I am well.""\nAnd went.""\n"\thttps://a\nsports\tWon\tThey won.\thttps://b\n'
).replace('went.""\n"', 'went."')
NEWS_TEXTS = ('He said: "I am well."\nAnd went.', "They won.")
DBPEDIA = '1,"Acme","Acme makes ""things""."\n14,"Book","A book."\n'

LAYOUTS = [
    *(
        Layout(
            "marc",
            split,
            "de",
            f"marc/json/{split}/dataset_de_{split}.json",
            MARC,
            ("5", "3"),
            {"text": ("Gut.", "Na ja.")},
        )
        for split in SPLITS
    ),
    *(
        Layout(
            "marc-binary",
            split,
            "de",
            f"marc/json/{split}/dataset_de_{split}.json",
            MARC,
            ("positive",),
            {"text": ("Gut.",)},
            1,
        )
        for split in SPLITS
    ),
    Layout(
        "xnli",
        "train",
        "de",
        "XNLI-MT-1.0/multinli/multinli.train.de.tsv",
        MULTINLI,
        ("neutral", "contradiction"),
        PAIR,
    ),
    Layout("xnli", "dev", "de", "XNLI-1.0/xnli.dev.tsv", XNLI, ("neutral", "contradiction"), PAIR),
    Layout("xnli", "test", "de", "XNLI-1.0/xnli.test.tsv", XNLI, ("neutral", "contradiction"), PAIR),
    Layout("paws-x", "train", "en", "x-final/en/train.tsv", PAWS, ("different", "same"), PAWS_FIELDS),
    Layout("paws-x", "train", "ko", "x-final/ko/translated_train.tsv", PAWS, ("different", "same"), PAWS_FIELDS),
    Layout("paws-x", "dev", "ko", "x-final/ko/dev_2k.tsv", PAWS, ("different", "same"), PAWS_FIELDS),
    Layout("paws-x", "test", "ko", "x-final/ko/test_2k.tsv", PAWS, ("different", "same"), PAWS_FIELDS),
    *(
        Layout(
            "mldoc",
            split,
            "it",
            f"mldoc/italian.{name}",
            'CCAT\t"Uno".\nMCAT\tDue.\n',
            ("CCAT", "MCAT"),
            {"text": ('"Uno".', "Due.")},
        )
        for split, name in (("train", "train.5000"), ("dev", "dev"), ("test", "test"))
    ),
    *(
        Layout(
            "masakhanews",
            split,
            "pcm",
            f"masakhanews/pcm/{split}.tsv",
            NEWS,
            ("health", "sports"),
            {"headline": ("Well", "Won"), "text": NEWS_TEXTS},
        )
        for split in SPLITS
    ),
    Layout(
        "americasnli",
        "test",
        "gn",
        "anli_final/test/gn.tsv",
        'id\tlanguage\tpremise\thypothesis\tlabel\n0\tgn\t"A" b\tB\tneutral\n1\tgn\tC\tD\tentailment\n',
        ("neutral", "entailment"),
        {"premise": ('"A" b', "C"), "hypothesis": ("B", "D")},
    ),
    *(
        Layout(
            "ud-pos",
            split,
            "de",
            f"ud/de/{split}.conllu",
            "# sent_id = 1\n1-2\tIm\t_\t_\t_\t_\t_\t_\t_\t_\n1\tIn\tin\tADP\t_\t_\t0\troot\t_\t_\n"
            "2\tdem\tder\tDET\t_\t_\t1\tdet\t_\t_\n2.1\tx\tx\tX\t_\t_\t_\t_\t_\t_\n\n",
            ('["ADP", "DET"]',),
            {"tokens": ('["In", "dem"]',)},
        )
        for split in SPLITS
    ),
    *(
        Layout(
            "panx",
            split,
            "de",
            f"panx/de/{split}.tsv",
            'Ada\tB-PER\n"\tO\n\nBonn\tB-LOC\n',
            ('["B-PER", "O"]', '["B-LOC"]'),
            {"tokens": ('["Ada", "\\""]', '["Bonn"]')},
        )
        for split in SPLITS
    ),
    *(
        Layout(task, "train", language, XTREME.format(language), MOVED, ANSWERS, QUESTIONS_KEPT, 1)
        for task, language in (("xquad", "el"), ("xquad", "th"), ("mlqa", "hi"))
    ),
    Layout("xquad", "test", "el", "xquad/xquad.el.json", BOTH, ANSWERS, ASKED),
    Layout("mlqa", "test", "vi", "MLQA_V1/test/test-context-vi-question-vi.json", BOTH, ANSWERS, ASKED),
    *(
        Layout(
            "tydiqa",
            split,
            "fi",
            f"tydiqa/tydiqa-goldp-v1.1-{name}.json",
            squad((STORY, "Ada", 0), (STORY, "Bo", 8), start="finnish-").replace("finnish-1", "korean-1"),
            ("Ada",),
            {"question": ("Ada?",), "context": (STORY,)},
        )
        for split, name in (("train", "train"), ("test", "dev"))
    ),
    *(
        Layout(
            "xlsum",
            split,
            "zh",
            f"XLSum_complete_v2.0/chinese_simplified_{name}.jsonl",
            lines({"id": "1", "url": "u", "title": "t", "summary": "短。", "text": "长。"}),
            ("短。",),
            {"text": ("长。",)},
        )
        for split, name in (("train", "train"), ("dev", "val"), ("test", "test"))
    ),
    *(
        Layout("squad", split, "en", f"squad/{name}-v1.1.json", BOTH, ANSWERS, ASKED)
        for split, name in (("train", "train"), ("test", "dev"))
    ),
    *(
        Layout(
            "squad-v2",
            split,
            "en",
            f"squad/{name}-v2.0.json",
            squad((STORY, "Ada", 0), (STORY, "Bo", 8), is_impossible=False),
            ANSWERS,
            ASKED,
        )
        for split, name in (("train", "train"), ("test", "dev"))
    ),
    *(
        Layout("quoref", split, "en", f"quoref/quoref-{name}-v0.1.json", BOTH, ANSWERS, ASKED)
        for split, name in (("train", "train"), ("test", "dev"))
    ),
    *(
        Layout(
            "dbpedia-14",
            split,
            "en",
            f"dbpedia_csv/{split}.csv",
            DBPEDIA,
            ("Company", "WrittenWork"),
            {"title": ("Acme", "Book"), "content": ('Acme makes "things".', "A book.")},
        )
        for split in ("train", "test")
    ),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_the_publishers_file_is_read(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    path = tmp_path / layout.path
    path.parent.mkdir(parents=True)
    path.write_text(layout.text, encoding="utf-8")
    task = load_task(layout.task)
    if layout.split == "train" and task.split_source("dev", "files", layout.language) is None:
        task = task.model_copy(update={"splits": {**task.splits, "dev": task.files["train"]}})  # nothing is held out  # type: ignore[index]
    found = load_examples(task, layout.split, layout.language, "files")
    gold = [gold_answers(text).texts[0] for text in found.gold] if task.kind == "extractive-qa" else found.gold
    assert tuple(gold) == layout.gold
    assert found.fields == layout.fields
    assert (found.dropped, found.skipped) == (layout.dropped, 0)


def test_the_texts_of_masakhanews_are_those_of_its_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    (tmp_path / "masakhanews" / "pcm").mkdir(parents=True)
    (tmp_path / "masakhanews" / "pcm" / "train.tsv").write_text(NEWS, encoding="utf-8")
    assert load_text(load_task("masakhanews"), "pcm", "files") == NEWS_TEXTS


def saved_rows(name: str) -> bool:
    """Whether a task's files are the hub's rows, saved as JSON lines."""
    files = load_task(name).files
    return files is not None and all(source.path == f"{{data}}/{name}/{{split}}.jsonl" for source in files.values())


@pytest.mark.parametrize("name", [name for name in sorted(task_paths()) if saved_rows(name)])
def test_rows_of_the_hub_saved_as_json_lines_are_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    task = load_task(name)
    (source,) = task.published("test")
    assert isinstance(source, HubSource)
    rows = list(rows_of(HUB[source.hub]))
    (tmp_path / name).mkdir()
    (tmp_path / name / "test.jsonl").write_text(lines(*rows), encoding="utf-8")
    found = load_examples(task, "test", "en", "files")
    assert len(found) + found.dropped == len(rows)
    assert found.dropped <= len(rows) // 3 and all(found.gold)
    assert not task.labels or set(found.gold) <= set(task.labels)


def test_every_file_source_has_a_layout_here() -> None:
    here = {(layout.task, layout.split) for layout in LAYOUTS}
    for name in task_paths():
        for split in SPLITS:
            sources = [each for each in load_task(name).sources(split, "files") if isinstance(each, FileSource)]
            assert not sources or (name, split) in here or saved_rows(name), (name, split)
