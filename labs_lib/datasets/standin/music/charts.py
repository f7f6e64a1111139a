"""Recipes of metal, pop and rock for the stand-in of GTZAN."""

from __future__ import annotations

from labs_lib.datasets.standin.music.melodies import SUNG
from labs_lib.datasets.standin.music.style import Part, Production, Style

_MODERN = Production(
    (0.6, 1.8), (-17, -9), (28, 45), (9000, 10_600), (-0.4, 0.6), (2, 8), (2, 5), (48, 65), level=(-13, -10)
)

_HEAVY = Production(
    (0.2, 0.8), (-26, -15), (50, 90), (8500, 10_600), (0.6, 1.6), (3, 9), (2.5, 5), (38, 60), level=(-15, -11)
)

_FOUR_FLOOR = {"kick": "X.X.X.X.", "snare": "..X...X."}

_RIFFS = ("1111R-1111R-1R-1", "111R111R111R-1R-", "R-1111R-1111R-R-", "1.11R.111.11R-R-", "1111111111R-R-R-")

_DARK = ("I5 I5 bVI5 bVII5", "I5 bII5 I5 bIII5/bII5", "I5 I5 bVII5 bVI5 I5 I5 bIII5 bVII5", "I5 bVI5 IV5 V5")

METAL = (
    Style(  # thrash
        (148, 200),
        _DARK,
        ("phrygian", "minor", "harmonic minor"),
        (
            {"kick": "XxXxXxXxXxXxXxXx", "snare": "....X.......X...", "ride": "x...x...x...x..."},
            {"kick": "X.x.X.x.X.x.X.x.", "snare": "..X...X...X...X.", "hat": "x...x...x...x..."},
            {"kick": "XxxXxxXxXxxXxxXx", "snare": "....X.......X...", "open hat": "x...x...x...x..."},
        ),
        (
            Part("power", ("electric guitar",), _RIFFS, 40, (2, 6), drive=(28, 44)),
            Part(
                "bass",
                ("picked bass",),
                ("1111111111111111", "1.111.111.111.11"),
                28,
                (-5, 0),
                drive=(10, 22),
            ),
            Part(
                "melody",
                ("shouter", "lead guitar"),
                ("x-x-x-x-|x---....", "..x-x-x-|x-x-x---", "xxxxxxxx|x---x---"),
                68,
                (-5, 0),
                presence=0.7,
                drive=(14, 28),
            ),
        ),
        kits=("big", "dry"),
        drums=(0, 3),
        fills=0.8,
        production=_HEAVY,
    ),
    Style(  # heavy
        (92, 138),
        _DARK,
        ("minor", "phrygian", "minor pentatonic"),
        (
            {"kick": "X.x...x.X.x..x..", "snare": "....X.......X...", "open hat": "x...x...x...x..."},
            {"kick": "X..xX...X..xX.xx", "snare": "....X.......X...", "crash": "x.......x......."},
        ),
        (
            Part(
                "power",
                ("electric guitar",),
                ("1-11..1-R---1-11", "11.11.R-11.11.R-", "R-----11R---R---", "1.111.11R-R-1.11"),
                39,
                (2, 6),
                drive=(26, 42),
            ),
            Part(
                "bass", ("picked bass",), ("1-11..1-1---1-11", "11.11.1-11.11.1-"), 27, (-4, 1), drive=(8, 20)
            ),
            Part(
                "melody",
                ("shouter", "singer", "lead guitar"),
                SUNG,
                66,
                (-4, 0),
                presence=0.75,
                drive=(8, 24),
            ),
            Part("chords", ("choir", "strings"), ("x-------",), 62, (-14, -8), 0.3),
        ),
        kits=("big",),
        drums=(0, 3),
        fills=0.7,
        production=_HEAVY,
    ),
)

_FOUR_CHORDS = ("I V VIm IV", "VIm IV I V", "I VIm IV V", "I IV VIm V", "IV I V VIm")

POP = (
    Style(  # for dancing
        (98, 128),
        _FOUR_CHORDS,
        ("major", "major pentatonic"),
        (
            {**_FOUR_FLOOR, "hat": "xxxxxxxx", "clap": "..x...x."},
            {"kick": "X..x..X...x.....", "clap": "....X.......X...", "hat": "x.x.x.x.x.x.x.xx"},
            {"kick": "X...X...X...X...", "snare": "....X.......X...", "shaker": "xoxoxoxoxoxoxoxo"},
        ),
        (
            Part("bass", ("synth bass", "finger bass"), ("1.1.1.1.", "1--1--1-", "1-1-1-5-"), 36, (-3, 2)),
            Part("chords", ("pad", "strings"), ("x-------",), 62, (-9, -4)),
            Part(
                "arpeggio",
                ("synth pluck", "clean guitar", "piano"),
                ("1.3.2.3.1.3.2.4.", "12341234", "1-3-4-3-"),
                68,
                (-9, -4),
                0.85,
            ),
            Part("melody", ("singer",), SUNG, 69, (-1, 3), presence=0.9),
            Part("melody", ("choir",), ("x-----x-|x-------",), 72, (-12, -7), 0.5, 0.5),
        ),
        kits=("machine", "dry"),
        production=_MODERN,
    ),
    Style(  # ballad
        (64, 88),
        _FOUR_CHORDS,
        ("major", "major pentatonic"),
        (
            {"kick": "X......xx.......", "rim": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X.......x.x.....", "snare": "....X.......X...", "hat": "o.o.o.o.o.o.o.o."},
        ),
        (
            Part("bass", ("finger bass", "synth bass"), ("1-----5-", "1---1---"), 36, (-3, 1)),
            Part(
                "arpeggio",
                ("piano", "electric piano", "acoustic guitar"),
                ("12343234", "1323432313234323", "x3432343"),
                62,
                (-6, -1),
            ),
            Part("chords", ("strings", "pad"), ("x-------",), 65, (-10, -4), 0.9, 0.8),
            Part("melody", ("singer",), SUNG, 68, (0, 4), presence=0.9),
        ),
        kits=("machine", "acoustic"),
        drums=(-7, -1),
        production=_MODERN,
    ),
    Style(  # guitars
        (100, 138),
        _FOUR_CHORDS,
        ("major", "major pentatonic"),
        (
            {"kick": "X...x...X.x.x...", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X..xX...", "snare": "..X...X.", "tambourine": "xoxoxoxo"},
        ),
        (
            Part("bass", ("finger bass", "picked bass"), ("11111111", "1--11-5-"), 36, (-3, 1)),
            Part(
                "strum",
                ("acoustic guitar", "clean guitar"),
                ("x-xx-xxx", "x-x-xxox", "x.xoxoxo"),
                48,
                (-6, -1),
            ),
            Part(
                "arpeggio", ("clean guitar", "synth pluck"), ("3-4-5-4-", "12341234"), 67, (-11, -5), 0.6, 0.7
            ),
            Part("melody", ("singer",), SUNG, 68, (-1, 3), presence=0.9),
            Part("melody", ("choir",), ("x-----x-|x-------",), 71, (-11, -6), 0.5, 0.5),
        ),
        production=_MODERN,
    ),
)

_GARAGE = Production(
    (0.3, 1.0),
    (-20, -11),
    (40, 80),
    (6000, 9000),
    (-1.0, 0.1),
    (2, 7),
    (1.5, 3.5),
    (36, 56),
    level=(-15, -11),
)

_ROCK_CHORDS = (
    "I5 bVII5 IV5 I5",
    "I IV V IV",
    "I5 IV5 bVII5 IV5",
    "VIm IV I V",
    "Im bVII bVI bVII",
    "I I IV V",
)

ROCK = (
    Style(
        (104, 148),
        _ROCK_CHORDS,
        ("minor pentatonic", "mixolydian", "blues"),
        (
            {"kick": "X.......X.x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X..x...xx.......", "snare": "....X.......X...", "ride": "x.x.x.x.x.x.x.x."},
            {"kick": "X.x.....X.x....x", "snare": "....X.......X...", "open hat": "x.x.x.x.x.x.x.x."},
        ),
        (
            Part(
                "bass",
                ("picked bass", "finger bass"),
                ("11111111", "1-11..5-", "11115577"),
                33,
                (-2, 2),
                drive=(0, 12),
            ),
            Part(
                "strum",
                ("electric guitar",),
                ("x--xx-x-", "x-x-xxx-", "x---x-xx", "x-mxmmx-"),
                43,
                (-3, 2),
                drive=(12, 26),
            ),
            Part(
                "power",
                ("electric guitar",),
                ("R-1R-1R-", "R---R-R-", "1.R-11R-"),
                40,
                (-5, 0),
                0.5,
                0.7,
                drive=(18, 30),
            ),
            Part("chords", ("organ", "piano"), ("x-------", "x.x.x.x."), 60, (-13, -7), 0.5),
            Part("melody", ("singer", "lead guitar"), SUNG, 68, (-2, 2), presence=0.85, drive=(6, 20)),
        ),
        kits=("acoustic", "big"),
        fills=0.7,
        production=_GARAGE,
    ),
    Style(  # punk
        (152, 188),
        _ROCK_CHORDS,
        ("major", "minor pentatonic"),
        (
            {"kick": "X..xX..x", "snare": "..X...X.", "hat": "x.x.x.x."},
            {"kick": "X...Xx..", "snare": "..X...X.", "open hat": "x.x.x.x."},
        ),
        (
            Part("bass", ("picked bass",), ("11111111",), 33, (-3, 1), drive=(6, 16)),
            Part(
                "power",
                ("electric guitar",),
                ("RRRRRRRR", "R-RRR-RR", "R---RRRR"),
                41,
                (0, 4),
                drive=(20, 34),
            ),
            Part("melody", ("singer", "shouter"), SUNG, 66, (-2, 2), presence=0.85, drive=(0, 10)),
        ),
        kits=("acoustic", "dry"),
        drums=(0, 3),
        fills=0.8,
        production=_GARAGE,
    ),
    Style(  # slow, with acoustic guitar
        (68, 98),
        _ROCK_CHORDS,
        ("minor pentatonic", "major pentatonic", "blues"),
        (
            {"kick": "X.....x.X.......", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X......xX.......", "snare": "....X.......X..o", "ride": "x.x.x.x.x.x.x.x."},
        ),
        (
            Part("bass", ("finger bass",), ("1---1-5-", "1--15---"), 34, (-3, 1)),
            Part(
                "strum",
                ("acoustic guitar", "electric guitar"),
                ("x---x-xx", "x--ox-xo"),
                45,
                (-6, -1),
                drive=(0, 12),
            ),
            Part(
                "arpeggio",
                ("clean guitar", "electric guitar"),
                ("12345432", "1-3-4-3-"),
                55,
                (-8, -3),
                0.7,
                drive=(0, 10),
            ),
            Part("chords", ("organ", "strings"), ("x-------",), 62, (-13, -7), 0.6),
            Part("melody", ("lead guitar", "singer"), SUNG, 68, (-2, 2), presence=0.85, drive=(6, 22)),
        ),
        kits=("acoustic", "big"),
        fills=0.7,
        production=_GARAGE,
    ),
)
