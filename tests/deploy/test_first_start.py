"""From a clean clone to a letter that the public reads, and what a break-in would find."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.deploy.conftest import Stack, figures

SITE = "pressoffice_site"


def test_the_first_start_says_how_the_first_administrator_is_made(stack: Stack) -> None:
    said = stack.compose("logs", "--no-log-prefix", "prepare")
    assert "docker compose exec web python manage.py createsuperuser" in said
    stack.compose(
        *("exec", "-T", "-e", "DJANGO_SUPERUSER_PASSWORD=press-office-demo", "web"),
        *("python", "manage.py", "createsuperuser", "--no-input"),
        *("--username", "first", "--email", "first@example.org"),
    )
    stack.compose("up", "-d", "--force-recreate", "--no-deps", "prepare")
    stack.compose("wait", "prepare", check=False)
    assert "createsuperuser" not in stack.compose("logs", "--no-log-prefix", "prepare")


def sign_in(browser: Browser, stack: Stack, name: str) -> Page:
    page = browser.new_context(base_url=f"http://127.0.0.1:{stack.port}").new_page()
    page.goto("/admin/")
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill("press-office-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/")
    return page


def test_a_letter_goes_its_way_through_the_proxy_and_is_there_after_down_and_up(
    stack: Stack,
) -> None:
    edition = stack.staff(
        "e = workflow.submit(draft('Congratulations to Ostmark'), by=drafter)\n"
        "print(json.dumps({'pk': e.pk, 'letter': e.letter_id, 'url': e.get_absolute_url()}))"
    )
    verb = f"/admin/letters/letter/{edition['letter']}/change/"
    assert stack.get(edition["url"]).status == 404
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        sign_in(browser, stack, "first")
        for name, does in (("approver", "Approve"), ("publisher", "Publish")):
            page = sign_in(browser, stack, name)
            page.goto(verb)
            page.get_by_role("link", name=does, exact=True).click()
            page.get_by_role("button", name=does, exact=True).click()
            expect(page.locator(".messagelist")).to_be_visible()
        browser.close()
    assert "This is the text of: Congratulations to Ostmark." in stack.get(edition["url"]).text
    pdf = stack.get(f"{edition['url']}letter.pdf")
    assert pdf.text.startswith("%PDF"), pdf.status

    before = stack.state()
    stack.compose("down")
    began = time.monotonic()
    stack.up()
    figures.append(f"start again, to healthy: {time.monotonic() - began:.0f} s")
    assert stack.state() == before
    assert "Congratulations to Ostmark" in stack.get(edition["url"]).text
    stack.compose("exec", "-T", "worker", "python", "manage.py", "verify_record")


def test_preparing_twice_at_once_and_starting_three_replicas_together_is_safe(
    stack: Stack,
) -> None:
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(stack.compose, "run", "--rm", "-T", "prepare") for _n in range(3)]
        for run in runs:
            run.result()
    stack.up(web=3)
    assert len(stack.containers("web")) == 3
    assert stack.get("/readyz").status == 200
    stack.up(web=2)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE letters_event",
        "TRUNCATE letters_delivery",
        "UPDATE letters_event SET by_name = ''",
        "DELETE FROM letters_event",
        "DROP TABLE letters_delivery",
        "ALTER TABLE letters_event DISABLE TRIGGER ALL",
        "CREATE TABLE mine (n int)",
        "DELETE FROM django_migrations",
        "SET ROLE pressoffice",
    ],
)
def test_the_role_of_the_site_is_refused(statement: str, stack: Stack) -> None:
    said = stack.sql(statement, SITE)
    assert "permission denied" in said or "must be owner" in said, said


def test_the_role_of_the_site_owns_nothing_and_enters_its_own_database_only(stack: Stack) -> None:
    owned = f"SELECT count(*) FROM pg_class WHERE relowner = '{SITE}'::regrole"
    assert stack.sql(owned).split()[:2] == ["0", "0"]
    for other in ("postgres", "template1"):
        assert "permission denied for database" in stack.sql("SELECT 1", SITE, other)


@pytest.mark.parametrize("missing", ["PRESSOFFICE_SECRET_KEY_FILE", "PRESSOFFICE_ALLOWED_HOSTS"])
def test_without_a_setting_it_does_not_start_and_says_which(missing: str, stack: Stack) -> None:
    said = stack.compose(
        *("run", "--rm", "-T", "--no-deps", "-e", f"{missing}=", "web"),
        *("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        check=False,
    )
    assert not said.startswith("0 ")
    assert missing.removeprefix("PRESSOFFICE_").removesuffix("_FILE") in said


def test_without_a_secret_file_compose_says_which(stack: Stack) -> None:
    file = stack.folder / "secrets" / "secret_key"
    aside = file.rename(file.with_name("aside"))
    try:
        said = stack.compose("run", "--rm", "-T", "--no-deps", "web", "true", check=False)
    finally:
        aside.rename(file)
    assert not said.startswith("0 ")
    assert "secrets/secret_key" in said


def test_only_the_proxy_is_published(stack: Stack) -> None:
    said = stack.compose("ps", "--format", "json").strip().splitlines()
    published = {
        found["Service"]
        for found in map(json.loads, said)
        if any(port.get("PublishedPort") for port in found["Publishers"] or [])
    }
    assert published == {"proxy"}


def test_nothing_in_the_image_lends_rights_holds_a_secret_or_can_be_written(stack: Stack) -> None:
    web = stack.containers("web")[0]
    looks = stack.run(
        *("docker", "exec", web, "sh", "-c"),
        "find / -xdev -perm /6000 -type f; "
        "find / -xdev -writable -type f -not -path '/srv/*' 2>/dev/null; "
        "find / -xdev -type d -writable -not -path '/tmp*' -not -path '/srv/*' 2>/dev/null; "
        "grep -rIl 'PRIVATE KEY-----' /srv/pressoffice /opt/venv/bin; ls /srv/pressoffice/.env"
        " /srv/pressoffice/secrets 2>/dev/null; touch /srv/pressoffice/x 2>/dev/null && echo wrote"
        "; id -u | grep -x 0; grep CapEff /proc/self/status | grep -v 0000000000000000; true",
    )
    assert looks == ""
    secret = (stack.folder / "secrets" / "secret_key").read_text()
    assert secret not in stack.run("docker", "inspect", web)
    assert secret not in stack.run("docker", "history", "--no-trunc", "pressoffice:tried")


def test_the_image_adds_little_to_python(stack: Stack) -> None:
    def size(image: str) -> int:
        found = stack.run("docker", "image", "inspect", "-f", "{{.Size}}", image)
        return int(found) // 1_000_000

    whole, base = size("pressoffice:tried"), size("python:3.13-slim")
    figures.append(f"image: {whole} MB, of which {base} are python:3.13-slim as found here")
    # The image of that name on Docker Hub is some 125 MB; one made for a test may be larger.
    assert whole - base < 350 - 125
