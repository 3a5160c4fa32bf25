"""A request becomes the grid of cells that its words say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xbench.errors import RequestError
from xbench.method.registry import parse_method
from xbench.runner.grid import plan_grid
from xbench.runner.request import EvalRequest
from xbench.runner.stage_data import training_languages
from xbench.runner.unlabelled import missing_text_files


def request(**options: Any) -> EvalRequest:
    return EvalRequest(**{"methods": ("fine-tune", "soft"), "tasks": ("marc", "xnli"), "seeds": (1, 2), **options})


def test_single_task_methods_get_a_cell_for_each_task_and_seed() -> None:
    names = [cell.name for cell in plan_grid(request()).cells]
    assert len(names) == len(set(names)) == 2 * 2 * 2


def test_joint_methods_get_one_cell_for_all_tasks() -> None:
    cells = plan_grid(request(methods=("polyprompt",))).cells
    assert [[task.name for task in cell.tasks] for cell in cells] == [["marc", "xnli"]] * 2


def test_cross_task_trains_on_the_other_tasks() -> None:
    cells = plan_grid(request(methods=("polyprompt",), setting="cross-task", seeds=(1,))).cells
    assert {(cell.tasks[0].name, cell.train_tasks[0].name) for cell in cells} == {("marc", "xnli"), ("xnli", "marc")}


def test_cross_task_is_refused_for_methods_with_a_head_of_one_task() -> None:
    with pytest.raises(RequestError, match="polyprompt"):
        plan_grid(request(methods=("fine-tune",), setting="cross-task"))


def test_all_methods_are_those_in_the_folder() -> None:
    cells = plan_grid(request(methods=("all",), tasks=("marc",), seeds=(1,))).cells
    shipped = {path.stem.replace("_", "-") for path in Path("methods").glob("[!_]*.py")}
    assert {cell.choice.name for cell in cells} == shipped


def test_system_is_shared_by_seeds_tasks_and_languages_only() -> None:
    cells = plan_grid(request(methods=("mpt", "mpt[alpha=1]"))).cells
    by_variant = {
        variant: {cell.system for cell in cells if cell.choice.variant == variant} for variant in ("", "alpha=1")
    }
    assert all(len(systems) == 1 for systems in by_variant.values())
    assert by_variant[""] != by_variant["alpha=1"]
    fewer = plan_grid(request(methods=("mpt",), languages=("en", "de"))).cells
    assert {cell.system for cell in fewer} == by_variant[""]


def test_one_sample_for_all_seeds_is_another_system() -> None:
    own = plan_grid(request(methods=("soft",))).cells
    shared = plan_grid(request(methods=("soft",), sample_seed=7)).cells
    assert {cell.sample_seed for cell in own} == {1, 2}
    assert {cell.sample_seed for cell in shared} == {7}
    assert {cell.seed for cell in shared} == {1, 2}
    assert not {cell.system for cell in own} & {cell.system for cell in shared}


def test_set_and_brackets_name_the_same_variant() -> None:
    by_set = plan_grid(request(methods=("mpt",), changes={"mpt": {"alpha": 1}})).cells
    by_bracket = plan_grid(request(methods=("mpt[alpha=1]",))).cells
    assert [cell.system for cell in by_set] == [cell.system for cell in by_bracket]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_divide_the_grid(count: int) -> None:
    whole = [cell.name for cell in plan_grid(request()).cells]
    parts = [cell.name for number in range(1, count + 1) for cell in plan_grid(request(part=(number, count))).cells]
    assert sorted(parts) == sorted(whole)


def test_steps_and_epochs_replace_one_another() -> None:
    (cell, *_) = plan_grid(request(methods=("prefix[training.epochs=2]",))).cells
    assert (cell.settings.training.epochs, cell.settings.training.steps) == (2, None)


def test_paper_profile_has_the_papers_values_for_the_task() -> None:
    cells = plan_grid(request(methods=("prefix",), profile="paper", seeds=(1,))).cells
    lengths = {cell.tasks[0].name: cell.settings.length for cell in cells}  # type: ignore[attr-defined]
    assert lengths == {"marc": 16, "xnli": 32}
    assert {cell.settings.model for cell in cells} == {"FacebookAI/xlm-roberta-large"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ("fine-tun",)}, "Did you mean 'fine-tune'"),
        ({"tasks": ("xnly",)}, "Did you mean 'xnli'"),
        ({"languages": ("xx",)}, "'xx'"),
        ({"methods": ("mpt[alpa=1]",)}, "Did you mean 'alpha'"),
        ({"methods": ("mpt[alpha=2]",)}, "alpha = 2"),
        ({"methods": ("mpt[training.step=2]",)}, "Did you mean 'training.steps'"),
        ({"methods": ("mpt[alpha=1",)}, "closing bracket"),
        ({"changes": {"mpt": {"alpha": 1}}}, "not among --methods. Choose from: "),
        ({"profile": "papr"}, "paper"),
        ({"data": "hubb"}, "hub"),
        ({"part": (3, 2)}, "--shard 3/2"),
        ({"limit": 0}, "--limit"),
        ({"methods": ("polyprompt",), "precision": "fp16"}, "NaN in fp16"),
        ({"model": "FacebookAI/xlm-roberta-base"}, "--data"),
        ({"tasks": ("mldoc",), "data": "hub"}, "has no hub data"),
        ({"methods": ("soft",), "tasks": ("xquad",)}, "soft cannot do xquad: it is extractive-qa, and soft does class"),
        ({"methods": ("mpt", "mt5"), "tasks": ("xnli", "xlsum")}, "mpt cannot do xlsum: it is generation"),
    ],
)
def test_mistakes_are_told_with_what_to_do(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message.replace("[", r"\[")):
        plan_grid(request(**options))


def test_the_sample_data_may_have_a_source_of_its_own() -> None:
    """MasakhaNEWS is trained on in Hausa, which the embedded backbones have not seen."""
    for options, source in (({}, "en"), ({"profile": "paper"}, "ha"), ({"source": "sw"}, "sw")):
        cells = plan_grid(request(methods=("fine-tune",), tasks=("masakhanews",), **options)).cells
        assert {cell.source for cell in cells} == {source}


def test_unseen_languages_without_text_are_not_adapted_to() -> None:
    cells = plan_grid(request(methods=("mad-x",), tasks=("masakhanews",), seeds=(1,))).cells
    assert {cell.target: cell.languages["masakhanews"] for cell in cells} == {
        "pcm": ("pcm", "en"),
        "sn": ("sn", "en"),
        None: ("en", "fr", "ha", "so", "sw", "xh"),
    }


def test_method_text_is_read_with_values_of_their_kind() -> None:
    choice = parse_method("mpt[alpha=0.3,length=8,template=none,tower=random]")
    assert choice.changes == {"alpha": 0.3, "length": 8, "template": None, "tower": "random"}
    assert parse_method(str(choice)) == choice


def test_a_method_of_ones_own_is_one_file(tmp_path: Path) -> None:
    from xbench.cli.starters import write_method_starter

    write_method_starter("my-probe", tmp_path)
    (cell,) = plan_grid(request(methods=("my-probe",), tasks=("marc",), seeds=(1,), methods_dirs=(tmp_path,))).cells
    assert cell.method.__name__ == "MyProbe"


def test_what_no_method_can_do_is_told_once_a_kind() -> None:
    grid = plan_grid(EvalRequest(methods=("soft", "mpt", "mt5"), tasks=("all",)))
    told = {line.split(" (")[1].split(")")[0]: line for line in grid.skipped}
    assert set(told) == {"tagging", "extractive-qa", "generation"}
    assert told["extractive-qa"].startswith("mlqa, tydiqa, xquad (extractive-qa) by soft, mpt")
    assert all("mt5" not in line for line in told.values())


def test_a_size_may_name_the_languages_that_a_task_trains_in() -> None:
    def trained(size: str, setting: str = "in-language") -> dict[str, tuple[str, ...]]:
        (cell,) = plan_grid(request(methods=("polyprompt",), shots=(size,), setting=setting, seeds=(1,))).cells
        return {task.name: training_languages(task, cell) for task in cell.train_tasks}

    assert trained("4+marc@en/de=2") == {"marc": ("de", "en"), "xnli": trained("4")["xnli"]}
    assert len(trained("4")["marc"]) == 6
    assert trained("4+marc@de=2", "zero-shot") == {"marc": ("en",), "xnli": ("en",)}
    with pytest.raises(RequestError, match="marc@xx: it has no such language"):
        trained("4+marc@en/xx=2")


def test_a_method_needs_the_text_and_the_pairs_of_its_task() -> None:
    """Told when the grid is planned: the task file says which sources there are."""
    asked: dict[str, Any] = {"profile": "paper", "seeds": (1,)}
    with pytest.raises(RequestError, match=r"mad-x: task 'rte' has no text for '--data hub'"):
        plan_grid(request(methods=("mad-x",), tasks=("rte",), **asked))
    with pytest.raises(RequestError, match=r"mpt: task 'masakhanews' has no parallel corpus for '--data hub'"):
        plan_grid(request(methods=("mpt",), tasks=("masakhanews",), **asked))
    grid = plan_grid(request(methods=("all",), tasks=("masakhanews",), **asked))
    assert "mad-x" in {cell.choice.name for cell in grid.cells}
    (line,) = [each for each in grid.skipped if "parallel" in each]
    assert line.startswith("masakhanews by mpt: ")


def test_text_files_that_are_not_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    asked: dict[str, Any] = {"tasks": ("americasnli",), "languages": ("en", "aym", "quy"), "seeds": (1,)}
    cells = plan_grid(request(methods=("mad-x", "fine-tune"), profile="paper", **asked)).cells
    aymara, quechua = (tmp_path / "americasnlp2021" / f"{language}.txt" for language in ("aym", "quy"))
    ((about, paths),) = missing_text_files(cells).items()
    assert "github.com/AmericasNLP/americasnlp2021" in about
    assert paths == [aymara, quechua]  # English is on the hub
    aymara.parent.mkdir()
    aymara.touch()
    assert list(missing_text_files(cells).values()) == [[quechua]]
    of_files = plan_grid(request(methods=("mad-x",), profile="paper", data="files", **asked)).cells
    assert list(missing_text_files(of_files).values()) == [[tmp_path / "americasnlp2021" / "en.txt", quechua]]
