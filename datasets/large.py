"""x"""
from .blocks import LargeLine, Block
from .judging import _one_by_one
def judge_large(line, most):
    return _one_by_one(Block(b"".join(line.pieces), line.offset), most)
