"""What the program promises, tried by force: kills, full disks, damaged files, silent clients, nonsense, and long runs.

`make soak` runs all of it (`python -m tests.soak --help` tells of the parts), `test_short.py` a little of each.
"""
