"""Recipes of reggae for the stand-in of GTZAN."""

from __future__ import annotations

from labs_lib.datasets.standin.music.melodies import SUNG
from labs_lib.datasets.standin.music.style import Part, Production, Style

_DUB = Production(
    (0.5, 1.8),
    (-18, -9),
    (28, 45),
    (4500, 8000),
    (-2.2, -1.0),
    (1, 6),
    (1.2, 2.5),
    (36, 55),
    echo=(-20, -9),
    level=(-19, -15),
)

_ONE_DROP = (
    {"kick": "....X.......X...", "rim": "....X.......X...", "hat": "x.xox.xox.xox.xo"},
    {"kick": "....X.......X...", "snare": "....X.......X..o", "hat": "x.x.x.x.x.x.x.x."},
    {"kick": "........X.......", "rim": "....o...X...o..x", "hat": "xoxoxoxoxoxoxoxo"},
)

_REGGAE_CHORDS = (
    "I IV I IV",
    "Im IVm Im V",
    "I IIm I IIm",
    "Im bVII Im bVII",
    "I V VIm IV",
    "VIm IIm VIm IIIm",
)

_REGGAE_BASS = (
    "1-..1-3-5-......",
    "1---..1-3-5-5-..",
    "....1-1-5-..3-1-",
    "1-.1..5-1-..3-5-",
    "8-..5-..1---....",
)

REGGAE = (
    Style(  # one drop
        (64, 86),
        _REGGAE_CHORDS,
        ("minor pentatonic", "major pentatonic", "dorian"),
        _ONE_DROP,
        (
            Part("bass", ("finger bass", "sub bass"), _REGGAE_BASS, 34, (1, 5)),
            Part(
                "strum",
                ("clean guitar", "electric guitar"),
                ("..x...x...x...x.", "..xx..x...xx..x."),
                57,
                (-7, -2),
            ),
            Part(
                "chords",
                ("organ", "piano"),
                ("..x.x.x...x.x.x.", ".ox..ox..ox..ox.", "..x...x...x...x."),
                60,
                (-9, -3),
                0.9,
            ),
            Part("melody", ("singer", "trumpet", "harmonica"), SUNG, 67, (-4, 1), presence=0.75),
            Part("chords", ("brass",), ("........x.x-....", "x.x-............"), 65, (-10, -5), 0.4, 0.6),
        ),
        swing=(0.5, 0.6),
        swing_unit=0.5,
        kits=("dry", "acoustic"),
        fills=0.7,
        production=_DUB,
    ),
    Style(  # steppers
        (68, 84),
        _REGGAE_CHORDS,
        ("minor pentatonic", "minor"),
        (
            {
                "kick": "X...X...X...X...",
                "rim": "....X.......X..x",
                "hat": "..x...x...x...x.",
                "conga": "...x..x....x..xx",
            },
            {"kick": "X...X...X...X...", "snare": "........X.......", "open hat": "..x...x...x...x."},
        ),
        (
            Part("bass", ("sub bass", "synth bass"), _REGGAE_BASS, 33, (2, 6)),
            Part(
                "chords",
                ("organ", "clavinet", "piano"),
                ("..x...x...x...x.", "..xx..x...xx..x."),
                60,
                (-7, -2),
            ),
            Part("strum", ("clean guitar",), ("..x...x...x...x.",), 57, (-8, -3), 0.8),
            Part("melody", ("flute", "trumpet", "singer", "harmonica"), SUNG, 69, (-6, -1), presence=0.6),
        ),
        kits=("dry", "machine"),
        production=_DUB,
    ),
)
