"""The commented task that `xbench tasks new` writes."""

from __future__ import annotations

import re

from xbench.errors import RequestError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")

_STARTER = """\
# A task: one dataset seen as one problem. Fill this in, then run: xbench tasks check NAME.yaml
# Paths start at the folder of this file. Words such as yes and no need no quotes; 014 or 1_000 do.

name: NAME                      # the name of this file without .yaml
kind: classification            # classification, tagging, extractive-qa, multiple-choice or generation
description: What is decided about what, in a line.
paper: null                     # who made it: authors, year, title

fields: [text]                  # what a row says; the templates below use these names
labels: [negative, positive]    # what it may be
languages: {en: {}, de: {}}     # BCP-47; {en: {code: eng_Latn}} where the files call it something else
source: en                      # the language that is trained on by default

# Local files, read with --data files: csv, tsv, json, jsonl or parquet. {language}, {code} and {split} are filled in.
files:
  train: {path: "NAME/{language}/train.tsv", languages: [en]}
  dev:   {path: "NAME/{language}/dev.tsv", languages: [en]}   # without it, a tenth of train is held out
  test:  {path: "NAME/{language}/test.tsv"}
  # more keys: quoting: csv (tsv files are read without), separator: ";", column_names: [text, label] (no header line)

# Published data, read with --data hub.
# splits:
#   train: {hub: owner/name, config: "{code}", split: train, revision: null}
#   dev:   {hub: owner/name, config: "{code}", split: validation, revision: null}
#   test:  {hub: owner/name, config: "{code}", split: test, revision: null}
#   train: {task: other-task, languages: [en]}                # or the split of another task

columns:
  text: text                    # field: column
  gold: {from: label, map: {0: negative, 1: positive}}        # raw value: label; `drop: [2]` leaves rows out
  # id: id                      # by default the number of the row

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
      de: {negative: schlecht, positive: gut}

metrics: [accuracy, macro_f1]   # the first is the headline
attributes: [t1Len]             # what `xbench diagnose` divides the examples by
redistribute: true              # false: texts never go onto a site
"""


def starter(name: str) -> str:
    """The starter with a name filled in. Raises RequestError for a name that a task cannot have."""
    if not _NAME.match(name):
        raise RequestError(
            f"'{name}' is no task name; expected small letters, digits, '-', '.' and '_', such as my-task."
        )
    return _STARTER.replace("NAME", name)
