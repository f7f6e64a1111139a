"""What a run may send: anything. Nothing of it leaves the reader as another exception, and nothing grows."""

from __future__ import annotations

import io
import json
import os
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from corpus import needs_sandbox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from probe import probing

from labs_engine.declare.context import Context
from labs_engine.declare.course import find_lab
from labs_engine.declare.parameters import resolve
from labs_engine.grade.endings import Ending
from labs_engine.grade.in_sandbox.limits import Limits
from labs_engine.grade.in_sandbox.protocol import BrokenStream, Message, Reader, plain_text, send
from labs_engine.grade.outputs import errors_in, outputs_of
from labs_engine.grade.received import Received, output_of
from labs_engine.grade.scoring import verdict_on

CELLS = [("first", "1 + 1"), ("todo-count", "n_parameters = 46"), ("check-count", "lab.check()")]
SPEC = find_lab("01")
NAMES = [exercise.name for exercise in SPEC.exercises]
CTX = Context(resolve(SPEC.parameters, {"n_samples": 50}), 3)
LIMIT = 400_000

# Texts with what is no character in them: `os.listdir` gives lone surrogates for names that are not UTF-8.
texts = st.text(st.characters(exclude_categories=[]), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


def _header(shape: str, dtype: str = "<f8") -> bytes:
    """An .npy header that says what it likes."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


arrays = st.sampled_from(
    [
        _header("(-1, -1)") + bytes(8),
        _header("(-1,)") + bytes(16),
        _header("(True, True)") + bytes(8),
        _header("(1000000000000, 0)"),
        _header("()") + bytes(8),
        _header("(2,)", "|O") + bytes(16),
        _header("(2,)", "<U4") + bytes(32),
        _header("(0,)", "<f2"),
        b"\x93NUMPY\x03\x00",
        b"PK\x03\x04",
        b"",
    ]
) | st.binary(max_size=60)
nodes = st.one_of(
    st.fixed_dictionaries({"plain": scalars}),
    st.fixed_dictionaries({"array": st.integers(-2, 3)}),
    st.fixed_dictionaries({"list": st.lists(st.fixed_dictionaries({"plain": scalars}), max_size=3)}),
    st.fixed_dictionaries({"tuple": trees}),
    st.fixed_dictionaries({"dict": trees}),
    st.fixed_dictionaries({"float": texts}),
    st.fixed_dictionaries({"model": st.integers(-1, 2)}),
    trees,
)
answers = st.fixed_dictionaries(
    {
        "exercise": st.sampled_from(NAMES) | texts | trees,
        "status": st.sampled_from(["answered", "problem", "unattempted"]) | trees,
        "answers": st.fixed_dictionaries({"n_parameters": nodes})
        | st.fixed_dictionaries({"noise_floor": nodes})
        | st.dictionaries(texts, nodes, max_size=3)
        | trees,
        "expected": trees,
        "found": trees,
    }
)
outputs = st.fixed_dictionaries(
    {
        "output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"]) | trees,
        "name": trees,
        "text": trees,
        "data": st.dictionaries(texts | st.sampled_from(["image/png", "text/plain"]), trees, max_size=3)
        | trees,
        "metadata": trees,
        "ename": trees,
        "evalue": trees,
        "traceback": trees,
    }
)
messages = st.one_of(
    st.tuples(
        st.just("cell"),
        st.fixed_dictionaries({"id": st.sampled_from([c for c, _ in CELLS]) | trees}),
        st.just([]),
    ),
    st.tuples(st.just("output"), st.just({}), outputs.map(lambda output: [json.dumps(output).encode()])),
    st.tuples(st.just("output"), st.just({}), st.lists(st.binary(max_size=20), max_size=2)),
    st.tuples(st.just("answer"), answers, st.lists(arrays, max_size=3)),
    st.tuples(
        st.sampled_from(["done", "fault", "verdict", "x"]),
        st.dictionaries(texts, trees, max_size=2),
        st.just([]),
    ),
)


def stream_of(*sent: tuple[str, Any, list[bytes]]) -> bytes:
    """What a run writes that sends these messages."""
    pieces = []
    for kind, content, parts in sent:
        header = {"kind": kind, "content": content, "parts": [len(part) for part in parts]}
        pieces += [json.dumps(header).encode() + b"\n", *parts]
    return b"".join(pieces)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """A stream of messages, some bytes of which were changed, left out, doubled or put in."""
    data = bytearray(stream_of(*draw(st.lists(messages, max_size=6))))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 20))
        data[at : at + length] = draw(st.binary(max_size=8) | st.just(bytes(data[at : at + 2 * length])))
    return bytes(data)


def receive(data: bytes, size: int = 1 << 20) -> Received:
    received = Received([cell for cell, _ in CELLS], NAMES, LIMIT)
    reader = Reader(LIMIT)
    try:
        for start in range(0, len(data), size):
            reader.feed(data[start : start + size], received.take)
    except BrokenStream:
        pass
    return received


@settings(max_examples=1200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(streams(), st.sampled_from([1, 7, 1 << 20]))
def test_no_stream_gets_an_exception_past_the_reader(tmp_path_factory: Any, data: bytes, size: int) -> None:
    received = receive(data, size)
    assert set(received.answers) <= set(NAMES)
    path = Path(tmp_path_factory.getbasetemp()) / f"fuzz-{os.getpid()}.ipynb"
    received.write(path, CELLS, {"seed": 1}, Ending("at \udcff"))
    nbformat.validate(nbformat.read(path, as_version=4))
    outputs_of(path), errors_in(path)
    for name, (told, parts) in received.answers.items():
        verdict = verdict_on(SPEC.exercise(name), told, parts, CTX)
        assert verdict.status in ("failed", "unattempted", "passed")
        assert verdict.status != "passed" or name in ("count", "floor")
        json.dumps(verdict.found).encode()


@pytest.mark.parametrize(
    "stream",
    [
        stream_of(("answer", {"exercise": "e" * 20 + str(number), "status": "answered"}, [bytes(100)]))
        for number in range(3)
    ],
)
def test_answers_to_what_was_not_asked_are_dropped(stream: bytes) -> None:
    assert receive(stream).answers == {}


def test_the_last_answer_counts() -> None:
    sent = [("answer", {"exercise": "count", "status": status}, []) for status in ("problem", "answered")]
    assert receive(stream_of(*sent)).answers["count"][0]["status"] == "answered"


def test_memory_does_not_grow_with_what_is_sent() -> None:
    tracemalloc.start()
    received = Received([cell for cell, _ in CELLS], NAMES, LIMIT)
    reader = Reader(1_000_000_000)
    output = json.dumps({"output_type": "stream", "name": "stdout", "text": "x" * 2000}).encode()
    piece = stream_of(
        ("cell", {"id": "first"}, []),
        ("output", {}, [output]),
        ("answer", {"exercise": "made up", "status": "answered"}, [bytes(20_000)]),
        ("answer", {"exercise": "count", "status": "answered"}, [bytes(20_000)]),
    )

    def send_without_end() -> None:
        while True:
            reader.feed(piece, received.take)

    with pytest.raises(BrokenStream, match="more messages"):
        send_without_end()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_metadata_nest_and_a_lone_surrogate_are_written(tmp_path: Path) -> None:
    nested: Any = "deep"
    for _ in range(900):
        nested = {"x": nested}
    shown = json.dumps(
        {"output_type": "display_data", "data": {"text/plain": "hm \udcff"}, "metadata": nested}
    )
    received = receive(stream_of(("cell", {"id": "first"}, []), ("output", {}, [shown.encode()])))
    received.write(tmp_path / "run.ipynb", [("first", "print('\udcff')")], {}, Ending())
    (output,) = nbformat.read(tmp_path / "run.ipynb", as_version=4).cells[1].outputs
    assert output["data"]["text/plain"] == "hm ?"


@given(texts)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_text_can_be_written(text: str) -> None:
    plain_text(text).encode()


def test_an_output_keeps_what_a_page_shows() -> None:
    picture = {
        "output_type": "display_data",
        "data": {"image/png": "iVBO"},
        "metadata": {"image/png": {"width": 400, "x": 1}},
    }
    assert output_of(json.dumps(picture).encode()) == {
        "output_type": "display_data",
        "data": {"image/png": "iVBO"},
        "metadata": {"image/png": {"width": 400}},
    }


def test_what_send_writes_is_what_the_reader_gives() -> None:
    reading, writing = os.pipe()
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3))
    threading.Thread(
        target=lambda: (
            send(writing, "answer", {"a": ["\udcff", 1.5]}, [buffer.getvalue()]),
            os.close(writing),
        )
    ).start()
    got: list[Message] = []
    with os.fdopen(reading, "rb") as file:
        Reader(10_000).feed(file.read(), got.append)
    assert got == [Message("answer", {"a": ["\udcff", 1.5]}, (buffer.getvalue(),))]


@needs_sandbox
def test_whoever_writes_without_end_is_held_to_the_clock() -> None:
    with probing(Limits(seconds=3, output_mb=100_000)) as probe:
        probe("""
        import os
        while True: os.write(out, b'{"kind": "x", "content": {}, "parts": []}\\n' * 1000)
        """)
        assert probe.ending.limit in ("time", "output")
        assert probe("tell('next')") == ["next"]
