class EngineError(Exception):
    """Why the embedded engines cannot run, in a sentence that says what to do."""
