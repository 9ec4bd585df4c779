"""The private PostgreSQL and broker that run where no URL names others.

They belong to one process at a time, the one that holds the lock of the state
folder: `manage.py serve`, a single command, or a test run. They are its direct
children, are reached by sockets in a folder of mode 0700 with random passwords,
and end with it.
"""
