"""Who made a change, and why, is kept for as long as what it changed.

A context may be added to while its change goes on, as when a request says more
about itself; nothing in it is changed or taken away.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION registry_keep_context() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.created_at = OLD.created_at
        AND NEW.metadata @> OLD.metadata
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The history in % is kept for ever.', TG_TABLE_NAME;
END
$$ LANGUAGE plpgsql;

CREATE TRIGGER context_is_kept BEFORE UPDATE OR DELETE ON pghistory_context
FOR EACH ROW EXECUTE FUNCTION registry_keep_context();

CREATE TRIGGER context_is_never_emptied BEFORE TRUNCATE ON pghistory_context
FOR EACH STATEMENT EXECUTE FUNCTION registry_keep_context();
"""

LET_GO = """
DROP TRIGGER context_is_never_emptied ON pghistory_context;
DROP TRIGGER context_is_kept ON pghistory_context;
DROP FUNCTION registry_keep_context();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]
    operations = [migrations.RunSQL(KEEP, LET_GO)]
