"""What the screens of import and export ask for."""

from typing import Any

from django import forms
from django.conf import settings

from config.admin.staff import Staff
from offerings.models import Term
from transfer import filters, mapping
from transfer.admin.reach import choices, exportable, importable, may_grade_late
from transfer.errors import BadFile, UnknownFilter
from transfer.importing import kind_named
from transfer.kinds import KINDS
from transfer.models import Import

TERMS = 100  # that can be chosen, the newest
LEFT_OUT = ("", "— left out —")
TOO_LARGE = f"The file has more than {settings.UPLOAD_MEGABYTES:,} megabytes: split it."


class UploadForm(forms.Form):
    kind = forms.ChoiceField()
    file = forms.FileField(
        max_length=255,
        error_messages={"empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [*choices(importable(staff))]


class ColumnsForm(forms.Form):
    """What each column of a file is, and how far the import may go."""

    most_percent = forms.IntegerField(min_value=0, max_value=100)
    is_late = forms.BooleanField(required=False)

    def __init__(self, *args: Any, it: Import, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.it = it
        self.kind = kind_named(it.kind)
        names = [LEFT_OUT, *((name, name) for name in self.kind.names)]
        for place, title in enumerate(it.header):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                choices=names,
                required=False,
                initial=it.mapping.get(title, ""),
                label=title,
            )
        self.fields["most_percent"].initial = it.most_percent
        self.fields["is_late"].initial = it.is_late
        if not may_grade_late(staff, self.kind):
            del self.fields["is_late"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            mapping.check(self.kind, self.it.header, self.mapping)
        except BadFile as error:
            raise forms.ValidationError(error.message) from error
        return cleaned

    @property
    def mapping(self) -> mapping.Mapped:
        chosen = {
            title: self.cleaned_data.get(f"column-{place}", "")
            for place, title in enumerate(self.it.header)
        }
        return {title: name for title, name in chosen.items() if name}

    @property
    def allows_late(self) -> bool:
        return self.cleaned_data.get("is_late", False)

    def columns(self) -> list[dict[str, Any]]:
        """Each column with its first cells, and what it is taken for."""
        return [
            {
                "title": title,
                "cells": [row[place] for row in self.it.sample],
                "field": self[f"column-{place}"],
            }
            for place, title in enumerate(self.it.header)
        ]


class ExportForm(forms.Form):
    FORMATS = [("csv", "CSV"), ("xlsx", "Workbook (.xlsx)"), ("jsonl", "JSON lines")]

    kind = forms.ChoiceField()
    term = forms.ModelChoiceField(
        Term.objects.none(), required=False, empty_label="Any term"
    )
    course = forms.CharField(required=False, max_length=64)
    unit = forms.CharField(required=False, max_length=64)
    format = forms.ChoiceField(choices=FORMATS, initial="csv")
    with_held = forms.BooleanField(required=False)

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [*choices(exportable(staff))]
        terms: Any = self.fields["term"]
        newest = Term.objects.order_by("-starts_on", "-pk")[:TERMS]
        chosen = Term.objects.filter(pk__in=[term.pk for term in newest])
        terms.queryset = chosen.order_by("-starts_on", "-pk")
        if not staff.sees_held:
            del self.fields["with_held"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self._find_filters(cleaned)
        return cleaned

    def _find_filters(self, cleaned: dict[str, Any]) -> None:
        named = {name: str(cleaned[name] or "").strip() for name in ("course", "unit")}
        named["term"] = cleaned["term"].pk if cleaned["term"] else ""
        given = {name: code for name, code in named.items() if code}
        try:
            cleaned["filters"] = filters.found(KINDS[cleaned["kind"]], given)
        except UnknownFilter as error:
            raise forms.ValidationError(error.message) from error
