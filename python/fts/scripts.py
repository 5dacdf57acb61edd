"""All that a script may call, in one place, for scripts that people write.

Generated scripts import from where each name is defined: the key of a search should not depend on code that only a training runs.
"""

from fts.hpo_script import run_study
from fts.run import validate_data
from fts.training_script import run_training

__all__ = ["run_study", "run_training", "validate_data"]
