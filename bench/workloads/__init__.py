"""What the benchmarks run: each workload against one subject, the reference or ours."""
