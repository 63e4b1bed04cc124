"""Overlays of shapes that strangers drew, under limits: two valid combs of 1,000 vertices once took 23 seconds.

Small work runs in place. Heavy work runs in a child process with 2 s of CPU and 1 GB, and is refused beyond that.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from civmap.errors import Invalid
from civmap.geo import overlay
from civmap.geo.overlay import Comparison

WALL_SECONDS = 12
LIGHT_PRODUCT = 20_000


def compare(drawn: BaseGeometry, neighbours: Sequence[BaseGeometry]) -> Comparison:
    """Do as `overlay.compare`; raise Invalid `shapes_too_complex` beyond the limits."""
    if is_light(drawn, neighbours):
        return overlay.compare(drawn, neighbours)
    answer = run("compare", [drawn, *neighbours])
    return Comparison(tuple((index, shapely.from_wkb(shape)) for index, shape in answer["overlaps"]),
                      shapely.from_wkb(answer["settled"]),
                      answer["suggestion"] and shapely.from_wkb(answer["suggestion"]))


def sticks_out(drawn: BaseGeometry, border: BaseGeometry) -> bool:
    """Do as `overlay.sticks_out`; raise Invalid `shapes_too_complex` beyond the limits."""
    if is_light(drawn, [border]):
        return overlay.sticks_out(drawn, border)
    return bool(run("sticks_out", [drawn, border]))


def is_light(drawn: BaseGeometry, neighbours: Sequence[BaseGeometry]) -> bool:
    """Tell whether crossing the shapes is quick whatever they look like: crossings are at most the edges' product."""
    own = shapely.get_num_coordinates(drawn)
    return sum(shapely.get_num_coordinates(other) for other in neighbours) * own <= LIGHT_PRODUCT


def run(task: str, shapes: Sequence[BaseGeometry], seconds: float = WALL_SECONDS) -> Any:
    """Run a task of `overlay` in a child process; raise Invalid where it needs more than it may use."""
    job = json.dumps({"task": task, "shapes": [shapely.to_wkb(shape, hex=True) for shape in shapes]})
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CIVMAP_", "PYTHON"))}
    environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    try:
        done = subprocess.run([sys.executable, "-I", overlay.__file__], input=job.encode(), capture_output=True,
                              timeout=seconds, env=environ, check=False)
    except subprocess.TimeoutExpired as problem:
        raise Invalid("shapes_too_complex", field="geometry") from problem
    if done.returncode != 0:
        raise Invalid("shapes_too_complex", field="geometry")
    return json.loads(done.stdout)

