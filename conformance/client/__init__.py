"""The reference client: the bundled adapter that must survive every case."""
