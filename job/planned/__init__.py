"""What a job comes to before anything is rented: steps, memory, whether it fits, and on what.

``values``    what is planned, and on which GPU
``rhythm``    steps, tokens, evaluations, checkpoints
``room``      a GPU's memory against what a job needs of it
``outlook``   all of it, of one job
``findings``  what is reported of it
``levers``    what there is to change, one thing at a time
``changes``   what to change so that a job fits, the cheapest first

Pure: the shape of the model and the rows of the dataset are given.
"""

from .changes import Change, changed, changes
from .findings import findings, fits_its_gpu
from .outlook import Question, plan_of, quantities
from .rhythm import Rhythm
from .room import Room, room_of
from .values import Fits, Planned

__all__ = [
    "Change",
    "Fits",
    "Planned",
    "Question",
    "Rhythm",
    "Room",
    "changed",
    "changes",
    "findings",
    "fits_its_gpu",
    "plan_of",
    "quantities",
    "room_of",
]
