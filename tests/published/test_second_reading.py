"""Every number of the CSV files is in the papers' text, at its place, and no number of the tables is left out."""

from __future__ import annotations

import re

import pytest

from tests.published.second_reading import lines, numbers, printed_rows, table
from xbench.published.tables import load_table, table_index


def rows_of(name: str) -> list[list[str]]:
    return list(printed_rows(load_table(name).cells).values())


def with_numbers(found: list[str], least: int = 2) -> list[list[str]]:
    return [row for line in found if len(row := numbers(line)) >= least]


def test_uniprompt_results() -> None:
    main = with_numbers(table("uniprompt", "Table 2: Main results"), 11)
    assert [row[-11:] for row in main] == rows_of("uniprompt/table-2")
    assert [row[0] for row in main if len(row) == 12] == ["4", "8", "16", "32", "64", "128", "256"]
    assert with_numbers(table("uniprompt", "Table 3: Results"), 11) == rows_of("uniprompt/table-3")
    labels = with_numbers(table("uniprompt", "Table 4: Ablation"), 11)
    assert [row[-11:] for row in labels] == rows_of("uniprompt/table-4")


def test_uniprompt_systems_stand_in_their_lines() -> None:
    cells = load_table("uniprompt/table-2").cells
    names = [key[1] for key in printed_rows(cells)]
    found = [line for line in table("uniprompt", "Table 2: Main results") if len(numbers(line)) >= 11]
    assert all(name in line for name, line in zip(names, found, strict=True))
    assert list(dict.fromkeys(cells["group"])) == ["4", "8", "16", "32", "64", "128", "256"]


def test_uniprompt_statistics() -> None:
    found = table("uniprompt", "Table 1: Statistics")
    assert numbers(found[1]) + numbers(found[2])[1:] == [
        value for value in load_table("uniprompt/table-1").cells["value"] if "×" not in value
    ]


def columns_of_blocks() -> list[list[list[str]]]:
    """MPT's table I by train size and column: all numbers of the column, lines that were read twice included."""
    blocks: list[list[list[str]]] = []
    for line in table("mpt", "TABLE I", below=False):
        cells = line.split("\t")
        if cells[1].strip() == "FT":
            blocks.append([[] for _ in range(16)])
        if blocks:
            for place, cell in enumerate(cells[2:18]):
                blocks[-1][place] += re.findall(r"\d\d\.\d", cell)
    return blocks


def test_mpt_table_1_column_by_column() -> None:
    """The four systems' numbers stand in this order in their column, whatever was read twice in between."""
    cells = load_table("mpt/table-1").cells
    groups = list(dict.fromkeys(cells["group"]))
    blocks = columns_of_blocks()
    assert groups == ["1", "2", "4", "8", "16", "32", "64", "128", "256"] and len(blocks) == len(groups)
    for group, block in zip(groups, blocks, strict=True):
        of_group = cells[cells["group"] == group]
        for name, seen in zip(dict.fromkeys(cells["column"]), block, strict=True):
            column = of_group[of_group["column"] == name]
            assert list(column["row"]) == ["FT", "SP", "PCT", "MPT"]
            left = iter(seen)
            assert all(value in left for value in column["value"]), (group, name, seen)
            if len(seen) == 4:
                assert seen == list(column["value"])


def test_mpt_table_2() -> None:
    found = table("mpt", "TABLE II", below=False)
    assert with_numbers(found, 16) == rows_of("mpt/table-2")
    labels = [line.split("\t")[0].strip() for line in found[1:]]
    assert labels == [row for _, row, _ in printed_rows(load_table("mpt/table-2").cells)]


def test_prefix_results_and_gaps() -> None:
    found = with_numbers(table("prefix", "Table 1: Zero-shot"), 5)
    assert found == rows_of("prefix/table-1")
    assert with_numbers(table("prefix", "Table 2: Cross-lingual"), 4) == rows_of("prefix/table-2")


def test_prefix_cosines() -> None:
    garbled = [re.sub(r"\.\s+(\d)", r".\1", line) for line in table("prefix", "Table 3: Cosine")]
    assert with_numbers(garbled, 7) == rows_of("prefix/table-3")
    assert with_numbers(table("prefix", "Table 4: Cosine"), 6) == rows_of("prefix/table-4")


@pytest.mark.parametrize("number", [5, 6, 7, 8])
def test_prefix_runs(number: int) -> None:
    found = table("prefix", f"Table {number}: ")
    assert with_numbers(found, 8) == rows_of(f"prefix/table-{number}")
    header = [name.strip().lower() for name in found[0].split("\t")[1:]]
    cells = load_table(f"prefix/table-{number}").cells
    assert list(dict.fromkeys(name.split(" ")[0].lower() for name in cells["column"])) == header


def test_unseen_tables() -> None:
    assert with_numbers(table("unseen", "Table 1: Gap"), 3) == rows_of("unseen/table-1")
    found = [line for line in table("unseen", "Table 3: The number") if re.search(r"\d", line)]
    cells = load_table("unseen/table-3").cells
    pairs = cells["value"].to_numpy().reshape(-1, 2).tolist()
    assert [[cell.strip() for cell in line.split("\t")[1:3]] for line in found] == pairs


def test_polyprompt_tables() -> None:
    assert with_numbers(table("polyprompt", "Table 2: Overall"), 11) == rows_of("polyprompt/table-2")
    found = [line.split("\t") for line in table("polyprompt", "Table 1: The tasks")]
    cells = load_table("polyprompt/table-1").cells
    rows = [(line[1], line[3]) for line in found[1:] if line[1]]
    assert rows == list(zip(cells["row"], cells["value"], strict=True))


def test_what_is_listed_as_absent_has_no_lines_of_numbers() -> None:
    index = table_index()
    absent = set(index.loc[index["state"] == "absent", "name"])
    assert {"unseen/table-2", "unseen/table-4", "mpt/appendix-1.2", "mpt/appendix-1.3"} <= absent
    text = lines("unseen")
    for caption in ("Table 2: ", "Table 4: "):
        (place,) = [number for number, line in enumerate(text) if line.startswith(caption)]
        assert not any("\t" in line for line in text[place - 4 : place])
    assert not any(line.strip().lower().startswith("appendix") for line in lines("mpt"))


def test_every_table_here_is_read_a_second_time() -> None:
    index = table_index()
    here = set(index.loc[index["state"] == "here", "name"])
    read = {"uniprompt": (1, 2, 3, 4), "mpt": (1, 2), "prefix": range(1, 9), "unseen": (1, 3), "polyprompt": (1, 2)}
    assert here == {f"{paper}/table-{number}" for paper, all_of in read.items() for number in all_of}
