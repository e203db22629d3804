"""Text as its reader may trust it: without characters that show nothing, yet reorder or hide what is around them.

Registries and addresses may hold any of Unicode. Whatever leaves this program as text passes here; only a trial's
stored document, `/trials/{registry_id}.json`, is sent as it was received.
"""

import re

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
# Unicode TR 36, bidirectional text spoofing. The overrides and isolates can make a text read as another one. The
# three plain marks (U+061C, U+200E, U+200F) move punctuation only; letters of Hebrew or Arabic carry their direction
# themselves, so they go too.
_DIRECTION_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Zero width space and word joiner, invisible operators, byte order mark, annotation anchors, noncharacters, and the
# tag characters, in which a whole hidden text can be written. The joiners U+200C and U+200D stay: they are
# part of Persian and Indic words and of emoji.
_INVISIBLE = r"\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
_UNWANTED = re.compile(f"[{_CONTROLS}{_DIRECTION_MARKS}{_INVISIBLE}]")
_ODD_IN_ASCII = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL = re.compile(f"[{_CONTROLS}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

# The blocks of scripts that run from right to left: Hebrew to Arabic Extended, their presentation forms, and those
# beyond the Basic Multilingual Plane.
_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def visible(text: str) -> str:
    """Remove what a reader cannot see; every kind of line end becomes a newline, tabs stay."""
    # Either is much quicker than looking through long texts three times; no character looked for below is printable.
    if text.isprintable() or (text.isascii() and not _ODD_IN_ASCII.search(text)):
        return text
    text = _LINE_ENDS.sub("\n", text)
    return _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text))


def visible_words(text: str, longest: int | None = None) -> str:
    """Make what was typed or came with an address one line of words, cut after `longest` characters."""
    return " ".join(visible(_CONTROL.sub(" ", text)).split())[:longest]


def runs_right_to_left(text: str) -> bool:
    """True where the text holds letters of a script that is written from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None
