// Functions that return a set, one value for each call, so that nothing gathers: SELECT f() passes each on
// before it asks for the next. (FROM f() would keep them all.)
#pragma once

#include "pg/arguments.hpp"
#include "pg/call.hpp"

namespace pgwright::pg {

// What the values come from; lives from the first call to the last, or to the end of the query. Its destructor
// may run during an abort and must not call the server.
class Series {
  public:
    Series() = default;
    Series(const Series&) = delete;
    Series& operator=(const Series&) = delete;
    virtual ~Series() = default;
    // The next value, nothing at the end. Not called again after that.
    virtual std::optional<Datum> next() = 0;
};

namespace detail {
// The series of this query's call; nullptr on the first.
Series* running_series(const Arguments& args);
void keep_series(const Arguments& args, std::unique_ptr<Series> series);
Datum next_of_series(const Arguments& args, Series& series);
}  // namespace detail

// The function's whole body: return_series(args, [&] { return std::make_unique<...>(...); });
template <class Make>
Datum return_series(const Arguments& args, Make&& make) {
    Series* series = detail::running_series(args);
    if (series == nullptr) {
        detail::keep_series(args, make());
        series = detail::running_series(args);
    }
    return detail::next_of_series(args, *series);
}

}  // namespace pgwright::pg
