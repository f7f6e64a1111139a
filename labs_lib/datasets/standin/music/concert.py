"""Recipes of classical music and jazz for the stand-in of GTZAN."""

from __future__ import annotations

from labs_lib.datasets.standin.music.melodies import LYRICAL, RUNNING, SWUNG, THREE
from labs_lib.datasets.standin.music.style import Part, Production, Style

_CLUB = Production(
    (0.5, 1.2),
    (-18, -10),
    (35, 70),
    (5500, 9000),
    (-2.4, -1.2),
    (0, 3),
    (1.1, 1.8),
    (36, 54),
    level=(-24, -19),
)

_HALL = Production(
    (1.2, 3.0),
    (-11, -3),
    (30, 70),
    (6000, 10_500),
    (-1.5, -0.5),
    (0, 1),
    (1.0, 1.3),
    (42, 62),
    level=(-25, -19),
)

CLASSICAL = (
    Style(  # strings
        (66, 116),
        ("I IV V7 I", "I VIm IIm V7 I IIm6 V7 I", "Im IVm V7 Im", "Im bVI bIII V7 Im IVm V7 Im"),
        ("major", "harmonic minor"),
        (),
        (
            Part("bass", ("cello",), ("1---5---", "1-------", "1-3-5-3-"), 43, (-5, 0), humanise=0.012),
            Part("chords", ("strings",), ("x-------", "x---x---", "x-x-x-x-"), 58, (-8, -3), humanise=0.012),
            Part(
                "arpeggio",
                ("violin", "clarinet", "flute"),
                ("12341234", "13231323", "x4321234"),
                64,
                (-11, -5),
                0.6,
                humanise=0.012,
            ),
            Part("melody", ("violin", "oboe", "strings"), LYRICAL, 76, (-3, 2), humanise=0.012),
        ),
        rubato=0.06,
        production=_HALL,
    ),
    Style(  # piano waltz
        (100, 168),
        ("I I V7 V7 V7 V7 I I", "I VIm IIm V7", "Im IVm V7 Im Im bVI V7 Im"),
        ("major", "harmonic minor"),
        (),
        (
            Part("bass", ("piano",), ("1-....",), 43, (-4, 0), humanise=0.012),
            Part("chords", ("piano",), ("..x-x-", "..x.x."), 60, (-8, -4), humanise=0.012),
            Part("melody", ("piano",), THREE, 77, (-1, 2), humanise=0.012),
        ),
        beats=3,
        rubato=0.12,
        production=_HALL,
    ),
    Style(  # baroque
        (72, 108),
        ("I IV/V7 I V/I VIm/II7 V IV/V7 I", "Im V7/Im IVm V7 bVI/bVII bIII IVm/V7 Im"),
        ("major", "harmonic minor"),
        (),
        (
            Part(
                "bass",
                ("cello", "harpsichord"),
                ("1-3-5-3-|1-2-3-5-", "1-8-5-3-"),
                45,
                (-4, 0),
                humanise=0.008,
            ),
            Part("chords", ("harpsichord",), ("x---x---", "x-x-x-x-"), 60, (-8, -3), humanise=0.008),
            Part("melody", ("flute", "violin", "oboe", "trumpet"), RUNNING, 76, (-3, 2), humanise=0.008),
            Part("melody", ("violin", "oboe"), LYRICAL, 71, (-9, -4), 0.5, humanise=0.008),
        ),
        rubato=0.03,
        production=_HALL,
    ),
    Style(  # woodwinds and strings, six eighths a bar
        (46, 72),
        ("I IV I V7 I IV V7 I", "I VIm IV V7", "Im IVm Im V7"),
        ("major", "minor"),
        (),
        (
            Part("bass", ("cello", "clarinet"), ("1--5--", "1-----"), 43, (-5, 0), humanise=0.012),
            Part(
                "arpeggio",
                ("strings", "clarinet", "piano"),
                ("123432", "132312", "123323"),
                60,
                (-7, -2),
                humanise=0.012,
            ),
            Part("chords", ("strings", "choir"), ("x-----",), 55, (-13, -7), 0.6, humanise=0.012),
            Part(
                "melody",
                ("oboe", "flute", "clarinet"),
                ("x-xx-x|x-----", "x--x-x|x--x--", "xxxx--|x-x---"),
                74,
                (-3, 2),
                humanise=0.012,
            ),
        ),
        beats=2,
        rubato=0.1,
        production=_HALL,
    ),
)

_CHANGES = (
    "IIm7 V7 Imaj7 VI7 IIm7 V7 Imaj9 Imaj9",
    "IIm9 V13 Imaj9 IVmaj7 VIIm7b5 III7b9 VIm9 VIm9",
    "Imaj7/VI7 IIm7/V7 IIIm7/VI7 IIm7/V7",
    "I7 IV7 I7 I7 IV9 IV9 I7 VI7 IIm9 V13 I7/VI7 IIm7/V7",
    "Im7 Im7 IVm7 IVm7 IIm7b5 V7b9 Im9 Im9",
)

_JAZZ_SCALES = ("major", "dorian", "mixolydian", "blues")

JAZZ = (
    Style(  # small group
        (112, 208),
        _CHANGES,
        _JAZZ_SCALES,
        (
            {"ride": "X.xxX.xx", "hat": "..x...x.", "kick": "o.o.o.o.", "snare": "...o....|.....o.o"},
            {"ride": "X.x.X.xx", "hat": "..x...x.", "snare": ".......o|...o...."},
        ),
        (
            Part("walk", ("upright bass",), ("1234",), 41, (-2, 3), humanise=0.009),
            Part(
                "chords",
                ("piano", "clean guitar", "vibraphone"),
                ("x..x....|.x...x..", ".x....x.|...x....", "..x-...x"),
                61,
                (-9, -3),
                0.9,
                humanise=0.01,
            ),
            Part("melody", ("saxophone", "trumpet", "piano", "clarinet"), SWUNG, 68, (-3, 3), humanise=0.012),
        ),
        swing=(0.58, 0.68),
        drums=(-9, -3),
        kits=("acoustic", "dry"),
        production=_CLUB,
    ),
    Style(  # ballad with brushes
        (58, 84),
        _CHANGES,
        _JAZZ_SCALES,
        ({"snare": "xoxoxoxo", "hat": "..o...o."}, {"snare": "x.o.x.o.", "ride": "o.o.o.o."}),
        (
            Part("bass", ("upright bass",), ("1---5---", "1-----5-"), 40, (-3, 2), humanise=0.012),
            Part(
                "chords",
                ("piano", "electric piano"),
                ("x-------", "x--x----|..x-----"),
                61,
                (-7, -2),
                humanise=0.015,
            ),
            Part("melody", ("saxophone", "trumpet", "flute"), LYRICAL, 67, (-2, 3), humanise=0.02),
        ),
        swing=(0.58, 0.66),
        drums=(-14, -8),
        kits=("brushes",),
        production=_CLUB,
    ),
    Style(  # bossa nova
        (112, 150),
        _CHANGES,
        _JAZZ_SCALES,
        (
            {"rim": "x..x..x...x..x..", "hat": "oooooooooooooooo", "kick": "x..xx..xx..xx..x"},
            {"shaker": "xoxoxoxoxoxoxoxo", "rim": "..x...x..x..x...", "kick": "x..xx..x"},
        ),
        (
            Part("bass", ("upright bass", "finger bass"), ("1--15--5", "1--51--5"), 40, (-3, 2)),
            Part("strum", ("nylon guitar",), (".x..x.x.", "x..x..x.|.x..x..x"), 50, (-5, 0)),
            Part(
                "melody", ("flute", "saxophone", "singer"), LYRICAL, 70, (-3, 2), presence=0.8, humanise=0.015
            ),
            Part("chords", ("strings", "electric piano"), ("x-------",), 60, (-14, -8), 0.5),
        ),
        drums=(-11, -5),
        kits=("dry",),
        production=_CLUB,
    ),
    Style(  # big band
        (120, 190),
        _CHANGES,
        _JAZZ_SCALES,
        ({"ride": "X.xxX.xx", "hat": "..X...X.", "kick": "x.o.x.o.", "snare": "...o..o.|..o....x"},),
        (
            Part("walk", ("upright bass",), ("1234",), 41, (-4, 1), humanise=0.008),
            Part(
                "chords",
                ("brass",),
                ("x..x-...|........", "...x..x-|.x......", "....x-.x|x-......"),
                64,
                (-4, 1),
            ),
            Part("chords", ("piano", "clean guitar"), ("o.o.o.o.",), 57, (-12, -7)),
            Part("melody", ("trumpet", "saxophone", "clarinet", "brass"), SWUNG, 70, (-5, 0), presence=0.7),
        ),
        swing=(0.6, 0.67),
        drums=(-7, -1),
        production=_CLUB,
    ),
)
