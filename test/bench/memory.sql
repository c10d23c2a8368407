-- The backend's own memory: bytes in memory contexts, and kB that are its process's alone.
PREPARE memory AS
SELECT (SELECT sum(total_bytes) FROM pg_backend_memory_contexts),
       substring(pg_read_file('/proc/self/status', 0, 10000) from 'RssAnon:\s*(\d+) kB');
EXECUTE memory \g /dev/null
