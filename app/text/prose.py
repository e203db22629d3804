"""Registry text made safe to show: `prose` turns Markdown fields into HTML, `line` one-line fields into text.

Registries write CommonMark with backslash escapes. Nothing a reader could misread may change on the way: a
comparator, a digit, an exponent. Templates print what these two return.
"""

import re
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup
from nh3 import Cleaner

from app.text.links import web_link
from app.text.visible import visible

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

# Markup that needs the Markdown parser, which is slow. Escapes do not need it: the plain path resolves them too.
_MARKUP = re.compile(
    r"""
      (?<!\\)[*_`\[]              # emphasis, code, links
    | (?<!\\)<[A-Za-z]            # <https://...>
    | (?<!\\)&[#A-Za-z]           # &gt;
    | \|                          # tables
    | \\$                         # a hard line break
    | ^[ \t]*(?: [-+•·●▪◦][ \t]   # lists
               | \d{1,9}[.)][ \t]
               | \#{1,6}[ \t]     # headings
               | ~~~
               | [-:][-: \t]*$    # rules
             )
    """,
    re.VERBOSE | re.MULTILINE,
)
# Three times the longest text that the registry accepts (32,000 characters). Longer texts are shown as plain
# paragraphs, because a hostile text can hold the parser for 20 microseconds a character.
_LONGEST_MARKDOWN = 100_000
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
# The registry's converter puts an empty comment between two lists that would otherwise run together.
_LIST_SEPARATOR = "<p>&lt;!-- --&gt;</p>\n"
_BULLET = re.compile(r"^([ \t]*)[•·●▪◦](?=[ \t])", re.MULTILINE)

# An exponent follows its caret at once: `10^9`, `10^-3`, `m^2`. A decimal, a fraction or a tower of powers is
# left as written rather than half raised; so is a caret inside an address or between backticks.
_POWER = re.compile(
    r"""
      (?: https?:// | www\. )\S+
    | `[^`]*`
    | (?P<base> (?<![\d^])\d{1,12} | (?<![^\W\d_])[^\W\d_]{1,24} | [)\]] )
      \^ (?P<exponent> [-+\u2212\u2013]?\d{1,3} ) (?! [\d^] | [.,/]\d )
    """,
    re.VERBOSE,
)
_SUPERSCRIPTS = str.maketrans("0123456789+-\u2212\u2013", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")


def line(text: str) -> str:
    """Turn a one-line field (title, arm label, time frame) into plain text for the template to escape."""
    text = " ".join(visible(text).split())
    text = _ESCAPE.sub(r"\1", text) if "\\" in text else text
    return _POWER.sub(_raised, text) if "^" in text else text


def prose(text: str) -> Markup:
    """Turn a Markdown field into sanitized HTML.

    Headings become strong paragraphs, so that they stay out of the page's outline; images become links, and HTML is
    shown as text. A line break in the source is a line break on the page.
    """
    text = visible(text)
    if len(text) <= _LONGEST_MARKDOWN and _MARKUP.search(text):
        html: str = _MARKDOWN.render(_BULLET.sub(r"\1*", text))
        safe = _CLEANER.clean(html.replace(_LIST_SEPARATOR, ""))
        return Markup(safe.strip())  # noqa: S704  sanitized on the line above
    paragraphs = (_plain(paragraph) for paragraph in _BLANK_LINES.split(text.strip()) if paragraph)
    return Markup("\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))  # noqa: S704  escaped in _plain


def _plain(paragraph: str) -> str:
    lines = (_html(_ESCAPE.sub(r"\1", part.strip())) for part in paragraph.split("\n"))
    return "<br>\n".join(lines)


def _html(text: str) -> str:
    text = escape(text, quote=False)
    return _POWER.sub(_raised_in_html, text) if "^" in text else text


def _raised(power: re.Match[str]) -> str:
    base, exponent = power["base"], power["exponent"]
    return base + exponent.translate(_SUPERSCRIPTS) if base else power[0]


def _raised_in_html(power: re.Match[str]) -> str:
    return f'<data value="{power[0]}">{_raised(power)}</data>' if power["base"] else power[0]


class _Renderer(RendererHTML):
    def text(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return _html(tokens[idx].content)

    def heading_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return "<p><strong>"

    def heading_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return "</strong></p>\n"


_PRODUCT = re.compile(r"\d\*\d")


def _keep_product_sign(state: StateInline, silent: bool) -> bool:
    """Keep the signs in `3*10^9/L to 10*10^9/L`, two products; CommonMark would read emphasis and drop both."""
    around = state.src[max(state.pos - 1, 0) : state.pos + 2]
    if not _PRODUCT.fullmatch(around):
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _markdown() -> MarkdownIt:
    options = {"html": False, "breaks": True, "xhtmlOut": False, "maxNesting": 40}
    markdown = MarkdownIt("commonmark", options, renderer_cls=_Renderer).enable("table")
    # Each of these rules would remove characters that registry text means literally: `> 18 years`, four spaces before
    # a list, a line above dashes, `[1]: a citation`, an image's exclamation mark.
    markdown.disable(["blockquote", "code", "lheading", "reference", "image"])
    markdown.inline.ruler.before("emphasis", "product_sign", _keep_product_sign)
    # The documented way to restrict links; a rejected link stays text.
    markdown.validateLink = lambda url: bool(web_link(url))  # type: ignore[method-assign]  # mypy takes it for a method
    return markdown


_MARKDOWN = _markdown()
_BLOCKS = {"p", "ul", "ol", "li", "pre", "hr"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_INLINE = {"strong", "em", "code", "a", "br", "data"}
_CLEANER = Cleaner(
    tags=_BLOCKS | _TABLES | _INLINE,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "data": {"value"}},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="noopener nofollow",
)
