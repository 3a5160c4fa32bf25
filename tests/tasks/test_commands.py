"""`xbench tasks`: list, show, check, new, export."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xbench.cli.tasks import app, check_task_files, export_task, new_task, show_task
from xbench.errors import BackboneError, DataError, RequestError, SpecError
from xbench.spec.registry import load_task, task_paths

ROWS = "text\tlabel\n" + "".join(f"nice {n}\t1\nawful {n}\t0\n" for n in range(20))


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """A tokenizer that knows the label words `bad`, `good` and `gut`, and splits or does not know others."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    scores = {"<s>": 0.0, "</s>": 0.0, "<unk>": 0.0, "<mask>": 0.0, "▁": -9.0}
    scores |= dict.fromkeys(("▁bad", "▁good", "▁gut", "▁text", "▁sch", "lecht", "▁It's", ".", "▁Es", "▁ist"), -2.0)
    scores |= dict.fromkeys("abcdefghijklmnopqrstuvwxyzABCEI0123456789'?:|()", -8.0)
    core = Tokenizer(models.Unigram(list(scores.items()), unk_id=2, byte_fallback=False))
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.decoder = decoders.Metaspace()
    special = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
        "pad_token": "<s>",
    }
    PreTrainedTokenizerFast(tokenizer_object=core, **special).save_pretrained(tmp_path / "tokenizer")
    return tmp_path / "tokenizer"


def starter(folder: Path, *changes: tuple[str, str]) -> Path:
    """The starter, filled in, with files beside it."""
    text = new_task("shop", folder)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    for language in ("en", "de"):
        for split in ("train", "dev", "test"):
            (folder / "shop" / language / f"{split}.tsv").write_text(ROWS, encoding="utf-8")
    return folder / "shop.yaml"


def odd_metric(path: Path) -> Path:
    """The same task beside it, with a metric that there is not."""
    other = path.with_name("other.yaml")
    text = path.read_text(encoding="utf-8").replace("name: shop ", "name: other ").replace("[accuracy,", "[acuracy,")
    other.write_text(text, encoding="utf-8")
    return other


def test_list_and_show_print_what_there_is() -> None:
    runner = CliRunner()
    listed = runner.invoke(app, ["list", "--names"]).stdout
    assert "xnli             Natural language inference" in listed
    shown = runner.invoke(app, ["show", "marc-binary"]).stdout
    assert "rows whose 'stars' is 3 (sample)" in shown
    squad = runner.invoke(app, ["show", "xquad"]).stdout
    assert "extractive-qa (target), fields question, context" in squad
    assert "train       task squad (en); hub facebook/mlqa mlqa-translate-train.{code} train (ar, de," in squad
    assert "test        hub google/xquad xquad.{code} validation" in squad
    assert "polyprompt-1 (text2text; author paper; every language, in en, default for text2text)" in shown
    assert all(f"template    {name} (" in shown for name in load_task("marc-binary").templates)
    with pytest.raises(RequestError, match="Did you mean 'xnli'"):
        list(show_task("xnlii"))


def test_the_list_tells_what_each_task_is() -> None:
    runner = CliRunner()
    listed = runner.invoke(app, ["list"]).stdout
    lines = listed.splitlines()
    assert max(map(len, lines)) <= 100
    start = next(number for number, line in enumerate(lines) if line.startswith("ud-pos "))
    assert lines[start].split() == ["ud-pos", "tagging", "target", "33", "2000/300/100", "sample"]
    about = " ".join(" ".join(line.split()) for line in lines[start + 1 :])
    assert "languages: af ar bg" in about
    assert "metrics: token_accuracy, xtreme_f1" in about
    assert "paper: Nivre et al. 2018" in about
    assert "source: sample tags, hub google/xtreme, files" in about
    names = [line.split()[0] for line in lines[1:] if line and not line.startswith(" ")]
    assert set(names) == set(task_paths())
    assert names.index("xquad") < names.index("ag-news")  # target tasks first


def test_the_list_has_formats_for_programs() -> None:
    runner = CliRunner()
    rows = {row["name"]: row for row in json.loads(runner.invoke(app, ["list", "--format", "json"]).stdout)}
    assert rows["panx"]["kind"] == "tagging"
    assert len(rows["panx"]["languages"]) == 40
    assert rows["squad"]["role"] == "expanding"
    assert rows["xnli"]["rows"] == {"train": 2000, "dev": 500, "test": 200}
    text = runner.invoke(app, ["list", "--format", "csv", "--role", "expanding", "--kind", "multiple-choice"]).stdout
    read = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in read] == ["mctest", "social-iqa"]
    assert runner.invoke(app, ["list", "--format", "markdown"]).stdout.startswith("| name | kind | role |")
    assert isinstance(runner.invoke(app, ["list", "--format", "jsn"]).exception, RequestError)


def test_a_broken_file_is_listed_with_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("name: odd\nkind: [\n", encoding="utf-8")
    listed = CliRunner().invoke(app, ["list", "--tasks-dir", str(tmp_path)]).stdout
    assert "odd: " in listed
    assert "is not valid YAML" in " ".join(listed.split())


def test_the_starter_is_a_whole_task(tmp_path: Path) -> None:
    task = load_task(starter(tmp_path))
    assert task.language_list == ("en", "de")
    assert task.data_kinds == ("files",)
    runner = CliRunner()
    assert runner.invoke(app, ["new", "topics", "--print"]).stdout.startswith("# A task")
    assert runner.invoke(app, ["new", "topics", "--to", str(tmp_path)]).exit_code == 0
    assert load_task(tmp_path / "topics.yaml").name == "topics"


@pytest.mark.parametrize("kind", ["classification", "tagging", "extractive-qa", "multiple-choice", "generation"])
def test_the_starter_of_each_kind_works_at_once(tmp_path: Path, kind: str) -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["new", "mine", "--kind", kind, "--to", str(tmp_path)]).exit_code == 0
    task = load_task(tmp_path / "mine.yaml")
    assert task.kind == kind
    assert task.role == "target"
    report = list(check_task_files([tmp_path / "mine.yaml"]))
    for split, language, rows in [("train", "en", 40), ("dev", "en", 20), ("test", "en", 20), ("test", "de", 20)]:
        assert any(line.split()[:3] == [split, language, str(rows)] for line in report)
    exported = list(export_task("mine", data="files", directories=[tmp_path], languages=["de"], limit=2))
    assert set(exported[0]) == {"task", "language", "id", *task.fields}
    assert (type(exported[0].get("tokens")) is list) == (kind == "tagging")


def test_the_starter_of_a_kind_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Did you mean 'tagging'"):
        new_task("mine", tmp_path, "taging")
    outcome = CliRunner().invoke(app, ["list", "--kind", "taging"])
    assert isinstance(outcome.exception, RequestError)


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    new_task("shop", tmp_path)
    (tmp_path / "shop.yaml").write_text("mine")
    (tmp_path / "stall" / "en").mkdir(parents=True)
    (tmp_path / "stall" / "en" / "train.tsv").write_text("mine")
    with pytest.raises(RequestError, match="stall is there already"):
        new_task("stall", tmp_path)
    assert not (tmp_path / "stall.yaml").exists()
    with pytest.raises(RequestError, match="is there already"):
        new_task("shop", tmp_path)
    assert (tmp_path / "shop.yaml").read_text() == "mine"
    with pytest.raises(RequestError, match="is no task name"):
        new_task("../shop", tmp_path)
    with pytest.raises(RequestError, match="cannot be written"):
        new_task("shop", tmp_path / "absent")


def test_check_shows_an_example_a_language_with_mask_and_pieces(tmp_path: Path, tokenizer: Path) -> None:
    report = list(check_task_files([starter(tmp_path)], model=str(tokenizer)))
    text = "\n".join(report)
    assert "shop: classification, 2 languages, 2 labels, 3 templates, 1 verbalizers" in report[0]
    for split, language in [("train", "en"), ("dev", "en"), ("test", "en"), ("test", "de")]:
        assert any(line.split()[:3] == [split, language, "40"] for line in report)
    assert repr("It's <mask>. nice 0") in text
    assert repr("Es ist <mask>. nice 0") in text
    assert "[soft:4] <mask> . nice 0" in text
    assert "negative: bad (▁bad), positive: good (▁good)" in text
    assert "negative: schlecht (▁sch lecht), positive: gut (▁gut)" in text
    warnings = [line for line in report if line.startswith("warning:")]
    assert warnings == [
        "warning: shop, verbalizer 'bad-good', de: 'schlecht' (negative) splits into ▁sch lecht; "
        "compared by 'first-piece'"
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("de: {negative: schlecht", "de: {negative: плохо", "'плохо' (negative) has pieces this tokenizer"),
        ("positive: gut}", "positive: schön}", "does not know"),
        ("de: {negative: schlecht, positive: gut}", "de: {negative: schlecht, positive: schade}",
         "'schade' (positive) and a word of 'negative' are alike in what is compared"),
    ],
)  # fmt: skip
def test_check_warns_of_doubtful_label_words(tmp_path: Path, tokenizer: Path, old: str, new: str, says: str) -> None:
    report = check_task_files([starter(tmp_path, (old, new))], model=str(tokenizer))
    assert any(line.startswith("warning:") and says in line for line in report)


def test_check_warns_of_doubtful_rows(tmp_path: Path, tokenizer: Path) -> None:
    path = starter(tmp_path)
    (tmp_path / "shop" / "de" / "test.tsv").write_text('text\tlabel\n"one"\t1\n"two"\t1\n', encoding="utf-8")
    report = "\n".join(check_task_files([path], model=str(tokenizer)))
    assert "shop, test, de: every row is 'positive'" in report
    assert "2 texts of 'text' stand in double quotes" in report


def test_check_stops_at_what_is_wrong(tmp_path: Path, tokenizer: Path) -> None:
    path = starter(tmp_path)
    (tmp_path / "shop" / "de" / "test.tsv").write_text("text\tlabel\nx\t7\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"test\.tsv:2: column 'label': '7' stands in no 'map:' entry"):
        list(check_task_files([path], model=str(tokenizer)))
    with pytest.raises(BackboneError, match="cannot be loaded"):
        list(check_task_files([path], model=str(tmp_path / "absent"), languages=["en"]))
    with pytest.raises(RequestError, match="no hub data"):
        list(check_task_files([path], data="hub"))
    with pytest.raises(RequestError, match="is no kind of data"):
        list(check_task_files([path], data="file"))
    with pytest.raises(RequestError, match=r"There is no metric 'acuracy'. Did you mean 'accuracy'"):
        list(check_task_files([odd_metric(path)]))
    with pytest.raises(RequestError, match="no language 'fr'"):
        list(check_task_files([path], languages=["fr"]))
    path.write_text(path.read_text(encoding="utf-8").replace("kind:", "kynd:"), encoding="utf-8")
    with pytest.raises(SpecError, match="Did you mean 'kind'"):
        list(check_task_files([path], model=str(tokenizer)))


def test_check_of_the_sample_data_covers_all_its_languages(tokenizer: Path) -> None:
    report = "\n".join(check_task_files(["xnli"], data="sample", model=str(tokenizer), languages=["en", "sw"]))
    assert "Swali:" in report
    assert "text2text template 'polyprompt-1'" in report


def test_export_gives_ids_and_inputs_and_no_gold() -> None:
    rows = list(export_task("xnli", data="sample", languages=["de", "zh"], limit=3))
    assert [row["language"] for row in rows] == ["de"] * 3 + ["zh"] * 3
    assert set(rows[0]) == {"task", "language", "id", "premise", "hypothesis"}
    out = CliRunner().invoke(app, ["export", "marc", "--data", "sample", "--languages", "ja", "--limit", "2"]).stdout
    assert [set(json.loads(line)) for line in out.splitlines()] == [{"task", "language", "id", "text"}] * 2
    with pytest.raises(RequestError, match="is no kind of data"):
        list(export_task("xnli", data="smaple"))
    with pytest.raises(RequestError, match="is no split"):
        list(export_task("xnli", data="sample", split="tset"))
