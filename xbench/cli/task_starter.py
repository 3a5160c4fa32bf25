"""The commented tasks that `xbench tasks new` writes, one for each kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xbench.errors import RequestError, nearest

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")


@dataclass(frozen=True)
class Starter:
    """What a starter says of its kind: each is a part of the YAML file, and `generator` makes the rows beside it."""

    answer: str  # the comment beside `kind:`
    fields: str
    ending: str  # of the files
    file_keys: str  # further keys of a file source
    keys_comment: str
    columns: str
    templates: str
    metrics: str
    attributes: str
    generator: str


_HEAD = """\
# A task: one dataset seen as one problem. The files beside it hold a few rows that work at once; put yours in their
# place, say here what is in them, then run: xbench tasks check NAME.yaml
# Paths start at the folder of this file. Words such as yes and no need no quotes; 014 or 1_000 do.

name: NAME                      # the name of this file without .yaml
kind: {kind:<18}        # {answer}
role: target                    # expanding: only trained on, beside target tasks
description: What is decided about what, in a line.
paper: null                     # who made it: authors, year, title

{fields}
languages: {{en: {{}}, de: {{}}}}     # BCP-47; {{en: {{code: eng_Latn}}}} where the files call it something else
source: en                      # the language that is trained on by default

# Local files, read with --data files: csv, tsv, json, jsonl, parquet, conllu, conll or squad. {{language}}, {{code}}
# and {{split}} are filled in; {{data}} at the beginning is the folder $XBENCH_DATA.
files:
  train: {{path: "NAME/{{language}}/train{ending}"{file_keys}, languages: [en]}}
  dev:   {{path: "NAME/{{language}}/dev{ending}"{file_keys}, languages: [en]}}  # without it, a tenth of train
  test:  {{path: "NAME/{{language}}/test{ending}"{file_keys}}}
{keys_comment}
# Published data, read with --data hub. `xbench tasks check NAME.yaml --hub` writes the revisions.
# splits:
#   train: {{hub: owner/name, config: "{{code}}", split: train, revision: null}}
#   dev:   {{hub: owner/name, config: "{{code}}", split: validation, revision: null}}
#   test:  {{hub: owner/name, config: "{{code}}", split: test, revision: null}}
#   train: {{task: other-task, languages: [en]}}                # or the split of another task; a list of sources where
#                                                             # languages come from different places

{columns}

{templates}

metrics: {metrics}
attributes: {attributes}
redistribute: true              # false: texts never go onto a site
"""

_CLASSIFICATION = Starter(
    answer="a label of the whole row; xbench tasks new --kind KIND writes the others",
    fields="""\
fields: [text]                  # what a row says; the templates below use these names
labels: [negative, positive]    # what it may be""",
    ending=".tsv",
    file_keys="",
    keys_comment="""\
  # more keys: quoting: csv (tsv files are read without), separator: ";", column_names: [text, label] (no header line)
""",
    columns="""\
columns:
  text: text                    # field: column
  gold: {from: label, map: {0: negative, 1: positive}}        # raw value: label; `drop: [2]` leaves rows out
  # id: id                      # by default the number of the row""",
    templates="""\
templates:                      # {mask} once in a cloze, none in text2text; {soft:4} is four soft prompt tokens
  verdict:
    author: unreviewed          # paper, human, machine or unreviewed
    verbalizer: bad-good
    cloze:                      # one text a language; a plain text serves every language
      en: "It's {mask}. {text}"
      de: "Es ist {mask}. {text}"
  soft:
    author: unreviewed
    verbalizer: bad-good
    cloze: "{soft:4} {mask} . {text}"
  question:
    author: unreviewed
    verbalizer: bad-good
    language: en                # what a plain text is written in, and so its answers
    text2text: "Answer the question based on the text. | Question: Is it (A) bad or (B) good? | Text: {text}"
default_templates: {cloze: verdict, soft: soft, text2text: question}

verbalizers:                    # label words; common words of one piece transfer best
  bad-good:
    author: unreviewed
    words:
      en: {negative: bad, positive: good}
      de: {negative: schlecht, positive: gut}""",
    metrics="[accuracy, macro_f1]   # the first is the headline",
    attributes="[t1Len]             # what `xbench diagnose` divides the examples by",
    generator="sentiment",
)
_TAGGING = Starter(
    answer="a tag of each token",
    fields="""\
fields: [tokens]                # a tagging task reads lists of tokens
labels: [O, B-PER, I-PER, B-ORG, I-ORG, B-LOC, I-LOC]         # all tags; of entities IOB2 ones, O first""",
    ending=".conll",
    file_keys="",
    keys_comment="""\
  # .conll: one token and its tag a line, a tab between them, a blank line after each sentence. More keys:
  # separator: " ", column_names: [tokens, tags] (the columns in their order), comments: "#" (lines that begin so are no
  # tokens).
  # .conllu: Universal Dependencies, with gold: upos below.
""",
    columns="""\
columns:
  tokens: tokens                # field: column
  gold: tags                    # {from: ner_tags, map: {0: O, 1: B-PER, ...}} where the tags are numbers""",
    templates="""\
templates:
  entities:
    author: unreviewed          # paper, human, machine or unreviewed
    language: en                # what a plain text is written in
    text2text: "Answer the question based on the sentence. | Question: Who and what is named? | Sentence: {tokens}"
default_templates: {text2text: entities}""",
    metrics="[span_f1, token_accuracy]      # the first is the headline; for parts of speech token_accuracy, xtreme_f1",
    attributes="[sLen, eLen]        # what `xbench diagnose` divides the examples by",
    generator="entities",
)
_QUESTIONS = Starter(
    answer="a span of the context",
    fields="fields: [question, context]     # in this order; there are no labels",
    ending=".json",
    file_keys=", format: squad",
    keys_comment="""\
  # squad: the JSON of SQuAD. In other files `answers` is an object {text: [...], answer_start: [...]}, the starts
  # counted in characters of the context.
""",
    columns="""\
columns:
  question: question            # field: column
  context: context
  gold: answers                 # {from: answers, starts: search} where the answers come as texts alone
  id: id""",
    templates="""\
templates:
  question:
    author: unreviewed          # paper, human, machine or unreviewed
    language: en                # what a plain text is written in
    text2text: "Answer the question based on the paragraph. | Question: {question} | Paragraph: {context}"
default_templates: {text2text: question}""",
    metrics="[f1, exact_match]      # the first is the headline; squad_f1, squad_exact_match: SQuAD's English rules",
    attributes="[cLen, qLen, aLen]  # what `xbench diagnose` divides the examples by",
    generator="questions",
)
_CHOICES = Starter(
    answer="one of the answers that a row lists",
    fields="""\
fields: [question, context, choice1, choice2, choice3, choice4]
labels: [A, B, C, D]            # the first label is the answer in choice1, and so on""",
    ending=".jsonl",
    file_keys="",
    keys_comment="",
    columns="""\
columns:
  question: question            # field: column
  context: context
  choice1: choice1              # options.A is the entry A of a column of objects, options.0 the first of a list
  choice2: choice2
  choice3: choice3
  choice4: choice4
  gold: answer                  # {from: label, map: {0: A, 1: B, 2: C, 3: D}} where it is a number
  id: id""",
    templates="""\
templates:
  options:
    author: unreviewed          # paper, human, machine or unreviewed
    verbalizer: letters
    language: en                # what a plain text is written in, and so its answers
    text2text: >-
      Answer the question based on the paragraph. | Question: {question} (A) {choice1} (B) {choice2} (C) {choice3}
      (D) {choice4} | Paragraph: {context}
default_templates: {text2text: options}

verbalizers:
  letters:                      # what is generated for each label
    author: human
    languages: [en]
    words:
      en: {A: A, B: B, C: C, D: D}""",
    metrics="[accuracy]             # the first is the headline",
    attributes="[t1Len, t2Len]      # what `xbench diagnose` divides the examples by",
    generator="choices",
)
_GENERATION = Starter(
    answer="a text",
    fields="fields: [text]                  # what a row says; there are no labels",
    ending=".jsonl",
    file_keys="",
    keys_comment="",
    columns="""\
columns:
  text: text                    # field: column
  gold: summary                 # the text to be written
  id: id""",
    templates="""\
templates:
  summarise:
    author: unreviewed          # paper, human, machine or unreviewed
    language: en                # what a plain text is written in
    text2text: "Answer the question based on the text. | Question: What is it about, in one sentence? | Text: {text}"
default_templates: {text2text: summarise}""",
    metrics="[rougeL, rouge1]       # the first is the headline",
    attributes="[t1Len, compression]      # what `xbench diagnose` divides the examples by",
    generator="summaries",
)

STARTERS: Mapping[str, Starter] = {
    "classification": _CLASSIFICATION,
    "tagging": _TAGGING,
    "extractive-qa": _QUESTIONS,
    "multiple-choice": _CHOICES,
    "generation": _GENERATION,
}


def starter(name: str, kind: str = "classification") -> str:
    """The starter of a kind with a name filled in.

    Raises RequestError for a name that a task cannot have, and for an unknown kind.
    """
    if not _NAME.match(name):
        raise RequestError(
            f"'{name}' is no task name; expected small letters, digits, '-', '.' and '_', such as my-task."
        )
    if kind not in STARTERS:
        raise RequestError(f"'{kind}' is no kind of task.{nearest(kind, STARTERS)}")
    given = STARTERS[kind]
    text = _HEAD.format(
        kind=kind,
        answer=given.answer,
        fields=given.fields,
        ending=given.ending,
        file_keys=given.file_keys,
        keys_comment=given.keys_comment,
        columns=given.columns,
        templates=given.templates,
        metrics=given.metrics,
        attributes=given.attributes,
    )
    return text.replace("NAME", name)
