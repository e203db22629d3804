"""Removal of characters that readers cannot see but that reorder or hide the text around them.

Registry records and addresses may contain any Unicode character. All text that leaves this program passes through here;
only a trial's stored document, `/trials/{registry_id}.json`, is sent as it was received.
"""

import re

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
# Unicode TR 36, bidirectional text spoofing. The overrides and isolates can make a text read as another one. The
# three plain marks (U+061C, U+200E, U+200F) only move punctuation. They are removed too, because Hebrew and Arabic
# letters have a direction without them.
_DIRECTION_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Zero width space and word joiner, invisible operators, byte order mark, annotation anchors, noncharacters, and the
# tag characters, which can spell a whole hidden text. The joiners U+200C and U+200D stay, because they are part of
# Persian and Indic words and of emoji.
_INVISIBLE = r"\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
_UNWANTED = re.compile(f"[{_CONTROLS}{_DIRECTION_MARKS}{_INVISIBLE}]")
_ODD_IN_ASCII = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL = re.compile(f"[{_CONTROLS}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

# Unicode blocks of right-to-left scripts: Hebrew to Arabic Extended, their presentation forms, and the blocks beyond
# the Basic Multilingual Plane.
_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def visible(text: str) -> str:
    """Remove what a reader cannot see; every kind of line end becomes a newline, tabs stay."""
    # Either check is much faster than three searches of a long text; none of the characters searched for is printable.
    if text.isprintable() or (text.isascii() and not _ODD_IN_ASCII.search(text)):
        return text
    text = _LINE_ENDS.sub("\n", text)
    return _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text))


def visible_words(text: str, longest: int | None = None) -> str:
    """Turn text that was typed or came with an address into one line of words, cut after `longest` characters."""
    return " ".join(visible(_CONTROL.sub(" ", text)).split())[:longest]


def runs_right_to_left(text: str) -> bool:
    """Tell whether the text has letters of a right-to-left script."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None
