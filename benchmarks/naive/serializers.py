from rest_framework import serializers

from enrollments.models import Enrollment

MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class AssessmentSerializer(serializers.Serializer):
    submit_date = serializers.DateTimeField(allow_null=True)
    opt_out_date = serializers.DateTimeField(allow_null=True)


class PayloadSerializer(serializers.Serializer):
    course_assessment = AssessmentSerializer()


class EnrollmentSerializer(serializers.ModelSerializer):
    section = serializers.SerializerMethodField()
    netid = serializers.CharField(source="profile.netid")
    term = serializers.SerializerMethodField()
    is_active = serializers.BooleanField(source="offering.semester.is_active")
    is_in_session = serializers.BooleanField(source="offering.semester.is_in_session")
    final_grade = serializers.SerializerMethodField()
    course_assessment = serializers.SerializerMethodField()

    class Meta:
        model = Enrollment
        fields = [
            "id",
            "section",
            "netid",
            "role",
            "term",
            "is_active",
            "is_in_session",
            "final_grade",
            "course_assessment",
        ]

    def get_section(self, enrollment):
        return {"id": enrollment.offering.section_id}

    def get_term(self, enrollment):
        code = enrollment.offering.semester.code
        part = enrollment.offering.part_of_term
        return {"id": f"{code}-{part}", "sis_term_code": code, "sis_ptrm_code": part}

    def get_final_grade(self, enrollment):
        grades = enrollment.registration.grades
        grade = grades.filter(column__name="final", published=True).first()
        return grade.of_record if grade else None

    def get_course_assessment(self, enrollment):
        submitted, opted_out = enrollment.course_assessment
        if not (submitted or opted_out):
            return None
        return {
            "submit_date": submitted and submitted.strftime(MOMENT),
            "opt_out_date": opted_out and opted_out.strftime(MOMENT),
        }
