"""Names and numbers that the SQL of this room is written with."""

# 24 hex characters in the order of the rows, as config.ids makes them. The
# beginning counts from the moment of the plan, the end is random.
NEW_ID = (
    "lpad(to_hex(%(first_id)s::bigint + {row}), 14, '0')"
    " || right(replace(gen_random_uuid()::text, '-', ''), 10)"
)
