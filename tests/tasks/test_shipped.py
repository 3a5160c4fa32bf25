"""The shipped tasks are complete: every language, the papers' templates, the words of the sample language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xbench.grammar
from tests.tasks.hub_schemas import words
from xbench.spec.registry import load_task, target_tasks, task_paths
from xbench.spec.sources import SPLITS, TaskSource
from xbench.spec.task import FORMS, Form, TaskSpec
from xbench.spec.yaml import read_yaml

WORDS = read_yaml(Path(xbench.grammar.__file__).parent / "lexicon" / "label_words.yaml").data

# Languages as the papers of the sets, and the papers that use them, list them.
XTREME_POS = set(
    words("af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh")
)
LANGUAGES = {
    "marc": set(words("de en es fr ja zh")),
    "marc-binary": set(words("de en es fr ja zh")),
    "xnli": set(words("ar bg de el en es fr hi ru sw th tr ur vi zh")),
    "paws-x": set(words("de en es fr ja ko zh")),
    "mldoc": set(words("de en es fr it ja ru zh")),
    "masakhanews": set(words("am en fr ha ig lg ln om pcm rn sn so sw ti xh yo")),
    "americasnli": set(words("aym bzd cni en gn hch nah oto quy shp tar")),
    "ud-pos": XTREME_POS,
    "panx": XTREME_POS | set(words("bn jv ka ml ms my sw")),
    "xquad": set(words("ar de el en es hi ro ru th tr vi zh")),
    "mlqa": set(words("ar de en es hi vi zh")),
    "tydiqa": set(words("ar bn en fi id ko ru sw te")),
    "xlsum": set(
        words(
            "am ar az bn cy en es fa fr gd gu ha hi id ig ja ko ky mr my ne om pa pcm ps pt rn ru si so sr "
            "sr-Latn sw ta te th ti tr uk ur uz vi yo zh zh-Hant"
        )
    ),
}
# Languages of the sample data: eight at least, or all that the task has. AmericasNLI has English alone, for nobody here
# can write its ten languages. A number that falls is a language that was lost.
SAMPLE = {
    "marc": LANGUAGES["marc"],
    "marc-binary": LANGUAGES["marc-binary"],
    "xnli": set(words("ar bg de en es fr ru sw tr ur zh")),
    "paws-x": LANGUAGES["paws-x"],
    "mldoc": LANGUAGES["mldoc"],
    "masakhanews": set(words("en fr ha pcm sn so sw xh")),
    "americasnli": {"en"},
    "ud-pos": set(words("ar bg de en es fr ja ru tr ur zh")),
    "panx": set(words("ar bg de en es fr ja ru sw tr ur zh")),
    "xquad": set(words("ar de en es hi ru tr vi zh")),
    "mlqa": LANGUAGES["mlqa"],
    "tydiqa": set(words("ar bn en fi id ko ru sw")),
    "xlsum": set(words("ar en es fr ja ru sw tr ur zh")),
}
SAMPLE_NUMBERS = {
    **{"marc": 6, "marc-binary": 6, "xnli": 11, "paws-x": 7, "mldoc": 8, "masakhanews": 8, "americasnli": 1},
    **{"ud-pos": 11, "panx": 12, "xquad": 9, "mlqa": 7, "tydiqa": 8, "xlsum": 10},
}
NUMBERS = {"ud-pos": 33, "panx": 40, "xlsum": 45, "masakhanews": 16, "xquad": 12}
EXPANDING = set(
    words(
        "squad squad-v2 quoref newsqa ropes mctest social-iqa dbpedia-14 ag-news yahoo-answers imdb "
        "amazon-polarity sst-2 quora rte snli"
    )
)

TARGETS = sorted(target_tasks())
# A word that splits is compared as its verbalizer declares.
DECLARED = "splits into .*; compared by '(first-piece|mean)'$"
# Of two verbalizers that are no defaults the micro backbones lack some characters; the grammar has no names of several
# words in Chinese and Japanese, and no interjections, symbols and the like.
KNOWN_DOUBTS = (
    *(f"mldoc, verbalizer 'topics-reuters', {language}: '" for language in ("es", "ja", "zh")),
    *(f"xnli, verbalizer '{name}', zh: '" for name in ("zhao-schuetze", "zhao-schuetze-translated")),
    *(f"panx, {split}, {language}: no row is I-" for split in SPLITS for language in ("ja", "zh")),
    *(f"ud-pos, {split}, " for split in SPLITS),
)

CLASSIFICATION = [name for name in TARGETS if load_task(name).kind == "classification"]


def forms(task: TaskSpec) -> tuple[Form, ...]:
    """The forms that a task has templates for: all of them where masked language models can be asked for its labels."""
    return FORMS if task.role == "target" and task.kind == "classification" else ("text2text",)


def test_the_tasks_of_the_papers_are_there() -> None:
    assert set(TARGETS) == set(LANGUAGES)
    assert set(task_paths()) - set(TARGETS) == EXPANDING
    assert {name: len(LANGUAGES[name]) for name in NUMBERS} == NUMBERS


@pytest.mark.parametrize("name", TARGETS)
def test_languages_and_sample_languages(name: str) -> None:
    task = load_task(name)
    assert set(task.languages) == LANGUAGES[name]
    assert set(task.languages_of("sample")) == SAMPLE[name]
    assert len(SAMPLE[name]) == SAMPLE_NUMBERS[name] >= min(8, len(LANGUAGES[name])) or name == "americasnli"
    assert task.sample is None or set(task.sample.languages) <= set(xbench.grammar.languages(task.sample.generator))
    published = "hub" if "hub" in task.data_kinds else "files"
    assert set(task.languages_of(published)) == LANGUAGES[name]
    for data in task.data_kinds:
        assert task.source_of(data) in task.languages_of(data, "train")


def test_the_languages_of_a_paper_are_marked() -> None:
    assert {name: load_task(name).language_sets for name in TARGETS if load_task(name).language_sets} == {
        "masakhanews": {"not seen by XLM-R": words("ig lg ln pcm rn sn ti yo")},
        "xlsum": {
            "Fu et al. 2022": words(
                "am ar az bn cy en es fa fr gu ha hi id ig ko mr my ne pa pt ru si sr sw ta te th tr ur vi yo zh"
            )
        },
    }
    assert len(load_task("xlsum").language_sets["Fu et al. 2022"]) == 32


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_every_form_has_a_default_in_every_language(name: str) -> None:
    task = load_task(name)
    assert task.paper
    assert task.attributes
    for form in forms(task):
        assert task.template_languages(form) == task.language_list, form
        for language in task.languages:
            template = task.template(form, None, language)
            assert set(template.fields) == set(task.fields)
            assert (template.soft_length > 0) == (form == "soft")
            if task.labels and task.kind != "tagging":
                assert list(task.verbalizer(form, None, language).words) == list(task.labels)


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_in_lingual_templates_are_of_every_language_and_say_where_they_are_not(name: str) -> None:
    task = load_task(name)
    for spec in task.templates.values():
        for texts in (spec.cloze, spec.text2text):
            if isinstance(texts, dict):
                assert set(texts) == set(spec.languages or task.languages)
                assert len(set(texts.values())) == len(texts), "a text is given for two languages"


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"americasnli", "ud-pos", "panx", "xlsum"}))
def test_what_the_papers_ask_in_each_language_has_an_in_lingual_template(name: str) -> None:
    task = load_task(name)
    for form in ("cloze", "text2text") if task.kind == "classification" and name != "masakhanews" else forms(task)[:1]:
        assert any(isinstance(spec.text(form), dict) for spec in task.templates.values()), form


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_every_task_has_published_data_and_says_where_files_of_ones_own_go(name: str) -> None:
    task = load_task(name)
    assert "sample" in task.data_kinds
    assert "files" in task.data_kinds
    for source in (task.files or {}).values():
        assert source.path.startswith("{data}/")
    assert ("hub" in task.data_kinds) == (name != "mldoc")


def test_the_sets_that_lack_a_train_or_dev_name_another() -> None:
    assert load_task("americasnli").split_source("dev", "hub") == TaskSource(task="xnli", languages=("en",))
    for name in ("xquad", "mlqa"):
        task = load_task(name)
        assert task.split_source("train", "hub", "en") == TaskSource(task="squad", languages=("en",))
        assert task.split_source("dev", "hub", "en") is None
        assert set(task.languages_of("hub", "train")) == {"en", "ar", "de", "es", "hi", "vi", "zh"}
        translated = LANGUAGES[name] - {"en", "ro"}  # XTREME's, from files
        assert set(task.languages_of("files", "train")) == {"en"} | translated
    assert load_task("squad").split_source("dev", "hub") is None
    for name in ("americasnli", "xquad", "mlqa"):
        task = load_task(name)
        assert all(language in task.languages_of("hub") for language in task.languages)


def test_the_source_of_another_language_is_a_source_of_its_own() -> None:
    task = load_task("americasnli")
    assert isinstance(task.split_source("test", "hub", "en"), TaskSource)
    assert not isinstance(task.split_source("test", "hub", "quy"), TaskSource)


def test_stars_are_the_words_of_the_sample_language() -> None:
    task = load_task("marc")
    for language in task.languages_of("sample"):
        cloze = task.verbalizer("cloze", None, language).words
        assert [cloze[label] for label in task.labels] == [(word,) for word in WORDS["stars"][language]]
        generated = task.verbalizer("text2text", "polyprompt-five-stars-translated", language).words
        assert [word.lower() for (word,) in generated.values()] == [word.lower() for word in WORDS["stars"][language]]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("xnli", {"entailment": "yes", "neutral": "maybe", "contradiction": "no"}),
        ("americasnli", {"entailment": "yes", "neutral": "maybe", "contradiction": "no"}),
        ("paws-x", {"different": "no", "same": "yes"}),
    ],
)
def test_answers_are_the_words_of_the_sample_language(name: str, answer: dict[str, str]) -> None:
    task = load_task(name)
    for form in FORMS:
        for language in task.languages_of("sample"):
            verbalizer = task.verbalizer(form, None, language)
            asked = verbalizer.language
            assert asked == ("en" if form == "text2text" else language)  # the default text-to-text template is English
            assert {label: word.lower() for label, (word,) in verbalizer.words.items()} == {
                label: WORDS["answers"][asked][key] for label, key in answer.items()
            }


def test_what_the_papers_give() -> None:
    marc, xnli = load_task("marc"), load_task("xnli")
    assert str(marc.template("cloze", "uniprompt-release", "en")) == "It's {mask}. {text}"
    five = marc.verbalizer("cloze", "uniprompt-release", "en").words
    assert [word for (word,) in five.values()] == ["bad", "fine", "funny", "perfect", "wonderful"]
    assert str(xnli.template("soft", None, "sw")) == "{premise} . {hypothesis} ? {soft:4} {mask} ."
    discrete = xnli.template("cloze", "zhao-schuetze", "en")
    assert str(discrete) == "{premise:bare} . Question: {hypothesis:bare} ? Answer: {mask} ."
    assert str(xnli.template("cloze", "chen", "en")) == "{premise}? {mask} {hypothesis}"
    assert xnli.verbalizer("cloze", "chen", "en").words["neutral"] == ("Neutral",)
    assert {xnli.verbalizer("cloze", "pct", language).words["neutral"] for language in xnli.languages} == {("maybe",)}


@pytest.mark.parametrize("name", ["marc-binary", "xnli", "paws-x", "mldoc", "xquad", "mlqa", "tydiqa"])
def test_the_seven_tasks_of_polyprompt_have_its_five_templates(name: str) -> None:
    task = load_task(name)
    names = [f"polyprompt-{number}" for number in range(1, 6)]
    assert [name for name in names if task.templates[name].author == "paper"] == names
    assert task.template_name("text2text") == names[0]
    assert len({str(task.template("text2text", name, "en")) for name in names}) == 5
    first = str(task.template("text2text", names[0], "en"))
    assert first.startswith("Answer the question based on ")
    assert " | Question: " in first
    if task.labels:
        options = task.verbalizer("text2text", None, "en").words.values()
        assert all(f") {word}." in first for (word,) in options)


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_answers_to_be_generated_are_among_the_options_of_the_question(name: str) -> None:
    task = load_task(name)
    for template, spec in task.templates.items():
        if spec.verbalizer is None or spec.text2text is None:
            continue
        for language in (spec.language,) if spec.language else task.template_languages("text2text", template):
            question = str(task.template("text2text", template, language))
            if "(A) " not in question or "(A) {choice1}" in question:
                continue
            for (word,) in task.verbalizer("text2text", template, language).words.values():
                assert f") {word}" in question, (name, language, word)


def test_three_stars_are_dropped_and_counted_in_the_binary_task() -> None:
    from xbench.data.load import load_examples

    five, two = load_task("marc"), load_task("marc-binary")
    whole = load_examples(five, "test", "fr", "sample")
    halves = load_examples(two, "test", "fr", "sample")
    assert halves.dropped == whole.gold.count("3") > 0
    stars = dict(zip(whole.ids, whole.gold, strict=True))
    assert all(
        stars[i] in ("12" if gold == "negative" else "45") for i, gold in zip(halves.ids, halves.gold, strict=True)
    )


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_the_default_label_words_are_told_apart_by_the_sample_backbone(name: str) -> None:
    """Of the sample languages; words that split are compared by their first piece."""
    from xbench.backbone.load import load_tokenizer
    from xbench.encoding.label_words import label_words

    task, tokenizer = load_task(name), load_tokenizer("micro-xlmr")
    for form in ("cloze", "soft"):
        for language in task.languages_of("sample"):
            found = label_words(task.verbalizer(form, None, language), tokenizer, name)
            assert found.labels == task.labels


@pytest.mark.parametrize(
    "name", [name for name in sorted(task_paths()) if load_task(name).kind in ("classification", "multiple-choice")]
)
def test_the_answers_of_default_prompts_are_known_to_the_sample_backbone(name: str) -> None:
    from xbench.backbone.load import load_tokenizer

    task, tokenizer = load_task(name), load_tokenizer("micro-mt5")
    words = task.verbalizer("text2text", None, task.source).words
    answers = [tuple(tokenizer(text_target=entry[0])["input_ids"]) for entry in words.values()]
    assert len(set(answers)) == len(task.labels)
    assert all(tokenizer.unk_token_id not in answer for answer in answers)


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_every_task_passes_its_own_check(name: str) -> None:
    from xbench.cli.task_check import check_task

    languages = load_task(name).languages_of("sample")
    report = list(check_task(name, data="sample"))
    doubts = [line for line in report if line.startswith("warning:") and not re.search(DECLARED, line)]
    assert [line for line in doubts if not any(line.startswith(f"warning: {known}") for known in KNOWN_DOUBTS)] == []
    for split in ("train", "dev", "test"):
        assert any(line.split()[:2] == [split, languages[0]] for line in report), split
    assert any(line.startswith("text2text template") for line in report)


def test_files_of_ones_own_lie_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xbench.data.load import load_examples

    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    (tmp_path / "mldoc").mkdir()
    (tmp_path / "mldoc" / "german.test").write_text('CCAT\tEin Text.\nMCAT\t"Noch" einer.\n', encoding="utf-8")
    found = load_examples(load_task("mldoc"), "test", "de", "files")
    assert found.gold == ("CCAT", "MCAT")
    assert found.fields["text"] == ("Ein Text.", '"Noch" einer.')


def test_files_that_nobody_may_pass_on_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xbench.data.load import load_examples
    from xbench.errors import DataError

    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"there is no such file.*sign the agreement for the Reuters corpora"):
        load_examples(load_task("mldoc"), "test", "fr", "files")
