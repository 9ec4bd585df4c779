"""(b), the hand-written peer: WSGI, a pool, one statement, orjson.

No framework, no authentication, no log; the same tables, indexes and triggers.
It answers what the product answers, and nothing else.
"""

import os
import time
import uuid
from datetime import UTC, date, datetime
from urllib.parse import parse_qs

import orjson
import redis
from psycopg_pool import ConnectionPool

from benchmarks import bulk_peer

pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=4,
    max_size=4,
    kwargs={"autocommit": True},
    open=True,
)
broker = redis.Redis.from_url(os.environ["REDIS_URL"])

ENROLLMENTS = """
SELECT e.id, o.section_id, p.netid, e.role, t.code, o.part_of_term,
       %(today)s BETWEEN t.starts_on AND t.ends_on,
       coalesce(%(today)s BETWEEN t.registration_opens_on
                AND t.registration_closes_on, false),
       (SELECT coalesce(g.resit_value, g.value) FROM registrations_grade g
        JOIN offerings_gradecolumn c ON c.id = g.column_id AND c.name = 'final'
        WHERE g.registration_id = e.registration_id AND g.published),
       e.assessment_submitted_at, e.assessment_opted_out_at
FROM enrollments_enrollment e
JOIN students_profile p ON p.id = e.profile_id AND NOT p.is_confidential
JOIN offerings_unitoffering o ON o.id = e.offering_id
JOIN offerings_term t ON t.id = o.semester_id
"""
ONE = f"{ENROLLMENTS} WHERE e.id = %(id)s"
PAGE = f"{ENROLLMENTS} WHERE e.id > %(after)s ORDER BY e.id LIMIT 100"

ACCEPT = """
WITH lane AS (
    INSERT INTO tasks_lane AS lane
        (key, next_number, applied_number, ready_at, fence, hinted_at, is_held)
    VALUES ('enrollments:' || %(id)s, 1, 0, now(), 0, now(), false)
    ON CONFLICT (key) DO UPDATE SET next_number = lane.next_number + 1
    RETURNING key, next_number
)
INSERT INTO tasks_task
    (id, lane_id, number, resource, action, resource_id, payload, about, client_id,
     sub, name, email, scope, request_id, reason, retry_of)
SELECT %(task)s, key, next_number, 'enrollments', 'PATCH', %(id)s, %(payload)s, '',
       'peer', 'peer', '', '', '', '', '', ''
FROM lane
"""


def application(environ, start_response):
    path = environ["PATH_INFO"]
    work = next(work for prefix, work in ROUTES.items() if path.startswith(prefix))
    status, headers, body = work(path, environ)
    length = ("Content-Length", str(len(body)))
    start_response(status, [("Content-Type", "application/json"), length, *headers])
    return [body]


def health(path, environ):
    return "200 OK", [], b"{}"


def page(path, environ):
    after = parse_qs(environ["QUERY_STRING"]).get("after", [""])[0]
    rows = fetched(PAGE, {"after": after, "today": date.today()})
    return "200 OK", [], orjson.dumps([*map(shown, rows)])


def one(path, environ):
    pk = path.rpartition("/")[2]
    rows = fetched(ONE, {"id": pk, "today": date.today()})
    return "200 OK", [], orjson.dumps(shown(rows[0]))


def accept(path, environ):
    payload = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    {"submit_date", "opt_out_date"} ^ orjson.loads(payload)["course_assessment"].keys()
    task = f"{time.time_ns():016x}"[:14] + uuid.uuid4().hex[:10]
    asked = {"id": path.rpartition("/")[2], "task": task, "payload": payload.decode()}
    with pool.connection() as connection:
        connection.execute(ACCEPT, asked)
    broker.lpush("peer", task)
    location = ("Location", f"/api/tasks/{task}")
    return "202 Accepted", [location], b'{"status":"accepted"}'


def grades(path, environ):
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    asked = bulk_peer.parameters(path.rpartition("/")[2], body)
    rows = fetched(bulk_peer.PATCH, asked)
    return "200 OK", [], bulk_peer.answered(body, rows)


def fetched(statement, parameters):
    with pool.connection() as connection:
        return connection.execute(statement, parameters).fetchall()


def shown(row):
    pk, section, netid, role, code, part, in_session, is_open, grade, *dates = row
    assessment = None
    if any(dates):
        assessment = {"submit_date": utc(dates[0]), "opt_out_date": utc(dates[1])}
    return {
        "id": pk,
        "section": {"id": section},
        "netid": netid,
        "role": role,
        "term": {"id": f"{code}-{part}", "sis_term_code": code, "sis_ptrm_code": part},
        "is_active": in_session or is_open,
        "is_in_session": in_session,
        "final_grade": grade,
        "course_assessment": assessment,
    }


def utc(moment: datetime | None) -> str | None:
    return moment and moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


ROUTES = {
    "/healthz": health,
    "/page": page,
    "/one/": one,
    "/accept/": accept,
    "/grades/": grades,
}
