"""`python -m fts.data.look ORDERS`: what a data step would say of files that only Python reads. Writes nothing but its answer."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fts.data.build import find_unusable
from fts.data.dataset import parse_order
from fts.data.sources import read_source
from fts.data.verify import verify_dataset
from fts.outcomes import BadInput


def look(asked: Mapping[str, Any], workspace: Path) -> dict[str, Any]:
    """`message` says what would be refused, else it is None; `record` is there where the file would be used as it is."""
    order = parse_order(asked["params"])
    if isinstance(order, BadInput):
        return {"message": order.message, "record": None}
    if order.source is None:
        said = verify_dataset(order, asked["dataset"], workspace, asked["labels"])
        return {"message": said.message, "record": None} if isinstance(said, BadInput) else {"message": None, "record": said}
    raw = read_source(order.source, workspace)
    wrong = raw if isinstance(raw, BadInput) else find_unusable(order, order.source, raw.bars)
    return {"message": None if wrong is None else wrong.message, "record": None}


def main(arguments: list[str]) -> int:
    """Answers a JSON list of orders with one of what is to be said of each."""
    (asked,) = arguments
    plain = json.loads(asked)
    answers = [look(order, Path(plain["workspace"])) for order in plain["orders"]]
    sys.stdout.write(json.dumps(answers, allow_nan=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
