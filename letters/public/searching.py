"""Search: the archive's filters and its words, the best letter first."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.db import connections, router
from django.db.models import Q

from letters import markup, search
from letters.models import CorrespondentName, CountryName, Edition, Listing
from letters.models.listing import CORRESPONDENT, COUNTRY
from letters.public.archive import PAGE, Archive
from letters.public.choices import letters_of_each

RANKED = 300  # the newest of what is found: so many are weighed


class PageForm(forms.Form):
    page = forms.IntegerField(required=False, min_value=1, max_value=RANKED // PAGE)


class Search(Archive):
    """The letters in which the words are found, in the order of how well; filters as elsewhere."""

    @cached_property
    def number(self) -> int:
        form = PageForm(self.params)
        return (form.cleaned_data["page"] or 1) if form.is_valid() else 1

    @cached_property
    def _found(self) -> list[tuple[int, date]]:
        """The newest that match, one more than are weighed."""
        if not self.chosen["q"]:
            return []
        return list(self.matching(cursor=True).values_list("edition", "dated")[: RANKED + 1])

    @cached_property
    def _ranked(self) -> list[int]:
        """The keys of what is found, the best first; of equals the newest."""
        found = dict(self._found[:RANKED])
        if not found:
            return []
        there = connections[router.db_for_read(Listing)]
        vendor = there.vendor
        keys = [search.key(vendor, pk, dated.toordinal()) for pk, dated in found.items()]
        with there.cursor() as cursor:
            cursor.execute(*search.ranking(vendor, self.asked, self.language, keys))
            ranks = dict(cursor.fetchall())
        return sorted(found, key=lambda pk: (-ranks.get(pk, 0.0), -found[pk].toordinal(), -pk))

    @cached_property
    def _page(self) -> tuple[list[Edition], bool, bool]:
        shown = self._ranked[(self.number - 1) * PAGE : self.number * PAGE]
        editions = Edition.objects.filter(pk__in=shown).in_brief().defer(None)
        found: Any = sorted(editions.prefetch_related("parties"), key=lambda e: shown.index(e.pk))
        for edition in found:
            text = f"{edition.summary} {markup.to_text(edition.body)}"
            edition.marked_headline = search.marked(edition.headline, self.asked)
            edition.snippet = search.snippet(text, self.asked)
        return list(found), self.number > 1, len(self._found) > RANKED

    @property
    def newer(self) -> str:
        return self._of_page(self.number - 1) if self.number > 1 else ""

    def _of_page(self, number: int) -> str:
        return self.query(page=str(number), before=self.params.get("before", ""))

    @property
    def older(self) -> str:
        if self.number * PAGE < len(self._ranked):
            return self._of_page(self.number + 1)
        if len(self._found) > RANKED:
            last, dated = self._found[RANKED - 1]
            return self.query(before=f"{dated}.{last}")
        return self.query(before=self._unread) if self._unread else ""

    @cached_property
    def meant(self) -> str:
        """What was probably meant, where nothing is found and it finds something."""
        if not self.form.is_valid() or not self.chosen["q"] or self._found:
            return ""
        # Who has no public letter is not named.
        people = letters_of_each(CORRESPONDENT, self.language, self.at)
        codes = letters_of_each(COUNTRY, self.language, self.at)
        names = CorrespondentName.objects.filter(
            Q(language=self.language) | Q(is_display=False),
            correspondent__in=[int(key) for key in people],
        )
        known = list(names.order_by("is_display").values_list("name", flat=True))
        known += [name for code, name in CountryName.objects.choices() if code in codes]
        better = search.nearest(self.chosen["q"], known)
        if not better:
            return ""
        params = self.params.copy()
        params["q"] = better
        return better if Search(params, self.language, self.at).matching().exists() else ""
