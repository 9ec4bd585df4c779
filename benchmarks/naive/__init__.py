"""The naive variant: the framework's own serializers and views, row by row."""
