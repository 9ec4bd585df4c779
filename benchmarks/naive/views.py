from django.db import transaction
from django.utils import timezone
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.naive.serializers import EnrollmentSerializer, PayloadSerializer
from benchmarks.naive.tasks import patch_enrollment
from enrollments.models import Enrollment
from tasks.models import Lane, Task


class EnrollmentList(generics.ListAPIView):
    serializer_class = EnrollmentSerializer
    queryset = Enrollment.objects.filter(profile__is_confidential=False).order_by("id")


class EnrollmentDetail(generics.RetrieveAPIView):
    serializer_class = EnrollmentSerializer
    queryset = Enrollment.objects.filter(profile__is_confidential=False)


class Accept(APIView):
    @transaction.atomic
    def patch(self, request, pk):
        enrollment = generics.get_object_or_404(Enrollment, pk=pk)
        PayloadSerializer(data=request.data).is_valid(raise_exception=True)
        lane, _ = Lane.objects.get_or_create(
            key=f"enrollments:{pk}",
            defaults={"next_number": 1, "ready_at": timezone.now()},
        )
        lane = Lane.objects.select_for_update().get(pk=lane.pk)
        lane.next_number += 1
        lane.ready_at = timezone.now()
        lane.save()
        task = Task.objects.create(
            lane=lane,
            number=lane.next_number,
            resource="enrollments",
            action="PATCH",
            resource_id=pk,
            payload="{}",
            about=enrollment.profile_id,
        )
        transaction.on_commit(lambda: patch_enrollment.delay(task.pk))
        location = {"Location": f"/api/tasks/{task.pk}"}
        return Response({"status": "accepted"}, 202, headers=location)
