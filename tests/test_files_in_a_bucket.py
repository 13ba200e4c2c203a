"""Files kept in storage that speaks S3: a server of its own, which asks everybody for the key."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from django.conf import settings

from tests.servers import Desk, Site, environment, manage, until

BUCKET = "press-files"
REFUSED = "The bucket of files refuses: SignatureDoesNotMatch."
AWAY = "The bucket of files does not answer: EndpointConnectionError."


class There(NamedTuple):
    env: dict[str, str]
    bucket: Any
    desk: Desk
    site: Site

    def names(self, folder: str = "") -> set[str]:
        return {found.key for found in self.bucket.objects.filter(Prefix=folder)}

    def make(self, code: str) -> list[str]:
        """Do it at the desk: the words that were printed."""
        return self.desk.do(code).split()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    folder = tmp_path_factory.mktemp("bucket")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        # After an account was made with three requests, nobody does anything without its key.
        env=environment(INITIAL_NO_AUTH_ACTION_COUNT="3"),
        stderr=(folder / "log").open("w"),
    )
    try:
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, server)
        nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing"}
        there: Any = {"endpoint_url": address, "region_name": "us-east-1"}
        accounts = boto3.client("iam", **there, **nobody)
        accounts.create_user(UserName="site")
        may = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        accounts.put_user_policy(
            UserName="site",
            PolicyName="files",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [may]}),
        )
        key = accounts.create_access_key(UserName="site")["AccessKey"]
        bucket = boto3.resource(
            "s3",
            **there,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        ).Bucket(BUCKET)
        bucket.create()
        secret = folder / "s3_secret_key"
        secret.write_text(key["SecretAccessKey"] + "\n")
        env = environment(
            PRESSOFFICE_DATA=str(folder),
            PRESSOFFICE_MEDIA_ROOT=str(folder / "media"),
            PRESSOFFICE_S3_BUCKET=BUCKET,
            PRESSOFFICE_S3_ENDPOINT=address,
            PRESSOFFICE_S3_REGION="us-east-1",
            PRESSOFFICE_S3_ACCESS_KEY=key["AccessKeyId"],
            PRESSOFFICE_S3_SECRET_KEY_FILE=str(secret),
            PRESSOFFICE_SEEN_AT="",
        )
        manage(env, "migrate", "-v0")
        with Desk(env) as desk, Site(env, folder) as site:
            desk.do("from letters import files\nfrom tests.test_files import *")
            yield There(env, bucket, desk, site)
        assert not (folder / "media").exists()
    finally:
        server.kill()
        server.wait()


# Of each text there is one, since what is made of the same is kept together.
PICTURED = """
draft = make_draft(headline=f'With files, the {Edition.objects.count()}th')
found = [with_photograph(draft), with_photograph(draft, FACSIMILE)]
"""
SHOWN = """
edition = Edition.objects.select_related('letter').get(pk=edition.pk)
print(edition.get_absolute_url(), edition.digest, edition.live_from.timestamp())
print(*[address for file in found for address in addresses(file)])
"""


def test_a_letter_with_files_is_made_ahead_handed_out_at_its_moment_and_gone_once_withdrawn(
    there: There,
) -> None:
    soon = "timezone.now() + timedelta(seconds=20)"
    url, digest, moment, *addresses = there.make(
        f"{PICTURED}\nedition = schedule(draft, {soon})\n{SHOWN}"
    )
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "deliver"],
        env=there.env,
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
    )
    try:
        names = {address.rpartition("/")[2] for address in addresses}
        kept = {f"files/{name[:2]}/{name}" for name in names}
        until(lambda: kept <= there.names() and len(there.names(f"renditions/{digest}")) == 2)
    finally:
        worker.terminate()
        assert worker.wait(20) == 0
    asked = [*addresses, f"{url}letter.pdf", f"{url}card.png"]
    before = [there.site.status(address) for address in asked]
    assert time.time() < float(moment), "it took too long to tell"
    assert set(before) == {404}
    until(lambda: time.time() > float(moment))
    for address in asked:
        status, content = there.site._asked(address, {})
        assert status == 200
        folder = f"renditions/{digest}/" if address.startswith(url) else "files/"
        held = {found.get()["Body"].read() for found in there.bucket.objects.filter(Prefix=folder)}
        assert content in held
    assert len(there.names(f"renditions/{digest}")) == 2  # none was made again
    assert manage(there.env, "verify_record").startswith("The record is whole: ")
    there.desk.do("withdraw(edition, 'removed')")
    assert {there.site.status(address) for address in asked} == {410}


def test_nothing_there_is_opened_to_others_than_its_owner(there: There) -> None:
    there.desk.do(PICTURED)
    assert there.names()
    for found in there.bucket.objects.all():
        grants = found.Object().Acl().grants
        assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


def test_what_was_made_of_a_recalled_or_a_redacted_text_is_deleted_there(there: There) -> None:
    made = "from letters.public import as_files\nas_files.make(signed.first_in_full())"
    code = "edition = schedule(draft)\nsigned = Edition.objects.filter(pk=edition.pk)\n"
    _url, digest, _moment, *addresses = there.make(f"{PICTURED}\n{code}\n{made}\n{SHOWN}")
    assert len(there.names(f"renditions/{digest}")) == 2
    there.desk.do("draft = workflow.recall(edition, by=person('publisher'))")
    assert there.names(f"renditions/{digest}") == set()

    own = "draft = make_draft(headline='With one')\nfound = [with_photograph(draft, kind='PNG')]\n"
    code = "edition = publish(draft)\nsigned = Edition.objects.filter(pk=edition.pk)\n"
    _url, digest, _moment, *addresses = there.make(f"{own}{code}{made}\n{SHOWN}")
    names = {address.rpartition("/")[2] for address in addresses}
    kept = {f"files/{name[:2]}/{name}" for name in names}
    assert kept <= there.names()
    there.desk.do(
        "second = make_correction(edition)\n"
        "second.files.all().delete()\n"
        "publish(edit(second, person('drafter'), place='Valmere'))\n"
        "edition = Edition.objects.get(pk=edition.pk)\n"
        "edition = workflow.ask_redaction(edition, by=person('administrator'), reason='Law 12')\n"
        "workflow.redact(edition, by=person('approver'))"
    )
    assert there.names(f"renditions/{digest}") == set()
    assert not kept & there.names()
    assert manage(there.env, "verify_record").startswith("The record is whole: ")


def faults(env: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        env=env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )


def test_one_that_was_changed_or_is_missing_is_named(there: There) -> None:
    name, *_rest = there.make(
        "draft = make_draft()\nprint(files.place(with_photograph(draft, kind='WEBP').name))"
    )
    whole = there.bucket.Object(name).get()["Body"].read()
    there.bucket.put_object(Key=name, Body=whole[:-1])
    assert "the file was changed." in faults(there.env, "verify_record").stdout
    there.bucket.Object(name).delete()
    assert "the file is not there." in faults(there.env, "verify_record").stdout
    there.bucket.put_object(Key=name, Body=whole)
    assert manage(there.env, "verify_record").startswith("The record is whole: ")


def test_a_backup_says_that_it_has_no_files_and_one_that_has_fills_the_bucket(
    there: There, tmp_path: Path
) -> None:
    there.desk.do(f"{PICTURED}\npublish(draft)")
    done = faults(there.env, "backup", str(tmp_path / "backups"), "--verify")
    assert done.returncode == 0, done.stderr
    assert f"not in this backup: they stay in the bucket {BUCKET}." in done.stderr
    assert "Restored into a scratch database: its record is whole." in done.stdout
    (made,) = (tmp_path / "backups").iterdir()
    assert not (made / "media").exists()
    assert json.loads((made / "manifest.json").read_text())["bucket"] == BUCKET

    elsewhere = there.env | {"PRESSOFFICE_DATA": str(tmp_path / "elsewhere")}
    (tmp_path / "elsewhere").mkdir()
    done = faults(elsewhere, "restore", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"not in this backup, but in {BUCKET}." in done.stderr
    assert "The record is whole" in done.stdout

    # An office that moves from its disk into the bucket.
    on_disk = there.env | {
        "PRESSOFFICE_S3_BUCKET": "",
        "PRESSOFFICE_DATA": str(tmp_path),
        "PRESSOFFICE_MEDIA_ROOT": str(tmp_path / "media"),
    }
    manage(on_disk, "migrate", "-v0")
    with Desk(on_disk) as desk:
        desk.do(f"from letters import files\nfrom tests.test_files import *\n{PICTURED}")
    manage(on_disk, "backup", str(tmp_path / "of-the-disk"))
    there.bucket.objects.all().delete()
    moved = there.env | {"PRESSOFFICE_DATA": str(tmp_path / "moved")}
    (tmp_path / "moved").mkdir()
    assert "The record is whole" in manage(moved, "restore", str(tmp_path / "of-the-disk"))
    assert there.names() == {
        path.relative_to(tmp_path / "media").as_posix()
        for path in (tmp_path / "media").rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"PRESSOFFICE_S3_SECRET_KEY_FILE": "", "PRESSOFFICE_S3_SECRET_KEY": "no"}, REFUSED),
        ({"PRESSOFFICE_S3_BUCKET": "another"}, "The bucket of files refuses: NoSuchBucket."),
        ({"PRESSOFFICE_S3_ENDPOINT": "http://127.0.0.1:9"}, AWAY),
    ],
)
def test_a_bucket_that_cannot_be_used_is_told_in_one_sentence_and_stops_no_page(
    there: There, tmp_path: Path, wrong: dict[str, str], says: str
) -> None:
    url, _digest, _moment, photograph, *_addresses = there.make(
        f"{PICTURED}\nedition = publish(draft)\n{SHOWN}"
    )
    env = there.env | wrong
    with Site(env, tmp_path) as site:
        status, told = site.get("/readyz")
        assert status == 200
        assert json.loads(told)["checks"]["files"] == {"status": "degraded", "says": says}
        for page in ("/en/", "/en/letters/", url, f"{url}letter.txt", f"{url}letter.json"):
            assert site.status(page) == 200
        is_missing = "NoSuchBucket" in says
        assert site.status(f"{url}letter.pdf") == 503
        assert site.status(photograph) == (404 if is_missing else 503)
        log = site.log.read_text()
    assert "Traceback" not in log
    with Desk(env) as desk:
        desk.do("from letters import files\nfrom tests.test_files import *")
        refused = desk.do("print(refusal(picture('PNG')))")
    assert refused.startswith("The fault is ours, and nothing you did caused it.")
    if not is_missing:
        done = faults(env, "verify_record")
        assert done.returncode == 1
        assert done.stderr.startswith("CommandError: The bucket of files ")
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DESK", "0", "PRESSOFFICE_S3_BUCKET and PRESSOFFICE_DESK=0 do not go together: "),
        ("S3_ENDPOINT", "s3.example.org", "PRESSOFFICE_S3_ENDPOINT must begin with http"),
    ],
)
def test_what_cannot_be_meant_stops_the_program_with_one_sentence(
    name: str, value: str, says: str
) -> None:
    env = environment(PRESSOFFICE_S3_BUCKET=BUCKET, **{f"PRESSOFFICE_{name}": value})
    done = faults(env, "check")
    assert done.returncode == 1
    assert says in done.stderr.splitlines()[-1]


def test_a_bucket_without_the_package_stops_the_program_with_one_sentence() -> None:
    program = "import sys; sys.modules['storages'] = None; import django; django.setup()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(PRESSOFFICE_S3_BUCKET=BUCKET),
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "PRESSOFFICE_S3_BUCKET is set, and the package django-storages[s3] is not installed."
    )
