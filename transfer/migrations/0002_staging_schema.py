from django.db import migrations


class Migration(migrations.Migration):
    """A schema for the tables of imports, so that dumps and grants can name it."""

    dependencies = [("transfer", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="CREATE SCHEMA IF NOT EXISTS staging",
            reverse_sql="DROP SCHEMA IF EXISTS staging CASCADE",
        )
    ]
