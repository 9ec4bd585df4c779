"""Long work that staff and commands ask for: import, export, publishing.

A job is not a task: nobody was promised an order, it takes as long as it takes,
and it commits once, at its end. This room knows no app: an app registers what
its kinds of job do, in `<app>/jobs.py`.
"""
