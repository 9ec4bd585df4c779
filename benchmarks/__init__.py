"""What the registry costs, measured beside what it could cost at the least."""
