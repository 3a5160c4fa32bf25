"""Which language codes there are: BCP-47, with ISO 639-3 for the languages that have no shorter code."""

from __future__ import annotations

import re

from xbench.errors import nearest
from xbench.languages.facts import all_facts

_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")


def code_mistake(code: str) -> str | None:
    """What is wrong with a code, or None: it is no BCP-47 tag, or one whose language, script or region nobody knows."""
    if not _TAG.match(code):
        return (
            f"'{code}' is no BCP-47 language; expected one such as de, quy or zh-Hant "
            f"(what the sources call it goes into 'code:').{_like(code)}"
        )
    from langcodes import tag_is_valid

    if tag_is_valid(code):
        return None
    language, *subtags = code.split("-")
    if not tag_is_valid(language):
        return f"nobody knows a language '{language}'; expected a code of BCP-47 or ISO 639-3.{_like(language)}"
    unknown = next(part for part in subtags if not tag_is_valid(f"{language}-{part}"))
    what = "script" if len(unknown) == 4 else "region"
    return f"nobody knows a {what} '{unknown}' (in '{code}'); expected one of BCP-47, such as zh-Hant or pt-BR."


def _like(code: str) -> str:
    """The code of a language of that name, or the nearest code at hand."""
    named = [known.code for known in all_facts().values() if known.name.casefold() == code.casefold()]
    if named:
        return f" Did you mean '{named[0]}'?"
    hint = nearest(code, all_facts())
    return hint if hint.startswith(" Did") else ""
