"""Splits a long JSON answer into the elements of its one long list, without parsing the elements.

An element that a parser would reject (nested 100,000 levels deep, `NaN`, half a surrogate pair) does not affect its
neighbors. Memory is bounded by the size of the largest element that is allowed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KEPT_BYTES = 64 << 10
"""Bytes kept of an element that is too large: enough to identify it."""

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_NO_BRACKETS = re.compile(rb'(?s)(?:[^"{}\[\]]++|%s)*+' % _STRING)
"""Matches up to the next bracket outside of strings, or up to the opening quote of an incomplete string."""
_TOKEN = re.compile(rb'(?s)%s|["{}\[\]]' % _STRING)
"""Matches a whole string, a bracket, or the opening quote of an incomplete string."""
_REST_OF_STRING = re.compile(rb'(?s)(?:[^"\\]++|\\.)*+')


@dataclass(frozen=True, slots=True)
class Element:
    data: bytes
    """The bytes as received; only the first of them if the element is too large."""
    is_too_large: bool = False


class Splitter:
    """Takes an answer in pieces and yields the elements of the list at the key `member` of the outermost object.

    `envelope` is the answer with that list emptied. `is_complete` tells whether the last bracket has arrived.
    """

    def __init__(self, member: str, largest: int) -> None:
        """Prepare to split; an element of more than `largest` bytes is cut off."""
        self.envelope = bytearray()
        self.is_complete = False
        self._key = b'"%s"' % member.encode()
        self._largest = largest
        self._buffer = bytearray()
        self._position = 0  # the buffer is processed up to here
        self._depth = 0
        self._key_end = -1  # end of the list's key if that was the last token, else -1
        self._is_in_list = False
        self._is_in_element = False  # if so, the buffer begins with the element, unless it is too large
        self._is_in_string = False
        self._too_large: bytes | None = None  # the beginning of the current element, if that is too large
        self._has_begun = False

    def feed(self, piece: bytes) -> Iterator[Element]:
        """Yield the elements that this piece completes."""
        self._buffer += piece
        if not self._has_begun and len(self._buffer) >= len(_BYTE_ORDER_MARK):
            self._has_begun = True
            if self._buffer.startswith(_BYTE_ORDER_MARK):
                self._discard(len(_BYTE_ORDER_MARK))
        while token := self._token_in_list() if self._is_in_list else self._token_outside():
            yield from self._process(token)
        yield from self._drop_processed()

    def rest(self) -> bytes:
        """Return the beginning of an element whose end never arrived."""
        return self._too_large or bytes(self._buffer[:_KEPT_BYTES])

    def _token_in_list(self) -> bytes:
        """Advance to the next bracket outside of strings and return it; return b"" if it has not arrived."""
        if self._is_in_string and not self._skip_string():
            return b""
        run = _NO_BRACKETS.match(self._buffer, self._position)
        self._position = run.end() if run else self._position
        symbol = bytes(self._buffer[self._position : self._position + 1])
        self._position += len(symbol)
        if symbol == b'"':
            self._is_in_string = True
            return self._token_in_list()
        return symbol

    def _skip_string(self) -> bool:
        rest = _REST_OF_STRING.match(self._buffer, self._position)
        self._position = rest.end() if rest else self._position
        if self._buffer[self._position : self._position + 1] != b'"':
            return False
        self._position += 1
        self._is_in_string = False
        return True

    def _token_outside(self) -> bytes:
        """Advance to the next bracket or whole string and return it; return b"" if it has not arrived."""
        token = _TOKEN.search(self._buffer, self._position)
        if token is None or token[0] == b'"':
            return b""
        self._position = token.end()
        return token[0]

    def _process(self, token: bytes) -> Iterator[Element]:
        key_end, self._key_end = self._key_end, -1
        if token in (b"{", b"["):
            begin = self._position - 1
            if self._is_in_list and self._depth == 2:
                yield from self._other_elements(begin)
                self._is_in_element = True
            elif token == b"[" and key_end >= 0 and self._buffer[key_end:begin].strip() == b":":
                self._is_in_list = True
                self._move_to_envelope()
            self._depth += 1
        elif token in (b"}", b"]"):
            self._depth -= 1
            self.is_complete = self._depth == 0
            if self._is_in_element and self._depth == 2:
                yield self._whole_element()
            elif self._is_in_list and self._depth == 1:
                yield from self._other_elements(self._position - 1)
                self._is_in_list = False
        elif self._depth == 1 and token == self._key:
            self._key_end = self._position

    def _whole_element(self) -> Element:
        data, is_too_large = self._too_large, True
        if data is None:
            is_too_large = self._position > self._largest
            data = bytes(self._buffer[: _KEPT_BYTES if is_too_large else self._position])
        self._too_large, self._is_in_element = None, False
        self._discard(self._position)
        return Element(data, is_too_large)

    def _other_elements(self, end: int) -> Iterator[Element]:
        """Yield elements of the list that are not objects: `null`, numbers, texts."""
        between = bytes(self._buffer[:end])
        self._discard(end)
        for other in between.split(b","):
            if stripped := other.strip():
                yield Element(stripped[:_KEPT_BYTES], len(stripped) > self._largest)

    def _drop_processed(self) -> Iterator[Element]:
        """Drop the processed part of the buffer, except for what may still be yielded."""
        if not self._is_in_list and self._key_end < 0:
            self._move_to_envelope()
        elif self._is_in_list and self._position > self._largest:
            beginning = bytes(self._buffer[:_KEPT_BYTES])
            self._discard(self._position)
            if not self._is_in_element:
                yield Element(beginning, is_too_large=True)
            elif self._too_large is None:
                self._too_large = beginning

    def _move_to_envelope(self) -> None:
        self.envelope += self._buffer[: self._position]
        self._discard(self._position)

    def _discard(self, length: int) -> None:
        del self._buffer[:length]
        self._position = max(self._position - length, 0)
