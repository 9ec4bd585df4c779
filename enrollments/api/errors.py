from config.rest.dialects import AttributeErrors


class EnrollmentsDialect(AttributeErrors):
    name = "enrollments"
    prefixes = ("/api/academic/enrollments",)


ENROLLMENTS = EnrollmentsDialect()
