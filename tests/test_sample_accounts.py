"""The accounts of the sample office: never on a server that did not ask for them."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from letters.models import Letter, Office
from tests.letters_at_stages import make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def load(*options: str) -> str:
    said = StringIO()
    call_command("load_sample_office", *options, stdout=said)
    return said.getvalue()


def test_a_server_refuses_the_sample_office_unless_it_is_asked_for_by_name() -> None:
    with pytest.raises(CommandError, match="--trial"):
        load()
    assert not User.objects.exists()
    assert not Letter.objects.exists()


@pytest.mark.parametrize("debug", [False, True])
def test_an_office_in_use_gets_no_accounts(debug: bool, settings) -> None:
    settings.DEBUG = debug
    make_draft()
    Office.objects.create(language="en", name="Office of the President")
    there = set(User.objects.values_list("username", flat=True))
    assert "nothing was changed" in load("--trial")
    assert set(User.objects.values_list("username", flat=True)) == there


def test_on_a_server_the_accounts_have_a_password_that_is_told_once(citizen: Client) -> None:
    said = load("--trial")
    (password,) = re.findall(r"^Password: (\S+)$", said, re.MULTILINE)
    assert not User.objects.get(username="admin").check_password("press-office-demo")
    assert User.objects.get(username="admin").check_password(password)
    assert "http://testserver/admin/" in said
