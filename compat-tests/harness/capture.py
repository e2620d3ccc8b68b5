def record(a,b): return 0
