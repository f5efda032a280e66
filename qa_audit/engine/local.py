"""The local engine: one process per worker, each with its own built state."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

State = TypeVar("State")
Item = TypeVar("Item")
Result = TypeVar("Result")

# What ``prepare`` built in this process. A pool passes nothing else by reference: an automaton cannot be pickled.
_built: list[Any] = []


PR_SET_PDEATHSIG = 1
Progress = Callable[[str, int, int], None]  # (stage, done, of how many)


def watched(results: Iterator[Result], stage: str, total: int, progress: Progress | None) -> Iterator[Result]:
    """The results, telling ``progress`` of each."""
    for number, result in enumerate(results, start=1):
        if progress is not None:
            progress(stage, number, total)
        yield result


def default_workers() -> int:
    """As many workers as this process may use processors."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_local(
    function: Callable[[State, Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    prepare: Callable[[], State],
) -> Iterator[Result]:
    """``function(state, item)`` for every item, in the order of the items.

    ``prepare`` builds the state once before forking, so that workers share its memory, or once in each worker
    where there is no fork. An exception of the function ends the map.
    """
    if workers <= 1 or len(items) <= 1:
        state = prepare()
        for item in items:
            yield function(state, item)
        return
    if "fork" in multiprocessing.get_all_start_methods():
        _build(prepare)
        context: BaseContext = multiprocessing.get_context("fork")
        initializer: Callable[[], None] = _end_with_parent
    else:
        context = multiprocessing.get_context("spawn")
        initializer = partial(_build, prepare)
    try:
        with ProcessPoolExecutor(
            min(workers, len(items)), mp_context=context, initializer=initializer
        ) as pool:
            yield from pool.map(partial(_call, function), items)
    finally:
        _built.clear()


def _end_with_parent() -> None:
    """Ends this worker when its parent is killed (Linux): an orphan would wait for work for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _build(prepare: Callable[[], Any]) -> None:
    _built[:] = [prepare()]


def _call(function: Callable[[Any, Item], Result], item: Item) -> Result:
    return function(_built[0], item)
