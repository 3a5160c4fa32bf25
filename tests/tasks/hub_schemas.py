"""What the sets on the hub look like: configs or folders, splits, columns, features, and label names in their order.

Written down from what is known of each (the sets' cards, and how others load them), without the sets themselves. A
task whose hub section does not fit this table would not load; whether the table fits today's hub is what
`xbench tasks check --hub` finds out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROWS = 12  # of each split of a stand-in


@dataclass(frozen=True)
class Labels:
    """A column of class labels; `lists` says that each row has a list of them."""

    names: tuple[str, ...]
    lists: bool = False
    hidden: bool = False  # some rows have the label -1


@dataclass(frozen=True)
class Schema:
    """A set: its configs (None: one without a name), or the folders of converted files, splits and columns.

    A column is an example value, `Labels`, or a text with `{n}` for the number of the row.
    """

    columns: Mapping[str, Any]
    configs: tuple[str | None, ...] = (None,)
    folders: bool = False
    splits: tuple[str, ...] = ("train", "validation", "test")
    fewer_splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def splits_of(self, config: str | None) -> tuple[str, ...]:
        """The splits of a config."""
        return self.fewer_splits.get(config or "", self.splits)


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


ANSWERS = {"text": ["answer"], "answer_start": [4]}
QUESTION = {"id": "q{n}", "title": "t", "context": "The answer {n}.", "question": "What {n}?", "answers": ANSWERS}
NLI = Labels(("entailment", "neutral", "contradiction"))
UPOS = words("ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X")
IOB = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
XNLI = words("ar bg de el en es fr hi ru sw th tr ur vi zh")
MLQA = words("ar de en es hi vi zh")
POS = words(
    "Afrikaans Arabic Basque Bulgarian Chinese Dutch English Estonian Finnish French German Greek Hebrew "
    "Hindi Hungarian Indonesian Italian Japanese Kazakh Korean Marathi Persian Portuguese Russian Spanish "
    "Tagalog Tamil Telugu Thai Turkish Urdu Vietnamese Yoruba"
)
WIKIANN = words(
    "af ar bg bn de el en es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta te "
    "th tl tr ur vi yo zh"
)
XLSUM = words(
    "amharic arabic azerbaijani bengali burmese chinese_simplified chinese_traditional english french "
    "gujarati hausa hindi igbo indonesian japanese kirundi korean kyrgyz marathi nepali oromo pashto "
    "persian pidgin portuguese punjabi russian scottish_gaelic serbian_cyrillic serbian_latin sinhala "
    "somali spanish swahili tamil telugu thai tigrinya turkish ukrainian urdu uzbek vietnamese welsh "
    "yoruba"
)
MASAKHANEWS = words("amh eng fra hau ibo lin lug orm pcm run sna som swa tir xho yor")
TOPICS = ("business", "entertainment", "health", "politics", "religion", "sports", "technology")
DBPEDIA = (
    "Company",
    "EducationalInstitution",
    "Artist",
    "Athlete",
    "OfficeHolder",
    "MeanOfTransportation",
    "Building",
    "NaturalPlace",
    "Village",
    "Animal",
    "Plant",
    "Album",
    "Film",
    "WrittenWork",
)
YAHOO = (
    "Society & Culture",
    "Science & Mathematics",
    "Health",
    "Education & Reference",
    "Computers & Internet",
    "Sports",
    "Business & Finance",
    "Entertainment & Music",
    "Family & Relationships",
    "Politics & Government",
)
LABELLED = ("train", "validation", "test")

HUB: Mapping[str, Schema] = {
    "mteb/AmazonReviewsClassification": Schema(
        {"id": "r{n}", "text": "text {n}", "label": [0, 1, 2, 3, 4], "label_text": "0"},
        configs=("de", "en", "es", "fr", "ja", "zh"),
    ),
    "facebook/xnli": Schema({"premise": "p {n}", "hypothesis": "h {n}", "label": NLI}, configs=XNLI),
    "google-research-datasets/paws-x": Schema(
        {"id": [0], "sentence1": "a {n}", "sentence2": "b {n}", "label": Labels(("0", "1"))},
        configs=("de", "en", "es", "fr", "ja", "ko", "zh"),
    ),
    "masakhane/masakhanews": Schema(
        {"label": Labels(TOPICS), "headline": "h {n}", "text": "t {n}", "headline_text": "h t {n}", "url": "u"},
        configs=MASAKHANEWS,
        folders=True,
    ),
    "nala-cub/americas_nli": Schema(
        {"premise": "p {n}", "hypothesis": "h {n}", "label": NLI},
        configs=words("aym bzd cni gn hch nah oto quy shp tar"),
        splits=("validation", "test"),
    ),
    "google/xtreme": Schema(
        {"tokens": ["a", "b{n}"], "pos_tags": Labels(UPOS, lists=True)},
        configs=tuple(f"udpos.{name}" for name in POS),
        fewer_splits={
            "udpos.Kazakh": ("train", "test"),
            **{f"udpos.{name}": ("test",) for name in ("Tagalog", "Thai", "Yoruba")},
        },
    ),
    "unimelb-nlp/wikiann": Schema(
        {"tokens": ["a", "b{n}"], "ner_tags": Labels(IOB, lists=True), "langs": ["en", "en"], "spans": ["PER: a"]},
        configs=WIKIANN,
    ),
    "google/xquad": Schema(
        {name: QUESTION[name] for name in ("id", "context", "question", "answers")},
        configs=tuple(f"xquad.{language}" for language in (*XNLI, "ro") if language not in ("bg", "fr", "sw", "ur")),
        splits=("validation",),
    ),
    "facebook/mlqa": Schema(
        {name: QUESTION[name] for name in ("context", "question", "answers", "id")},
        configs=(
            *(f"mlqa.{language}.{language}" for language in MLQA),
            *(f"mlqa-translate-train.{language}" for language in MLQA if language != "en"),
        ),
        splits=("validation", "test"),
        fewer_splits={f"mlqa-translate-train.{language}": ("train", "validation") for language in MLQA},
    ),
    "google-research-datasets/tydiqa": Schema(
        {
            **QUESTION,
            "id": [
                "arabic-{n}",
                "bengali-{n}",
                "english-{n}",
                "finnish-{n}",
                "indonesian-{n}",
                "korean-{n}",
                "russian-{n}",
                "swahili-{n}",
                "telugu-{n}",
            ],
        },
        configs=("secondary_task",),
        splits=("train", "validation"),
    ),
    "csebuetnlp/xlsum": Schema(
        {"id": "x{n}", "url": "u", "title": "t", "summary": "s {n}", "text": "long text {n}"},
        configs=XLSUM,
        folders=True,
    ),
    "rajpurkar/squad": Schema(QUESTION, splits=("train", "validation")),
    "rajpurkar/squad_v2": Schema(
        {**QUESTION, "answers": [ANSWERS, {"text": [], "answer_start": []}]}, splits=("train", "validation")
    ),
    "allenai/quoref": Schema(
        {**QUESTION, "url": "u"}, configs=("default",), folders=True, splits=("train", "validation")
    ),
    "lucadiliello/newsqa": Schema(
        {
            "context": "The answer {n}.",
            "question": "What {n}?",
            "answers": [["answer"], ["answer", "The"], ["Answer"]],
            "key": "k{n}",
            "labels": [
                [{"end": [9], "start": [4]}],
                [{"end": [9], "start": [4]}, {"end": [2], "start": [0]}],
                [{"end": [9], "start": [4]}],
            ],
        },
        splits=("train", "validation"),
    ),
    "allenai/ropes": Schema(
        {"id": "r{n}", "background": "b {n}", "situation": "s {n}", "question": "q {n}", "answers": {"text": ["s"]}},
        splits=("train", "validation"),
    ),
    "sagnikrayc/mctest": Schema(
        {
            "idx": {"story": "s", "question": 0},
            "question": "q {n}",
            "story": "s {n}",
            "properties": {"author": "x"},
            "answer_options": {"A": "a", "B": "b", "C": "c", "D": "d"},
            "answer": ["A", "B", "C", "D"],
        },
        configs=("mc160", "mc500"),
        folders=True,
    ),
    "lighteval/siqa": Schema(
        {"context": "c {n}", "question": "q {n}", "answerA": "a", "answerB": "b", "answerC": "c", "label": list("123")},
        splits=("train", "validation"),
    ),
    "fancyzhx/dbpedia_14": Schema(
        {"label": Labels(DBPEDIA), "title": "t {n}", "content": "c {n}"},
        configs=("dbpedia_14",),
        splits=("train", "test"),
    ),
    "fancyzhx/ag_news": Schema(
        {"text": "t {n}", "label": Labels(("World", "Sports", "Business", "Sci/Tech"))}, splits=("train", "test")
    ),
    "community-datasets/yahoo_answers_topics": Schema(
        {"id": [0], "topic": Labels(YAHOO), "question_title": "q {n}", "question_content": "", "best_answer": "a {n}"},
        splits=("train", "test"),
    ),
    "stanfordnlp/imdb": Schema(
        {"text": "t {n}", "label": Labels(("neg", "pos"))}, splits=("train", "test", "unsupervised")
    ),
    "fancyzhx/amazon_polarity": Schema(
        {"label": Labels(("negative", "positive")), "title": "t {n}", "content": "c {n}"}, splits=("train", "test")
    ),
    "stanfordnlp/sst2": Schema({"idx": [0], "sentence": "s {n}", "label": Labels(("negative", "positive"))}),
    "nyu-mll/glue": Schema(  # the columns of both configs
        {
            "idx": [0],
            "question1": "a {n}",
            "question2": "b {n}",
            "sentence1": "a {n}",
            "sentence2": "b {n}",
            "label": Labels(("0", "1"), hidden=True),
        },
        configs=("qqp", "rte"),
    ),
    "stanfordnlp/snli": Schema(
        {"premise": "p {n}", "hypothesis": "h {n}", "label": Labels(NLI.names, hidden=True)},
        configs=("plain_text", None),
    ),
}

# What the raw labels of a set mean, where its own names say it in other words than the task does.
SAME: Mapping[str, Mapping[str, str]] = {
    "paws-x": {"0": "different", "1": "same"},
    "ag-news": {"Sci/Tech": "Science"},
    "yahoo-answers": {
        "Society & Culture": "Society",
        "Science & Mathematics": "Science",
        "Education & Reference": "Education",
        "Computers & Internet": "Computers",
        "Business & Finance": "Business",
        "Entertainment & Music": "Entertainment",
        "Family & Relationships": "Family",
        "Politics & Government": "Politics",
    },
    "imdb": {"neg": "negative", "pos": "positive"},
    "quora": {"0": "different", "1": "same"},  # not_duplicate, duplicate
    "rte": {"0": "entailment", "1": "not_entailment"},
}


def rows_of(schema: Schema) -> Iterator[dict[str, Any]]:
    """The rows of a stand-in: lists are gone through, `{n}` is the number of the row."""
    for number in range(ROWS):
        row = {name: _value(name, value, number) for name, value in schema.columns.items()}
        yield row | ({"idx": number} if row.get("idx") == 0 else {}) | ({"id": number} if row.get("id") == 0 else {})


def _value(name: str, value: Any, number: int) -> Any:
    if isinstance(value, Labels):
        label = -1 if value.hidden and number == ROWS - 1 else number % len(value.names)
        return [label, (number + 1) % len(value.names)] if value.lists else label
    if isinstance(value, list) and name not in ("tokens", "langs", "spans"):
        value = value[number % len(value)]
    return _filled(value, number)


def _filled(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, list):
        return [_filled(entry, number) for entry in value]
    if isinstance(value, dict):
        return {key: _filled(entry, number) for key, entry in value.items()}
    return value


def write_stand_in(folder: Path, hub: str, config: str | None) -> None:
    """A local set with the columns and features of one on the hub, as parquet files below `folder/hub`."""
    from datasets import ClassLabel, Dataset, Features, List

    schema = HUB[hub]
    rows = list(rows_of(schema))
    inferred = Dataset.from_list(rows).features
    features = Features(
        {
            name: (List(ClassLabel(names=list(value.names))) if value.lists else ClassLabel(names=list(value.names)))
            if isinstance(value, Labels)
            else inferred[name]
            for name, value in schema.columns.items()
        }
    )
    place = folder / hub
    for split in schema.splits_of(config):
        path = place / (config or "data") / split / "0000.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        Dataset.from_list(rows, features=features).to_parquet(path)
    if not schema.folders:
        _write_card(place, schema)


def _write_card(place: Path, schema: Schema) -> None:
    lines = ["---", "configs:"]
    for config in schema.configs:
        if (place / (config or "data")).is_dir():
            lines += [f"- config_name: {config or 'default'}", "  data_files:"]
            for split in schema.splits_of(config):
                lines += [f"  - split: {split}", f"    path: {config or 'data'}/{split}/*.parquet"]
    (place / "README.md").write_text("\n".join([*lines, "---", ""]), encoding="utf-8")
