"""The desk of registrar staff: what every page of the admin has in common."""
