"""Financial time series, scaling laws: data, model, training, search. Knows nothing of the engine that starts it."""

from fts.sources import install

install()
del install
