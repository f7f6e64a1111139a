"""Stand-in for UIowa: names, formats, pitch, dynamics, clean sound."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labs_lib import audio
from labs_lib.datasets.standin import instruments
from labs_lib.datasets.standin.instruments_notes import DYNAMICS, Player
from labs_lib.datasets.standin.instruments_voices import VOICES

RATE = instruments.RATE
_NAME = re.compile(
    r"^(?P<instrument>[A-Za-z]+)(\.(?P<mark>arco|vib|nonvib|NoVib|novib))?\.(?P<dynamic>pp|mf|ff)"
    r"(\.sul(?P<string>[A-G]))?\.(?P<first>[A-G]b?\d)(?P<last>[A-G]b?\d)?\.(?P<kind>aiff|stereo\.aif)$"
)


@cache
def _paths() -> tuple[Path, ...]:
    return tuple(sorted(instruments.instruments().rglob("*.aif*")))


def _midi(name: str) -> int:
    letters = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    return letters[name[0]] - name.count("b") + 12 * (int(name[-1]) + 1)


def _periodicity(samples: np.ndarray, lag: float) -> float:
    """Return the correlation of a sound with itself, some samples later."""
    step = np.arange(len(samples) - int(lag) - 2)
    part = lag - int(lag)
    later = (1 - part) * samples[step + int(lag)] + part * samples[step + int(lag) + 1]
    return float(np.corrcoef(samples[step], later)[0, 1])


def _cents_off(samples: np.ndarray, midi: int) -> float:
    """Return how far a note is from its pitch, within half a tone, over five of its periods."""
    period = RATE / (440 * 2 ** ((midi - 69) / 12))
    cents = np.arange(-80, 81, 4)
    scores = [_periodicity(samples, 5 * period * 2 ** (-c / 1200)) for c in cents]
    return float(cents[np.argmax(scores)])


def _centroid(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    return float(np.sum(np.fft.rfftfreq(len(samples), 1 / RATE) * power) / np.sum(power))


def test_names_are_like_those_of_the_real_recordings() -> None:
    found = [_NAME.match(path.name) for path in _paths()]
    assert all(found), [path.name for path, match in zip(_paths(), found, strict=True) if not match]
    matches = [match for match in found if match]
    assert sorted({match["instrument"] for match in matches}) == sorted(instruments.CLASS_NAMES)
    assert {match["dynamic"] for match in matches} == set(DYNAMICS)
    assert {match["mark"] for match in matches if match["instrument"] == "SopSax"} == {"vib", "NoVib"}
    assert len(matches) == len(instruments.CLASS_NAMES) * instruments.FILES_PER_CLASS
    for match in matches:
        voice = VOICES[match["instrument"]]
        assert bool(match["string"]) == bool(voice.strings)
        assert (match["last"] is None) == (match["kind"] == "stereo.aif")
        first, last = _midi(match["first"]), _midi(match["last"] or match["first"])
        assert voice.low <= first <= last <= voice.high


def test_no_name_comes_twice_in_a_large_set() -> None:
    for name in instruments.CLASS_NAMES:
        plans = instruments.takes(name, 200, seed=3)
        assert len({take.path for take in plans}) == 200
        assert {take.path.parent.name for take in plans} == {"", "session2", "session3", "session4"}


def test_files_are_of_the_two_kinds_of_the_real_set() -> None:
    kinds = {"aiff": ("PCM_16", 1), "aif": ("PCM_24", 2)}
    for path in _paths():
        info = soundfile.info(path)
        assert (info.format, info.samplerate) == ("AIFF", 44_100)
        assert (info.subtype, info.channels) == kinds[path.suffix[1:]], path.name
    assert {path.suffix for path in _paths()} == {".aiff", ".aif"}
    assert sum(path.stat().st_size for path in _paths()) < 40e6


def test_each_note_stands_alone_and_has_the_pitch_that_the_name_says() -> None:
    for path in _paths()[::3]:
        match = _NAME.match(path.name)
        assert match
        samples = soundfile.read(path, always_2d=True)[0].mean(axis=1)
        first = _midi(match["first"])
        notes = audio.split_notes(samples, RATE)
        assert len(notes) == _midi(match["last"] or match["first"]) - first + 1, path.name
        for step, (start, stop) in enumerate(notes):
            middle = samples[start + (stop - start) // 4 : stop - (stop - start) // 4]
            assert abs(_cents_off(middle, first + step)) < 45, (path.name, step)
            period = RATE / (440 * 2 ** ((first + step - 69) / 12))
            once, half = _periodicity(middle, period), _periodicity(middle, period / 2)
            assert once > max(half, 0.5), (path.name, step, "an octave too low")


@pytest.mark.parametrize("name", instruments.CLASS_NAMES)
def test_louder_is_brighter(name: str) -> None:
    midi = (VOICES[name].low + VOICES[name].high) // 2
    levels, centroids = np.zeros((4, 3)), np.zeros((4, 3))
    for seed in range(4):
        player = Player(VOICES[name], np.random.default_rng(seed))
        for column, dynamic in enumerate(DYNAMICS):
            sound = player.note(midi, dynamic, False, 0.6, np.random.default_rng(seed))
            levels[seed, column], centroids[seed, column] = np.std(sound), _centroid(sound)
    assert (np.diff(20 * np.log10(levels)) > 6).all()
    assert (np.diff(centroids.mean(axis=0)) > 0).all()


def test_a_clarinet_has_odd_harmonics_where_an_oboe_has_all() -> None:
    def even_share(name: str) -> float:
        sound = instruments.note(name, 62, "ff", seconds=1.0)[RATE // 4 : RATE]
        power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
        harmonic = np.fft.rfftfreq(len(sound), 1 / RATE) / (440 * 2 ** ((62 - 69) / 12))
        near = [power[np.abs(harmonic - k) < 0.1].sum() for k in range(1, 7)]
        return float(sum(near[1::2]) / sum(near))

    assert even_share("BbClarinet") < 0.02
    assert even_share("Oboe") > 0.1


def test_vibrato_moves_the_pitch_only_where_it_is_asked_for() -> None:
    def swing(vibrato: bool) -> float:
        sound = instruments.note("SopSax", 76, "mf", vibrato=vibrato, seconds=1.4, seed=2)
        parts = [sound[k : k + 2205] for k in range(RATE // 2, RATE * 5 // 4, 1102)]
        return float(np.ptp([_cents_off(part, 76) for part in parts]))

    assert swing(True) > 24
    assert swing(False) < 20


def test_recordings_are_clean() -> None:
    for path in _paths():
        samples = soundfile.read(path, always_2d=True)[0]
        peak = np.abs(samples).max()
        assert 0.003 < peak <= 0.9, path.name
        assert np.abs(samples.mean(axis=0)).max() < 1e-3 * max(peak, 0.1), path.name
        ends = np.concatenate([samples[:441], samples[-441:]])
        assert np.abs(ends).max() < 0.15 * peak, f"{path.name} is cut off"
    for name, voice in VOICES.items():
        sound = Player(voice, np.random.default_rng(1)).note(
            voice.low, "ff", True, 0.4, np.random.default_rng(1)
        )
        assert np.abs(sound[[0, -1]]).max() < 1e-3 * np.abs(sound).max(), f"{name} clicks"


def test_a_recording_depends_on_seed_instrument_and_number_alone() -> None:
    few, many = instruments.takes("Horn", 2, seed=5), instruments.takes("Horn", 50, seed=5)
    assert few == many[:2]
    sound = instruments.record(few[1], 5)
    assert np.array_equal(sound, instruments.record(many[1], 5))
    assert not np.array_equal(sound[:9000], instruments.record(many[1], 6)[:9000])
    assert instruments.takes("Horn", 9, seed=6) != many[:9]


def test_a_stopped_synthesis_leaves_nothing_under_the_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    whole = instruments.record
    calls = iter(range(3))

    def stops(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(instruments, "record", stops)
    with pytest.raises(KeyboardInterrupt):
        instruments.instruments(files_per_class=1)
    assert not list(tmp_path.rglob("*.aif*"))
    monkeypatch.setattr(instruments, "record", whole)
    assert len(list(instruments.instruments(files_per_class=1).glob("*.aif*"))) == 10
