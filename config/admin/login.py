"""Signing in to the admin: password, second factor, and being locked out."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django_otp import login as remember_second_factor

from access.codes import SECOND_FACTOR, enrolment_url, new_key, spelled
from access.errors import WrongCode
from access.sealing import CannotOpen, open_sealed, seal
from access.second_factor import has_second_factor, set_up, verified
from config.admin.staff import Staff

SETTING_UP = "second_factor_key"  # in the session, sealed
LOCKED_OUT = "Too many wrong passwords. Try again later, or ask the operator."
WRONG_CODE = "That code is wrong, was used already, or came too soon after another."


class LoginForm(AdminAuthenticationForm):
    """Asks whoever has set up a second factor for its code too."""

    # Django's own form tells its length to the browser alone; the table of wrong
    # passwords holds no longer name.
    username = UsernameField(
        max_length=150, widget=forms.TextInput(attrs={"autofocus": True})
    )
    code = forms.CharField(
        required=False,
        max_length=32,
        label="Code",
        help_text="From your authenticator or a recovery code, if you have set it up.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def clean(self):
        cleaned = super().clean()
        user = self.get_user()
        if user is not None and has_second_factor(user):
            user.otp_device = verified(user, self.cleaned_data.get("code", ""))
            if user.otp_device is None:
                raise forms.ValidationError(WRONG_CODE, code="wrong_code")
        return cleaned


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=7,
        label="Code that it shows now",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )


def may_enter(request: HttpRequest) -> bool:
    """Whether the second factor of a signed in person was asked for, or need not be."""
    if request.user.is_verified():
        return True
    return not (settings.SECOND_FACTOR_REQUIRED or has_second_factor(request.user))


def must_set_up(request: HttpRequest) -> bool:
    """Whether a person signed in by password alone is to set up a second factor."""
    user = request.user
    return (
        settings.SECOND_FACTOR_REQUIRED
        and user.is_active
        and user.is_staff
        and not has_second_factor(user)
    )


def second_factor(request: HttpRequest) -> HttpResponse:
    """Show a new key for the authenticator, until a code shows that it has it."""
    if not (request.user.is_staff and (must_set_up(request) or may_enter(request))):
        return redirect("admin:login")
    request.staff = Staff(request.user)  # as on every page of the desk
    key = _key_of(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _set_up(request, key, form)
    return _page(request, form=form, key=key)


def locked_out(request: HttpRequest, *details) -> HttpResponse:
    """What is answered to a login that was tried too often."""
    return admin.site.refusal(request, 429, LOCKED_OUT).render()


def _set_up(request: HttpRequest, key: bytes, form: CodeForm) -> HttpResponse:
    try:
        codes = set_up(user=request.user, key=key, code=form.cleaned_data["code"])
    except WrongCode as error:
        form.add_error("code", error.message)
        return _page(request, form=form, key=key)
    del request.session[SETTING_UP]
    request.session.cycle_key()
    remember_second_factor(request, request.user.secondfactor_set.get())
    return _page(request, codes=codes)


def _key_of(request: HttpRequest) -> bytes:
    """The key that is being set up in this session."""
    try:
        sealed = request.session[SETTING_UP].encode()
        return open_sealed(sealed, purpose=SECOND_FACTOR)
    except (KeyError, CannotOpen):
        key = new_key()
        request.session[SETTING_UP] = seal(key, purpose=SECOND_FACTOR).decode()
        return key


def _page(request: HttpRequest, *, key: bytes = b"", **context) -> HttpResponse:
    shown = {
        **admin.site.each_context(request),
        "title": "Second factor",
        "key": spelled(key),
        "url": enrolment_url(key, request.user.get_username()),
        **context,
    }
    return TemplateResponse(request, "admin/second_factor.html", shown)
