"""Rhythms of melodies for the stand-in of GTZAN, as patterns of one or two bars; each track chooses some."""

from __future__ import annotations

SUNG = (
    "..x-x-x-|x---....",
    "x-x-x-x-|x-----..",
    "....x-x-|x-x---..",
    "x---x-x-|..x-x-..",
    ".x-xx-x-|x-------",
)
BLUESY = (
    "..xxx-x-|x-......",
    "x-xxx---|........",
    "....x-xx|x-x-....",
    "xxx-x---|..x-x-..",
    "........|x-xxx-x-",
)
SWUNG = (
    "x-xxxxxx|xxx-....",
    ".xxxx-xx|.xx-x-..",
    "xxxxxxx-|..xxxxx-",
    "x--xx--x|-xxx....",
    "....xxxx|xxxxx---",
)
LYRICAL = (
    "x---x-x-|x-x-x---",
    "x-----x-|x---x---",
    "x-x-x-x-|x-------",
    "x--xx-x-|x---x-x-",
    "x-xxx-x-|x-x-x---",
)
RUNNING = ("xxxxxxxxxxxxxxxx", "x-xxx-xxx-xxxxxx", "xxxxx-x-xxxxx-x-", "x-x-xxxxx-x-xxxx")
THREE = ("x---x-|x-x-x-|x---x-|x-----", "x-x-x-|x---x-|x-xxx-|x-----", "x---x-|x-----", "x--xx-|x---x-")
