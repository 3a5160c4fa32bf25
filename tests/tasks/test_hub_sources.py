"""Every hub section loads through `datasets`, from local stand-ins with the columns and features of the real sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tasks.hub_schemas import HUB, ROWS, SAME, Labels, write_stand_in
from xbench.data.load import load_examples
from xbench.data.parallel import unlabelled_table
from xbench.spec.registry import load_task, task_paths
from xbench.spec.sources import SPLITS, HubSource, Split
from xbench.spec.task import TaskSpec

HUB_SPLIT = {"train": "train", "dev": "validation", "test": "test"}


@dataclass(frozen=True)
class Place:
    """One hub source of a task, and what it is for: a split, parallel text, or text."""

    task: str
    what: str
    number: int
    source: HubSource

    def __str__(self) -> str:
        return f"{self.task}-{self.what}-{self.number}"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it serves."""
        return self.source.languages or load_task(self.task).language_list


def places() -> Iterator[Place]:
    """All hub sources of the shipped tasks."""
    for name in task_paths():
        task = load_task(name)
        for split in SPLITS:
            for number, source in enumerate(task.published(split)):
                if isinstance(source, HubSource):
                    yield Place(name, split, number, source)
        for what, unlabelled in (("parallel", task.parallel), ("text", task.text)):
            if unlabelled is not None and unlabelled.hub is not None:
                yield Place(name, what, 0, unlabelled.hub)


PLACES = list(places())


def filled(place: Place, language: str) -> str | None:
    """The config or folder of a language."""
    given = place.source.folder if HUB[place.source.hub].folders else place.source.config
    code = load_task(place.task).code(language)
    return given.replace("{code}", code).replace("{language}", language) if given else None


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_language_has_a_config_and_a_split(place: Place) -> None:
    schema = HUB[place.source.hub]
    split = place.source.split or HUB_SPLIT[place.what]
    assert (place.source.folder is not None) == schema.folders
    for language in place.languages:
        config = filled(place, language)
        assert config in schema.configs, language
        assert split in schema.splits_of(config), language
    unpinned = "refs/convert/parquet" if schema.folders else None
    # `xbench tasks check --hub` writes the commit in its stead.
    assert place.source.revision == unpinned or re.fullmatch("[0-9a-f]{40}", place.source.revision or "")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the shipped tasks, whose hub sources are stand-ins beside them."""
    import datasets

    folder = tmp_path_factory.mktemp("tasks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_DATASETS_CACHE", folder / "cache")
        datasets.disable_progress_bar()
        for name, path in task_paths().items():
            text = path.read_text(encoding="utf-8")
            for hub in HUB:
                text = text.replace(f"hub: {hub}", f"hub: ./hub/{hub}")
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        yield folder


def read(place: Place, folder: Path) -> TaskSpec:
    """The task, beside a stand-in for one of its hub sources in one language."""
    write_stand_in(folder / "hub", place.source.hub, filled(place, place.languages[0]))
    return load_task(folder / f"{place.task}.yaml")


@pytest.mark.parametrize("place", [place for place in PLACES if place.what in SPLITS], ids=str)
def test_rows_load_with_every_label_where_it_belongs(place: Place, local: Path) -> None:
    task, language = read(place, local), place.languages[0]
    split: Split = place.what  # type: ignore[assignment]
    if split == "train" and task.split_source("dev", "hub") is None:  # a part is held out
        found = [load_examples(task, half, language, "hub") for half in ("train", "dev")]
        assert not {*found[0].ids} & {*found[1].ids}
    else:
        found = [load_examples(task, split, language, "hub")]
    schema = HUB[place.source.hub]
    rows = sum(map(len, found)) + found[0].dropped
    assert rows == sum(map(_keeps(place, language), range(ROWS)))
    for examples in found:
        assert set(examples.fields) == set(task.fields)
        if task.labels:
            golds = {tag for gold in examples.gold for tag in (_tags(gold) if task.kind == "tagging" else [gold])}
            assert golds <= set(task.labels)
    column = task.columns["gold"].from_
    labels = schema.columns[column.partition(".")[0]]
    if isinstance(labels, Labels):
        names = [SAME.get(task.name, {}).get(name, name) for name in labels.names]
        assert task.columns["gold"].map is not None
        mapped = [task.columns["gold"].map[str(number)] for number in range(len(names))]
        wanted = {"marc-binary": names}.get(task.name, names)
        assert mapped == wanted


def _keeps(place: Place, language: str):  # type: ignore[no-untyped-def]
    """Whether the source has a row of a number in a language, for configs of several languages."""
    ids = HUB[place.source.hub].columns.get("id")
    starts = {column: text.replace("{code}", load_task(place.task).code(language))
              for column, text in place.source.where.items()}  # fmt: skip
    return lambda number: all(str(ids[number % len(ids)]).startswith(text) for text in starts.values())


def _tags(gold: str) -> list[str]:
    from xbench.answers import text_list

    return text_list(gold)


@pytest.mark.parametrize("place", [place for place in PLACES if place.what not in SPLITS], ids=str)
def test_unlabelled_rows_load(place: Place, local: Path) -> None:
    task = read(place, local)
    source = getattr(task, place.what).hub
    table = unlabelled_table(task, source, place.languages[0])
    assert len(table.rows) == ROWS
    for column in source.columns.values():
        assert column.from_ in table.columns


def test_every_set_of_the_table_is_used() -> None:
    assert {place.source.hub for place in PLACES} == set(HUB)
