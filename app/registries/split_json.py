"""Cuts a long JSON answer into the elements of its one long list, without reading the elements.

An element that no parser would take (nested 100,000 deep, `NaN`, half a surrogate pair) comes out by itself, and so do
its neighbors. Memory is bounded by the largest element that is let through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KEPT_OF_TOO_LARGE = 64 << 10
"""Bytes of an element that is too large: enough to tell which one it was."""

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_NO_BRACKETS = re.compile(rb'(?s)(?:[^"{}\[\]]++|%s)*+' % _STRING)
"""Everything up to the next bracket outside of strings, or to the quote of a string whose end has not arrived."""
_TOKEN = re.compile(rb'(?s)%s|["{}\[\]]' % _STRING)
"""A whole string, a bracket, or the quote of a string whose end has not arrived."""
_REST_OF_STRING = re.compile(rb'(?s)(?:[^"\\]++|\\.)*+')


@dataclass(frozen=True, slots=True)
class Element:
    data: bytes
    """As received; only the beginning where it is too large."""
    is_too_large: bool = False


class Splitter:
    """Takes an answer in pieces and hands out the elements of the list that is the outermost object's `member`.

    `envelope` is the answer with that list emptied. `is_complete` tells whether the last bracket has arrived.
    """

    def __init__(self, member: str, largest: int) -> None:
        """`largest` is the size in bytes up to which an element is handed out whole."""
        self.envelope = bytearray()
        self.is_complete = False
        self._key = b'"%s"' % member.encode()
        self._largest = largest
        self._buffer = bytearray()
        self._at = 0  # up to here the buffer is understood
        self._depth = 0
        self._key_end = -1  # where the list's key ended, if it was the last token
        self._is_in_list = False
        self._is_in_element = False  # then the buffer begins with the element, unless it is too large
        self._is_in_string = False
        self._too_large: bytes | None = None  # the beginning of the present element
        self._has_begun = False

    def feed(self, piece: bytes) -> Iterator[Element]:
        """Hand out the elements that end with this piece."""
        self._buffer += piece
        if not self._has_begun and len(self._buffer) >= len(_BYTE_ORDER_MARK):
            self._has_begun = True
            if self._buffer.startswith(_BYTE_ORDER_MARK):
                self._forget(len(_BYTE_ORDER_MARK))
        while token := self._token_in_list() if self._is_in_list else self._token_outside():
            yield from self._take(token)
        yield from self._drop_understood()

    def rest(self) -> bytes:
        """The beginning of an element whose end never arrived."""
        return self._too_large or bytes(self._buffer[:_KEPT_OF_TOO_LARGE])

    def _token_in_list(self) -> bytes:
        """Pass on to the next bracket outside of strings and return it; nothing where it has not arrived."""
        if self._is_in_string and not self._ends_string():
            return b""
        run = _NO_BRACKETS.match(self._buffer, self._at)
        self._at = run.end() if run else self._at
        symbol = bytes(self._buffer[self._at : self._at + 1])
        self._at += len(symbol)
        if symbol == b'"':
            self._is_in_string = True
            return self._token_in_list()
        return symbol

    def _ends_string(self) -> bool:
        rest = _REST_OF_STRING.match(self._buffer, self._at)
        self._at = rest.end() if rest else self._at
        if self._buffer[self._at : self._at + 1] != b'"':
            return False
        self._at += 1
        self._is_in_string = False
        return True

    def _token_outside(self) -> bytes:
        """Pass on to the next bracket or whole string and return it; nothing where it has not arrived."""
        token = _TOKEN.search(self._buffer, self._at)
        if token is None or token[0] == b'"':
            return b""
        self._at = token.end()
        return token[0]

    def _take(self, token: bytes) -> Iterator[Element]:
        key_end, self._key_end = self._key_end, -1
        if token in (b"{", b"["):
            begin = self._at - 1
            if self._is_in_list and self._depth == 2:
                yield from self._others(begin)
                self._is_in_element = True
            elif token == b"[" and key_end >= 0 and self._buffer[key_end:begin].strip() == b":":
                self._is_in_list = True
                self._put_into_envelope()
            self._depth += 1
        elif token in (b"}", b"]"):
            self._depth -= 1
            self.is_complete = self._depth == 0
            if self._is_in_element and self._depth == 2:
                yield self._whole_element()
            elif self._is_in_list and self._depth == 1:
                yield from self._others(self._at - 1)
                self._is_in_list = False
        elif self._depth == 1 and token == self._key:
            self._key_end = self._at

    def _whole_element(self) -> Element:
        data, is_too_large = self._too_large, True
        if data is None:
            is_too_large = self._at > self._largest
            data = bytes(self._buffer[: _KEPT_OF_TOO_LARGE if is_too_large else self._at])
        self._too_large, self._is_in_element = None, False
        self._forget(self._at)
        return Element(data, is_too_large)

    def _others(self, end: int) -> Iterator[Element]:
        """Hand out what stands between the objects of the list and is none: `null`, a number, a text."""
        between = bytes(self._buffer[:end])
        self._forget(end)
        for other in between.split(b","):
            if stripped := other.strip():
                yield Element(stripped[:_KEPT_OF_TOO_LARGE], len(stripped) > self._largest)

    def _drop_understood(self) -> Iterator[Element]:
        """Keep no more than may be handed out still."""
        if not self._is_in_list and self._key_end < 0:
            self._put_into_envelope()
        elif self._is_in_list and self._at > self._largest:
            beginning = bytes(self._buffer[:_KEPT_OF_TOO_LARGE])
            self._forget(self._at)
            if not self._is_in_element:
                yield Element(beginning, is_too_large=True)
            elif self._too_large is None:
                self._too_large = beginning

    def _put_into_envelope(self) -> None:
        self.envelope += self._buffer[: self._at]
        self._forget(self._at)

    def _forget(self, length: int) -> None:
        del self._buffer[:length]
        self._at = max(self._at - length, 0)
