"""Damage of every kind: what is read is finite and of a plausible length, or an error names the file."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_files import TONE_AND_NOISE, encoded, id3, mp3, without_xing

from labs_lib import audio

SHORT = TONE_AND_NOISE[: 22_050 // 2]
STEREO = np.stack([SHORT, -0.5 * SHORT], axis=1)
FILES = {
    **{
        f"{kind} {subtype}": encoded(kind, subtype, samples, 8000)
        for kind, subtype, samples in [
            ("WAV", "PCM_16", SHORT),
            ("WAV", "PCM_24", STEREO),
            ("WAV", "FLOAT", STEREO),
            ("WAV", "GSM610", SHORT),
            ("WAV", "IMA_ADPCM", STEREO),
            ("AIFF", "PCM_24", STEREO),
            ("FLAC", "PCM_16", STEREO),
            ("AU", "PCM_16", SHORT),
        ]
    },
    "MP3": mp3("VARIABLE", STEREO),
    "MP3 without a header": id3(300) + without_xing(mp3("CONSTANT", SHORT)),
    "nothing": b"",
}

# Most damage of interest is in the header: half of the places are among the first bytes.
PLACE = st.one_of(st.integers(0, 64), st.integers(0, 60_000))
CHANGE = st.one_of(
    st.tuples(st.just("set"), PLACE, st.binary(min_size=1, max_size=8)),
    st.tuples(
        st.just("set"),
        PLACE,
        st.sampled_from([b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"]),
    ),
    st.tuples(st.just("put"), PLACE, st.binary(min_size=1, max_size=64)),
    st.tuples(st.just("cut"), PLACE, st.integers(1, 5000)),
    st.tuples(st.just("end"), PLACE, st.none()),
)


def damaged(content: bytes, changes: list) -> bytes:
    for what, at, value in changes:
        if what == "set":
            content = content[:at] + value + content[at + len(value) :]
        elif what == "put":
            content = content[:at] + value + content[at:]
        elif what == "cut":
            content = content[:at] + content[at + value :]
        else:
            content = content[:at]
    return content


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(FILES)), st.lists(CHANGE, max_size=4), st.sampled_from([None, 22_050]))
def test_a_damaged_file_is_read_or_named(kind: str, changes: list, rate: int | None) -> None:
    content = damaged(FILES[kind], changes)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", audio.AudioWarning)
        path = Path(folder) / "damaged.bin"
        path.write_bytes(content)
        try:
            samples = audio.load(path, rate, longest=60.0)
        except audio.AudioError as error:
            message = str(error)
        else:
            message = ""
            assert samples.ndim == 1
            assert samples.dtype == np.float32
            assert np.isfinite(samples).all()
            assert 0 < len(samples) <= 60 * (rate or 2**31)
        assert not message or "damaged.bin" in message
