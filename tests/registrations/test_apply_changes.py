"""Applying changes to registrations, one or a thousand."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from config.errors import Invalid
from config.history import recorded
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.errors import (
    AmbiguousContext,
    ChangedMeanwhile,
    NotAttempted,
    NotRegistered,
    NotTheirs,
    OffScale,
    OutsideCourse,
    TermClosed,
    UnknownContext,
    UnknownUnit,
)
from registrations.models import Grade, Registration
from registrations.operations import apply_change, apply_changes
from tests.factories import (
    CourseIntakeFactory,
    GradeColumnFactory,
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitFactory,
    UnitOfferingFactory,
)
from tests.registrations.records import grades_of, stored

pytestmark = pytest.mark.django_db


def final(value, **attributes):
    return [GradeChange("final", value, **attributes)]


def graded(registration, value, **attributes):
    """A change of the final grade of that registration."""
    target = Target(registration_id=registration.pk)
    return Change(target=target, grades=final(value), **attributes)


def on(registration, context_id, **attributes):
    """A change for that profile and unit, in a context."""
    target = Target(
        profile_id=registration.profile_id,
        unit_id=registration.unit_id,
        context_id=context_id,
    )
    return Change(target=target, **attributes)


def errors(results):
    return [type(result.error) for result in results]


@pytest.fixture
def registration():
    registration = RegistrationFactory()
    GradeColumnFactory(unit=registration.unit)
    return registration


@pytest.fixture
def others():
    """Registrations of several profiles on one unit."""
    unit = GradeColumnFactory().unit
    return RegistrationFactory.create_batch(3, unit=unit)


# --- What is stored -----------------------------------------------------------


def test_it_stores_all_that_a_change_asks(registration, grade_states, writer):
    change = Change(
        target=Target(registration_id=registration.pk),
        grade_state_name="pass",
        awarded=False,
        grade_notes="notes",
        grade_feedback="feedback",
        grades=[GradeChange("final", "85", True, "good", "90", "was ill")],
    )
    (before,) = Registration.objects.values()
    row = apply_change(change, writer=writer)
    (after,) = Registration.objects.values()
    grade = registration.grades.get()
    assert {name: now for name, now in after.items() if now != before[name]} == {
        "grade_state_id": "pass",
        "awarded": False,
        "notes": "notes",
        "feedback": "feedback",
        "grader_id": "grader",
        "ended_at": row.updated_at,
        "updated_at": row.updated_at,
        "version": 2,
    }
    assert (grade.value, grade.published, grade.comment) == ("85", True, "good")
    assert (grade.resit_value, grade.resit_justification) == ("90", "was ill")
    assert grade.updated_at == row.updated_at


def test_it_returns_the_registration_as_it_is_stored(
    registration, grade_states, writer
):
    before = timezone.now()
    row = apply_change(graded(registration, 82, grade_state_name="pass"), writer=writer)
    again = apply_change(
        Change(target=Target(registration_id=registration.pk)), writer=writer
    )
    assert row == again
    assert row.updated_at >= before


def test_it_stores_and_keeps_nothing_of_what_stays_the_same(registration, writer):
    GradeFactory(
        registration=registration, column=registration.unit.grade_columns.get()
    )
    before = stored()
    apply_change(graded(registration, "85", grade_notes=""), writer=writer)
    assert stored() == before


def test_it_changes_no_other_registration(others, writer):
    first, second, third = others
    GradeFactory(registration=third, column=third.unit.grade_columns.get())
    rows, grades = stored()
    apply_changes([graded(second, "41")], writer=writer)
    rows_now, grades_now = stored()
    assert {id for id in rows if rows[id] != rows_now[id]} == {second.pk}
    assert {key: grades_now[key] for key in grades} == grades
    assert grades_of(first) == {}


def test_it_takes_a_thousand_at_the_statements_of_one(
    others, writer, django_assert_num_queries
):
    many = [graded(others[n % 3], str(n % 100)) for n in range(1000)]
    with django_assert_num_queries(4):  # savepoint, lock, read, write
        apply_changes([graded(others[0], "41")], writer=writer)
    with django_assert_num_queries(4):
        results = apply_changes(many, writer=writer)
    assert [grades_of(one) for one in others] == [
        {"final": "99"},
        {"final": "97"},
        {"final": "98"},
    ]
    assert errors(results) == [type(None)] * 1000


def test_it_answers_nothing_to_nothing(writer):
    assert apply_changes([], writer=writer) == []


# --- Independent, in order ----------------------------------------------------


def test_it_stores_the_others_where_one_is_refused(others, writer):
    first, second, third = others
    results = apply_changes(
        [graded(first, "10"), graded(second, "101"), graded(third, "30")], writer=writer
    )
    assert errors(results) == [type(None), OffScale, type(None)]
    assert [grades_of(one) for one in others] == [
        {"final": "10"},
        {},
        {"final": "30"},
    ]


def test_it_leaves_nothing_behind_of_one_that_is_refused(registration, writer):
    before = stored()
    change = graded(registration, "850", grade_notes="x", registration_state="rejected")
    (result,) = apply_changes([change], writer=writer)
    assert isinstance(result.error, OffScale)
    assert stored() == before


def test_it_builds_each_on_the_one_before(registration, grade_states, writer):
    results = apply_changes(
        [
            graded(registration, "10", grade_state_name="fail"),
            graded(registration, "850"),
            on(registration, registration.course_id, grade_state_name="pass"),
            on(registration, registration.intake_id, grades=final(None)),
        ],
        writer=writer,
    )
    column = registration.unit.grade_columns.get()
    shown = [
        result.registration
        and (result.registration.grade_state, result.registration.grade(column).value)
        for result in results
    ]
    assert shown == [("fail", "10"), None, ("pass", "10"), ("pass", None)]
    registration.refresh_from_db()
    assert registration.grade_state_id == "pass"
    assert grades_of(registration) == {"final": None}


def test_it_keeps_the_place_of_what_could_not_be_read(registration, writer):
    unread = Invalid("Must be an object.")
    results = apply_changes([unread, graded(registration, "10")], writer=writer)
    assert results[0].error is unread
    assert grades_of(registration) == {"final": "10"}


def test_it_stores_nothing_of_all_or_nothing_where_one_is_refused(others, writer):
    first, second, third = others
    before = stored()
    results = apply_changes(
        [graded(first, "10"), graded(second, "101"), graded(third, "30")],
        writer=writer,
        all_or_nothing=True,
    )
    assert errors(results) == [NotAttempted, OffScale, NotAttempted]
    assert stored() == before


def test_it_stores_all_of_all_or_nothing(others, writer):
    changes = [graded(one, "10") for one in others]
    results = apply_changes(changes, writer=writer, all_or_nothing=True)
    assert errors(results) == [type(None)] * 3
    assert [grades_of(one) for one in others] == [{"final": "10"}] * 3


@pytest.fixture
def hidden_rule(db):
    """A constraint that no rule of ours knows of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE registrations_registration "
            "ADD CONSTRAINT unforeseen CHECK (notes <> 'unforeseen')"
        )


def test_it_finds_the_one_that_a_constraint_refuses(hidden_rule, others, writer):
    first, second, third = others
    results = apply_changes(
        [
            graded(first, "10"),
            graded(second, "20", grade_notes="unforeseen"),
            graded(third, "30"),
            graded(third, "31"),
        ],
        writer=writer,
    )
    assert errors(results) == [type(None), ChangedMeanwhile, type(None), type(None)]
    assert [grades_of(one) for one in others] == [{"final": "10"}, {}, {"final": "31"}]


def test_it_undoes_all_of_all_or_nothing_where_a_constraint_refuses(
    hidden_rule, others, writer
):
    first, second, _ = others
    before = stored()
    results = apply_changes(
        [graded(first, "10"), graded(second, "20", grade_notes="unforeseen")],
        writer=writer,
        all_or_nothing=True,
    )
    assert errors(results) == [NotAttempted, ChangedMeanwhile]
    assert stored() == before


# --- Which registration -------------------------------------------------------


def test_it_finds_the_one_on_an_intake(registration, writer):
    elsewhere = RegistrationFactory(
        profile=registration.profile, unit=registration.unit
    )
    change = on(registration, registration.intake_id, grades=final("10"))
    assert apply_change(change, writer=writer).id == registration.pk
    assert grades_of(elsewhere) == {}


def test_it_finds_the_one_on_any_intake_of_a_course(registration, writer):
    change = on(registration, registration.course_id, grades=final("10"))
    assert apply_change(change, writer=writer).id == registration.pk


def test_it_finds_the_one_on_the_course_itself(registration, writer):
    Registration.objects.filter(pk=registration.pk).update(intake=None)
    change = on(registration, registration.course_id, grades=final("10"))
    assert apply_change(change, writer=writer).id == registration.pk


def test_it_lists_the_contexts_where_more_than_one_fits(registration, writer):
    elsewhere = RegistrationFactory(
        profile=registration.profile, unit=registration.unit
    )
    change = on(registration, registration.course_id, grades=final("10"))
    (result,) = apply_changes([change], writer=writer)
    assert isinstance(result.error, AmbiguousContext)
    assert registration.intake_id in result.error.message
    assert elsewhere.intake_id in result.error.message
    assert result.error.field == "context_id"


def test_it_lists_the_contexts_where_none_is_named(registration, writer):
    RegistrationFactory(profile=registration.profile, unit=registration.unit)
    (result,) = apply_changes([on(registration, None)], writer=writer)
    assert isinstance(result.error, AmbiguousContext)
    assert result.error.field == "profile_id"


def test_it_means_the_latest_attempt(registration, writer):
    latest = RegistrationFactory(
        profile=registration.profile,
        unit=registration.unit,
        intake=registration.intake,
        attempt=2,
    )
    change = on(registration, registration.intake_id, grades=final("10"))
    assert apply_change(change, writer=writer).id == latest.pk
    assert grades_of(registration) == {}


def test_it_reaches_an_older_attempt_by_its_id_only(registration, writer):
    RegistrationFactory(
        profile=registration.profile,
        unit=registration.unit,
        intake=registration.intake,
        attempt=2,
    )
    by_id = Target(registration_id=registration.pk)
    on_unit = Target(registration_id=registration.pk, unit_id=registration.unit_id)
    results = apply_changes(
        [
            Change(target=by_id, grades=final("10")),
            Change(target=on_unit, grades=final("20")),
        ],
        writer=writer,
    )
    assert errors(results) == [type(None), NotRegistered]
    assert grades_of(registration) == {"final": "10"}


def test_it_refuses_an_id_that_is_of_another_unit(registration, writer):
    target = Target(registration_id=registration.pk, unit_id=UnitFactory().pk)
    (result,) = apply_changes([Change(target=target)], writer=writer)
    assert isinstance(result.error, NotRegistered)
    assert result.error.field == "registration_id"


@pytest.mark.parametrize(
    ("replaced", "refusal", "field"),
    [
        ({"unit_id": "nope"}, UnknownUnit, "unit_id"),
        ({"context_id": "nope"}, UnknownContext, "context_id"),
        ({"profile_id": "nope"}, NotRegistered, "unit_id"),
    ],
)
def test_it_names_what_it_does_not_know(registration, writer, replaced, refusal, field):
    named = {
        "profile_id": registration.profile_id,
        "unit_id": registration.unit_id,
        "context_id": registration.intake_id,
    }
    change = Change(target=Target(**{**named, **replaced}))
    (result,) = apply_changes([change], writer=writer)
    assert (type(result.error), result.error.field) == (refusal, field)


@pytest.mark.parametrize("creates", [True, False])
def test_it_refuses_a_unit_outside_the_course_of_the_context(
    registration, writer, creates
):
    target = Target(
        profile_id=registration.profile_id,
        unit_id=registration.unit_id,
        context_id=CourseIntakeFactory().pk,
        creates=creates,
    )
    (result,) = apply_changes([Change(target=target)], writer=writer)
    assert isinstance(result.error, OutsideCourse)
    assert result.error.field == "context_id"
    assert Registration.objects.count() == 1


def test_it_reaches_one_whose_offering_crossed_courses(registration, writer):
    intake = CourseIntakeFactory()
    crossing = RegistrationFactory(
        profile=registration.profile,
        unit=registration.unit,
        course=intake.course,
        intake=intake,
    )
    change = on(registration, intake.pk, grades=final("10"))
    assert apply_change(change, writer=writer).id == crossing.pk


def test_it_treats_held_people_as_absent(registration, writer):
    type(registration.profile).objects.update(is_confidential=True)
    results = apply_changes(
        [graded(registration, "10"), on(registration, registration.intake_id)],
        writer=writer,
    )
    assert errors(results) == [NotRegistered, NotRegistered]
    assert grades_of(registration) == {}


def test_it_reaches_held_people_for_who_sees_them(registration):
    type(registration.profile).objects.update(is_confidential=True)
    apply_change(graded(registration, "10"), writer=Writer(sees_held=True))
    assert grades_of(registration) == {"final": "10"}


def test_it_keeps_a_lecturer_to_their_offerings(registration):
    offering = UnitOfferingFactory()
    Registration.objects.update(offering=offering)
    theirs = Writer(lecturer_id=offering.lecturer_id)
    others = Writer(lecturer_id="another")
    assert errors(apply_changes([graded(registration, "10")], writer=others)) == [
        NotTheirs
    ]
    apply_change(graded(registration, "20"), writer=theirs)
    assert grades_of(registration) == {"final": "20"}


def test_it_holds_the_grades_of_a_closed_term_off(registration, writer):
    offering = UnitOfferingFactory(semester__grades_closed_at=timezone.now())
    Registration.objects.update(offering=offering)
    results = apply_changes(
        [graded(registration, "10"), on(registration, None, grade_notes="x")],
        writer=writer,
    )
    assert errors(results) == [TermClosed, type(None)]
    assert grades_of(registration) == {}


# --- Registrations that are made ----------------------------------------------


@pytest.fixture
def profile():
    return ProfileFactory()


@pytest.fixture
def unit():
    return GradeColumnFactory().unit


def creating(profile, unit, context_id, **attributes):
    target = Target(
        profile_id=profile.pk, unit_id=unit.pk, context_id=context_id, creates=True
    )
    return Change(target=target, **{"registration_state": "registered", **attributes})


def test_it_makes_a_registration_on_an_intake(profile, unit, writer):
    intake = CourseIntakeFactory(course=unit.course)
    row = apply_change(creating(profile, unit, intake.pk), writer=writer)
    made = Registration.objects.values().get()
    assert made == {
        "id": row.id,
        "profile_id": profile.pk,
        "unit_id": unit.pk,
        "course_id": unit.course_id,
        "intake_id": intake.pk,
        "attempt": 1,
        "offering_id": None,
        "state": "registered",
        "grade_state_id": None,
        "awarded": None,
        "notes": "",
        "feedback": "",
        "grader_id": None,
        "began_at": None,
        "last_active_at": None,
        "ended_at": None,
        "ejected_at": None,
        "version": 1,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def test_it_makes_it_with_its_grades_at_version_one(
    profile, unit, grade_states, writer
):
    change = creating(
        profile,
        unit,
        unit.course_id,
        grades=final("85", published=True),
        grade_state_name="pass",
        registration_state="conditional",
    )
    row = apply_change(change, writer=writer)
    made = Registration.objects.get()
    assert (made.version, made.grade_state_id, made.state) == (1, "pass", "conditional")
    assert made.ended_at == made.created_at == row.created_at
    assert grades_of(made) == {"final": "85"}


def test_it_makes_it_on_the_own_intake_of_a_profile_in_the_course(unit, writer):
    CourseIntakeFactory(course=unit.course)
    own = CourseIntakeFactory(course=unit.course)
    profile = ProfileFactory(intake=own)
    row = apply_change(creating(profile, unit, unit.course_id), writer=writer)
    assert (row.course_id, row.intake_id) == (unit.course_id, own.pk)


def test_it_makes_it_on_the_course_itself_for_a_profile_of_another(unit, writer):
    CourseIntakeFactory(course=unit.course)
    profile = ProfileFactory(intake=CourseIntakeFactory())
    row = apply_change(creating(profile, unit, unit.course_id), writer=writer)
    assert (row.course_id, row.intake_id) == (unit.course_id, None)


def test_it_sets_the_one_offering_of_the_unit_and_intake(profile, unit, writer):
    offering = UnitOfferingFactory(unit_version__unit=unit)
    UnitOfferingFactory(unit_version=offering.unit_version)
    intake_id = offering.course_intake_id
    row = apply_change(creating(profile, unit, intake_id), writer=writer)
    assert row.offering.id == offering.pk
    assert Registration.objects.get().offering_id == offering.pk


def test_it_sets_no_offering_where_there_are_several(profile, unit, writer):
    offering = UnitOfferingFactory(unit_version__unit=unit)
    intake = offering.course_intake
    UnitOfferingFactory(unit_version=offering.unit_version, course_intake=intake)
    row = apply_change(creating(profile, unit, intake.pk), writer=writer)
    assert row.offering is None


def test_it_makes_none_of_one_that_is_refused(profile, unit, writer):
    results = apply_changes(
        [creating(profile, unit, unit.course_id, grades=final("850"))], writer=writer
    )
    assert errors(results) == [OffScale]
    assert not Registration.objects.exists()


def test_it_makes_one_that_the_next_change_finds(profile, unit, writer):
    results = apply_changes(
        [
            creating(profile, unit, unit.course_id, grades=final("10")),
            creating(profile, unit, unit.course_id, grades=final("20")),
        ],
        writer=writer,
    )
    assert results[0].registration.id == results[1].registration.id
    assert grades_of(Registration.objects.get()) == {"final": "20"}


def test_it_uses_the_one_there_is_and_keeps_its_grades(registration, writer):
    GradeFactory(
        registration=registration, column=registration.unit.grade_columns.get()
    )
    now = timezone.now()
    Registration.objects.update(state="rejected", ejected_at=now, ended_at=now)
    change = creating(registration.profile, registration.unit, registration.course_id)
    row = apply_change(change, writer=writer)
    registration.refresh_from_db()
    assert (row.id, registration.state) == (registration.pk, "registered")
    assert (registration.ejected_at, registration.ended_at) == (None, None)
    assert grades_of(registration) == {"final": "85"}


def test_it_makes_many_at_the_statements_of_one(
    unit, writer, django_assert_num_queries
):
    profiles = ProfileFactory.create_batch(20)
    changes = [creating(profile, unit, unit.course_id) for profile in profiles]
    with django_assert_num_queries(6):  # one more: where they can go
        apply_changes(changes[:1], writer=writer)
    with django_assert_num_queries(6):
        apply_changes(changes, writer=writer)
    assert Registration.objects.count() == 20


# --- History ------------------------------------------------------------------


def history(model):
    """Return the rows of history that were not made by hand: label, key, context."""
    events = model.pgh_event_model.objects.order_by("pgh_id").exclude(
        pgh_context__metadata__door="database"
    )
    return [
        (event.pgh_label, event.pgh_obj_id, event.pgh_context.metadata)
        for event in events
    ]


def test_it_keeps_one_row_of_history_per_changed_row(others, writer):
    first, second, third = others
    GradeFactory(registration=second, column=second.unit.grade_columns.get())
    actor = {"client": "c", "sub": "s"}
    with recorded(actor=actor, door="profile-registrations", reason="appeal"):
        apply_changes(
            [
                graded(first, "10"),
                graded(first, "11", grade_notes="x"),
                graded(second, "20"),
                graded(third, "300"),
                Change(target=Target(registration_id=third.pk), grade_notes=""),
            ],
            writer=writer,
            send_notifications=True,
        )
    context = {
        "actor": actor,
        "door": "profile-registrations",
        "reason": "appeal",
        "send_notifications": True,
    }
    grades = {grade.registration_id: grade.pk for grade in Grade.objects.all()}
    assert sorted(history(Registration), key=str) == sorted(
        [("update", first.pk, context), ("update", second.pk, context)], key=str
    )
    assert sorted(history(Grade), key=str) == sorted(
        [
            ("insert", grades[first.pk], context),
            ("update", grades[second.pk], context),
        ],
        key=str,
    )


def test_it_keeps_the_history_of_what_is_made(profile, unit, writer):
    with recorded(actor={"command": "x"}, door="command"):
        apply_changes(
            [creating(profile, unit, unit.course_id, grades=final("10"))], writer=writer
        )
    made = Registration.objects.get()
    context = {"actor": {"command": "x"}, "door": "command"}
    assert history(Registration) == [("insert", made.pk, context)]
    assert history(Grade) == [("insert", made.grades.get().pk, context)]


def test_it_leaves_a_transaction_around_it_fit_for_use(registration, writer):
    with transaction.atomic():
        apply_changes([graded(registration, "850")], writer=writer)
        Registration.objects.update(notes="after")
    registration.refresh_from_db()
    assert registration.notes == "after"
