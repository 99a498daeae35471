"""Jobs that are trained: the backend between a trainer's folder and journal, and an engine.

It starts trainers and reads what they tell. It computes nothing, and imports no torch.
"""
