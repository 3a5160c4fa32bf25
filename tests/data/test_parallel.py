"""Parallel examples pair each source row with its own translation; plain text comes without blank lines."""

from collections import Counter
from collections.abc import Callable

import pytest

from xbench.data.parallel import load_parallel
from xbench.data.text import load_text
from xbench.errors import DataError, RequestError
from xbench.spec.registry import load_task
from xbench.spec.task import TaskSpec

MakeTask = Callable[..., TaskSpec]
LABELLED = "files: {test: a.tsv}\n"


def test_pairs_of_the_sample_data_belong_together() -> None:
    task = load_task("xnli")
    languages = [language for language in task.languages_of("sample") if language != "en"]
    pairs = load_parallel(task, "en", languages, "sample", 200, seed=1)
    assert len(pairs) == 200
    assert pairs.source.ids == pairs.target.ids
    assert len(set(pairs.source.ids)) == 200
    assert set(pairs.target.languages) == set(languages)
    assert set(pairs.source.fields) == {"premise", "hypothesis"}
    whole = {lang: load_parallel(task, "en", [lang], "sample", 2000, seed=1) for lang in ("de", "zh")}
    place = {lang: {identity: row for row, identity in enumerate(found.target.ids)} for lang, found in whole.items()}
    for row, language in enumerate(pairs.target.languages):
        if language in whole:
            wanted = whole[language].target.fields["premise"][place[language][pairs.target.ids[row]]]
            assert pairs.target.fields["premise"][row] == wanted
    assert Counter(pairs.target.languages).most_common()[0][1] < 60  # 20 a language expected


def test_pairs_are_drawn_by_seed() -> None:
    task = load_task("marc")
    draws = [load_parallel(task, "en", ["de", "fr"], "sample", 50, seed) for seed in (1, 1, 2)]
    assert draws[0] == draws[1]
    assert draws[0].source.ids != draws[2].source.ids


def test_files_aligned_by_row_and_columns_of_one_file(make_task: MakeTask) -> None:
    files = {
        "a.en.txt": "one\ntwo\n\nfour\n",
        "a.de.txt": "eins\nzwei\ndrei\nvier\n",
        "both.tsv": "en\tde\none\teins\ntwo\tzwei\n",
    }
    task = make_task(LABELLED + 'parallel: {files: {path: "a.{language}.txt"}}', files)
    pairs = load_parallel(task, "en", ["de"], "files", 3, seed=1)
    assert set(zip(pairs.source.fields["text"], pairs.target.fields["text"], strict=True)) == {
        ("one", "eins"), ("two", "zwei"), ("four", "vier"),
    }  # fmt: skip
    with pytest.raises(DataError, match="has 3 pairs; 4 asked for"):
        load_parallel(task, "en", ["de"], "files", 4, seed=1)
    task = make_task(LABELLED + 'parallel: {files: {path: both.tsv, columns: {text: "{language}"}}}', files)
    pairs = load_parallel(task, "en", ["de"], "files", 2, seed=1)
    assert sorted(pairs.target.fields["text"]) == ["eins", "zwei"]
    assert pairs.target.languages == ("de", "de")


def test_files_of_different_length_need_an_id(make_task: MakeTask) -> None:
    files = {"en.tsv": "n\ttext\n1\tone\n2\ttwo\n", "de.tsv": "n\ttext\n2\tzwei\n"}
    task = make_task(LABELLED + 'parallel: {files: "{language}.tsv"}', files)
    with pytest.raises(DataError, match=r"differ in length \(en 2, de 1\).*id"):
        load_parallel(task, "en", ["de"], "files", 1, seed=1)
    task = make_task(LABELLED + 'parallel: {files: {path: "{language}.tsv", columns: {id: n}}}', files)
    pairs = load_parallel(task, "en", ["de"], "files", 1, seed=1)
    assert (pairs.source.fields["text"], pairs.target.fields["text"]) == (("two",), ("zwei",))


def test_what_a_task_does_not_have(make_task: MakeTask) -> None:
    bare = make_task(LABELLED, {})
    with pytest.raises(RequestError, match="no parallel corpus for '--data files'"):
        load_parallel(bare, "en", ["de"], "files", 1, seed=1)
    with pytest.raises(DataError, match="asked for en beside th"):
        load_parallel(load_task("xnli"), "en", ["th"], "sample", 1, seed=1)
    with pytest.raises(RequestError, match="no text for '--data files'"):
        load_text(bare, "en", "files")
    with pytest.raises(RequestError, match="asked for 'th'"):
        load_text(load_task("xnli"), "th", "sample")


def test_text_of_sample_and_files(make_task: MakeTask) -> None:
    assert len(load_text(load_task("xnli"), "sw", "sample")) == 2000
    task = make_task(LABELLED + 'text: {files: "text/{code}.txt"}', {"text/deu.txt": "eins\r\n\r\n zwei \r\n"})
    assert load_text(task, "de", "files") == ("eins", " zwei ")
    task = make_task(
        LABELLED + "text: {files: {path: a.csv, columns: {text: yoruba}}}", {"a.csv": "english,yoruba\nx,y\n"}
    )
    assert load_text(task, "de", "files") == ("y",)
    with pytest.raises(DataError, match="no column 'yorba'"):
        load_text(make_task(LABELLED + "text: {files: {path: a.csv, columns: {text: yorba}}}"), "de", "files")


def test_hub_text_is_read_from_files_where_the_hub_has_none(make_task: MakeTask) -> None:
    body = "text: {hub: {hub: ./none, languages: [en]}, files: 'text/{code}.txt'}"
    task = make_task(LABELLED + body, {"text/deu.txt": "eins\n"})
    assert load_text(task, "de", "hub") == ("eins",)
    with pytest.raises(DataError, match="cannot be loaded from the hub"):
        load_text(task, "en", "hub")  # the hub has English, and goes before a file
    spoken = make_task(LABELLED + "text: {hub: {hub: ./none, languages: [en]}}")
    with pytest.raises(RequestError, match="has hub text in en; asked for 'de'"):
        load_text(spoken, "de", "hub")
