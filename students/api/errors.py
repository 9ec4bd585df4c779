from config.rest.dialects import AttributeErrors


class StudentsDialect(AttributeErrors):
    name = "students"
    prefixes = ("/api/students", "/api/dplans", "/api/dplan_sources")


STUDENTS = StudentsDialect()
