"""The pytest glue: options, selection, running, reporting."""
