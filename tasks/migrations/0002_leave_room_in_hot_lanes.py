from django.db import migrations

SET = """
ALTER TABLE tasks_lane SET (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.0,
    autovacuum_vacuum_threshold = 1000
)
"""
RESET = """
ALTER TABLE tasks_lane RESET (
    fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold
)
"""


class Migration(migrations.Migration):
    """A lane's row is rewritten with every task: it stays in its page."""

    dependencies = [("tasks", "0001_initial")]

    operations = [migrations.RunSQL(sql=SET, reverse_sql=RESET)]
