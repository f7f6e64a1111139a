"""The stand-in for GTZAN: layout and faults, music as composed, and a split that leaks tracks inflates the score."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from labs_lib.datasets.standin.corpus import MARKER
from labs_lib.datasets.standin.music import instruments, score, theory, tracks
from labs_lib.datasets.standin.music.drums import DRUMS, draw_kit, hit
from labs_lib.datasets.standin.music.instruments import VOICES, tone

Track = tuple[str, int]
TRACKS = [(genre, number) for genre in tracks.GENRES for number in range(tracks.TRACKS_PER_GENRE)]


@pytest.fixture(scope="module")
def folder() -> Path:
    return tracks.music()


@pytest.fixture(scope="module")
def sounds(folder: Path) -> dict[Track, np.ndarray]:
    return {track: soundfile.read(folder / tracks.file_name(*track), dtype="float32")[0] for track in TRACKS}


def _composed(track: Track) -> score.Score:
    return tracks.composition(track[0], tracks.track_seed(0, *track))


# Layout and faults


def test_the_layout_is_that_of_gtzan(folder: Path) -> None:
    genres = ["blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"]
    assert list(tracks.GENRES) == genres
    assert folder.name == "genres"
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == genres
    expected = {tracks.file_name(*track) for track in TRACKS} | {*tracks.faults(), MARKER}
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == expected
    assert tracks.file_name("blues", 0) == "blues/blues.00000.wav"
    assert sum(path.stat().st_size for path in folder.rglob("*.wav")) < 62e6


def test_tracks_are_16_bit_mono_of_about_30_s(folder: Path) -> None:
    lengths = set()
    for track in TRACKS:
        info = soundfile.info(folder / tracks.file_name(*track))
        assert (info.samplerate, info.channels, info.subtype) == (22_050, 1, "PCM_16")
        assert 661_100 <= info.frames <= 669_680
        lengths.add(info.frames)
    assert len(lengths) > 20


def test_the_corpus_has_the_faults_of_common_copies(folder: Path) -> None:
    faulty = tracks.faults()
    assert faulty.unreadable == max(path.relative_to(folder).as_posix() for path in folder.glob("jazz/*.wav"))
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.read(folder / faulty.unreadable)
    assert (folder / faulty.leftover).read_bytes()[:4] == bytes.fromhex("00051607")
    assert (folder / faulty.duplicate).read_bytes() == (folder / faulty.original).read_bytes()
    assert faulty.duplicate.split("/")[0] != faulty.original.split("/")[0]
    regular = {(folder / tracks.file_name(*track)).read_bytes()[:200_000] for track in TRACKS}
    assert len(regular) == len(TRACKS), "no other two tracks are alike"


# Determinism


def test_a_track_depends_on_seed_genre_and_number_not_on_the_size_of_the_corpus(
    folder: Path, tmp_path: Path
) -> None:
    tracks.write(1, 0, tmp_path)
    for genre in ("blues", "metal"):
        name = tracks.file_name(genre, 0)
        assert (tmp_path / "genres" / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "genres" / tracks.faults(1).unreadable).name == "jazz.00001.wav"


def test_every_number_of_the_seed_counts() -> None:
    def start(*seed: int) -> np.ndarray:
        return tracks.piece("pop", seed, 22_050)

    assert np.array_equal(start(0, 7, 0), start(0, 7, 0))
    assert not np.array_equal(start(0, 7, 0), start(1, 7, 0))
    assert not np.array_equal(start(0, 7, 0), start(0, 7, 2))
    assert start(0, 7, 0).dtype == np.float32


def test_a_stopped_synthesis_leaves_nothing_under_the_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    calls = iter(range(3))

    def stops(*arguments: object) -> np.ndarray:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return np.zeros(10)

    monkeypatch.setattr(tracks, "piece", stops)
    with pytest.raises(KeyboardInterrupt):
        tracks.music(1)
    assert not list(tmp_path.rglob("*.wav"))
    monkeypatch.setattr(tracks, "piece", lambda *arguments: np.zeros(10))
    assert len(list(tracks.music(1).glob("*/[!.]*.wav"))) == len(tracks.GENRES) + 2


# Sound


def test_levels_are_sensible(sounds: dict[Track, np.ndarray]) -> None:
    for track, sound in sounds.items():
        assert np.abs(sound).max() <= 0.97, track
        level = 20 * np.log10(np.sqrt(np.mean(sound**2)))
        assert -26 < level < -9, (track, level)
        assert abs(sound.mean()) < 1e-3, track
        assert np.abs(sound[[0, -1]]).max() < 1e-3, track
        loudness = np.array([np.std(part) for part in np.array_split(sound, 10)])
        assert loudness.min() > 0.1 * loudness.max(), f"{track} has a hole"


@pytest.mark.parametrize("voice", VOICES)
def test_a_note_starts_and_ends_without_a_click_and_has_its_pitch(voice: str) -> None:
    rng = np.random.default_rng(0)
    own = instruments.individual(VOICES[voice], rng)
    note = tone(own, 60, 0.5, rng)
    assert np.isfinite(note).all()
    assert np.abs(note[[0, -1]]).max() < 0.01 * np.abs(note).max()
    settled = note[len(note) // 4 : -len(note) // 4].astype(float)
    if voice == "shouter":  # more noise than pitch
        return
    power = np.abs(np.fft.rfft(settled * np.hanning(len(settled)), 1 << 16)) ** 2
    frequencies = np.fft.rfftfreq(1 << 16, 1 / tracks.RATE)
    harmonic = frequencies / theory.hertz(60)
    near = (np.abs(harmonic - np.round(harmonic)) < 0.2) & (harmonic > 0.5)
    assert power[near].sum() > 0.9 * power.sum()


@pytest.mark.parametrize("kind", ["acoustic", "dry", "big", "machine", "brushes"])
def test_a_stroke_starts_and_ends_without_a_click(kind: str) -> None:
    rng = np.random.default_rng(1)
    kit = draw_kit(kind, rng)
    for drum in DRUMS:
        stroke = hit(drum, kit, rng)
        assert np.abs(stroke[[0, -1]]).max() == 0, drum
        assert 0.05 < np.abs(stroke).max() < 4, drum


# Music


def test_chords_and_progressions_are_what_they_are_called() -> None:
    bars = theory.progression("IIm7/V7 bVIImaj7")
    assert bars[0] == [(2, (0, 3, 7, 10)), (7, (0, 4, 7, 10))]
    assert bars[1] == [(10, (0, 4, 7, 11))]
    with pytest.raises(ValueError, match="'H7' is no chord"):
        theory.progression("H7")
    chord = bars[0][1]  # G7 in C
    assert theory.close_voicing(chord, 0, 60) == [55, 59, 62, 65]
    strings = theory.guitar_voicing(chord, 0, 40, 5)
    assert strings[0] % 12 == 7
    assert {pitch % 12 for pitch in strings} <= {7, 11, 2, 5}
    assert min(np.diff(strings)) >= 3


def test_every_recipe_can_be_read_and_played() -> None:
    drums: set[str] = set()
    for styles in tracks.STYLES.values():
        for style in styles:
            for text in style.progressions:
                theory.progression(text)
            assert set(style.scale) <= set(theory.SCALES)
            drums |= {drum for groove in style.grooves for drum in groove}
            patterns = [pattern for groove in style.grooves for pattern in groove.values()]
            for part in style.parts:
                assert set(part.voices) <= set(VOICES)
                patterns += part.patterns if part.role != "melody" else []
            for text in patterns:
                for pattern in text.split("|"):
                    assert len(pattern) % style.beats == 0, (text, style.beats)
    assert drums <= set(DRUMS)
    assert {"kick", "snare", "hat", "ride", "rim", "clap"} <= drums


def test_swing_delays_every_second_eighth() -> None:
    style = tracks.STYLES["jazz"][0]
    clock = score.Clock(style, 120, 2 / 3, 0.0, 0.0)
    eighths = np.diff([clock.at(0, step, 8) for step in range(8)] + [clock.at(1, 0, 8)])
    np.testing.assert_allclose(eighths, [1 / 3, 1 / 6] * 4)
    triplets = np.diff([clock.at(0, step, 12) for step in range(12)])
    np.testing.assert_allclose(triplets, 1 / 6)


def test_the_notes_belong_to_the_key() -> None:
    """Chords and bass of a piece in the plain major or minor keep to about seven pitch classes."""
    for number in range(6):
        score = tracks.composition("pop", (3, 7, number))
        pitches = [note.pitch % 12 for line in score.lines for note in line.notes]
        assert len(set(pitches)) <= 8
        assert np.isin([(pitch - score.key) % 12 for pitch in pitches], theory.SCALES["major"]).mean() > 0.98


def _pulse(sound: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return the autocorrelation of the onset strength at some lags."""
    strength = librosa.onset.onset_strength(y=sound, sr=tracks.RATE, hop_length=128, n_mels=64)
    strength = strength - strength.mean()
    spectrum = np.abs(np.fft.rfft(strength, 2 * len(strength))) ** 2
    correlation = np.fft.irfft(spectrum)[: len(strength)]
    return np.interp(seconds * tracks.RATE / 128, np.arange(len(correlation)), correlation / correlation[0])


@pytest.mark.parametrize("genre", [genre for genre in tracks.GENRES if genre != "classical"])
def test_the_tempo_heard_is_the_tempo_composed(genre: str, sounds: dict[Track, np.ndarray]) -> None:
    """Onsets repeat after a bar more than after any time within 12 % of it, for most tracks of each genre."""
    kept = 0
    for number in range(tracks.TRACKS_PER_GENRE):
        score = _composed((genre, number))
        bar = score.style.beats * 60 / score.tempo
        factors = np.linspace(0.88, 1.12, 193)
        correlation = _pulse(sounds[genre, number], factors * bar)
        kept += abs(factors[correlation.argmax()] - 1) < 0.012
    assert kept >= tracks.TRACKS_PER_GENRE - 1


def _mean(measure: dict[Track, float], genre: str) -> float:
    return float(np.mean([measure[genre, number] for number in range(tracks.TRACKS_PER_GENRE)]))


def test_genres_differ_as_they_should(sounds: dict[Track, np.ndarray]) -> None:
    bass, punch, bright = {}, {}, {}
    frequencies = librosa.fft_frequencies(sr=tracks.RATE)
    for track, sound in sounds.items():
        spectrum = np.abs(librosa.stft(sound[: 10 * tracks.RATE]))
        power = (spectrum**2).mean(axis=1)
        bass[track] = power[frequencies < 150].sum() / power.sum()
        bright[track] = power[frequencies > 2400].sum() / power.sum()
        high = spectrum[frequencies > 5000].sum(axis=0)
        punch[track] = np.percentile(np.maximum(np.diff(high), 0), 98) / high.mean()
    assert not any(_composed(("classical", n)).hits for n in range(8))
    for genre in ("hiphop", "disco", "pop", "reggae", "country"):
        assert _mean(punch, genre) > 1.5 * _mean(punch, "classical"), genre
        assert _mean(bass, genre) > _mean(bass, "classical"), genre
    assert _mean(bass, "hiphop") > 1.3 * _mean(bass, "metal")
    assert _mean(bright, "metal") > 3 * max(_mean(bright, "jazz"), _mean(bright, "reggae"))


def test_tracks_of_one_genre_are_individuals() -> None:
    for genre in tracks.GENRES:
        scores = [_composed((genre, number)) for number in range(12)]
        assert np.ptp([score.tempo for score in scores]) > 10, genre
        assert len({score.key for score in scores}) >= 5, genre
        assert len({tuple(line.voice for line in score.lines) for score in scores}) >= 3, genre


# The lesson
