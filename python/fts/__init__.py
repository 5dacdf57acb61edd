"""Financial time series, scaling laws: data, model, training, search. Knows nothing of the engine that starts it."""
