"""Real files, through a YAML each: all languages, no row lost, no character altered, oddities and all."""

import csv
import io
import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from xbench.answers import gold_answers, text_list
from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.data.parallel import load_parallel
from xbench.data.sampling import parse_train_size, sample_train_and_dev
from xbench.data.text import load_text
from xbench.metrics import compute
from xbench.spec.registry import load_task

HERE = Path(__file__).parent / "real"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def needs(folder: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=f"shared/data/{folder} is not beside this checkout")


needs_xnli, needs_sib = needs("xnli"), needs("sib200")


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


def squad_rows(path: Path) -> list[tuple[str, str, str, list[Any]]]:
    """(id, question, context, answers), read without xbench."""
    data = json.loads(path.read_bytes())["data"]
    paragraphs = [paragraph for article in data for paragraph in article["paragraphs"]]
    return [(q["id"], q["question"], p["context"], q["answers"]) for p in paragraphs for q in p["qas"]]


def assert_same_questions(examples: Examples, rows: list[tuple[str, str, str, list[Any]]]) -> None:
    assert list(examples.ids) == [row[0] for row in rows]
    assert list(examples.fields["question"]) == [row[1] for row in rows]
    assert list(examples.fields["context"]) == [row[2] for row in rows]
    for gold, context, (_, _, _, answers) in zip(examples.gold, examples.fields["context"], rows, strict=True):
        held = gold_answers(gold)
        assert list(held.texts) == [answer["text"] for answer in answers]
        assert list(held.starts) == [answer["answer_start"] for answer in answers]
        for text, start in zip(held.texts, held.starts, strict=True):
            assert context[start : start + len(text)] == text


@needs("xquad")
def test_xquad_holds_every_question_of_every_language() -> None:
    task = load_task(HERE / "xquad-files.yaml")
    ids = set()
    for language in task.languages:
        examples = load_examples(task, "test", language, "files")
        assert len(examples) == 632
        assert_same_questions(examples, squad_rows(DATA / "xquad" / f"xquad.{language}.json"))
        ids.add(examples.ids)
    assert (len(task.languages), len(ids)) == (12, 1)
    turkish = load_examples(task, "test", "tr", "files")
    assert any("\ufeff" in context for context in turkish.fields["context"])
    assert any("\x81" in text for gold in turkish.gold for text in gold_answers(gold).texts)


@needs("tydiqa")
def test_tydiqa_holds_every_question_and_divides_train_by_context() -> None:
    task = load_task(HERE / "tydiqa-files.yaml")
    counts, spaced = {}, 0
    for language in task.languages:
        examples = load_examples(task, "test", language, "files")
        assert_same_questions(examples, squad_rows(DATA / "tydiqa" / "dev" / f"{task.code(language)}_tydiqa_dev.json"))
        counts[language] = len(examples)
        spaced += sum(text != text.strip() for gold in examples.gold for text in gold_answers(gold).texts)
    assert counts == {**dict.fromkeys(task.languages, 200), "bn": 113}
    assert spaced == 2
    train, dev = (load_examples(task, split, "en", "files") for split in ("train", "dev"))  # type: ignore[arg-type]
    rows = squad_rows(DATA / "tydiqa" / "train" / "english_tydiqa_train.json")
    assert sorted((*train.ids, *dev.ids)) == sorted(row[0] for row in rows)
    assert (len(rows), len(train) + len(dev)) == (1500, 1500)
    assert 150 <= len(dev) < 160
    assert not set(train.fields["context"]) & set(dev.fields["context"])
    xquad = load_task(HERE / "xquad-files.yaml")  # which takes its training questions from here
    assert load_examples(xquad, "train", "en", "files").ids == train.ids
    assert load_examples(xquad, "dev", "en", "files").ids == dev.ids


def token_lines(path: Path, separator: str, token: int, tag: int) -> list[list[tuple[str, str]]]:
    """Tokens and tags of each sentence, read without xbench; a numbered word's line begins with a whole number."""
    found: list[list[tuple[str, str]]] = [[]]
    for line in path.read_bytes().decode("utf-8").split("\n"):
        columns = line.split(separator)
        if line == "":
            found.append([])
        elif len(columns) > 1 and not (token == 1 and not columns[0].isdecimal()):
            found[-1].append((columns[token], columns[tag]))
    return [sentence for sentence in found if sentence]


def tagged(examples: Examples) -> list[list[tuple[str, str]]]:
    return [
        list(zip(text_list(tokens), text_list(tags), strict=True))
        for tokens, tags in zip(examples.fields["tokens"], examples.gold, strict=True)
    ]


EWT = [("ud-ewt-files", "train", 1500), ("ud-ewt-files", "dev", 300), ("ud-ewt-files", "test", 500)]


@needs("ud")
@pytest.mark.parametrize(("name", "split", "count"), [*EWT, ("ud-pud-files", "test", 300)])
def test_treebanks_hold_every_word_of_every_sentence(name: str, split: str, count: int) -> None:
    task = load_task(HERE / f"{name}.yaml")
    for language in task.languages_of("files", split):  # type: ignore[arg-type]
        examples = load_examples(task, split, language, "files")  # type: ignore[arg-type]
        bank = task.code(language) if name == "ud-ewt-files" else f"{language}_pud"
        path = DATA / "ud" / f"{bank}-ud-{split}.conllu"
        assert tagged(examples) == token_lines(path, "\t", 1, 3), bank
        assert len(examples) == (317 if language == "yo" else count)
        text = path.read_text(encoding="utf-8")
        assert [f"# sent_id = {identity}" for identity in examples.ids] == [
            line for line in text.split("\n") if line.startswith("# sent_id")
        ]
        firsts = [line.split("\t")[0] for line in text.split("\n") if line and not line.startswith("#")]
        skipped = Counter("range" if "-" in first else "node" for first in firsts if not first.isdecimal())
        assert sum(map(len, tagged(examples))) == len(firsts) - skipped.total()
        if name == "ud-pud-files":
            assert bool(skipped["range"]) == (language in ("de", "en", "es", "fi", "fr", "id", "tr"))
            assert bool(skipped["node"]) == (language in ("en", "fi"))
    if name == "ud-pud-files":
        assert len(task.languages) == 13
        ids = {load_examples(task, "test", language, "files").ids for language in task.languages}
        assert len(ids) == 1
        assert len(load_examples(task, "train", "en", "files")) == 1500


@needs("uner")
def test_universal_ner_holds_every_token() -> None:
    task = load_task(HERE / "uner-files.yaml")
    files = {("train", "en"): ("en_ewt-ud-dev", 2001), ("dev", "en"): ("en_ewt-ud-test", 500)}
    files |= {("test", language): (f"{language}_pud-ud-test", 500) for language in task.languages}
    for (split, language), (file, count) in files.items():
        examples = load_examples(task, split, language, "files")  # type: ignore[arg-type]
        assert tagged(examples) == token_lines(DATA / "uner" / f"{file}.iob2", "\t", 1, 2), file
        assert len(examples) == len(set(examples.ids)) == count


@needs("masakhaner2")
def test_masakhaner_holds_every_token_and_orphan_tags_stay() -> None:
    task = load_task(HERE / "masakhaner-files.yaml")
    assert len(task.languages) == 20
    orphans: Counter[str] = Counter()
    for split, count in (("train", 1000), ("dev", 200), ("test", 300)):
        for language in task.languages_of("files", split):  # type: ignore[arg-type]
            examples = load_examples(task, split, language, "files")  # type: ignore[arg-type]
            sentences = tagged(examples)
            assert sentences == token_lines(DATA / "masakhaner2" / task.code(language) / f"{split}.txt", " ", 0, 1)
            assert len(examples) == count
            for sentence in sentences:
                before = ["O", *(tag for _, tag in sentence)]
                orphans[language] += sum(
                    tag.startswith("I-") and last[2:] != tag[2:]
                    for last, (_, tag) in zip(before, sentence, strict=False)
                )
    assert +orphans == {"zu": 1}  # the whole source has a few more


@needs("americasnli")
def test_americasnli_holds_every_pair_and_blank_premises() -> None:
    task = load_task(HERE / "americasnli-files.yaml")
    sizes = {"dev": {"cni": 658, "nah": 585, "oto": 222}, "test": {"nah": 738, "oto": 748}}
    for split, usual in (("dev", 743), ("test", 750)):
        assert len(task.languages_of("files", split)) == 10  # type: ignore[arg-type]
        for language in task.languages_of("files", split):  # type: ignore[arg-type]
            examples = load_examples(task, split, language, "files")  # type: ignore[arg-type]
            text = (DATA / "americasnli" / split / f"{task.code(language)}.tsv").read_bytes().decode("utf-8")
            rows = [line.split("\t") for line in text.split("\n")[1:] if line]
            columns = [examples.ids, examples.fields["premise"], examples.fields["hypothesis"], examples.gold]
            assert [tuple(row[n] for n in (0, 2, 3, 4)) for row in rows] == list(zip(*columns, strict=True))
            assert len(examples) == sizes[split].get(language, usual)
    nahuatl = load_examples(task, "test", "nah", "files")
    blank = [id for id, premise in zip(nahuatl.ids, nahuatl.fields["premise"], strict=True) if not premise.strip()]
    assert blank == ["25576", "25577", "25578"]
    assert (
        len(load_examples(task, "train", "en", "files")) + len(load_examples(task, "dev", "ay", "files")) == 768 + 743
    )


@needs("afrisenti")
def test_afrisenti_holds_every_tweet_and_its_quote_marks() -> None:
    task = load_task(HERE / "afrisenti-files.yaml")
    assert len(task.languages) == 14
    quotes = 0
    for split, count in (("train", 1000), ("dev", 200), ("test", 400)):
        for language in task.languages_of("files", split):  # type: ignore[arg-type]
            examples = load_examples(task, split, language, "files")  # type: ignore[arg-type]
            text = (DATA / "afrisenti" / task.code(language) / f"{split}.tsv").read_bytes().decode("utf-8")
            rows = [line.split("\t")[-2:] for line in text.split("\n")[1:] if line]
            assert [[tweet, label] for tweet, label in zip(examples.fields["text"], examples.gold, strict=True)] == rows
            assert len(examples) == (254 if language == "ts" else count)
            quotes += sum(tweet.startswith('"') for tweet in examples.fields["text"])
    assert quotes > 10
    # Some of its files are sorted by label; a sample holds all labels in equal number.
    train, dev = (load_examples(task, split, "ha", "files") for split in ("train", "dev"))  # type: ignore[arg-type]
    few, _ = sample_train_and_dev(train, dev, parse_train_size("16"), seed=1)
    assert Counter(few.gold) == dict.fromkeys(task.labels, 16)


@needs("ntrex128")
@needs("sib200")
def test_ntrex_is_a_parallel_corpus_of_all_its_lines() -> None:
    task = load_task(HERE / "ntrex-files.yaml")
    assert task.parallel is not None and task.parallel.files is not None and task.parallel.files.languages is not None
    others = [language for language in task.parallel.files.languages if language != "en"]
    assert len(others) == 21
    english = (DATA / "ntrex128" / "newstest2019-src.eng.txt").read_bytes().decode("utf-8").split("\r\n")[:-1]
    for language in others:
        pairs = load_parallel(task, "en", [language], "files", 1000, seed=1)
        path = DATA / "ntrex128" / f"newstest2019-{task.code(language)}.txt"
        lines = path.read_bytes().decode("utf-8").split("\r\n")[:-1]
        drawn = sorted(
            zip(map(int, pairs.source.ids), pairs.source.fields["text"], pairs.target.fields["text"], strict=True)
        )
        assert drawn == list(zip(range(1000), english, lines, strict=True)), language
    mixed = load_parallel(task, "en", others, "files", 500, seed=1)
    assert set(mixed.target.languages) == set(others)


@needs("unlabelled")
@needs("sib200")
def test_unlabelled_text_of_languages_that_xlmr_has_not_read() -> None:
    task = load_task(HERE / "ntrex-files.yaml")
    for language in ("yo", "ig", "wo"):
        path = DATA / "unlabelled" / "ntrex128" / f"newstest2019-{task.code(language)}.txt"
        assert list(load_text(task, language, "files")) == path.read_bytes().decode("utf-8").split("\r\n")[:-1]
        assert len(load_text(task, language, "files")) == 1997
    assert any(text != unicodedata.normalize("NFC", text) for text in load_text(task, "yo", "files"))


@needs("unlabelled")
@needs("sib200")
def test_unlabelled_yoruba_news(tmp_path: Path) -> None:
    menyo = DATA / "unlabelled" / "menyo20k"
    news = (menyo / "global_voices.csv").read_bytes().decode("utf-8")
    rows = list(csv.reader(io.StringIO(news, newline="")))
    texts = load_text(load_task(HERE / "menyo-files.yaml"), "yo", "files")
    assert [row[2] for row in rows[1:]] == list(texts)
    assert len(texts) == 2784
    # Its plain text files: one with a byte order mark and CRLF, two with neither.
    counts = {}
    for file in ("cc_1_yo.txt", "global_voices_new_yo.txt", "uhdr_yo.txt"):
        spec = (HERE / "menyo-files.yaml").read_text(encoding="utf-8")
        start, end = spec.index("text:\n"), spec.index("metrics:")
        (tmp_path / "menyo-files.yaml").write_text(f"{spec[:start]}text: {{files: {menyo / file}}}\n{spec[end:]}")
        (tmp_path / "sib200-files.yaml").write_bytes((HERE / "sib200-files.yaml").read_bytes())
        found = load_text(load_task(tmp_path / "menyo-files.yaml"), "yo", "files")
        assert list(found) == [
            line for line in (menyo / file).read_text(encoding="utf-8-sig").split("\n") if line.strip()
        ]
        counts[file] = len(found)
    assert counts == {"cc_1_yo.txt": 193, "global_voices_new_yo.txt": 153, "uhdr_yo.txt": 100}


REAL = sorted(path.stem for path in HERE.glob("*.yaml") if path.stem not in ("ntrex-files", "menyo-files"))
FOLDERS = {"sib200-files": "sib200", "masakhaner-files": "masakhaner2", "ud-ewt-files": "ud", "ud-pud-files": "ud"}


@pytest.mark.parametrize("name", REAL)
def test_gold_answers_scored_as_predictions_are_all_right(name: str) -> None:
    if not (DATA / FOLDERS.get(name, name.removesuffix("-files"))).is_dir():
        pytest.skip(f"the data of {name} are not beside this checkout")
    task = load_task(HERE / f"{name}.yaml")
    for language in task.languages_of("files"):
        examples = load_examples(task, "test", language, "files")
        answers = examples.gold
        if task.kind == "extractive-qa":
            answers = tuple(gold_answers(gold).texts[-1] for gold in examples.gold)
        scores = compute(task.metrics, examples.gold, answers, task.labels, language)
        assert scores == dict.fromkeys(task.metrics, 1.0), language
