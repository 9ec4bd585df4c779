"""A change that says nothing of itself is put to the user of the database.

Whatever writes by way of the application says who, why and through which door.
Somebody at `psql` does not: then it is the one who signed in to the database.
"""

from django.db import migrations

NAME = """
ALTER FUNCTION _pgh_attach_context() RENAME TO registry_given_context;

CREATE FUNCTION _pgh_attach_context() RETURNS pghistory_context.id%TYPE AS $$
DECLARE
    given pghistory_context.id%TYPE := registry_given_context();
BEGIN
    IF given IS NOT NULL THEN
        RETURN given;
    END IF;
    -- For the rest of the transaction: what belongs together has one context.
    PERFORM set_config('pghistory.context_id', gen_random_uuid()::text, true),
        set_config('pghistory.context_metadata', jsonb_build_object(
            'door', 'database',
            'actor', jsonb_build_object(
                'database_user', session_user,
                'application', current_setting('application_name')
            )
        )::text, true);
    RETURN registry_given_context();
END
$$ LANGUAGE plpgsql;
"""

FORGET = """
DROP FUNCTION _pgh_attach_context();
ALTER FUNCTION registry_given_context() RENAME TO _pgh_attach_context;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0002_keep_who_and_why"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]
    operations = [migrations.RunSQL(NAME, FORGET)]
