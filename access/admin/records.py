"""Clients and keys, each on a page of its own, as staff see them."""

from django import forms
from django.contrib import admin
from django.utils.html import format_html

from access import operations
from access.errors import IdentityNotFound
from access.identities import find_identity
from access.models import Client, Key
from access.scopes import SCOPES
from config.admin.models import FactInline, RecordAdmin
from config.admin.versions import SeenForm


def scope_choices() -> list[tuple[str, str]]:
    """Each scope as a box to tick: its name, and what it means."""
    return [
        (scope, format_html('<span class="code">{}</span> {}', scope, says))
        for scope, says in SCOPES.items()
    ]


class ClientForm(SeenForm):
    """A client, with its scopes as boxes to tick."""

    scopes = forms.MultipleChoiceField(
        choices=scope_choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    acts_as = forms.CharField(
        required=False,
        max_length=64,
        help_text="A profile id, netid or lecturer id. One who is both acts as both.",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["acts_as"] = self._shown_identity

    def clean_acts_as(self) -> str:
        identifier = self.cleaned_data["acts_as"].strip()
        if "acts_as" in self.changed_data and identifier:
            self._check_identity(identifier)
        return identifier

    def _check_identity(self, identifier: str) -> None:
        try:
            is_nobody = find_identity(identifier).is_held and not self.viewer.sees_held
        except IdentityNotFound:
            is_nobody = True
        if is_nobody:
            raise forms.ValidationError("There is nobody with that id or netid.")

    @property
    def _shown_identity(self) -> str:
        """Whom it acts as; empty, and so left alone, where they are not to be known."""
        identifier = self.instance.profile_id or self.instance.lecturer_id
        try:
            is_held = bool(identifier) and find_identity(identifier).is_held
        except IdentityNotFound:
            is_held = False
        return "" if is_held and not self.viewer.sees_held else identifier


class KeyInline(FactInline):
    model = Key
    fields = ["__str__", "note", "standing", "expires_at", "last_used_at"]
    ordering = ["-pk"]
    show_change_link = False


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

    def save_model(self, request, obj, form, change):
        names = form.changed_data if change else self.fields
        values = {name: form.cleaned_data[name] for name in names if name != "seen"}
        if change:
            operations.change_client(client_id=obj.pk, **values)
        else:
            operations.create_client(id=obj.pk, **values)


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
