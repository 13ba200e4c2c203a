"""A public site without the desk, whose role in the database can read what is public, and no more.

Against a real PostgreSQL: what the role finds in it by hand, and the pages made with it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from tests.servers import Desk, Postgres, Site, environment, manage

pytestmark = pytest.mark.database  # a server of its own

READER = "public_site"
# Words that the public must not read: of texts, and of what the desk keeps with a live one.
SECRET = (
    "Quoremergency",
    "Quorconsent",
    "Quorplaced",
    "Quordraft",
    "Quorapproved",
    "Quorscheduled",
    "Quorcorrection",
    "Quorremoved",
    "Quormoved",
)


class There(NamedTuple):
    database: Postgres
    whole: Site
    public: Site
    desk: Desk


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    folder = tmp_path_factory.mktemp("site")
    with Postgres() as database:
        env = environment(DATABASE_URL=database.url())
        manage(env, "migrate", "-v0")
        with Desk(env) as desk:
            desk.do(LETTERS)
            database.sql("REVOKE ALL ON DATABASE postgres FROM PUBLIC")  # as prepare does
            manage(env, "grant_public_reader", READER)
            with Site(env, folder) as whole:
                keys = tmp_path_factory.mktemp("public-keys")
                jwks = whole.get("/.well-known/jwks.json")[1]
                (keys / "retired-keys.json").write_text(jwks)
                outside = env | {
                    "DATABASE_URL": database.url(READER),
                    "PRESSOFFICE_DESK": "0",
                    "PRESSOFFICE_KEYS": str(keys),
                    "PRESSOFFICE_SECRET_KEY": "another key, which the desk does not know",
                }
                with Site(outside, tmp_path_factory.mktemp("public")) as public:
                    yield There(database, whole, public, desk)


LETTERS = """
from letters.models import Letter, Office
ours = make_correspondent('mira-halden', {'en': 'Mira Halden', 'fr': 'Mira Halden'})
secret = make_correspondent('quor-secret', {'en': 'Quorsecret Person'})
def between(other, country):
    return [
        Party(role='sender', correspondent=ours, name='Mira Halden', country='XV'),
        Party(role='addressee', correspondent=other, name=str(other or 'Tomas Reyk'),
              country=country, country_name=country),
    ]
Office.objects.create(language='en', name='The Press Office')
urgent = make_draft(headline='An urgent text', not_placed='Quorplaced')
Letter.objects.filter(pk=urgent.letter_id).update(consent='Quorconsent')
workflow.emergency(urgent, by=person('publisher'), reason='Quoremergency')
live = publish(make_draft(headline='A live text', parties=between(None, 'XO')))
kept = withdraw(publish(make_draft(headline='A kept text')), 'kept')
received = make_draft(headline='Quordraft letter received', direction='received')
answer = make_draft(headline='An answer')
Letter.objects.filter(pk=answer.letter_id).update(in_reply_to=received.letter)
answer = publish(Edition.objects.get(pk=answer.pk))
make_draft(headline='Quordraft', body='<p>Quordraft body</p>')
approve(make_draft(headline='Quorapproved'))
far = timezone.now() + timedelta(hours=5)
schedule(make_draft(headline='Quorscheduled', parties=between(secret, 'XS')), far)
corrected = publish(make_draft(headline='The text before'))
corrected = publish(make_correction(corrected, headline='The text of now'))
schedule(make_correction(corrected, headline='Quorcorrection'), far)
removed = withdraw(publish(make_draft(headline='Quorremoved', body='<p>Quorremoved body</p>')))
moved = withdraw(publish(make_draft(headline='Quormoved')), 'moved', moved_to=live.letter)
"""


def paths(there: There) -> list[str]:
    """Addresses of every kind, those of letters in each of their states."""
    code = (
        "for e in (live, kept, answer, corrected, removed, moved):\n"
        "    e = Edition.objects.select_related('letter').get(pk=e.pk)\n"
        "    print(e.get_absolute_url(), e.letter.reference)"
    )
    letters = [line.split() for line in there.desk.do(code).splitlines()]
    found = []
    for url, reference in letters:
        files = ("", "letter.json", "letter.txt", "letter.pdf", "card.png", "editions/")
        found += [f"{url}{name}" for name in files]
        found += [f"{url}editions/1/", f"/en/letters/{reference}/", f"/r/{reference}"]
    return [
        *found,
        *("/", "/en/", "/fr/", "/en/letters/", "/en/letters/?country=XO", "/en/letters/?q=text"),
        *("/en/letters/?kind=congratulation&direction=sent", "/en/search/?q=text", "/en/verify/"),
        *("/en/correspondents/", "/en/correspondents/mira-halden/", "/en/countries/"),
        *("/en/countries/XV/", "/en/countries/XO/", "/en/countries/XS/", "/en/feed.atom"),
        *("/en/feed.json", "/en/record.atom", "/robots.txt", "/humans.txt", "/sitemap.xml"),
        *("/sitemap-pages.xml", "/sitemap-news.xml", "/sitemap-en-2026.xml", "/en/nothing/"),
        *("/en/search/?q=Quorscheduled", "/en/search/?q=Quorremoved", "/healthz"),
        *(f"/en/search/suggestions/?q={typed}" for typed in ("mira", "ost", "text", "quor")),
    ]


def test_every_public_page_is_the_same_as_on_the_whole_site(there: There) -> None:
    asked = paths(there)
    assert len(asked) > 70
    for path in asked:
        if path.endswith((".pdf", ".png")):
            assert there.public.status(path) == there.whole.status(path), path
            continue
        status, page = there.public.get(path)
        ours = page.replace(there.public.host, there.whole.host)
        ours = ours.replace(quote(there.public.host), quote(there.whole.host))
        expected, theirs = there.whole.get(path)
        if path == "/en/record.atom":  # as long as it is empty, it is of this moment
            theirs, ours = (re.sub("<updated>.*?</updated>", "", text) for text in (theirs, ours))
        theirs = theirs.partition("\nSignature:")[0]  # by the key, which is not there
        differs = list(unified_diff(theirs.splitlines(), ours.splitlines(), path, n=0))
        assert (path, status, differs) == (path, expected, [])
        assert not any(word in page.replace(path, "") for word in SECRET if word not in path), path
    statuses = {there.public.status(path) for path in asked}
    assert {200, 404, 410} <= statuses
    assert 500 not in statuses


def test_a_text_that_comes_up_is_shown_at_its_moment(there: There) -> None:
    there.desk.do(
        "soon = schedule(make_draft(headline='In a moment'), timezone.now() + timedelta(seconds=3))"
    )
    path = there.desk.do("print(soon.get_absolute_url())")
    moment = float(there.desk.do("print(soon.live_from.timestamp())"))
    while (began := time.time()) < moment + 1:
        status = there.public.status(path)
        if time.time() < moment:
            assert status == 404
        elif began > moment + 0.1:
            assert status == 200
    assert there.public.get("/en/letters/") == there.public.get("/en/letters/")
    assert "In a moment" in there.public.get("/en/letters/")[1]


def test_the_role_finds_no_word_that_is_not_public(there: There) -> None:
    # Every column of every table and view that this role may read.
    open_columns = there.database.sql(
        "SELECT table_schema || '.' || table_name, string_agg(quote_ident(column_name), ', ')"
        " FROM information_schema.columns WHERE has_column_privilege(table_schema || '.' ||"
        " table_name, column_name, 'SELECT') AND table_schema IN ('public', 'public_reader')"
        " GROUP BY 1",
        READER,
    )
    read = dict(line.split("|") for line in open_columns.splitlines())
    for table, columns in read.items():
        found = there.database.sql(f"SELECT {columns} FROM {table}", READER)
        for word in (*SECRET, "Quorsecret"):
            assert word not in found, table
    assert "public.letters_edition" in read
    for closed in ("auth_user", "django_session", "letters_event", "letters_remark"):
        assert f"public.{closed}" not in read
    assert (
        there.database.sql("SELECT count(*) FROM letters_edition WHERE live_from > now()", READER)
        == "0"
    )


def test_no_trick_makes_the_database_tell_of_a_hidden_row(there: There) -> None:
    for trick in (
        "SELECT headline::int FROM letters_edition WHERE headline LIKE 'Quor%'",
        "SELECT headline::int FROM public.letters_edition WHERE headline LIKE 'Quor%'",
        "SELECT headline::int FROM public_reader.removed_editions WHERE headline LIKE 'Quor%'",
        "SELECT not_placed, emergency FROM public.letters_edition",
        "SELECT consent FROM public.letters_letter",
        "SELECT name::int FROM letters_party WHERE name LIKE 'Quor%'",
        "SELECT 1 FROM letters_words WHERE 1 / (words::text LIKE '%quor%')::int > 0",
        "COPY letters_edition TO STDOUT",
        "SET row_security = off; SELECT headline FROM letters_edition",
        "SET ROLE test; SELECT headline FROM letters_edition",
        "SELECT n FROM public.letters_tally",
        "SELECT query_to_xml('TABLE auth_user', true, true, '')",
    ):
        run = there.database.psql(trick, READER)
        assert "Quor" not in run.stdout + run.stderr, trick


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public.letters_edition SET headline = 'x'",
        "INSERT INTO letters_office (language, name, tagline, country, press_contact)"
        " VALUES ('ru', 'x', '', '', '')",
        "DELETE FROM letters_withdrawal",
        "TRUNCATE letters_party",
        "CREATE TABLE public.x ()",
        "CREATE TABLE public_reader.x ()",
        "DROP POLICY only_public ON public.letters_edition",
        "ALTER TABLE public.letters_edition DISABLE ROW LEVEL SECURITY",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_the_role_changes_nothing(there: There, statement: str) -> None:
    run = there.database.psql(statement, READER)
    assert run.returncode != 0
    assert "permission denied" in run.stderr or "must be owner" in run.stderr


def test_counts_hold_nothing_that_is_to_come(there: There) -> None:
    count = "SELECT coalesce(sum(n), 0) FROM letters_tally WHERE facet = 'cXS'"
    assert there.database.sql(count, READER) == "0"
    assert there.database.sql(count) != "0"


def test_the_desk_is_not_there(there: There) -> None:
    for path in ("/admin/", "/admin/login/", "/admin/account/login/", "/en/clearance/abc/"):
        assert there.public.status(path) == 404
    assert there.whole.status("/admin/account/login/") == 200
    assert there.public.get("/en/?at=2026-01-01T00:00:00Z")[0] == 403
    assert there.public.status("/en/", Cookie="sessionid=abc") == 200


def test_the_public_site_is_ready_without_what_only_the_desk_needs(there: There) -> None:
    status, told = there.public.get("/readyz")
    checks = json.loads(told)["checks"]
    assert (status, json.loads(told)["status"]) == (200, "ok"), told
    assert set(checks) == {"database", "clock", "migrations", "triggers", "disk"}


def test_other_roles_are_not_burdened(there: There) -> None:
    """One that owns nothing and may read everything, as the site's own is, sees it unfiltered."""
    there.database.sql(
        "CREATE ROLE site LOGIN; GRANT CONNECT ON DATABASE postgres TO site;"
        " GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public TO site"
    )
    everything = there.database.sql("SELECT count(*) FROM letters_edition")
    assert there.database.sql("SELECT count(*) FROM letters_edition", "site") == everything
    explain = "EXPLAIN SELECT * FROM letters_party"
    assert there.database.sql(explain, "site") == there.database.sql(explain)
    assert there.database.psql("UPDATE letters_office SET tagline = 'x'", "site").returncode == 0


def test_a_later_migration_finds_nothing_in_its_way_and_the_role_reads_on(
    there: There, tmp_path: Path
) -> None:
    env = environment(DATABASE_URL=there.database.url())
    manage(env, "migrate", "letters", "0007", "-v0")
    view = "SELECT count(*) FROM pg_views WHERE schemaname = 'public_reader'"
    manage(env, "migrate", "-v0")
    assert there.database.sql(view) == "7"
    assert there.public.get("/en/letters/") == (200, there.public.get("/en/letters/")[1])


def test_a_role_that_goes_past_policies_is_refused(there: There) -> None:
    env = environment(DATABASE_URL=there.database.url())
    there.database.sql("CREATE ROLE almighty LOGIN SUPERUSER")
    for role, why in (("almighty", "goes past every policy"), ("test", "itself uses")):
        with pytest.raises(AssertionError, match=why):
            manage(env, "grant_public_reader", role)
