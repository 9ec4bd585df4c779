"""Files that come by a form: from staff alone, to the disk, and not too large."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

MEGABYTE = 1 << 20


class StaffUploadHandler(TemporaryFileUploadHandler):
    """Takes no file from strangers, and only so much of one from anybody.

    A form whose file was too large is told by `request.upload_is_too_large`.
    """

    taken = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        if not (user and user.is_active and user.is_staff):
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.taken += len(raw_data)
        if self.taken > settings.UPLOAD_MEGABYTES * MEGABYTE:
            self.request.upload_is_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
