"""Making, replacing and revoking keys. A new one is shown this once."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from access import operations
from access.models import Client, Key
from access.operations import CreatedKey
from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.staff import Staff

ADD = "access.add_key"
CHANGE = "access.change_key"
LONGEST_OVERLAP = 24 * 90  # hours


def may_make_keys(staff: Staff) -> bool:
    return staff.user.has_perm(ADD)


def may_change_keys(staff: Staff) -> bool:
    return staff.user.has_perm(CHANGE)


def may_replace_keys(staff: Staff) -> bool:
    return may_make_keys(staff) and may_change_keys(staff)


class KeyForm(forms.Form):
    """What is asked before a key is made."""

    note = forms.CharField(
        required=False, max_length=200, help_text="Where it will be used."
    )
    expires_at = forms.DateTimeField(
        required=False,
        label="Expires at",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: it does not expire.",
    )


class ReplacementForm(KeyForm):
    overlap = forms.IntegerField(
        min_value=0,
        max_value=LONGEST_OVERLAP,
        initial=24,
        label="Hours for which the old key still works",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500)


@screen("clients/<str:client_id>/new-key/", name="new_key", allowed=may_make_keys)
def new_key(request: DeskRequest, client_id: str) -> HttpResponse:
    """Make one more key for a client and show it."""
    client = get_object_or_404(Client, pk=client_id)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = operations.create_key(client_id=client_id, **form.cleaned_data)
        return shown(request, client, made)
    return asked(request, client, form)


@screen("keys/<str:key_id>/replace/", name="replace_key", allowed=may_replace_keys)
def replace_key(request: DeskRequest, key_id: str) -> HttpResponse:
    """Make a key in place of another, which ends after an overlap, and show it."""
    key = _key(key_id)
    form = ReplacementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        overlap = timedelta(hours=values.pop("overlap"))
        made = operations.rotate_key(key_id=key_id, overlap=overlap, **values)
        return shown(request, key.client, made)
    return asked(request, key.client, form, old=key)


@screen("keys/<str:key_id>/revoke/", name="revoke_key", allowed=may_change_keys)
def revoke_key(request: DeskRequest, key_id: str) -> HttpResponse:
    """Refuse a key for good, with a reason."""
    key = _key(key_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        operations.revoke_key(key_id=key_id)
        messages.success(request, f"{key} of {key.client.name} is revoked.")
        return redirect("admin:clients")
    return page(
        request,
        "admin/access/revoke_key.html",
        title=f"Revoke {key}",
        key=key,
        form=form,
    )


def asked(
    request: DeskRequest, client: Client, form: KeyForm, old: Key | None = None
) -> HttpResponse:
    """Ask what a key is for."""
    title = f"Replace {old}" if old else f"New key for {client.name}"
    template = "admin/access/new_key.html"
    return page(request, template, title=title, client=client, form=form, old=old)


def shown(request: DeskRequest, client: Client, made: CreatedKey) -> HttpResponse:
    """Show a key that was made. (No page of the desk is kept by a browser.)"""
    title = f"The new key of {client.name}"
    template = "admin/access/key_made.html"
    return page(request, template, title=title, client=client, made=made)


def _key(key_id: str) -> Key:
    return get_object_or_404(Key.objects.select_related("client"), pk=key_id)
