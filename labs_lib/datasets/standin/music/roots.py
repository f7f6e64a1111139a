"""Recipes of blues and country for the stand-in of GTZAN."""

from __future__ import annotations

from labs_lib.datasets.standin.music.melodies import BLUESY, SUNG, THREE
from labs_lib.datasets.standin.music.style import Part, Production, Style

_JUKE_JOINT = Production(
    (0.2, 0.7),
    (-22, -13),
    (60, 130),
    (3200, 5200),
    (-0.8, 0.2),
    (4, 10),
    snr=(22, 36),
    crackle=(0, 4),
    level=(-19, -15),
)

_OLD_RECORD = Production(
    (0.2, 0.7),
    (-24, -14),
    (80, 180),
    (2800, 4800),
    (-0.5, 0.4),
    (2, 10),
    snr=(18, 30),
    crackle=(0, 14),
    level=(-20, -15),
)

_NASHVILLE = Production(
    (0.4, 1.2), (-20, -12), (50, 100), (8500, 10_600), (0.8, 1.8), (0, 4), snr=(42, 60), level=(-17, -13)
)

_TWELVE = (
    "I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
    "I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 I7",
    "I7 IV7 I7 I7 IV7 IV7 I7 VI7 II7 V7 I7/VI7 II7/V7",
)

_BLUES_SCALES = ("blues", "blues", "minor pentatonic", "mixolydian")

BLUES = (
    Style(  # shuffle of a band
        (92, 136),
        _TWELVE,
        _BLUES_SCALES,
        (
            {"hat": "xoxoxoxo", "snare": "..X...X.", "kick": "X...X..o"},
            {"ride": "x.xxx.xx", "snare": "..X..oX.", "kick": "X.o.X.o."},
            {"hat": "x.xxx.xx", "snare": "..X...Xo", "kick": "X..xX..x"},
        ),
        (
            Part(
                "bass",
                ("upright bass", "finger bass"),
                ("1-3-5-6-|8-6-5-3-", "1-1-5-6-", "1-5-6-5-"),
                36,
                (-3, 2),
            ),
            Part(
                "dyads",
                ("electric guitar", "acoustic guitar"),
                ("5566|7766", "55665566"),
                45,
                (-9, -4),
                0.7,
                drive=(8, 18),
            ),
            Part("chords", ("piano", "organ"), (".x...x..", "..x-..x-", "x..x..x."), 62, (-10, -4), 0.75),
            Part(
                "melody",
                ("harmonica", "lead guitar", "singer"),
                BLUESY,
                70,
                (-5, 1),
                presence=0.85,
                drive=(4, 16),
            ),
        ),
        swing=(0.61, 0.68),
        production=_JUKE_JOINT,
    ),
    Style(  # slow blues, twelve eighths a bar
        (54, 74),
        _TWELVE,
        _BLUES_SCALES,
        (
            {"hat": "xooxooxooxoo", "snare": "...X.....X..", "kick": "X....xX....."},
            {"ride": "x.xx.xx.xx.x", "snare": "...X.....X..", "kick": "X.....X....x"},
        ),
        (
            Part(
                "bass",
                ("finger bass", "upright bass"),
                ("1-----5--6-5", "1--1--5--5--", "1----13--5--"),
                36,
                (-3, 2),
            ),
            Part("chords", ("piano", "electric piano"), ("xxxxxxxxxxxx", "..xx-.....x-"), 64, (-10, -5), 0.7),
            Part("chords", ("organ", "brass"), ("x-----------", "......x-----"), 60, (-14, -8), 0.6),
            Part(
                "melody",
                ("lead guitar", "singer", "saxophone"),
                ("..xxx-x-----|............", "x-xxxxx-----|......x-x-x-", ".....xx-x---|x-----......"),
                70,
                (-4, 2),
                presence=0.9,
                drive=(6, 18),
            ),
        ),
        production=_JUKE_JOINT,
    ),
    Style(  # one guitar, one voice
        (78, 118),
        _TWELVE,
        _BLUES_SCALES,
        ({"stomp": "x.x.x.x."}, {"stomp": "X...x..."}),
        (
            Part("bass", ("acoustic guitar",), ("1.1.1.1.", "1.5.1.5.", "1-1-5-5-"), 43, (-2, 2)),
            Part("arpeggio", ("acoustic guitar",), (".3.4.3.4", "..34..3.", ".4.3.45."), 58, (-4, 1)),
            Part("melody", ("slide guitar", "singer", "harmonica"), BLUESY, 67, (-2, 3)),
        ),
        swing=(0.55, 0.67),
        drums=(-14, -6),
        production=_OLD_RECORD,
    ),
)

_COUNTRY_CHORDS = ("I I IV I I I V7 V7", "I IV I V7 I IV V7 I", "I I IV IV V7 V7 I I", "I VIm IV V7")

COUNTRY = (
    Style(  # train beat
        (100, 142),
        _COUNTRY_CHORDS,
        ("major pentatonic", "major", "mixolydian"),
        (
            {"snare": "ooXoooXoooXoooXo", "kick": "x.......x......."},
            {"snare": "oXoooXoXooXoooXo", "kick": "x...x...x...x..."},
            {"snare": "..X...X.", "hat": "xoxoxoxo", "kick": "X...X..."},
        ),
        (
            Part(
                "bass",
                ("upright bass", "finger bass"),
                ("1---5---", "1-..5-..", "1---5---|1---5-3-"),
                38,
                (-4, 1),
            ),
            Part("strum", ("acoustic guitar",), ("..x-..x-", "..xo..xo", "o.x.o.xo"), 48, (-7, -2)),
            Part(
                "melody",
                ("twang guitar", "fiddle", "banjo"),
                ("xxx-xxx-|xxxxx---", "x-xxx-x-|x-x-....", "..xxxxxx|x-x-x---"),
                70,
                (-6, 0),
                0.9,
                0.6,
            ),
            Part(
                "arpeggio",
                ("banjo", "twang guitar"),
                ("13241324", "1323132313231323"),
                62,
                (-12, -6),
                0.5,
                0.7,
            ),
            Part("melody", ("singer",), SUNG, 64, (-4, 1), 0.8, 0.75),
        ),
        swing=(0.5, 0.56),
        kits=("dry", "acoustic", "brushes"),
        drums=(-8, -2),
        production=_NASHVILLE,
    ),
    Style(  # waltz with pedal steel
        (84, 126),
        _COUNTRY_CHORDS,
        ("major pentatonic", "major"),
        ({"kick": "x.....", "snare": "..o.o.", "hat": "x.x.x."}, {"kick": "X.....", "rim": "..x.x."}),
        (
            Part("bass", ("upright bass", "finger bass"), ("1-----|5-----", "1-----"), 38, (-3, 1)),
            Part("strum", ("acoustic guitar", "nylon guitar"), ("..x-x-", "..x.xo"), 48, (-7, -2)),
            Part("chords", ("pedal steel", "strings"), ("x-----",), 62, (-11, -5), 0.8, 0.8),
            Part("melody", ("pedal steel", "fiddle", "twang guitar"), THREE, 71, (-6, 0), 0.8, 0.6),
            Part("melody", ("singer",), THREE, 63, (-3, 1), 0.85, 0.8),
        ),
        beats=3,
        kits=("brushes", "dry"),
        drums=(-10, -4),
        production=_NASHVILLE,
    ),
    Style(  # honky-tonk shuffle
        (104, 148),
        _COUNTRY_CHORDS,
        ("major pentatonic", "mixolydian"),
        (
            {"hat": "x.xxx.xx", "snare": "..X...X.", "kick": "X...X..."},
            {"ride": "xoxoxoxo", "snare": "..X...Xo", "kick": "x.x.x.x."},
        ),
        (
            Part("bass", ("upright bass", "picked bass"), ("1---5---", "1-3-5-6-"), 38, (-3, 1)),
            Part("strum", ("acoustic guitar", "twang guitar"), ("..x...x.", "..x-..xo"), 48, (-7, -2)),
            Part("chords", ("piano",), ("..x...x.", ".xx..xx."), 64, (-10, -5), 0.8),
            Part(
                "melody",
                ("fiddle", "twang guitar", "pedal steel", "singer"),
                SUNG,
                69,
                (-4, 1),
                presence=0.85,
            ),
        ),
        swing=(0.58, 0.66),
        kits=("dry", "acoustic"),
        drums=(-6, 0),
        production=_NASHVILLE,
    ),
)
