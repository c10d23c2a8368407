// Included last by a file that must stay free of the server: refuses to compile when a server header
// leaked in. It has no include guard, so that every inclusion checks.
#if defined(PG_VERSION_NUM) || defined(POSTGRES_H) || defined(C_H)
#error "a PostgreSQL server header leaked into a file that must not see one"
#endif
