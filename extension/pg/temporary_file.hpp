// A temporary file of the server's: in its folder for them, counted among its open files, and gone with the
// query at the latest. For libraries that write to a path.
#pragma once

#include "pg/call.hpp"

namespace pgwright::pg {

class TemporaryFile {
  public:
    TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    // Relative to the server's data folder, which is where it works.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string folder() const;
    // Appends up to that many bytes from the file's next place; false at its end.
    bool read(std::string& into, std::size_t bytes);
    void close() const;

  private:
    int file_ = -1;
    std::int64_t offset_ = 0;
    std::string path_;
};

}  // namespace pgwright::pg
