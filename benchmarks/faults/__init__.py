"""What the hub does while something around it fails: real hubs in processes of their own, sources that fail for real.

`python -m benchmarks.faults` measures at full size; tests/faults hold the same in small.
"""
