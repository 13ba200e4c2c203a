"""The one sanitiser: what it lets through it lets through again, and nothing else."""

from __future__ import annotations

import re
import time
import unicodedata
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.markup import ATTRIBUTES, BLOCKS, INLINE, clean, paragraphs, plain, to_text

# Pieces that sanitisers stumble over, in any order and number.
PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<p dir=rtl>", "<h1>", "</h1>", "<h2>", "<b>", "</b>", "<i>", "<strong>"),
        *("<ul>", "<li>", "</li>", "<ol>", "<blockquote>", "</blockquote>", "<br>", "<br/>"),
        *("<div>", "</div>", "<table>", "<tr>", "<td>", "</table>", "<span lang='fr'>", "</span>"),
        *("<a href='https://valdora.example/'>", "<a href=//evil.example>", "</a>", "<a name=x>"),
        *("<a href='javascript:alert(1)'>", "<a href=' java\tscript:x'>", "<a href='data:x'>"),
        *("<script>", "</script>", "<style>", "</style>", "<svg>", "<math>", "<mtext>", "<title>"),
        *("<noscript>", "<template>", "</template>", "<textarea>", "<plaintext>", "<![CDATA["),
        *("<!--", "-->", "]]>", "<?xml:namespace ?>", "<o:p>", "</o:p>", "<math><mi><style>"),
        *("<img src=x onerror=alert(1)>", "<p onclick='alert(1)'>", "<p style='color:red'>"),
        *("&lt;", "&gt;", "&amp;", "&nbsp;", "&#8238;", "&#x202e;", "&#xfeff;", "&shy;", "&#0;"),
        *("\u202e", "\u200b", "\u00ad", "\ufeff", "\x00", "\x1b", "\r\n", "\u0065\u0301"),
        *("<", ">", "&", '"', "'", " ", "\n", "مرحبا", "Dear Mr President,"),
    ]
)  # fmt: skip
HOSTILE = st.lists(PIECES | st.text(max_size=8), max_size=16).map("".join)


class Elements(HTMLParser):
    """Every element of some HTML with its attributes; anything else but text is noted."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def refuse(self, data: str) -> None:
        raise AssertionError(data)

    handle_comment = handle_decl = handle_pi = unknown_decl = refuse


def letters(text: str) -> str:
    """The text without any white space."""
    return "".join(text.split())


@given(HOSTILE)
def test_what_it_returns_it_returns_again(html):
    once = clean(html)
    assert clean(once) == once


@given(HOSTILE)
def test_it_lets_no_other_element_or_attribute_through(html):
    for tag, attributes in Elements(clean(html)).found:
        assert tag in BLOCKS | INLINE
        assert set(attributes) <= ATTRIBUTES.get(tag, set())
        href = attributes.get("href") or ""
        assert re.match(r"(https?|mailto|tel):|(?!//)[^:]*$", href.strip(), re.IGNORECASE)
        assert attributes.get("dir", "ltr") in ("ltr", "rtl", "auto")


@given(HOSTILE)
def test_its_result_is_normalised_and_has_nothing_unseen(html):
    html = clean(html)
    assert unicodedata.is_normalized("NFC", html)
    unseen = "[\x00-\x08\x0b-\x1f\x7f\xad\u200b\u202a-\u202e\u2066-\u2069\ufeff]"
    assert not re.search(unseen, html)
    assert not re.search(unseen, "".join(Elements(html).words))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(BLOCKS - {"ul", "ol", "li"})),
            st.sampled_from(["", "strong", "em", "sup", "sub", "span"]),
            st.text(max_size=30),
        ),
        max_size=6,
    )
)
def test_it_keeps_the_text_of_a_letter(blocks):
    html = ""
    for block, inline, text in blocks:
        inner = f"<{inline}>{escape(text)}</{inline}>" if inline else escape(text)
        html += f"<{block}>{inner}</{block}>"
    kept = "".join(letters(text) for text in paragraphs(clean(html)))
    assert kept == letters(plain("\n".join(text for *_, text in blocks)))


@given(st.text(max_size=200))
def test_text_that_is_escaped_comes_back_as_it_was_but_for_what_cannot_be_seen(text):
    assert letters(to_text(clean(f"<p>{escape(text)}</p>"))) == letters(plain(text))


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<meta name=Generator content="Microsoft Word 15"><title>Letter</title>
<style><!-- p.MsoNormal {margin:0cm; font-family:"Calibri",sans-serif;} --></style>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head>
<body lang=EN-GB style='word-wrap:break-word'><!--StartFragment-->
<p class=MsoNormal align=center style='text-align:center'><b><span lang=EN-GB
style='font-size:14.0pt'>Dear Mr President,<o:p></o:p></span></b></p>
<p class=MsoNormal><span style='mso-spacerun:yes'>&nbsp; </span>On your <i>national</i>
day I&nbsp;send you<br>my wishes.<o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>1.<![endif]>Peace</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal>10<sup>th</sup> of May <a href="https://valdora.example/">here</a></p>
<!--EndFragment--></body></html>"""


def test_a_paste_from_word_is_left_with_its_text_and_nothing_of_words():
    html = clean(WORD)
    assert not re.search(r"Mso|mso-|style|class|<o:|font|<!|if |xml|Letter", html)
    assert paragraphs(html) == [
        "Dear Mr President,",
        "On your national day I send you\nmy wishes.",
        "1.Peace",
        "10th of May here",
    ]
    assert "<em>national</em>" in html
    assert '<strong><span lang="EN-GB">Dear Mr President,</span></strong>' in html
    assert '<a href="https://valdora.example/">here</a>' in html


@pytest.mark.parametrize(
    ("pasted", "left"),
    [
        ("<p>One</p><script>alert(1)</script><p>Two</p>", "<p>One</p><p>Two</p>"),
        ("<p>One<style>p {}</style></p>", "<p>One</p>"),
        ('<p onclick="alert(1)" class="x" id="y" style="color: red">One</p>', "<p>One</p>"),
        ('<a href="javascript:alert(1)">One</a>', "<a>One</a>"),
        ('<a href="&#106;avascript:alert(1)">One</a>', "<a>One</a>"),
        ('<a href="data:text/html,x">One</a>', "<a>One</a>"),
        ('<a href="//evil.example/">One</a>', "<a>One</a>"),
        ('<a href="/\\evil.example/">One</a>', "<a>One</a>"),
        ('<a href="\\\\evil.example/">One</a>', "<a>One</a>"),
        ('<a href=" //evil.example/">One</a>', "<a>One</a>"),
        ('<a href="\t//evil.example/">One</a>', "<a>One</a>"),
        ('<a href="/\t/evil.example/">One</a>', "<a>One</a>"),
        (
            '<a href="mailto:press@valdora.example" target="_blank">One</a>',
            '<a href="mailto:press@valdora.example">One</a>',
        ),
        ("<h1>One</h1><h4>Two</h4>", "<h2>One</h2><h3>Two</h3>"),
        ("<p><b>One</b> <i>two</i></p>", "<p><strong>One</strong> <em>two</em></p>"),
        ('<p lang="ar" dir="rtl">مرحبا</p>', '<p lang="ar" dir="rtl">مرحبا</p>'),
        ('<p lang="x\'y" dir="up">One</p>', "<p>One</p>"),
        ("<p>One</p><p></p><p><strong></strong></p>", "<p>One</p>"),
        ('<img src="https://evil.example/x.gif">One', "One"),
        ("<iframe src=x></iframe><p>One</p>", "<p>One</p>"),
        ("<p>One \u202eowt\u202c two</p>", "<p>One owt two</p>"),
        ("<p>One &#8238;owt two</p>", "<p>One owt two</p>"),
        ("<p>zero\u200bwidth soft\u00adhyphen\ufeff</p>", "<p>zerowidth softhyphen</p>"),
        ("<p>Cafe\u0301</p>", "<p>Caf\u00e9</p>"),
        ("<p>نامه\u200cها</p>", "<p>نامه\u200cها</p>"),
        ("<p>1 &lt; 2 &amp; 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_this_is_what_is_left(pasted, left):
    assert clean(pasted) == left


def test_paragraphs_are_the_text_of_the_blocks():
    html = "<p>One\n  line</p><p>Two<br>lines</p><ul><li>A</li><li>B</li></ul><p> </p>"
    assert paragraphs(html) == ["One line", "Two\nlines", "A", "B"]
    assert to_text(html) == "One line\n\nTwo\nlines\n\nA\n\nB"


@pytest.mark.parametrize("text", ["", 'One & "two"'])
@pytest.mark.parametrize("tag", ["em", "table", "blockquote", "p", "svg", "li"])
def test_nesting_that_takes_the_sanitiser_too_long_leaves_the_text(tag, text):
    once = clean(escape(text) + f"<{tag}>" * 150 + f"</{tag}>" * 150)
    assert clean(once) == once
    assert to_text(once) == text


@pytest.mark.parametrize(
    "piece",
    [
        *("<div>", "<blockquote>", "<em>", "<table><tr><td>", "<ul><li>", "<p><button>"),
        *("<div><x", "<a ", "<div a=<>", "<p>One</p>", "a<br><br>", "<!--x"),
    ],
)
def test_however_it_is_nested_five_megabytes_take_no_minutes(piece):
    began = time.process_time()
    clean(piece * (5_000_000 // len(piece)))
    assert time.process_time() - began < 10  # a second where the machine is not busy


def test_nesting_beyond_all_sense_leaves_the_text():
    html = clean("<p>One</p>" + "<div>" * 600 + "Two" + "</div>" * 600 + "<script>x</script>")
    assert paragraphs(html) == ["One", "Two"]
