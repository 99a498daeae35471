"""A compiled job on machines that somebody else started: SkyPilot's, or the pods of a TrainJob.

Each node runs ``python -m sftc.training.nodes``, which finds out which node it is, makes the job's
folder, and starts the ranks of the node. It imports no torch.
"""
