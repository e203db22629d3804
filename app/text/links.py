"""Checks that decide which addresses of a record become links. An address that fails stays on the page as text.

Anyone may register a trial, so an address in a record comes from a stranger. A reader's click must lead where the text
says and nowhere else: to a web page, a mailbox, or one telephone.
"""

import re
from urllib.parse import urlsplit

from app.text.visible import visible

_LONGEST_LINK = 2_000
_UNSAFE_IN_LINK = re.compile(r'[\s\\<>"]')
_DEVIATIONS = re.compile("[ßς\u200c\u200d]")
"""Browsers and Python convert these differently in a host name, so a name with one may lead to another site."""
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_PUBLIC_HOST = re.compile(
    rf"(?:{_LABEL}\.)+(?!(?:local|localhost|internal|intranet|lan)\.?$)[a-z][a-z0-9-]{{0,61}}[a-z0-9]\.?"
)
"""A host name with a dot that ends in a name: no IP address in any notation, no machine on the reader's own network."""

_MAILBOX = re.compile(
    r"(?P<local>[A-Za-z0-9_+](?:[A-Za-z0-9_+'~=.-]{0,62}[A-Za-z0-9_+'~=-])?)"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)
_LONGEST_MAILBOX = 254

_PHONE = re.compile(r"[(\s]*\+?[0-9\s().\u2010-\u2013-]*")
"""Digits and the characters that group them; no letters, and no slash or comma, which may separate two numbers."""
_FEWEST_DIGITS, _MOST_DIGITS = 3, 15  # ITU-T E.164


def web_link(url: str | None) -> str:
    """Return the address if a link may lead there, with the host name as ASCII; else an empty text.

    Links may lead to http or https on a public host name, without a user before it:
    `https://registry.example@evil.example` is a page of evil.example.
    """
    url = (url or "").strip()
    if not url or len(url) > _LONGEST_LINK or _UNSAFE_IN_LINK.search(url) or visible(url) != url:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError:  # an invalid port or IPv6 address, or a name that IDNA cannot encode
        return ""
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _PUBLIC_HOST.fullmatch(host):
        return ""
    if host == parts.hostname:
        return url
    return parts._replace(netloc=host if port is None else f"{host}:{port}").geturl()


def mail_link(email: str | None) -> str:
    """Return the address to put behind `mailto:` if the text is one mailbox and nothing else; else an empty text."""
    email = (email or "").strip()
    is_mailbox = len(email) <= _LONGEST_MAILBOX and _MAILBOX.fullmatch(email) and ".." not in email
    return email if is_mailbox else ""


def phone_link(phone: str | None) -> str:
    """Return the number to put behind `tel:` if the text is one number in digits; else an empty text.

    A number in letters ("1-800-CANCER") and two numbers in one text would dial something else.
    """
    phone = (phone or "").strip()
    number = "".join(character for character in phone if character in "+0123456789")
    is_one = _PHONE.fullmatch(phone) and _FEWEST_DIGITS <= len(number.lstrip("+")) <= _MOST_DIGITS
    return number if is_one else ""


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host
    if _DEVIATIONS.search(host):
        return ""
    return host.encode("idna").decode("ascii")
