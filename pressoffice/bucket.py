"""Files in storage that speaks S3. Nothing links there: the site hands them out by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

from letters.files import Away

CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"total_max_attempts": 2},
    # Not every server knows the newer ones.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise Away(f"The bucket of files refuses: {error.response['Error']['Code']}.") from error
    except (BotoCoreError, Boto3Error) as error:
        raise Away(f"The bucket of files does not answer: {type(error).__name__}.") from error


class Bucket(S3Storage):
    def __init__(self, **options: Any) -> None:
        super().__init__(client_config=CONFIG, **options)

    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        """All of it at once: nothing fails after the answer has begun."""
        with _answered(), super()._open(name, mode) as opened:
            return ContentFile(opened.read(), name)

    def _save(self, name: str, content: Any) -> str:
        with _answered():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _answered():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _answered():
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _answered():
            folders, names = super().listdir(path)
            return folders, names
