"""Small tasks of every kind but classification, and examples of them, made by hand."""

from __future__ import annotations

from xbench.answers import GoldAnswers, list_text
from xbench.data.examples import Examples
from xbench.spec.task import TaskSpec

KINDS = ("tagging", "entities", "extractive-qa", "generation", "multiple-choice")

SHARED = {"description": "A small task for tests.", "languages": {"en": {}, "de": {}, "zh": {}}}
TEMPLATES: dict[str, str] = {
    "tagging": "Tag every word. Sentence: {tokens}",
    "entities": "Name the people and places. Sentence: {tokens}",
    "extractive-qa": "Answer the question. Question: {question} Paragraph: {context}",
    "generation": "Say it in short. Text: {text}",
    "multiple-choice": "{question} (A) {choice1} (B) {choice2}",
}
SPECS: dict[str, dict[str, object]] = {
    "tagging": {
        "kind": "tagging",
        "fields": ["tokens"],
        "labels": ["DET", "NOUN", "VERB", "ADJ", "PUNCT"],
        "metrics": ["token_accuracy"],
    },
    "entities": {
        "kind": "tagging",
        "fields": ["tokens"],
        "labels": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
        "metrics": ["span_f1"],
    },
    "extractive-qa": {"kind": "extractive-qa", "fields": ["question", "context"], "metrics": ["f1"]},
    "generation": {"kind": "generation", "fields": ["text"], "metrics": ["rouge1"]},
    "multiple-choice": {
        "kind": "multiple-choice",
        "fields": ["question", "choice1", "choice2"],
        "labels": ["A", "B"],
        "metrics": ["accuracy"],
    },
}


def kind_task(name: str) -> TaskSpec:
    """The small task of a kind; `entities` is tagging with IOB2 tags."""
    template = {"plain": {"author": "human", "language": "en", "text2text": TEMPLATES[name]}}
    values = {**SHARED, "name": name, **SPECS[name], "templates": template, "default_templates": {"text2text": "plain"}}
    return TaskSpec.model_validate(values)


WORDS = {
    "en": ("the", "book", "is", "good", ".", "it", "cat", "sees", "bad", "food"),
    "de": ("das", "Buch", "ist", "gut", ".", "es", "die", "Katze", "schlecht", "Essen"),
    "zh": ("这", "书", "是", "好", "。", "我", "猫", "喜欢", "不", "我们"),
}


def kind_examples(task: TaskSpec, language: str = "en", count: int = 8, longest: int = 60) -> Examples:
    """Examples of a small task with inputs of many lengths, one of about `longest` words."""
    words = WORDS[language]
    texts = [
        [
            words[(index * 3 + place * (index % 4 + 1)) % len(words)]
            for place in range(longest if index == 3 else 2 + index)
        ]
        for index in range(count)
    ]
    fields, gold = zip(*(_example(task, index, text) for index, text in enumerate(texts)), strict=True)
    columns = {name: tuple(row[place] for row in fields) for place, name in enumerate(task.fields)}
    return Examples(task.name, language, "test", tuple(map(str, range(count))), columns, tuple(gold))


def _example(task: TaskSpec, index: int, words: list[str]) -> tuple[tuple[str, ...], str]:
    """The fields and the gold of one example."""
    if task.kind == "tagging":
        return (list_text(words),), list_text(_tags(task, index, len(words)))
    text = " ".join(words)
    if task.kind == "extractive-qa":
        answer = words[-2]
        return (" ".join(words[:2]), text), str(GoldAnswers((answer,), (text.rindex(answer),)))
    if task.kind == "generation":
        return (text,), " ".join(words[:2])
    return (text, words[0], words[-1]), task.labels[index % len(task.labels)]


def _tags(task: TaskSpec, index: int, count: int) -> list[str]:
    if task.labels[0] != "O":
        return [task.labels[(index + place) % len(task.labels)] for place in range(count)]
    tags = ["O"] * count
    tags[index % 2 : index % 2 + 2] = ["B-PER", "I-PER"][: count - index % 2]
    return tags
