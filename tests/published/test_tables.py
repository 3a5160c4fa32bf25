"""The published tables: found by name, complete in their columns, and tied to methods and tasks that there are."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from xbench.errors import RequestError
from xbench.method.registry import describe_methods, load_method, method_settings, parse_method
from xbench.published.layout import as_printed, remarks
from xbench.published.systems import printed_numbers
from xbench.published.tables import COLUMNS, decimals, load_table, number, read_derivations, read_systems, table_index
from xbench.spec.registry import load_task

FOLDER = Path(__file__).resolve().parents[2] / "leaderboard" / "published"
KEY = ["group", "row", "run", "column", "statistic"]
FLAGS = {"slip", "doubt", "reading", "label", "text"}


def names() -> list[str]:
    index = table_index()
    return list(index.loc[index["state"] == "here", "name"])


@pytest.mark.parametrize("name", names())
def test_a_table_has_its_columns_and_each_number_once(name: str) -> None:
    table = load_table(name)
    assert list(table.cells)[: len(COLUMNS)] == list(COLUMNS)
    assert set(table.cells["paper"] + "/" + table.cells["table"]) == {name}
    assert not table.cells.duplicated(KEY).any()
    unread = table.cells[table.cells["number"].isna()]
    assert set(unread["value"]) <= {"k × 5"}
    assert {word for flag in table.cells["flag"] for word in flag.split()} <= FLAGS
    assert (table.cells.loc[table.cells["flag"] != "", "note"] != "").all()


def test_every_file_of_numbers_is_in_the_index() -> None:
    files = {path.stem for path in FOLDER.glob("*-table-*.csv")}
    assert files == {name.replace("/", "-") for name in names()}


@pytest.mark.parametrize(
    ("text", "value"),
    [("81.4", 81.4), ("-16.9", -16.9), ("1.9e-8", 1.9e-8), ("3.96E-05", 3.96e-5), ("5,000", 5000.0)],
)
def test_numbers_are_read_as_printed(text: str, value: float) -> None:
    assert number(text) == value


def test_units_and_formulas() -> None:
    assert number("816M") == 816e6 and number("2.24 GB") == 2.24e9 and number("6.2MB") == 6.2e6
    assert math.isnan(number("k × 5")) and math.isnan(number("-"))
    assert (decimals("0.2794"), decimals("79"), decimals("9.7e-7")) == (4, 0, 0)


def test_a_table_that_is_not_there_is_told() -> None:
    with pytest.raises(RequestError, match="Did you mean 'mpt/table-2'"):
        load_table("mpt/tabel-2")
    with pytest.raises(RequestError, match="the text has the caption and none of the cells"):
        load_table("unseen/table-2")


def test_as_printed_keeps_every_text() -> None:
    table = load_table("uniprompt/table-2")
    shown = as_printed(table)
    assert list(shown) == ["group", "row", "De", "Es", "Fr", "Ja", "Zh", "Average"] and len(shown) == 35
    assert shown.iloc[0].tolist()[2] == "0.2794 ± 0.0838"
    runs = as_printed(load_table("prefix/table-8"))
    assert runs.loc[0, "avg EM"] == "46.2!" and runs.loc[1, "avg EM"] == "53.7"


def test_remarks_name_what_is_flagged() -> None:
    told = list(remarks(load_table("prefix/table-7")))
    assert len(told) == 2 and told[0].startswith("label: FT, 1, en EM (75.2) and 119 more")
    assert told[1] == "slip: PT, 4, avg EM (64.7): the row gives 63.8."


def test_systems_are_methods_and_settings_that_there_are() -> None:
    methods = describe_methods()
    numbers = printed_numbers()
    for system in read_systems().to_dict("records"):
        name = f"{system['paper']}/{system['table']}"
        of_system = numbers[(numbers["paper_table"] == name) & (numbers["row"] == system["row"])]
        of_system = of_system[(of_system["task"] == system["task"]) & (of_system["variant"] == system["variant"])]
        assert len(of_system) and (of_system[["backbone", "setting", "shots"]] != "").all(axis=None)
        assert system["method"] in methods
        choice = parse_method(f"{system['method']}[{system['variant']}]" if system["variant"] else system["method"])
        assert choice.variant == system["variant"]
        task = load_task(system["task"])
        method_settings(load_method(choice.name), choice, "paper", task, None)
        assert {language for languages in of_system["languages"] for language in languages} <= set(task.languages)
        assert set(of_system["metric"]) - {""} <= set(task.metrics)
        assert system["source"] == task.source


# Systems that are no method here: another backbone, or numbers that the paper takes over from others.
NOT_HERE = {"MBERT*", "XLM-R-LARGE*", "XLM-R-LARGE+"}


@pytest.mark.parametrize("name", names())
def test_every_printed_result_is_one_of_a_listed_system(name: str) -> None:
    cells = load_table(name).cells
    results = cells[cells["statistic"].isin(["score", "average", "gap"]) & ~cells["row"].isin(NOT_HERE)]
    results = results[results["task"] != ""]  # means over tasks
    place = ["group", "row", "run", "column"]
    listed = printed_numbers().query("paper_table == @name").set_index(place).index
    missing = results[~results.set_index(place).index.isin(listed)]
    taken_over = {("unseen/table-1", "Seen Target")}
    read_on_paws = (missing["metric"] == "cosine") & (missing["group"] == "Training on MNLI")  # no task of ours
    assert {(name, column) for column in missing.loc[~read_on_paws, "column"]} <= taken_over


def test_polyprompts_means_are_over_as_many_languages_as_its_table_1_says() -> None:
    counts = load_table("polyprompt/table-1").cells.set_index("task")["number"]
    systems = read_systems().query("paper == 'polyprompt'")
    assert set(systems["printed_task"]) == {"XQuAD", "TyDiQA", "MLQA", "MARC", "MLDOC", "PAWS-X", "XNLI"}
    for system in systems.to_dict("records"):
        assert len(system["languages"].split()) == counts[system["printed_task"]]


def test_derivations_name_tables_that_there_are() -> None:
    rules = read_derivations()
    assert set(rules["table"]) | set(rules["source"]) - {""} <= set(names())
