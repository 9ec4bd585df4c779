"""A form that remembers what it showed, so that no change is overwritten unseen."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Model

from access.identities import Viewer
from config.trail import who_changed


class Unknowing:
    """Somebody for whom people under privacy hold do not exist."""

    sees_held = False


class SeenForm(forms.ModelForm):
    """A model form that refuses to save over what somebody else changed meanwhile.

    It carries a digest of each value that it showed, and compares them with the
    row, locked, when it comes back.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    viewer: Viewer = Unknowing()  # who is signed in

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_change and "seen" in self.fields:
            self.initial["seen"] = json.dumps(self._digests(self.instance))

    @property
    def is_change(self) -> bool:
        return not self.instance._state.adding

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_change and "seen" in self.fields:
            self._refuse_if_changed_meanwhile()
        return cleaned

    def _refuse_if_changed_meanwhile(self) -> None:
        rows = type(self.instance)._base_manager.select_for_update(of=("self",))
        row = rows.filter(pk=self.instance.pk).first()
        if row is None:
            raise forms.ValidationError("It was deleted meanwhile.")
        seen = _parsed(self.data.get(self.add_prefix("seen"), ""))
        changed = [
            name
            for name, digest in self._digests(row).items()
            if seen.get(name) != digest
        ]
        if changed:
            raise forms.ValidationError(self._told(row, changed), code="stale")

    def _digests(self, row: Model) -> dict[str, str]:
        return {field.name: _digest(row, field) for field in self._columns}

    def _told(self, row: Model, changed: list[str]) -> list[str]:
        who = who_changed(row, self.viewer)
        told = [
            f"{field.verbose_name} is now “{_shown(row, field)}”"
            for field in self._columns
            if field.name in changed
        ]
        return [
            f"Changed meanwhile by {who}: {'; '.join(told)}. Nothing was saved. "
            "Open the page again to see it as it is now."
        ]

    @property
    def _columns(self) -> list:
        return [
            field
            for field in self.instance._meta.concrete_fields
            if field.name in self.fields
        ]


class FixedForm(SeenForm):
    """Leaves as it is what rows that point here rest on, as long as there are any.

    `fixed` is, by the name of a field, the relation of those rows and how the
    sentence goes on.
    """

    fixed: Mapping[str, tuple[str, str]] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, (relation, why) in self.fixed.items():
            is_touched = self.is_change and name in self.changed_data
            if is_touched and getattr(self.instance, relation).exists():
                self.add_error(name, f"It cannot change: {why}.")
        return cleaned


def _digest(row: Model, field: Any) -> str:
    text = repr(field.value_from_object(row))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _shown(row: Model, field: Any) -> str:
    value = getattr(row, field.name)
    return "nothing" if value in (None, "") else str(value)


def _parsed(text: str) -> dict[str, str]:
    try:
        seen = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return seen if isinstance(seen, dict) else {}
