"""Where work runs: ``map(function, items)`` is the whole interface of an engine."""
