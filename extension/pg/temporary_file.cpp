// The server's virtual files; see temporary_file.hpp. No destructor: the file ends with the resource owner it
// was opened under, also when the object ends in an abort.
#include "pg/temporary_file.hpp"

extern "C" {
#include <storage/fd.h>
#include <utils/wait_event.h>
}

namespace pgwright::pg {

TemporaryFile::TemporaryFile() : file_(call([] { return OpenTemporaryFile(false); })) {
    path_ = FilePathName(file_);
}

std::string TemporaryFile::folder() const { return path_.substr(0, path_.rfind('/')); }

bool TemporaryFile::read(std::string& into, std::size_t bytes) {
    const std::size_t before = into.size();
    into.resize(before + bytes);
    char* const at = into.data() + before;
    const std::int64_t offset = offset_;
    const int file = file_;
    const int length = static_cast<int>(bytes);
    const int got =
        call([=] { return FileRead(file, at, length, offset, WAIT_EVENT_BUFFILE_READ); });
    if (got < 0) throw Error(ERRCODE_IO_ERROR, "could not read a temporary file");
    into.resize(before + static_cast<std::size_t>(got));
    offset_ += got;
    return got > 0;
}

void TemporaryFile::close() const {
    const int file = file_;
    call([file] { FileClose(file); });
}

}  // namespace pgwright::pg
