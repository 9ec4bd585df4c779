from django.db import migrations

TABLES = ("registrations_registration", "registrations_grade")


class Migration(migrations.Migration):
    """Grade entry rewrites rows in place: pages keep room for the new version."""

    dependencies = [("registrations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=f"ALTER TABLE {table} SET (fillfactor = 85)",
            reverse_sql=f"ALTER TABLE {table} RESET (fillfactor)",
        )
        for table in TABLES
    ]
