// Where the rows of a result go that is too large to be kept: each as it comes, before the next is read, so
// that a client that reads slowly slows the server down and nothing gathers in between.
#pragma once

#include <string_view>

#include "shim/task.hpp"

namespace pgwright::shim {

class RowSink {
  public:
    RowSink() = default;
    RowSink(const RowSink&) = delete;
    RowSink& operator=(const RowSink&) = delete;
    virtual ~RowSink() = default;

    // A row's first column, in binary form. False: no more is wanted.
    virtual Task<bool> take(std::string_view value) = 0;
};

}  // namespace pgwright::shim
