"""Clients, their keys, and who has seen whose record, as staff see them."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path

from access import operations
from access.errors import IdentityNotFound
from access.identities import find_identity, profile_id_of
from access.models import Client, Disclosure, Key
from access.operations import CreatedKey
from access.scopes import SCOPES
from config.admin.models import FactAdmin, FactInline, RecordAdmin, require
from config.admin.site import release
from config.admin.versions import SeenForm


class ClientForm(SeenForm):
    """A client, with its scopes as boxes to tick."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}: {says}") for scope, says in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    acts_as = forms.CharField(
        required=False,
        max_length=64,
        help_text="A profile id, netid or lecturer id. One who is both acts as both.",
    )
    sees_held = False  # whether who is signed in may know people under hold

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        client = self.instance
        self.initial["acts_as"] = client.profile_id or client.lecturer_id

    def clean_acts_as(self) -> str:
        identifier = self.cleaned_data["acts_as"].strip()
        if "acts_as" in self.changed_data and identifier:
            self._check_identity(identifier)
        return identifier

    def _check_identity(self, identifier: str) -> None:
        try:
            is_hidden = find_identity(identifier).is_held and not self.sees_held
        except IdentityNotFound:
            is_hidden = True
        if is_hidden:
            raise forms.ValidationError("There is nobody with that id or netid.")


class KeyForm(forms.Form):
    """What is asked before a key is made."""

    note = forms.CharField(required=False, max_length=200)
    expires_at = forms.DateTimeField(
        required=False,
        label="Expires at",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class RotationForm(KeyForm):
    overlap = forms.IntegerField(
        min_value=0,
        max_value=24 * 90,
        initial=24,
        label="Hours for which the old key still works",
    )


class KeyInline(FactInline):
    model = Key
    fields = ["__str__", "note", "standing", "expires_at", "last_used_at"]
    ordering = ["pk"]


@admin.register(Client)
class ClientAdmin(RecordAdmin):
    """Clients are suspended or revoked, never deleted: the history names them."""

    form = ClientForm
    fields = [
        *("name", "contact", "purpose", "status", "expires_at", "rate_limit"),
        *("role", "scopes", "acts_as", "issuer", "issuer_client_id"),
    ]
    list_display = ["name", "id", "standing", "role", "contact", "created_at"]
    search_fields = ["pk"]
    search_help_text = "The id, or how the name begins."
    inlines = [KeyInline]

    def search(self, rows, words):
        return rows.filter(pk=words) | rows.filter(name__istartswith=words)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.sees_held = request.staff.sees_held
        return form

    def save_model(self, request, obj, form, change):
        names = form.changed_data if change else self.fields
        values = {name: form.cleaned_data[name] for name in names if name != "seen"}
        if change:
            operations.change_client(client_id=obj.pk, **values)
        else:
            operations.create_client(id=obj.pk, **values)

    def get_urls(self):
        view = self.admin_site.admin_view(self.new_key)
        name = "access_client_new_key"
        return [path("<str:pk>/new-key/", view, name=name), *super().get_urls()]

    def new_key(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Make one more key for a client and show it, this once."""
        require(request, "access.add_key")
        client = get_object_or_404(Client, pk=pk)
        form = KeyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            made = operations.create_key(client_id=pk, **form.cleaned_data)
            return key_page(request, client, made=made)
        return key_page(request, client, form=form)


@admin.register(Key)
class KeyAdmin(RecordAdmin):
    """Keys are made on the page of their client, and never deleted."""

    fields = [
        *("client", "note", "status", "expires_at"),
        *("prefix", "standing", "last_used_at", "created_at"),
    ]
    readonly_fields = ["client", "prefix", "standing", "last_used_at", "created_at"]
    list_display = [
        "__str__",
        "client",
        "note",
        "standing",
        "expires_at",
        "last_used_at",
    ]
    list_select_related = ["client"]
    search_fields = ["prefix"]
    search_help_text = "The prefix, or the id of the client."

    def search(self, rows, words):
        return rows.filter(prefix=words.removeprefix("sk-")) | rows.filter(client=words)

    def has_add_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        names = [name for name in form.changed_data if name != "seen"]
        values = {name: form.cleaned_data[name] for name in names}
        operations.change_key(key_id=obj.pk, **values)

    def get_urls(self):
        view = self.admin_site.admin_view(self.rotate)
        name = "access_key_rotate"
        return [path("<str:pk>/rotate/", view, name=name), *super().get_urls()]

    def rotate(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Make a key in place of another, and show it, this once."""
        require(request, "access.add_key", "access.change_key")
        key = get_object_or_404(Key.objects.select_related("client"), pk=pk)
        form = RotationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            overlap = timedelta(hours=asked.pop("overlap"))
            made = operations.rotate_key(key_id=pk, overlap=overlap, **asked)
            return key_page(request, key.client, made=made)
        return key_page(request, key.client, form=form, old=key)


def key_page(
    request: HttpRequest,
    client: Client,
    *,
    made: CreatedKey | None = None,
    form: forms.Form | None = None,
    old: Key | None = None,
) -> HttpResponse:
    """Ask what a key is for, or show one that was made."""
    title = f"New key for {client.name}"
    context = admin.site.each_context(request) | {"title": title, "client": client}
    context |= {"made": made, "form": form, "old": old}
    return TemplateResponse(request, "admin/access/new_key.html", context)


@admin.register(Disclosure)
class DisclosureAdmin(FactAdmin):
    """Who has seen whose record; looking is in the log as well.

    Its rows name people under privacy hold, so it is for who may know of them.
    """

    list_display = ["at", "who", "door", "what", "purpose", "people", "request_id"]
    search_fields = ["pk"]
    search_help_text = "The student's profile id or netid."
    ordering = ["-at"]
    fields = [
        *("at", "client_id", "sub", "staff", "door", "what"),
        *("purpose", "request_id", "profile_ids"),
    ]

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and request.staff.sees_held

    def get_search_results(self, request, queryset, search_term):
        """Rows of one student. An id that was deleted since is still found."""
        words = search_term.strip()
        if not words:
            return queryset, False
        profile_id = profile_id_of(words)
        release(request, [profile_id])
        return queryset.of_profile(profile_id), False

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        release(request, found.profile_ids)
        return found

    @admin.display(description="who")
    def who(self, disclosure):
        return disclosure.staff or f"{disclosure.client_id} {disclosure.sub}"

    @admin.display(description="people")
    def people(self, disclosure):
        return len(disclosure.profile_ids)
