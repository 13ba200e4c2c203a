"""What is not the release itself: the page it was copied from, its letterhead, its dateline."""

from __future__ import annotations

import re

from letters.importing.dates import CLOCK, is_clocked, names_a_day
from letters.importing.phrases import LONGEST_LABEL, any_of
from letters.importing.source import Line

# --- the furniture of the page --------------------------------------------------------------------

_LABELS = """
print|print version|share|share this|share this page|back|back to list|back to the list|
back to top|home|menu|search|news|all news|read more|more|next|previous|download|download pdf|
subscribe|photos|photo|video|gallery|text|tweet|send|e-mail|email|copy link|follow us|contact|
contacts|sign in|listen|skip to main content|skip to content|language|english|share on facebook|
share on twitter|facebook|twitter|whatsapp|telegram|linkedin|save|letters|messages|events|
official|a-|a+|listen to this page|imprimer|partager|partager cette page|retour|
retour à la liste|accueil|rechercher|lire la suite|télécharger|suivant|précédent|actualités|
haut de page|envoyer|version imprimable|toutes les actualités|imprimir|compartir|volver|
volver al listado|volver a la lista|inicio|buscar|leer más|descargar|siguiente|anterior|
noticias|enviar|versión para imprimir|español|français|печать|поделиться|назад|назад к списку|
к списку|на главную|главная|поиск|читать далее|скачать|далее|версия для печати|новости|
все новости|распечатать|отправить|письма|фото|видео|русский|çap et|çap|paylaş|geri|
siyahıya qayıt|ana səhifə|axtarış|ətraflı|yüklə|xəbərlər|bütün xəbərlər|göndər|çap versiyası|
məktublar|azərbaycan dili|azərbaycanca|طباعة|مشاركة|شارك|رجوع|العودة إلى القائمة|العودة|
الرئيسية|الصفحة الرئيسية|بحث|اقرأ المزيد|تحميل|الأخبار|إرسال|نسخة للطباعة|العربية
"""
_FURNITURE = frozenset(_LABELS.replace("\n", "").split("|"))
_RELATED = any_of(
    r"^(?:you (?:might|may) also (?:like|be interested)|related\b(?: \w+){0,2}:?$|see also:?$|"
    r"read also:?$|more (?:news|from|on|letters)\b.{0,30}$|latest(?: \w+){0,2}:?$|most read:?$|"
    r"other news:?$|recommended\b.{0,20}$|also in this section:?$)",
    r"^(?:vous aimerez aussi|à lire aussi|voir aussi|sur le même sujet|lire aussi|articles? liés?|"
    r"dans la même rubrique)\b.{0,20}$",
    r"^(?:también le puede interesar|le puede interesar|te puede interesar|noticias relacionadas|"
    r"ver también|lea también|véase también|más noticias)\b.{0,20}$",
    r"^(?:читайте также|смотрите также|вам может быть интересно|по теме|другие новости|похожие|"
    r"материалы по теме|последние новости)\b.{0,20}$",
    r"^(?:həmçinin oxuyun|digər xəbərlər|oxşar xəbərlər|son xəbərlər|"
    r"bunlar da maraqlıdır)\b.{0,20}$",
    r"^(?:قد يعجبك أيضا|قد يعجبك|اقرأ أيضا|مواضيع ذات صلة|أخبار ذات صلة|آخر الأخبار|شاهد أيضا)",
)
_TAGGED = any_of(
    r"^(?:tags?|topics|categor(?:y|ies)|keywords|section|published in|publication date|posted|"
    r"direct link|"
    r"views|source|photo|follow us on|share on|last updated|updated|mots-clés|rubrique|publié le|"
    r"partager"
    r" sur|catégorie|etiquetas|publicado|categoría|compartir en|теги|метки|просмотров|рубрика|"
    r"опубликовано|ссылка|teqlər|bölmə|baxış sayı|paylaşın|الوسوم|وسوم|تاريخ النشر|المشاهدات|"
    r"التصنيف)"
    r"\s?(?::|\bon\b|\d)",
    r"^(?:#[\w-]+[ ,]*)+$",
    r"^(?:https?://|www\.)\S+$",
    r"^©|^copyright\b|^all rights reserved|^tous droits réservés|^todos los derechos|"
    r"^все права защищены",
    r"^(?:[\w-]+ ?[>›»/|] ?){2,}[\w -]+$",
    r"^\d[\d ,.]{0,9} (?:views|vues|visitas|просмотр\w*|baxış|مشاهدة)$",
    r"^(?:page|страница|página|səhifə|صفحة) \d{1,4}(?:\W{1,4}\d{1,4}| (?:of|de|из|sur) \d{1,4})?$",
)
_LINKS_ROW = re.compile(r"\s*[|·•/]\s*")
_SEPARATOR = re.compile(
    r"^(?:[*#_=~–—•·\s.-]{3,}|\s*(?:#\s?){2,}|-\s?30\s?-|[-–—\s]*(?:ends?|fin|конец|son|"
    r"انتهى)[-–—\s]*"
    r"|(?:\*\s?){1,5}|⁂)$",
    re.I,
)
_END_MARK = re.compile(
    r"(?:#\s?){2,}$|[-–—\s]*(?:ends?|fin|конец|انتهى)[-–—\s]*$|-\s?30\s?-$", re.I
)


def is_furniture(line: Line) -> bool:
    """Whether a line belongs to the page a release was copied from."""
    text = line.text
    if line.tag in ("aside", "title"):
        return True
    if len(text) > LONGEST_LABEL:
        return False
    label = text.casefold().strip(" .:[]()»›«‹<>←→↑↓-–")
    if label in _FURNITURE or is_clocked(text) or _TAGGED.search(text) or CLOCK.fullmatch(text):
        return True
    links = _LINKS_ROW.split(label)
    return len(links) > 1 and all(link in _FURNITURE for link in links)


def begins_related(text: str) -> bool:
    """Whether what follows this line are links to other pages ("You might also like")."""
    return len(text) <= 60 and _RELATED.search(text) is not None


def is_separator(text: str) -> bool:
    return len(text) <= 60 and (_SEPARATOR.match(text) is not None)


def is_end_mark(text: str) -> bool:
    """Whether a rule says that the release ends, rather than that a part of it does."""
    return _END_MARK.match(text) is not None


# --- letterheads ----------------------------------------------------------------------------------

_LETTERHEAD = any_of(
    r"^(?:for )?immediate (?:release|publication)|^press (?:release|statement|communiqué|office|"
    r"service)",
    r"^office of (?:the )?|^news release|^media (?:release|statement)|^embargoed\b|"
    r"^not for publication",
    r"^communiqué de presse|^pour (?:diffusion|publication) immédiate|^service de presse|"
    r"^sous embargo",
    r"^comunicado(?: de prensa)?\b|^nota de prensa|^para (?:su )?(?:publicación|"
    r"difusión) inmediata",
    r"^oficina de (?:prensa|comunicaci)|^bureau de (?:la )?presse|^gabinete de prensa",
    r"^пресс-(?:релиз|служба)|^для немедленн|^сообщение для|^управление пресс",
    r"^press-?(?:reliz|relizi|xidməti)|^mətbuat (?:xidməti|katibi|relizi|üçün)|^dərhal",
    r"^بيان صحفي|^بلاغ صحفي|^للنشر (?:الفوري|فور)|^المكتب الصحفي|^مكتب (?:الصحافة|الإعلام)|"
    r"^إدارة الإعلام",
    r"^(?:no|nr|ref|№|reference|réf|référence|número|номер|nömrə)[.:°]?\s?[:.]?\s?[\w/-]{1,20}$",
    r"^contacts?:|^press contact|^tel[.:]|^contact presse|^\+?[\d\s()-]{7,}$|^[\w.-]+@[\w.-]+$",
)


def is_letterhead(text: str) -> bool:
    """Whether a line above the headline names the office that issued the release."""
    if len(text) > 90 or text.endswith("."):
        return False
    return _LETTERHEAD.search(text) is not None or is_issuing_office(text)


_OFFICE = re.compile(
    r"\b(?:office|ministry|presidency|government|palace|house|court|department|secretariat|cabinet|"
    r"ministère|présidence|gouvernement|palais|cour|cabinet|ministerio|presidencia|gobierno|"
    r"palacio|casa|"
    r"министерство|администрация|правительство|канцелярия|дворец|"
    r"nazirliyi|administrasiyası|hökuməti|mətbuat)\b",
    re.I,
)


def is_issuing_office(text: str) -> bool:
    """An office's name standing alone in capitals, or as nothing but a name in Arabic."""
    if len(text.split()) > 9:
        return False
    if text.isupper():
        return _OFFICE.search(text) is not None
    return (
        re.match(r"(?:رئاسة|ديوان|وزارة|الديوان|مكتب|قصر)\s", text) is not None
        and len(text.split()) <= 4
    )


_NO_DATELINE_WORD = r"[^:;!?–—]"
_DATELINE = re.compile(
    rf"(?P<place>[^\W\d_]{_NO_DATELINE_WORD}{{1,70}}?\.?,?)\s?(?:/[^/]{{2,30}}/\.?\s?)?"
    r"(?:\s[–—-]{1,2}|[–—]|\s-{2})\s(?=\S)"
)
_AGENCY_DATELINE = re.compile(
    r"[^\W\d_][\w .-]{1,30}, \d{1,2} [^\W\d_]{3,9}[.,]{0,2}(?: \d{4}[^\W\d_ ]{0,5}[.,]?)?\s?"
    r"(?:/[^/]{2,30}/\.?|\([^()]{2,30}\)|[A-ZƏÜÖİŞÇĞА-Я]{3,12}[.,])\s?[–—-]?\s?(?=\S)"
)


def dateline(text: str) -> int:
    """How many characters of a paragraph are its dateline ("BAKU, Dec. 26 – "); 0 when none."""
    if len(text) < 40:
        return 0
    for shape in (_AGENCY_DATELINE, _DATELINE):
        found = shape.match(text[:110])
        if found is None:
            continue
        piece = found[0].strip(" –—-,")
        words = re.sub(r"\([^()]*\)", "", piece).split()
        shouted = piece.split(",")[0].split("(")[0].strip().isupper() and len(words) <= 6
        if (names_a_day(piece) and len(words) <= 8) or (shouted and len(piece) <= 50):
            return found.end()
    return 0
