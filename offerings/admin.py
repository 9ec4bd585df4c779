"""Terms, the catalogue and what is taught, as staff see them."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.models import BaseInlineFormSet

from config.admin.models import RecordAdmin, RecordInline
from config.admin.versions import FixedForm
from offerings.changes import OfferingChange, TermChange
from offerings.models import (
    Course,
    CourseIntake,
    GradeColumn,
    Lecturer,
    Term,
    Unit,
    UnitOffering,
    UnitVersion,
)
from offerings.models.catalogue import FINAL
from offerings.operations import change_offering, create_offering, delete_offering
from offerings.terms import change_term


@admin.register(Term)
class TermAdmin(RecordAdmin):
    list_display = [
        "__str__",
        "name",
        "starts_on",
        "ends_on",
        "registration_opens_on",
        "registration_closes_on",
        "grades_closed_at",
    ]
    search_fields = ["code"]
    search_help_text = "The id, or how the SIS code or the name begins."
    ordering = ["-starts_on", "-ends_on"]
    readonly_fields = ["grades_closed_at"]  # closed with a reason, on its own page

    def search(self, rows, words):
        return rows.filter(
            Q(pk=words) | Q(code__startswith=words) | Q(name__istartswith=words)
        )

    def save_model(self, request, obj, form, change):
        if not change:
            return super().save_model(request, obj, form, change)
        names = [name for name in form.changed_data if name != "seen"]
        asked = TermChange(**{name: getattr(obj, name) for name in names})
        return change_term(term_id=obj.pk, change=asked)


class CourseIntakeInline(RecordInline):
    model = CourseIntake


@admin.register(Course)
class CourseAdmin(RecordAdmin):
    list_display = ["code", "name"]
    list_display_links = ["code", "name"]
    search_fields = ["code"]
    search_help_text = "The id, or how the code begins."
    ordering = ["code"]
    inlines = [CourseIntakeInline]

    def search(self, rows, words):
        return rows.filter(Q(pk=words) | Q(code__startswith=words))


class CourseIntakeForm(FixedForm):
    fixed = {"course": ("registrations", "people are registered on the intake")}


@admin.register(CourseIntake)
class CourseIntakeAdmin(RecordAdmin):
    form = CourseIntakeForm
    list_display = ["name", "course"]
    list_select_related = ["course"]
    autocomplete_fields = ["course"]
    search_fields = ["pk"]
    search_help_text = "The id, or how the code of the course begins."

    def search(self, rows, words):
        return rows.filter(Q(pk=words) | Q(course__code__startswith=words))


@admin.register(Lecturer)
class LecturerAdmin(RecordAdmin):
    list_display = ["__str__", "netid", "email", "user"]
    list_select_related = ["user"]
    autocomplete_fields = ["user"]
    search_fields = ["netid"]
    search_help_text = "The id, or how the netid or the last name begins."

    def search(self, rows, words):
        return rows.filter(
            Q(pk=words) | Q(netid__startswith=words) | Q(last_name__istartswith=words)
        )


class GradeColumnFormSet(BaseInlineFormSet):
    """The columns of one unit: `final` is always among them."""

    SCALE = {"name", "scale", "maximum", "allowed"}

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        if FINAL not in [form.cleaned_data.get("name") for form in kept]:
            raise ValidationError(f"Every unit has a column named “{FINAL}”.")
        for form in self.forms:
            self._refuse_if_grades_stand(form)

    def _refuse_if_grades_stand(self, form):
        """What was graded on one scale is not read on another."""
        is_touched = form in self.deleted_forms or self.SCALE & {*form.changed_data}
        if form.instance.pk and is_touched and form.instance.grades.exists():
            raise ValidationError(
                f"“{form.instance}” has grades: its name and scale stay as they are."
            )


class GradeColumnInline(RecordInline):
    model = GradeColumn
    formset = GradeColumnFormSet
    ordering = ["position", "id"]


class UnitVersionInline(RecordInline):
    model = UnitVersion
    ordering = ["version_number"]


class UnitForm(FixedForm):
    fixed = {"course": ("registrations", "people are registered on the unit")}


@admin.register(Unit)
class UnitAdmin(RecordAdmin):
    form = UnitForm
    list_display = ["code", "title", "course", "passing_grade"]
    list_display_links = ["code", "title"]
    list_select_related = ["course"]
    autocomplete_fields = ["course"]
    search_fields = ["code"]
    search_help_text = "The id, or how the code begins."
    ordering = ["code"]
    inlines = [GradeColumnInline, UnitVersionInline]

    def search(self, rows, words):
        return rows.filter(Q(pk=words) | Q(code__startswith=words))

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """A new unit is offered the column that every unit has."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if inline.model is GradeColumn and obj._state.adding:
            kwargs["initial"] = [
                {"name": FINAL, "label": "Final grade", "maximum": 100, "position": 0}
            ]
        return kwargs


class UnitVersionForm(FixedForm):
    fixed = {"unit": ("offerings", "the version is offered")}


@admin.register(UnitVersion)
class UnitVersionAdmin(RecordAdmin):
    form = UnitVersionForm
    list_display = ["title", "unit", "version_number"]
    list_select_related = ["unit"]
    autocomplete_fields = ["unit"]
    search_fields = ["pk"]
    search_help_text = "The id, or how the code of the unit begins."

    def search(self, rows, words):
        return rows.filter(Q(pk=words) | Q(unit__code__startswith=words))


@admin.register(UnitOffering)
class UnitOfferingAdmin(RecordAdmin):
    """Whoever may grade only what they teach sees those offerings and no other."""

    list_display = ["code", "title", "course_intake", "lecturer", "semester"]
    list_select_related = ["unit_version", "course_intake", "lecturer", "semester"]
    autocomplete_fields = ["unit_version", "course_intake", "lecturer", "semester"]
    search_fields = ["code"]
    search_help_text = "The id, or how the code or the section id begins."
    ordering = ["code"]

    def search(self, rows, words):
        return rows.matching(words)

    def within_reach(self, rows, staff):
        return rows.within_reach_of(staff)

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or request.staff.grades_own

    def save_model(self, request, obj, form, change):
        names = form.changed_data if change else form.fields
        columns = [
            obj._meta.get_field(name).attname for name in names if name != "seen"
        ]
        asked = OfferingChange(**{column: getattr(obj, column) for column in columns})
        if change:
            change_offering(offering_id=obj.pk, change=asked)
        else:
            obj.pk = create_offering(change=asked).pk

    def delete_model(self, request, obj):
        delete_offering(offering_id=obj.pk)

    @admin.display(description="title")
    def title(self, offering):
        return offering.unit_version.title
