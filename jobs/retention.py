"""Jobs that ended long ago are removed, with what they tell of their end."""

from config.retention import Kept, keep

keep(Kept("jobs", "jobs_job", "finished_at", days="JOBS_KEPT_DAYS"))
