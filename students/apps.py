from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = "Students"

    def ready(self) -> None:
        # Models can be imported only now.
        from access.identities import register_finder, register_holds
        from students.identities import find, held_among

        register_finder(find)
        register_holds(held_among)
