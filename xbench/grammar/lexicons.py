"""Reads the lexicon files: what concepts are to each other, and each language's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from ruamel.yaml import YAML

LANGUAGES = (
    *("en", "de", "es", "fr", "ru", "ar", "zh", "ja", "tr", "sw", "bg", "ur"),
    *("it", "ko", "hi", "vi", "fi", "id", "bn", "ha", "so", "xh", "sn", "pcm"),
)
_FOLDER = files("xbench.grammar.lexicon")
Part = Literal["asking", "names", "tags"]
"""What a lexicon may have beside its words: questions (`asking.yaml`), names (`names/`), tags (`tags/`)."""


@dataclass(frozen=True)
class Word:
    """A concept in one language: its forms by agreement class, affirmative and negative."""

    forms: tuple[str, ...]
    negatives: tuple[str, ...]
    agreement: int = 0

    def form(self, agreement: int, negative: bool = False) -> str:
        """The form for an agreement class; a word with one form has it for all."""
        forms = self.negatives if negative else self.forms
        return forms[agreement if agreement < len(forms) else 0]


@dataclass(frozen=True)
class Lexicon:
    """One language: its patterns, and its words by concept class and concept."""

    language: str
    spaced: bool
    words: Mapping[str, Mapping[str, Word]]
    patterns: Mapping[str, str]
    verdicts: tuple[str, ...]
    questions: tuple[str, ...]
    stars: tuple[str, ...]
    answers: Mapping[str, str]

    def word(self, concept_class: str, concept: str) -> Word:
        """The word for a concept; KeyError if the class has no such concept."""
        return self.words[concept_class][concept]


@cache
def concepts() -> Mapping[str, Any]:
    """Relations of the concepts, the same for every language (`lexicon/concepts.yaml`)."""
    return read_lexicon("concepts.yaml")


@cache
def label_words() -> Mapping[str, Any]:
    """Words that stand for labels: `stars`, `answers`, `extra` (`lexicon/label_words.yaml`)."""
    return read_lexicon("label_words.yaml")


@cache
def languages_with(*parts: Part) -> tuple[str, ...]:
    """Languages whose lexicon has these parts, the source first. All have words."""
    having = {
        "asking": set(read_lexicon("asking.yaml")),
        **{
            part: {file.name.removesuffix(".yaml") for file in (_FOLDER / part).iterdir()} for part in ("names", "tags")
        },
    }
    return tuple(language for language in LANGUAGES if all(language in having[part] for part in parts))


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of one language; ValueError names the known ones."""
    if language not in LANGUAGES:
        raise ValueError(f"no lexicon for language {language!r}; there are {', '.join(LANGUAGES)}")
    data = read_lexicon(f"words/{language}.yaml")
    classes = data.get("classes", ["all"])
    words = {
        name: {concept: _word(entry, classes, data["negation"]) for concept, entry in data[name].items()}
        for name in ("subjects", "actions", "places", "times", "products", "aspects", "qualities", "remarks")
    }
    patterns = {name: data[name] for name in ("clause", "conjunction", "opinion", "stop", "ask")}
    patterns["ask_before"] = data.get("ask_before", "")
    # Where the negator stands apart from the verb, the clause has a place for it.
    patterns["negator"] = data["negation"]["before"] if data["negation"].get("as_word") else ""
    patterns |= {f"background_{name}": pattern for name, pattern in data["backgrounds"].items()}
    return Lexicon(
        language=language,
        spaced=data["spaced"],
        words=words,
        patterns=patterns,
        verdicts=tuple(data["verdicts"]),
        questions=tuple(data["questions"]),
        stars=tuple(label_words()["stars"][language]),
        answers=label_words()["answers"][language],
    )


@cache
def read_lexicon(name: str) -> Any:
    """The contents of one file of the folder `lexicon`."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


def _word(entry: str | list[str], classes: list[str], negation: Mapping[str, Any]) -> Word:
    """Reads `form | form` by agreement class, each `affirmative / negative` or by the language's rule."""
    text, agreement = (entry[0], classes.index(entry[1])) if isinstance(entry, list) else (entry, 0)
    pairs = [_affirmative_and_negative(form.strip(), negation) for form in text.split(" | ")]
    return Word(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs), agreement)


def _affirmative_and_negative(form: str, negation: Mapping[str, Any]) -> tuple[str, str]:
    if " / " in form:
        affirmative, negative = form.split(" / ")
        return affirmative, negative
    if "*" in form:
        return " ".join(form.replace("*", "").split()), form.replace("*", negation["marked"])
    if "before" in negation:
        return form, negation["before"] + form
    if "replace" in negation:
        ending, replacement = negation["replace"]
        return form, form.removesuffix(ending) + replacement
    return form, form
