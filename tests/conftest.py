"""What all tests share: caches that vanish, quiet figures, no data of the developer's by accident."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from labs_engine.base.variables import variables
from labs_engine.run.kernels.fork import kernel_server

# Workers of one test run share one cache, so stand-ins are synthesised once; it goes when the run ends.
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
_CACHE = Path(tempfile.gettempdir()) / f"labs-test-{_RUN}"

# The engine is tested on a course of two labs of plain NumPy. What tests the course itself lies elsewhere.
_ENGINE = ("cli", "declare", "frontend", "grade", "run", "session")
_TESTS = Path(__file__).parent
# Commands that tests start run the code of this checkout, whichever one is installed.
_TINY = {
    "LABS_COURSE": "tiny_lib.labs:COURSE",
    "PYTHONPATH": os.pathsep.join([str(_TESTS / "tiny_course"), str(_TESTS.parent)]),
}

# Only the tests that say so look at real recordings; everything else must pass without.
# The other name hands the folder on to the workers, which start after this file was read.
REAL_DATA = os.environ.pop("LABS_DATA", None) or os.environ.get("LABS_TEST_DATA")
if REAL_DATA:
    os.environ["LABS_TEST_DATA"] = REAL_DATA

os.environ["LABS_CACHE"] = str(_CACHE)
os.environ["MPLBACKEND"] = "Agg"
os.environ.pop("NBGRADER_EXECUTION", None)
if os.environ.get("PYTEST_XDIST_WORKER"):
    # Tests already run side by side: each one's networks compute on one core.
    os.environ |= {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


_kernels = ExitStack()


@contextmanager
def _course_of(path: Path) -> Iterator[None]:
    """Set the course that the tests of a file work on."""
    tested = path.relative_to(_TESTS).parts[:1] if path.is_relative_to(_TESTS) else ()
    with variables(_TINY if {*tested} & {*_ENGINE} else {}):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, object, object]:
    """Import a file of tests with its course at hand."""
    with _course_of(collector.path):
        return (yield)


@pytest.fixture(scope="module", autouse=True)
def _course(request: pytest.FixtureRequest) -> Iterator[None]:
    with _course_of(request.path):
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Have all notebooks' kernels forked from one process, which loads the libraries at the first of them."""
    if not hasattr(config, "workerinput"):
        _kernels.enter_context(kernel_server())


# Not for nbval: the notebooks of the tiny course are executed by the tests that work on it.
collect_ignore = ["tiny_course"]

# Files whose tests take longest: handed out first, so that at the end no worker is alone with one of them.
_LONGEST = (
    "07_beyond.ipynb",
    "test_lab06.py",
    "test_lab07.py",
    "06_music_genres.ipynb",
    "test_lab04.py",
    "test_lab05.py",
    "test_lab02.py",
    "test_accelerate.py",
    "test_ordinary_user.py",
    "test_scaffold.py",
    "test_site.py",
    "test_lab.py",
    "test_lab01.py",
    "test_cli.py",
    "05_environmental_sounds.ipynb",
    "test_hostile.py",
    "test_isolation.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file, and of all others, the order stays."""
    ranks = {name: rank for rank, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End that process, and remove the cache, when the last process of the run ends."""
    if not hasattr(config, "workerinput"):
        _kernels.close()
        shutil.rmtree(Path(tempfile.gettempdir()) / f"labs-test-{_run_id(config)}", ignore_errors=True)


def _run_id(config: pytest.Config) -> str:
    session = config.pluginmanager.get_plugin("dsession")
    return session.nodemanager.testrunuid if session is not None else _RUN


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings that $LABS_DATA names; tests that need it are skipped without."""
    if not REAL_DATA:
        pytest.skip("no real recordings: set LABS_DATA to the folder that holds ESC-50-master/")
    return Path(REAL_DATA)


@pytest.fixture(autouse=True)
def _close_figures() -> object:
    yield
    import sys

    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
