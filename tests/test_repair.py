"""Pasted HTML: what Word, Google Docs and web pages say in styles becomes elements."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.markup import clean, paragraphs
from letters.repair import repaired
from tests.test_markup import HOSTILE


def item(marker: str, text: str, level: int = 1) -> str:
    """A paragraph as Word puts an item of a list on the clipboard."""
    return (
        f"<p class=MsoListParagraphCxSpMiddle style='margin-left:{36 * level}.0pt;"
        f"mso-add-space:auto;text-indent:-18.0pt;mso-list:l0 level{level} lfo1'>"
        "<![if !supportLists]><span lang=EN-GB style='font-family:Symbol'><span "
        f"style='mso-list:Ignore'>{marker}<span style='font:7.0pt \"Times New Roman\"'>"
        f"&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]><span lang=EN-GB>{text}"
        "<o:p></o:p></span></p>\n"
    )


def test_a_list_of_word_stays_a_list_with_its_levels():
    html = "<p class=MsoNormal>We ask for:</p>" + item("·", "<b>peace</b>") + item("o", "now", 2)
    html += item("o", "and then", 2) + item("·", "bread") + "<p class=MsoNormal>Yours</p>"
    assert repaired(html) == (
        "<p>We ask for:</p><ul><li><strong>peace</strong><ul><li>now</li><li>and then</li></ul>"
        "</li><li>bread</li></ul><p>Yours</p>"
    )


def test_a_numbered_list_of_word_stays_one():
    html = item("1.", "One") + item("a.", "Deeper", 2) + item("2.", "Two")
    assert repaired(html) == "<ol><li>One<ol><li>Deeper</li></ol></li><li>Two</li></ol>"


@pytest.mark.parametrize("markers", [("3.", "4."), ("1.", "3."), ("a)", "b)"), ("IV.", "V.")])
def test_numbers_that_a_list_could_not_show_stay_in_the_text(markers):
    html = "".join(item(marker, "Point") for marker in markers)
    assert paragraphs(repaired(html)) == [f"{marker} Point" for marker in markers]


def test_the_comments_of_the_clipboard_do_as_well():
    html = (
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><!--[if !supportLists]-->·"
        "&nbsp; <!--[endif]-->One</p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>"
        "<!--[if !supportLists]-->·&nbsp; <!--[endif]-->Two</p>"
    )
    assert repaired(html) == "<ul><li>One</li><li>Two</li></ul>"


@pytest.mark.parametrize(
    ("pasted", "left"),
    [
        # Typed lists
        ("<p>1. One</p><p>2. Two</p><p>End</p>", "<ol><li>One</li><li>Two</li></ol><p>End</p>"),
        ("<p>· One</p><p>· Two</p>", "<ul><li>One</li><li>Two</li></ul>"),
        ("<p>•&nbsp;One</p><p>•&nbsp;Two</p>", "<ul><li>One</li><li>Two</li></ul>"),
        ("<p>- One</p><p>- Two</p>", "<ul><li>One</li><li>Two</li></ul>"),
        ("<p><b>1.</b> One</p><p><b>2.</b> Two</p>", "<ol><li>One</li><li>Two</li></ol>"),
        ('<p dir="rtl">1. أ</p><p>2. ب</p>', '<ol><li><p dir="rtl">أ</p></li><li>ب</li></ol>'),
        ("<p>1. One</p><p>Two</p>", "<p>1. One</p><p>Two</p>"),
        ("<p>2. One</p><p>3. Two</p>", "<p>2. One</p><p>3. Two</p>"),
        ("<p>1. One</p><p>3. Two</p>", "<p>1. One</p><p>3. Two</p>"),
        ("<p>- One</p>", "<p>- One</p>"),
        ("<p>— Yes.</p><p>— No.</p>", "<p>— Yes.</p><p>— No.</p>"),
        ("<p>2026. One</p><p>2027. Two</p>", "<p>2026. One</p><p>2027. Two</p>"),
        # Google Docs
        (
            '<b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr" style="x:y">'
            '<span style="font-weight:700">Bold</span><span style="font-style:italic"> it</span>'
            '<span style="font-weight:400">, not</span></p></b>',
            '<p dir="ltr"><strong>Bold</strong><em> it</em>, not</p>',
        ),
        (
            '<ul><li dir="ltr"><p role="presentation"><span>A</span></p></li><ul><li>B</li></ul>'
            "</ul>",
            '<ul><li>A<ul><li>B</li></ul></li></ul>',
        ),
        ('10<span style="vertical-align: super">th</span>', "<p>10<sup>th</sup></p>"),
        # Web pages
        ("One<br><br>Two<br>three", "<p>One</p><p>Two<br>three</p>"),
        ("<p>One<br>&nbsp;<br>Two<br></p>", "<p>One</p><p>Two</p>"),
        ("<div><div>One</div><div>Two <i>x</i></div></div>", "<p>One</p><p>Two <em>x</em></p>"),
        ("<div>One<p>Two</p>three</div>", "<p>One</p><p>Two</p><p>three</p>"),
        ("<font color=red>One</font>", "<p>One</p>"),
        ("<p>One &nbsp;&nbsp; two&nbsp;: x</p>", "<p>One two&nbsp;: x</p>"),
        ("<p>&nbsp;</p><p>One</p><div><br></div>", "<p>One</p>"),
        ("<h1>One</h1><h5>Two</h5>", "<h2>One</h2><h3>Two</h3>"),
        ("<b><p>One</p><p>Two</p></b>", "<p><strong>One</strong></p><p><strong>Two</strong></p>"),
        ("<table><tr><td>9:00</td><td><p>Talks</p></td></tr></table>", "<p>9:00 – Talks</p>"),
        ("<table><tr><td><p>A</p><p>B</p></td></tr></table>", "<p>A</p><p>B</p>"),
        ("<li>One</li><li>Two</li>", "<ul><li>One</li><li>Two</li></ul>"),
        ("<script>x</script><!-- y --><p onclick=z>One</p>", "<p>One</p>"),
        ('<a href="javascript:x">One</a>', "<p>One</p>"),
        ("&#8238;<br>&lt;", "<p>&lt;</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_this_is_what_is_left_of_a_paste(pasted, left):
    assert repaired(pasted) == left
    assert repaired(left) == left


@pytest.mark.parametrize(
    "html",
    [
        '<p>One <em>two</em></p>\n<p lang="fr">trois <a href="/fr/">ici</a><br>là</p>',
        "<blockquote>One</blockquote><blockquote><p>Two</p><p>Three</p></blockquote>",
        "<ul><li>A<ul><li>B</li></ul></li><li>C</li></ul><ol><li>D</li></ol>",
        '<h2>A</h2><p><strong><span lang="en">x</span></strong> 1 &lt; 2 &amp; 3</p>',
        "<p><em>a</em><em>b</em></p>",
    ],
)
def test_what_is_in_order_stays_as_it_is(html):
    assert repaired(html) == html


PIECES = st.sampled_from(
    [
        *("<p>1. ", "<p>2. ", "<p>- ", "<p>· ", "</p>", "<br>", "<br><br>", "<div>", "</div>"),
        *("<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<ul>", "<li>", "</ul>"),
        *("<span style='font-weight:700'>", "</span>", "<b style='font-weight:normal'>", "</b>"),
        *("<!--[if !supportLists]-->", "·", "1.", "<!--[endif]-->", "&nbsp;", " ", "One", "two"),
        *(item("·", "x"), item("1.", "y"), item("2.", "z", 2), "<blockquote>", "</blockquote>"),
        *("<h1>", "</h1>", "<a href='/x'>", "</a>", "<span lang=fr>", "<hr>", "<ol>", "</ol>"),
    ]
)


def test_a_list_that_a_style_made_is_put_right_in_one_go():
    item = "<li><p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>"
    bullet = "<span style='mso-list:Ignore'>·<span>&nbsp; </span></span>x</p>\n<p>1. "
    once = repaired(item + bullet)
    assert repaired(once) == once


@given(HOSTILE | st.lists(PIECES, max_size=16).map("".join))
def test_what_is_repaired_is_clean_and_in_order(html):
    once = repaired(html)
    assert clean(once) == once
    assert repaired(once) == once


@given(st.lists(PIECES, max_size=16).map("".join))
def test_no_word_is_lost(html):
    for word in ("One", "two"):
        assert repaired(html).count(word) == clean(html).count(word)


def test_a_paste_of_five_megabytes_keeps_nobody_waiting():
    page = "<p class=MsoNormal style='margin:0cm'><b>Dear Mr President,<o:p></o:p></b></p>\n"
    began = time.process_time()
    repaired(page * (5_000_000 // len(page)))
    assert time.process_time() - began < 8  # a second where the machine is not busy
