"""The figures of docs/benchmarks.md. `make -s bench` prints one JSON line per figure and nothing else."""
