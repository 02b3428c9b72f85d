"""The servers that are measured. Each is a program: it reads BENCH_PORT, DATABASE_URL, REDIS_URL and BENCH_KEYS."""
