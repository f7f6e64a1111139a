"""Recipes of disco and hip-hop for the stand-in of GTZAN."""

from __future__ import annotations

from labs_lib.datasets.standin.music.melodies import SUNG
from labs_lib.datasets.standin.music.style import Part, Production, Style

_SEVENTIES = Production(
    (0.3, 1.0), (-20, -12), (40, 80), (8500, 10_600), (0.6, 1.6), (1, 5), (1.5, 3), (40, 58), level=(-17, -14)
)

_SAMPLED = Production(
    (0.1, 0.4),
    (-30, -18),
    (25, 40),
    (7000, 10_400),
    (-1.6, -0.6),
    (2, 8),
    (1.5, 4),
    (30, 50),
    (0, 5),
    level=(-13, -9.5),
)

_MINOR_LOOPS = ("Im7 IVm7 Im7 V7", "Im7 bVII bVImaj7 V7", "Im9 Im9 IVm9 IVm9", "IIm7 V7 IIm7 V7")

_FOUR_FLOOR = {"kick": "X.X.X.X.", "snare": "..X...X."}

DISCO = (
    Style(
        (112, 130),
        ("Im7 IV7 Im7 IV7", *_MINOR_LOOPS, "IVmaj7 V IIIm7 VIm7"),
        ("dorian", "minor", "minor pentatonic"),
        (
            {
                "kick": "X...X...X...X...",
                "snare": "....X.......X...",
                "open hat": "..x...x...x...x.",
                "hat": "x.......x.......",
            },
            {
                "kick": "X...X...X...X...",
                "clap": "....X.......X...",
                "open hat": "..X...X...X...X.",
                "hat": "xo.oxo.oxo.oxo.o",
            },
            {
                "kick": "X...X...X...X...",
                "snare": "....X..o....X...",
                "open hat": "..x...x...x...x.",
                "tambourine": "oxoxoxoxoxoxoxox",
            },
        ),
        (
            Part(
                "bass",
                ("finger bass", "synth bass"),
                ("1.8.1.8.1.8.1.8.", "1-8.1.8.1-8.7.8.", "1-.81-.81-.81.78"),
                38,
                (-3, 2),
            ),
            Part(
                "strum",
                ("clean guitar", "clavinet"),
                ("mmxmmmxmmmxmmmxm", "x.mxm.mxx.mxm.mx", "..xm..xm..xmx.xm"),
                55,
                (-10, -4),
                0.9,
            ),
            Part("chords", ("strings",), ("x---------------", "x-------x-x-x-x-"), 67, (-7, -2), 0.9, 0.8),
            Part(
                "chords",
                ("piano", "electric piano"),
                ("x..x..x...x.x...", "..x...x...x...x."),
                62,
                (-10, -5),
                0.7,
            ),
            Part("chords", ("brass",), ("x.x.............", "............x.xx"), 65, (-8, -3), 0.5, 0.5),
            Part("melody", ("singer", "strings", "choir"), SUNG, 69, (-5, 0), presence=0.75),
        ),
        kits=("dry", "acoustic"),
        production=_SEVENTIES,
    ),
    Style(  # with a sequencer
        (116, 132),
        ("Im Im bVII bVII bVI bVI V7 V7", "Im bVI bVII Im", *_MINOR_LOOPS),
        ("minor", "minor pentatonic"),
        (
            {**_FOUR_FLOOR, "open hat": ".x.x.x.x", "hat": "x.x.x.x."},
            {"kick": "X.X.X.X.", "clap": "..X...X.", "open hat": ".X.X.X.X", "shaker": "xxxxxxxxxxxxxxxx"},
        ),
        (
            Part(
                "bass",
                ("synth bass",),
                ("1818181818181818", "1188118811881188", "1.181.181.181.18"),
                36,
                (-2, 3),
            ),
            Part(
                "arpeggio", ("synth pluck", "clavinet"), ("1234123412341234", "13241324"), 67, (-11, -5), 0.7
            ),
            Part("chords", ("pad", "strings"), ("x-------",), 63, (-9, -3), 0.9),
            Part("melody", ("synth lead", "singer", "choir"), SUNG, 70, (-5, 0), presence=0.75),
        ),
        kits=("machine", "dry"),
        production=_SEVENTIES,
    ),
)

_RAP = ("x.xxx.xxx.xxxx.x", "xxx.xxx.xx.xx.x.", "..xxx.xxxxx.xxx.", "x.x.xxxxx.xxx...")

HIPHOP = (
    Style(  # breakbeat and sampled loop
        (82, 104),
        ("Im7 IVm7", "Im9 bVImaj7", "IIm9 V13", "Im7 Im7"),
        ("minor pentatonic", "dorian"),
        (
            {
                "kick": "X..x......x.....|X..x..x...x.....",
                "snare": "....X.......X..o",
                "hat": "x.x.x.x.x.x.x.x.",
            },
            {"kick": "X.x.....x.X.....", "snare": "....X..o.o..X...", "hat": "x.xxx.x.x.x.x.xx"},
            {
                "kick": "X......x..x.....|X.x....x..x.....",
                "snare": "....X.......X...",
                "hat": "xoxoxoxoxoxoxoxo",
            },
        ),
        (
            Part(
                "bass",
                ("sub bass", "finger bass"),
                ("1--1......5.....", "1-.....1--5-7-..", "1---..1-....1-5-"),
                34,
                (0, 4),
            ),
            Part(
                "chords",
                ("electric piano", "piano", "vibraphone"),
                ("x-----x-....x---", "x-------..x-----"),
                62,
                (-9, -3),
                cutoff=(1200, 3500),
                presence=0.9,
            ),
            Part(
                "chords",
                ("strings", "brass"),
                ("........x---....", "x---............"),
                65,
                (-12, -6),
                0.5,
                0.7,
                cutoff=(1500, 4000),
            ),
            Part("melody", ("rapper",), _RAP, 50, (-3, 2), presence=0.9),
        ),
        swing=(0.52, 0.62),
        swing_unit=0.5,
        kits=("dry", "acoustic"),
        drums=(0, 4),
        fills=0.1,
        production=_SAMPLED,
    ),
    Style(  # drum machine with long bass drum
        (66, 84),
        ("Im Im bVI bVII", "Im bVI", "Im Im IVm Im"),
        ("minor", "phrygian"),
        (
            {
                "kick": "X.....x...x.....",
                "clap": "........X.......",
                "hat": "x.x.x.xxx.x.x.x.x.x.xxxxx.x.x.x.",
            },
            {
                "kick": "X..x......x..x..",
                "clap": "........X.......",
                "hat": "x.x.x.x.xxx.x.x.|x.x.xxx.x.x.xxxx",
                "rim": "......x.......x.",
            },
        ),
        (
            Part("bass", ("sub bass",), ("1-----1---1-----", "1--1------1--5--"), 32, (1, 5)),
            Part(
                "arpeggio",
                ("synth pluck", "piano", "vibraphone"),
                ("1-3-2-3-", "3-2-1---", "1.32.1.3"),
                69,
                (-9, -3),
            ),
            Part("chords", ("pad", "choir"), ("x-------",), 60, (-13, -7), 0.7),
            Part("melody", ("rapper",), _RAP, 48, (-3, 2), presence=0.9),
        ),
        kits=("machine",),
        drums=(0, 4),
        fills=0.1,
        production=_SAMPLED,
    ),
    Style(  # funk with a high synthesiser
        (88, 102),
        ("Im7 IV7", "Im7 Im7 IVm7 V7"),
        ("dorian", "minor pentatonic"),
        (
            {"kick": "X.....xX..x.....", "clap": "....X.......X...", "hat": "xoxoxoxoxoxoxoxo"},
            {
                "kick": "X..x..x...x....x",
                "snare": "....X.......X...",
                "hat": "x.x.x.x.x.x.x.x.",
                "shaker": "oxoxoxoxoxoxoxox",
            },
        ),
        (
            Part("bass", ("synth bass",), ("1-..1.7-8...5.7.", "1--1..8.1-..7-5-"), 34, (0, 4)),
            Part(
                "strum",
                ("clean guitar", "clavinet"),
                ("....mxm...m.mx..", "..xm..x...xm..x."),
                57,
                (-12, -6),
                0.6,
            ),
            Part("melody", ("synth lead",), ("x-------x-x-x---|--------........",), 84, (-9, -4), 0.8, 0.7),
            Part("melody", ("rapper",), _RAP, 50, (-3, 2), presence=0.9),
        ),
        swing=(0.5, 0.57),
        swing_unit=0.5,
        kits=("machine", "dry"),
        drums=(0, 3),
        fills=0.1,
        production=_SAMPLED,
    ),
)
