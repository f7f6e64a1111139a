"""What students hand in as a notebook, and how it is saved on its way."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_engine.grade import archives
from labs_engine.grade.reading import UnreadableSubmission, rank, read_submission

LAB = "01_ramp"
CELLS = [
    {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["Zoë\n", "李"]},
    {"cell_type": "code", "id": "b", "metadata": {"x": 1}, "source": "# TODO 1\nn = 1", "outputs": []},
]
PLAIN = [
    {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "Zoë\n李"},
    {"cell_type": "code", "id": "b", "metadata": {"x": 1}, "source": "# TODO 1\nn = 1"},
]
TEXT = json.dumps({"cells": CELLS, "nbformat": 4}, ensure_ascii=False)


def _read(folder: Path, data: bytes, lab: str = LAB) -> list[dict[str, Any]]:
    (folder / "lab.ipynb").write_bytes(data)
    return read_submission(folder / "lab.ipynb", lab)


def _zip(**files: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_notebook_is_read_in_every_encoding_of_unicode(tmp_path: Path, encoding: str) -> None:
    assert _read(tmp_path, TEXT.encode(encoding)) == PLAIN


def test_what_an_old_editor_saved_is_read(tmp_path: Path) -> None:
    _, code = _read(tmp_path, TEXT.replace("李", "").encode("cp1252"))
    assert code == PLAIN[1]


def test_a_notebook_of_nbformat_3_is_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Title"},
        {"cell_type": "markdown", "source": ["a\n", "b"], "metadata": {}},
        {"cell_type": "code", "input": ["# TODO 1\n", "n = 1"], "language": "python", "outputs": []},
        {"cell_type": "raw", "source": "x"},
    ]
    old = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells[:2]}, {"cells": cells[2:]}]}
    found = _read(tmp_path, json.dumps(old).encode())
    assert [(cell["cell_type"], cell["source"]) for cell in found] == [
        ("markdown", "Title"),
        ("markdown", "a\nb"),
        ("code", "# TODO 1\nn = 1"),
        ("raw", "x"),
    ]


@pytest.mark.parametrize(
    "names",
    [
        ["lab.ipynb", "data.csv", "__MACOSX/._lab.ipynb", ".ipynb_checkpoints/lab.ipynb"],
        ["labs/LAB.IPYNB.TXT"],
        ["02_other.ipynb", f"labs/{LAB}.ipynb"],
        [f"{LAB}.ipynb", f"{LAB} (1).ipynb"],
    ],
)
def test_the_notebook_in_an_archive_counts(tmp_path: Path, names: list[str]) -> None:
    *_, last = [name for name in names if "ipynb" in name.lower() and not name.startswith((".", "__"))]
    assert _read(tmp_path, _zip(**{name: TEXT if name == last else "{}" for name in names})) == PLAIN


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_zip(**{"notes.txt": "x"}), "archive without a notebook"),
        (
            _zip(**{"a.ipynb": TEXT, "b.ipynb": TEXT}),
            "several notebooks, a.ipynb, b.ipynb: hand in the lab's alone",
        ),
        (_zip(**{"../lab.ipynb": TEXT}), "leads outside"),
        (_zip(**{"lab.ipynb": " " * 50_000_000}), "grows to more than"),
        (_zip(**{"lab.ipynb": "no"}), "is not a notebook"),
        (b"PK\x03\x04 this is a zip", "not a notebook, and it cannot be unpacked"),
        (b"\xff\xfe{", "not a notebook"),
        (b'{"worksheets": [{"cells": [1]}]}', "no list of cells"),
        (b'{"worksheets": 1}', "no list of cells"),
    ],
)
def test_what_is_none_is_unreadable_and_says_why(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(UnreadableSubmission, match=message):
        _read(tmp_path, data)


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MOST_FILES", 3)
    with pytest.raises(UnreadableSubmission, match="more than 3 files"):
        _read(tmp_path, _zip(**{f"{n}.txt": "" for n in range(4)}))


def test_which_notebook_of_several_counts() -> None:
    names = [
        "other.ipynb",
        f"{LAB}-final.ipynb",
        f"{LAB}.ipynb",
        f"{LAB}_2.ipynb",
        f"{LAB.upper()} (10).IPYNB",
    ]
    assert sorted(names, key=lambda name: rank(name, LAB)) == names


VALID = [TEXT.encode(), TEXT.encode("utf-16"), _zip(**{"lab.ipynb": TEXT, "x.txt": "y" * 500})]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=4)), max_size=4),
    st.integers(0, 40),
)
def test_damage_ends_in_words(data: bytes, changes: list[tuple[int, bytes]], cut: int) -> None:
    for place, new in changes:
        data = data[:place] + new + data[place + len(new) :]
    with tempfile.TemporaryDirectory() as folder:
        try:
            cells = _read(Path(folder), data[: len(data) - cut])
        except UnreadableSubmission:
            return
    assert all(isinstance(cell["source"], str) for cell in cells)
