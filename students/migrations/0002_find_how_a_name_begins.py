from django.db import migrations

# In SQL, for Django writes an operator class only with django.contrib.postgres,
# which asks each new connection for types that nothing here uses.
CREATE = """
CREATE INDEX profile_last_name_begins
ON students_profile (upper(last_name::text) text_pattern_ops)
"""


class Migration(migrations.Migration):

    dependencies = [("students", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE, "DROP INDEX profile_last_name_begins"),
    ]
