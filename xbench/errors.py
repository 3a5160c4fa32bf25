"""Errors that tell a user what was given, what was expected, where, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class XbenchError(Exception):
    """A condition its reader can act on; shown as one message without a traceback.

    `exit_code` is what the command ends with: 2, the request or a spec is wrong.
    """

    exit_code = 2


class RequestError(XbenchError):
    """The command line, or a call of the Python API, asks for something that cannot be done."""


class DataError(XbenchError):
    """A data source does not hold what its task spec says."""


class BackboneError(XbenchError):
    """A pretrained model or tokenizer cannot be loaded, or cannot do what a method needs."""


class StoreError(XbenchError):
    """The run store cannot be read or written."""

    exit_code = 1


class SpecError(XbenchError):
    """A file that a user wrote is wrong; the message begins with file, line and key."""

    def __init__(
        self, message: str, *, file: str | Path | None = None, line: int | None = None, key: str | None = None
    ) -> None:
        self.file, self.line, self.key = file, line, key
        place = ":".join(str(part) for part in (file, line) if part is not None)
        head = ", ".join(part for part in (place, f"key '{key}'" if key else "") if part)
        super().__init__(f"{head}: {message}" if head else message)


def nearest(name: str, choices: Iterable[str]) -> str:
    """' Did you mean 'x'?' for the most similar choice, or the list of choices where nothing is similar."""
    choices = sorted(choices)
    similar = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    if similar:
        return f" Did you mean '{similar[0]}'?"
    return f" Choose from: {', '.join(choices)}." if choices else ""
