"""Draws the bitmap pictures again from static/icon.svg: `python -m tests.browser.pictures static`.

favicon.ico is for browsers and bookmarks that take no SVG; card.png is the picture of link previews.
"""

import struct
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import chromium

ICON_SIZES = (16, 32, 48)
CARD_SIZE = (1200, 630)

_ICON = "<style>*{margin:0}svg{display:block;width:100vw;height:100vh}</style>{icon}"
_CARD = """<style>
  * { margin: 0 }
  body { display: grid; place-content: center; width: 1200px; height: 630px; background: #0a5a66; color: #fff;
    font-family: sans-serif; text-align: center }
  svg { width: 200px; height: 200px; margin: 0 auto 32px }
  h1 { font-size: 88px }
  p { margin-top: 16px; font-size: 36px }
</style>{icon}<h1>Trialmark</h1><p>Clinical trials, complete and readable</p>"""


def draw(folder: Path) -> None:
    icon = (folder / "icon.svg").read_text(encoding="utf-8")
    with chromium() as browser:
        icons = [_picture(browser, _ICON.replace("{icon}", icon), (size, size)) for size in ICON_SIZES]
        (folder / "favicon.ico").write_bytes(ico(ICON_SIZES, icons))
        (folder / "card.png").write_bytes(_picture(browser, _CARD.replace("{icon}", icon), CARD_SIZE))


def ico(sizes: tuple[int, ...], pictures: list[bytes]) -> bytes:
    """Pack PNGs into an icon file: a header, an entry of sixteen bytes for each picture, then the pictures."""
    header = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(header) + 16 * len(pictures)
    entries = b""
    for size, picture in zip(sizes, pictures, strict=True):
        entries += struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return header + entries + b"".join(pictures)


def _picture(browser: Browser, markup: str, size: tuple[int, int]) -> bytes:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_content(markup)
    picture = page.screenshot(omit_background=True)
    page.close()
    return picture


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.browser.pictures static")
    draw(Path(sys.argv[1]))
