"""Several processes that share the work of one build, started once and only where there is enough to do."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


UNCOLLECTED = 100_000  # objects


class Workers:
    """`count` processes; all is done in this one where they are fewer than two, or there is only one thing to do.

    As long as they are there, all look for unreachable objects rarely: most live as long as a build, and to go through
    them over and over takes a tenth of its time.
    """

    def __init__(self, count: int = 1) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None
        self._collected = gc.get_threshold()

    def begin(
        self, function: Callable[[Given], Found], given: Sequence[Given], *, enough: bool = True
    ) -> Iterator[Found]:
        """Sets the processes to work; gives the function of each, in order, as they are done and asked for.

        Where there is not `enough` to be worth the processes' start, each is computed here when it is asked for.
        """
        started = self._pool is not None
        if self._count < 2 or len(given) < 2 or not (enough or started):
            return map(function, given)
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._count, mp_context=context, initializer=_collect_rarely)
        return self._pool.map(function, given)

    def __enter__(self) -> Self:
        _collect_rarely()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        gc.set_threshold(*self._collected)
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _collect_rarely() -> None:
    gc.set_threshold(UNCOLLECTED)
