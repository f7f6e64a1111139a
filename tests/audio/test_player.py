"""Playing sound."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
import soundfile

from labs_lib import audio

TONE = 0.4 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)


@pytest.mark.parametrize("gain", [0.01, 1.0, 40.0])
def test_a_player_never_hurts_and_leaves_quiet_sounds_quiet(gain: float) -> None:
    player = audio.Player(TONE * gain, 44_100, 'a "tone" & more')
    html = player._repr_html_()
    data = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    samples, rate = soundfile.read(io.BytesIO(data))
    assert rate == 44_100
    assert np.abs(samples).max() == pytest.approx(min(0.5, 0.4 * gain), abs=1e-3)
    assert 'aria-label="a &quot;tone&quot; &amp; more (1.0 s)"' in html
    assert "1.0 s" in repr(player)


def test_a_player_survives_numbers_that_are_none() -> None:
    assert "audio" in audio.Player(np.array([np.nan, 0.1]), 100, "odd")._repr_html_()
