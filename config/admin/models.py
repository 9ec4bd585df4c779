"""What the admin of every model has in common."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import PROTECT, F, Model, QuerySet
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.admin.pages import page
from config.admin.paging import BoundedPaginator
from config.admin.site import release
from config.admin.staff import Staff
from config.admin.versions import SeenForm
from config.errors import Conflict
from config.history import events_of
from config.trail import Trail, moment_of, newest

HISTORY_PER_PAGE = 100


class Reach:
    """Rows beyond the reach of who is signed in are as if absent."""

    def within_reach(self, rows: QuerySet, staff: Staff) -> QuerySet:
        """Of these rows, those that exist for this member of staff."""
        visible_to = getattr(rows, "visible_to", None)
        return visible_to(staff) if visible_to else rows

    def get_queryset(self, request):
        return self.within_reach(super().get_queryset(request), request.staff)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Offer, and accept, only what its own admin would show."""
        related = self._admin_of(db_field.related_model)
        if isinstance(related, Reach):
            kwargs.setdefault("queryset", related.get_queryset(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _admin_of(self, model):
        try:
            return self.admin_site.get_model_admin(model)
        except NotRegistered:
            return None


class Narrowed:
    """A list is narrowed by what the page offers: Django's own rule takes any column.

    A column that is not shown would be asked about, and nothing logged.
    """

    def lookup_allowed(self, lookup, value, request):
        is_offered = lookup.partition("__")[0] in self._offered(request)
        return is_offered and super().lookup_allowed(lookup, value, request)

    def _offered(self, request) -> set[str | None]:
        """The names by which the filters of the page are asked for."""
        filters = self.get_list_filter(request)
        return {self.date_hierarchy, *map(_name_of_filter, filters)}


class Careful:
    """Saves over nothing that the page did not show: see SeenForm."""

    form: Any = SeenForm

    def get_fieldsets(self, request, obj=None):
        """What it saw goes with the form, where there is one to send back."""
        fieldsets = super().get_fieldsets(request, obj)
        fields = [name for name in flatten_fieldsets(fieldsets) if name != "seen"]
        if len(fieldsets) > 1:
            return fieldsets
        is_sent_back = obj is None or self.has_change_permission(request, obj)
        return [(None, {"fields": [*fields, "seen"] if is_sent_back else fields})]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form, which tells who is signed in what they may know."""
        form = super().get_form(request, obj, change, **kwargs)
        form.viewer = request.staff
        return form


class RecordAdmin(Reach, Narrowed, Careful, admin.ModelAdmin):
    """The admin of a part of the record.

    `person` is the attribute that holds the profile whose record a row is; pages
    that show such rows are in the disclosure log.
    """

    person: str | None = None

    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    ordering: Any = ("pk",)
    sortable_by = ()  # only what an index serves
    actions = None

    # --- Finding ----------------------------------------------------------------

    def search(self, rows: QuerySet, words: str) -> QuerySet:
        """Of these rows, those that the words of the search box mean."""
        return rows.filter(pk=words)

    def get_search_results(self, request, queryset, search_term):
        words = search_term.strip() if self.search_fields else ""
        return (self.search(queryset, words) if words else queryset), False

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        release(request, self._people([found]))
        return found

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            release(request, self._people(response.context_data["cl"].result_list))
        return response

    def _people(self, rows: Iterable[Model]) -> Iterator[str | None]:
        return (getattr(row, self.person) for row in rows if self.person)

    # --- History ----------------------------------------------------------------

    def trails(self, row: Model) -> list[Trail]:
        """What the history tab of a row tells; nothing where none is kept."""
        events = events_of(type(row))
        return [] if events is None else [Trail(events.filter(pgh_obj=row.pk))]

    def history_view(self, request, object_id, extra_context=None):
        """Who changed this row, from what to what, by which door and why."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        trails = self.trails(row)
        if not trails:
            return super().history_view(request, object_id, extra_context)
        before = moment_of(request.GET.get("before", ""))
        wanted = [trail.before(before) for trail in trails]
        entries = newest(wanted, HISTORY_PER_PAGE, request.staff)
        is_cut = len(entries) >= HISTORY_PER_PAGE
        return page(
            request,
            "admin/history.html",
            title="Who changed this",
            subtitle=str(row),
            back=reverse(
                f"admin:{self.opts.label_lower.replace('.', '_')}_change", args=[row.pk]
            ),
            entries=entries,
            next_before=entries[-1].at.isoformat() if is_cut else None,
        )

    # --- Writing ----------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        if not change:
            obj.save(force_insert=True)
        elif names := [name for name in form.changed_data if name != "seen"]:
            obj.save(update_fields=[*names, *_stamp(obj)])

    def get_deleted_objects(self, objs, request):
        """Ask each relation for one row: a course may have a million below it."""
        holding = [sentence for obj in objs for sentence in _holding(obj)]
        return [str(obj) for obj in objs], {}, set(), holding

    def delete_model(self, request, obj):
        if holding := list(_holding(obj)):
            raise Conflict(" ".join(holding))
        obj.delete()


class FactAdmin(RecordAdmin):
    """The admin of a record of fact: it is read, and never written, here."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class RecordInline(Reach, Careful, admin.TabularInline):
    """A part of the record, on the page of what it belongs to."""

    extra = 0
    show_change_link = True


class FactInline(RecordInline):
    """Rows that are only read on the page of what they belong to."""

    can_delete = False

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


def require(request: HttpRequest, *permissions: str) -> None:
    """Refuse whoever lacks one of the permissions."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied


def _name_of_filter(each: Any) -> str:
    """A field, a field with how it is filtered by, or a filter of its own."""
    if isinstance(each, str):
        return each
    return each[0] if isinstance(each, tuple) else each.parameter_name


def _stamp(row: Any) -> list[str]:
    """Raise the version and the time of a row that is about to be saved."""
    names = {field.name for field in row._meta.concrete_fields}
    if "version" in names:
        row.version = F("version") + 1
    if "updated_at" in names:
        row.updated_at = timezone.now()
    return [name for name in ("version", "updated_at") if name in names]


def _holding(row: Model) -> Iterator[str]:
    """Why the row cannot be deleted: a sentence per kind of row that needs it."""
    for relation in row._meta.related_objects:
        if relation.field.remote_field.on_delete is not PROTECT:
            continue
        rows = relation.related_model._base_manager
        if rows.filter(**{relation.field.name: row}).exists():
            yield f"There are {relation.related_model._meta.verbose_name_plural} of it."
