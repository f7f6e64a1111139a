"""Threads: order, errors, bounded work."""

from __future__ import annotations

import threading
import time

import pytest

from labs_engine.base.parallel import cores, in_threads


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0)
        return number**2

    assert list(in_threads(slow_first, range(20), workers=workers)) == [n**2 for n in range(20)]
    assert list(in_threads(slow_first, [], workers=workers)) == []


def test_an_error_reaches_the_caller_and_ends_the_work() -> None:
    started = []

    def fails(number: int) -> int:
        started.append(number)
        if number == 3:
            raise RuntimeError("the fourth")
        return number

    with pytest.raises(RuntimeError, match="the fourth"):
        list(in_threads(fails, range(1000), workers=2))
    assert len(started) < 20


def test_work_does_not_run_far_ahead_of_who_takes_the_results() -> None:
    running = threading.Semaphore(0)
    results = in_threads(lambda _: running.release(), range(1000), workers=2)
    next(results)
    time.sleep(0.1)
    assert running._value <= 8
    results.close()


def test_a_progress_bar_is_shown_where_it_has_a_label(capsys: pytest.CaptureFixture) -> None:
    list(in_threads(str, range(3), "counting"))
    assert "counting" in capsys.readouterr().out
    list(in_threads(str, range(3)))
    assert capsys.readouterr().out == ""


def test_at_least_one_core_is_there() -> None:
    assert cores() >= 1
