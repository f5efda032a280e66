"""The local engine: order, one state per process, exceptions, any number of workers."""

from __future__ import annotations

import multiprocessing
import os
from functools import partial
from pathlib import Path

import pytest

from qa_audit.engine import local
from qa_audit.engine.local import default_workers, map_local

FORKS = "fork" in multiprocessing.get_all_start_methods()


def build(log: Path) -> str:
    """A state that tells which process built it; every building adds a line to ``log``."""
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")
    return f"built by {os.getpid()}"


def square(state: str, number: int) -> tuple[int, str]:
    return number * number, state


def process(state: str, number: int) -> tuple[int, str]:
    del number
    return os.getpid(), state


def refuse_three(state: str, number: int) -> int:
    del state
    if number == 3:
        raise LookupError("three")
    return number


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "built.txt"


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(log: Path, workers: int) -> None:
    results = list(map_local(square, range(23), workers=workers, prepare=partial(build, log)))
    assert [value for value, _ in results] == [number * number for number in range(23)]


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_to_do(log: Path, workers: int) -> None:
    assert list(map_local(square, [], workers=workers, prepare=partial(build, log))) == []


def test_one_worker_stays_in_this_process(log: Path) -> None:
    results = list(map_local(process, range(4), workers=1, prepare=partial(build, log)))
    assert results == [(os.getpid(), f"built by {os.getpid()}")] * 4
    assert log.read_text("utf-8").split() == [str(os.getpid())]


@pytest.mark.skipif(not FORKS, reason="this platform does not fork")
def test_forked_workers_share_what_was_built_before(log: Path) -> None:
    results = list(map_local(process, range(8), workers=2, prepare=partial(build, log)))
    assert {state for _, state in results} == {f"built by {os.getpid()}"}
    assert os.getpid() not in {pid for pid, _ in results}
    assert log.read_text("utf-8").split() == [str(os.getpid())]


def test_spawned_workers_build_once_each(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    results = list(map_local(process, range(8), workers=2, prepare=partial(build, log)))
    assert all(state == f"built by {pid}" for pid, state in results)
    built = log.read_text("utf-8").split()
    assert len(built) == len(set(built)) <= 2
    assert {str(pid) for pid, _ in results} <= set(built)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_exception_ends_the_map(log: Path, workers: int) -> None:
    results = map_local(refuse_three, range(6), workers=workers, prepare=partial(build, log))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LookupError, match=r"^three$"):
        next(results)
    assert local._built == []


def test_a_map_after_a_failed_one(log: Path) -> None:
    with pytest.raises(LookupError):
        list(map_local(refuse_three, range(6), workers=2, prepare=partial(build, log)))
    assert list(map_local(refuse_three, range(3), workers=2, prepare=partial(build, log))) == [0, 1, 2]


def test_default_workers_are_the_processors_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert default_workers() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert default_workers() == 1
