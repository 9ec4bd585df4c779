from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = "Students"

    def ready(self) -> None:
        # Models can be imported only now.
        from access.identities import register_finder
        from students.identities import find

        register_finder(find)
